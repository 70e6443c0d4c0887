import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clearestPeriod, likenessByLag, takeTrendAway } from "../../edge-agent/signal/period.ts";
import { type Bedroom, openBedroom } from "./bedroom.ts";
import { newRandom } from "./random.ts";
import { type SceneName, scenes, sleeper } from "./scenes.ts";
import { randomScene, sceneClasses } from "./scenes-random.ts";

const hashOf = (bedroom: Bedroom, frames: number): string => {
  const hash = createHash("sha256");
  for (let i = 0; i < frames; i++) {
    const frame = bedroom.next();
    if (frame === undefined) throw new Error("the bedroom has no end");
    hash.update(frame.payload);
    hash.update(JSON.stringify({ ...frame, payload: null }));
  }
  return hash.digest("hex");
};

describe("the simulated bedroom", () => {
  test.each<SceneName>(["demonstration", "asleep", "empty"])("%s: same seed, same bytes; restart too", (name) => {
    const bedroom = openBedroom(name, 7);
    const first = hashOf(bedroom, 150);
    expect(hashOf(openBedroom(name, 7), 150)).toBe(first);
    bedroom.restart();
    expect(hashOf(bedroom, 150)).toBe(first);
    expect(hashOf(openBedroom(name, 8), 150)).not.toBe(first);
  });

  test("sends what its metadata says, at 20 frames a second", () => {
    const bedroom = openBedroom("asleep", 3);
    const ticks: number[] = [];
    for (let i = 0; i < 40; i++) {
      const frame = bedroom.next()!;
      expect(frame.payload.length).toBe(4 * bedroom.metadata.frame_data_length);
      expect(frame.data_saturated).toBe(false);
      ticks.push(frame.tick);
    }
    for (let i = 1; i < ticks.length; i++) {
      const stepUs = (ticks[i]! - ticks[i - 1]! + 2 ** 32) % 2 ** 32;
      expect(Math.abs(stepUs - 50_000)).toBeLessThanOrEqual(300);
    }
  });

  test("demonstration: in bed, away from 74 s, back from 103 s, and again 180 s later", () => {
    const bedroom = openBedroom("demonstration", 2);
    const inBedAt = new Map<number, boolean>();
    const movingAt = new Map<number, boolean>();
    for (let t = 0; t < 290 * 20; t++) {
      bedroom.nextMean();
      const truth = bedroom.truth();
      if (t % 20 === 0) {
        inBedAt.set(t / 20, truth.inBed);
        movingAt.set(t / 20, truth.moving);
      }
    }
    for (const [sec, inBed] of [
      [1, true],
      [60, true],
      [80, false],
      [96, false],
      [106, true],
      [175, true],
      [262, false],
      [286, true],
    ] as const) {
      expect([sec, inBedAt.get(sec)]).toEqual([sec, inBed]);
    }
    expect(movingAt.get(1)).toBe(true);
    expect(movingAt.get(30)).toBe(false);
    expect(movingAt.get(72)).toBe(true);
  });

  test("breathes at the rate that it says, and the radar sees that rate", () => {
    // One range point in several fades (its reflectors cancel); this one does not.
    // A regular, shallow breather without a wrapping phase: an independent look at the signal must find the truth.
    const regular = {
      ...sleeper.breathing,
      intervalCv: 0.01,
      driftPerMin: 0,
      depthCv: 0.02,
      sighsPerHour: 0,
      depthMm: 1,
    };
    const quiet = { ...sleeper, heart: { ...sleeper.heart, depthMm: 0.02 }, swaySdMm: 0.01, limbs: null };
    for (const perMin of [8, 15, 24, 36]) {
      const is = { ...quiet, breathing: { ...regular, perMin } };
      const person = { role: "occupant", is, startsAt: "bed", movements: [], turnsPerHour: 0 } as const;
      const bedroom = openBedroom({ ...scenes.asleep, people: [{ ...person, movements: [] }] }, 5);
      const re = new Float64Array(600);
      const im = new Float64Array(600);
      let first = 0;
      for (let t = 0; t < 600; t++) {
        const frame = bedroom.nextMean();
        re[t] = frame.re[8]!;
        im[t] = frame.im[8]!;
        if (t === 0) first = bedroom.truth().breaths ?? 0;
      }
      const truth = (60 * ((bedroom.truth().breaths ?? 0) - first)) / (599 / 20);
      takeTrendAway(re);
      takeTrendAway(im);
      const period = clearestPeriod(likenessByLag(re, im, 320), 20, 320);
      expect(Math.abs(truth - perMin)).toBeLessThan(1);
      // Twice the period is as good a repetition as the period.
      const seen = 1200 / (period?.lag ?? 1);
      expect(Math.min(...[1, 2, 3].map((times) => Math.abs(seen * times - truth)))).toBeLessThan(0.8);
    }
  });

  test("leakage at the first point is several times the person", () => {
    const bedroom = openBedroom("asleep", 4);
    const { re, im } = bedroom.nextMean();
    const size = Array.from(re, (x, p) => Math.hypot(x, im[p]!));
    expect(size[0]!).toBeGreaterThan(3 * Math.max(...size.slice(4)));
  });

  test("tells when the converter is at its end", () => {
    const scene = { ...scenes.asleep, radar: { ...scenes.asleep.radar, saturatesAtLsb: 500 } };
    expect(openBedroom(scene, 1).next()?.data_saturated).toBe(true);
  });

  test("nobody in the scene: no breaths; nobody breathing: none are counted", () => {
    const empty = openBedroom("empty", 1);
    empty.nextMean();
    expect(empty.truth()).toMatchObject({ inBed: false, moving: false, breaths: null });
    const stopped = openBedroom(randomScene(newRandom(3), "stopped", "training", 30), 3);
    stopped.nextMean();
    const before = stopped.truth().breaths;
    for (let t = 0; t < 200; t++) stopped.nextMean();
    expect(stopped.truth().breaths).toBe(before);
  });

  test("any random scene gives finite numbers", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.constantFrom(...sceneClasses),
        fc.constantFrom("training" as const, "held-out" as const),
        (seed, what, region) => {
          const bedroom = openBedroom(randomScene(newRandom(seed), what, region, 20), seed);
          for (let t = 0; t < 60; t++) {
            const { re, im, noise } = bedroom.nextMean();
            for (let p = 0; p < 21; p++) {
              if (!Number.isFinite(re[p]! + im[p]!) || !(noise[p]! > 0)) return false;
            }
          }
          return true;
        },
      ),
      { numRuns: 40 },
    );
  });
});
