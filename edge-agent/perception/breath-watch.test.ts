import { describe, expect, test } from "vitest";
import { type BreathWatch, breathUnwatched, nextBreathWatch, stoppedAfterSec } from "./breath-watch.ts";
import { framesPerStep, longRadar, modelRateHz } from "./radar-breathing.ts";

/** Somebody lies still from 0 s on and breathes in these stretches; the model sees it as it is, unless it is said to be unsure. */
function run(
  stretches: readonly (readonly [from: number, to: number])[],
  toSec: number,
  more: {
    readonly sure?: number;
    readonly quality?: number;
    readonly movedAtSec?: number;
    readonly leftAtSec?: number;
  } = {},
): readonly BreathWatch[] {
  const watches: BreathWatch[] = [];
  let watch = breathUnwatched;
  for (let sec = 1; sec <= toSec; sec++) {
    const stillSince = more.movedAtSec !== undefined && sec >= more.movedAtSec ? more.movedAtSec * modelRateHz : 0;
    const end = sec * modelRateHz;
    const frames = Math.min(longRadar.framesMax, end - stillSince);
    const breathing = Float32Array.from({ length: longRadar.steps }, (_, step) => {
      const at = (end - (longRadar.steps - step) * framesPerStep) / modelRateHz;
      return stretches.some(([from, to]) => at >= from && at < to) ? (more.sure ?? 0.95) : 0.05;
    });
    const inBed = more.leftAtSec === undefined || sec < more.leftAtSec;
    watch = nextBreathWatch(watch, { end, frames, stillSince, inBed, breathing, quality: more.quality ?? 0.95 });
    watches.push(watch);
  }
  return watches;
}

const wordsOf = (watches: readonly BreathWatch[]) => watches.map(({ is }) => is);

describe("whether a chest is seen to breathe", () => {
  test("seen while it breathes, stopped 19 s after the last breath, seen again after two answers with breath", () => {
    const words = wordsOf(
      run(
        [
          [0, 40],
          [70, 100],
        ],
        90,
      ),
    );
    expect(words.slice(5, 45).every((word) => word === "seen")).toBe(true);
    expect(words.indexOf("stopped") + 1).toBe(40 + stoppedAfterSec);
    expect(words.slice(58, 70).every((word) => word === "stopped")).toBe(true);
    expect(words[74]).toBe("seen");
    expect(words.includes("cannot-see")).toBe(false);
  });

  test("breath that was never clear is not missed as stopped: it cannot be seen", () => {
    for (const doubt of [{ sure: 0.6 }, { quality: 0.4 }]) {
      const words = wordsOf(run([[0, 40]], 70, doubt));
      expect(words.includes("stopped")).toBe(false);
      expect(words[65]).toBe("cannot-see");
    }
    expect(wordsOf(run([], 30)).at(-1)).toBe("cannot-see");
  });

  test("a movement is a sign of life, and what was clear before it may be hidden after it", () => {
    const words = wordsOf(run([[0, 40]], 80, { movedAtSec: 50 }));
    expect(words.slice(0, 68).includes("stopped")).toBe(false);
    expect(words[75]).toBe("cannot-see");
  });

  test("an empty bed has no word", () => {
    expect(
      wordsOf(run([[0, 40]], 90, { leftAtSec: 45 }))
        .slice(45)
        .every((word) => word === "unknown"),
    ).toBe(true);
  });

  test("a pause of a slow breather is none", () => {
    const slow = Array.from({ length: 12 }, (_, n) => [n * 10, n * 10 + 4] as const);
    expect(wordsOf(run(slow, 100)).every((word) => word === "seen" || word === "unknown")).toBe(true);
  });
});
