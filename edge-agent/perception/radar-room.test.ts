import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frameAt, outputsFor, type Said } from "../../tests/radar-script.ts";
import type { Estimate, Tensor } from "../contract/door.ts";
import type { RadarIqFrame } from "../contract/frames.ts";
import { deviceUs } from "../contract/units.ts";
import type { Occupancy } from "../contract/words.ts";
import {
  acceptAnswer,
  acceptFrame,
  clearRadarPerception,
  dropAnswer,
  newRadarPerception,
  pendingWindow,
  type RadarPerception,
} from "./radar-room.ts";

/** Frames of `fromSec`..`toSec`, every window answered at once with what `say` says of its second. */
function run(
  p: RadarPerception,
  fromSec: number,
  toSec: number,
  say: (second: number) => Said,
  perMin = 15,
  over: Partial<RadarIqFrame> = {},
): Estimate[] {
  const estimates: Estimate[] = [];
  for (let ms = fromSec * 1000; ms < toSec * 1000; ms += 50) {
    acceptFrame(p, frameAt(ms, perMin, over), deviceUs(5e6 + ms * 1000));
    for (let asked = pendingWindow(p); asked !== undefined; asked = pendingWindow(p)) {
      estimates.push(acceptAnswer(p, outputsFor(say(p.asked?.second ?? 0))));
    }
  }
  return estimates;
}

const reasons = (estimates: readonly Estimate[]): (string | null)[] => estimates.map(({ reason }) => reason);
const calm = (): Said => ({});

describe("the radar's room", () => {
  test("asks once a second and shows a rate from 10 s on", () => {
    const estimates = run(newRadarPerception("in-bed"), 0, 13.05, calm);
    expect(estimates.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 13 }, (_, i) => 1000 * (i + 1)));
    expect(reasons(estimates)).toEqual([...Array(9).fill("learning"), null, null, null, null]);
    expect(estimates[9]).toMatchObject({ occupancy: "in-bed", windowMs: 10_000 });
    expect(estimates[9]!.breathingPerMin).toBeCloseTo(15, 1);
    expect(estimates[9]!.lowPerMin).toBeLessThan(15);
    expect(estimates[9]!.highPerMin).toBeGreaterThan(15);
    expect(estimates[3]).toMatchObject({ breathingPerMin: null, lowPerMin: null, highPerMin: null });
  });

  test("of another room asks at another moment of the second, and shows the same rate as soon", () => {
    const asksAt = (p: RadarPerception): number[] => {
      const moments: number[] = [];
      for (let ms = 0; ms < 13_000; ms += 50) {
        acceptFrame(p, frameAt(ms, 15), deviceUs(5e6 + ms * 1000));
        if (pendingWindow(p) === undefined) continue;
        moments.push(ms);
        acceptAnswer(p, outputsFor({}));
      }
      return moments;
    };
    expect(asksAt(newRadarPerception("in-bed"))[0]).toBe(1_000);
    const apart = newRadarPerception("in-bed", undefined, 618);
    expect(asksAt(apart).slice(0, 2)).toEqual([400, 1_400]);
    const estimates = run(newRadarPerception("in-bed", undefined, 618), 0, 13.05, calm);
    expect(estimates.findIndex(({ reason }) => reason === null)).toBe(10);
    expect(estimates[10]).toMatchObject({ occupancy: "in-bed", windowMs: 10_400 });
    expect(estimates[10]!.breathingPerMin).toBeCloseTo(15, 1);
  });

  test("has one question in flight, for a full second only", () => {
    const p = newRadarPerception("in-bed");
    expect(pendingWindow(p)).toBeUndefined();
    for (let ms = 0; ms < 1000; ms += 50) acceptFrame(p, frameAt(ms), deviceUs(ms * 1000));
    expect(pendingWindow(p)).toBeUndefined();
    acceptFrame(p, frameAt(1000), deviceUs(1_000_000));
    expect(pendingWindow(p)).toBeDefined();
    expect(pendingWindow(p)).toBeUndefined();
    dropAnswer(p);
    expect(() => acceptAnswer(p, outputsFor({}))).toThrow("without a question");
    // The dropped second is not asked for again.
    expect(pendingWindow(p)).toBeUndefined();
  });

  test("moving, then learning anew, then a rate again", () => {
    const say = (second: number): Said => (second === 15 ? { movingSteps: 5 } : {});
    const estimates = run(newRadarPerception("in-bed"), 0, 27.05, say);
    expect(estimates[14]).toMatchObject({ reason: "moving", breathingPerMin: null });
    expect(estimates[14]!.movement).toBeCloseTo(95, 0);
    expect(reasons(estimates.slice(15, 24))).toEqual(Array(9).fill("learning"));
    expect(reasons(estimates.slice(24))).toEqual([null, null, null]);
    expect(estimates[24]!.windowMs).toBe(10_000);
  });

  test("radar alone: no rate before a natural movement was seen", () => {
    const still = run(newRadarPerception(null), 0, 14.05, calm);
    expect(reasons(still.slice(9))).toEqual(Array(5).fill("no-natural-movement"));
    const turned = run(newRadarPerception(null), 0, 16.05, (second) => (second === 3 ? { movingSteps: 4 } : {}));
    expect(turned.at(-1)).toMatchObject({ reason: null, occupancy: "in-bed" });
  });

  test("an empty bed has no rate, whatever the model reads from the fan", () => {
    const estimates = run(newRadarPerception(null), 0, 14.05, () => ({ occupied: 0.1 }));
    expect(reasons(estimates.slice(2))).toEqual(Array(12).fill("nobody-in-bed"));
    expect(estimates.every(({ breathingPerMin }) => breathingPerMin === null)).toBe(true);
  });

  test("a gap begins a new window; seconds within it have no estimate", () => {
    const p = newRadarPerception("in-bed");
    run(p, 0, 14, calm);
    const later = run(p, 17.4, 30.05, calm);
    expect(later[0]).toMatchObject({ atMs: 18_000, reason: "learning", windowMs: 600 });
    expect(later.find(({ reason }) => reason === null)).toMatchObject({ atMs: 28_000 });
  });

  test("a clock that begins anew begins a new window, and time since the first frame goes on", () => {
    const p = newRadarPerception("in-bed");
    const before = run(p, 100, 112.05, calm);
    const after = run(p, 3, 8.05, calm);
    expect(before.at(-1)).toMatchObject({ reason: null, atMs: 12_000 });
    const times = after.map(({ atMs }) => atMs);
    expect(times[0]).toBeGreaterThan(12_000);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(reasons(after)).toEqual(after.map(() => "learning"));
  });

  test("frames of another shape or rate are not used", () => {
    const overs: readonly [Partial<RadarIqFrame>, string][] = [
      [{ points: 11 }, "sensor-settings"],
      [{ firstPointMm: 600 }, "sensor-settings"],
      [{ pointStepMm: 30 }, "sensor-settings"],
      [{ frameRateHz: 10 }, "frame-rate"],
      [{ frameRateHz: 12, points: 11 }, "frame-rate"],
      [{ frameRateHz: Number.POSITIVE_INFINITY }, "frame-rate"],
    ];
    for (const [over, reason] of overs) {
      const p = newRadarPerception("in-bed");
      run(p, 0, 12, calm);
      const wrong = run(p, 12, 14.05, calm, 15, over);
      expect(wrong.at(-1)).toMatchObject({ reason, breathingPerMin: null, quality: 0, windowMs: 0 });
      const right = run(p, 14.05, 25.2, calm);
      expect(right.find(({ atMs }) => atMs === 16_000)).toMatchObject({ reason: "learning" });
      expect(right.at(-1)).toMatchObject({ reason: null });
    }
  });

  test("weak: low quality, or a wide interval", () => {
    const last = (say: Said): Estimate => run(newRadarPerception("in-bed"), 0, 12.05, () => say).at(-1)!;
    expect(last({})).toMatchObject({ reason: null });
    expect(last({ quality: 0.6 })).toMatchObject({ reason: "weak-signal", quality: expect.closeTo(0.6, 5) });
    expect(last({ spread: 1.6 })).toMatchObject({ reason: "weak-signal" });
  });

  test("sources disagree: the model's own count of breaths, or a clear period in the signal", () => {
    const counted = run(newRadarPerception("in-bed"), 0, 12.05, () => ({ countedPerMin: 24 })).at(-1);
    expect(counted).toMatchObject({ reason: "sources-disagree", breathingPerMin: null });
    const period = run(newRadarPerception("in-bed"), 0, 21.05, () => ({ perMin: 21 }), 15).at(-1);
    expect(period).toMatchObject({ reason: "sources-disagree", breathingPerMin: null });
  });

  test("clearing overwrites every buffer, and what was asked with", () => {
    const p = newRadarPerception(null);
    run(p, 0, 12.05, calm);
    for (let ms = 12_050; ms < 13_100; ms += 50) acceptFrame(p, frameAt(ms), deviceUs(5e6 + ms * 1000));
    const asked = pendingWindow(p)!;
    expect(p.ring.re.some((x) => x !== 0)).toBe(true);
    expect(asked[0]!.data.some((x) => x !== 0)).toBe(true);
    clearRadarPerception(p);
    const { ring, checks } = p;
    const buffers = [ring.re, ring.im, ring.noise, ring.saturated, checks.prints, p.workRe, p.workIm, asked[0]!.data];
    for (const buffer of buffers) {
      expect(buffer.every((x) => x === 0)).toBe(true);
    }
    const fresh = run(p, 50, 53.05, calm);
    expect(fresh.map(({ atMs }) => atMs)).toEqual([1000, 2000, 3000]);
    expect(reasons(fresh)).toEqual(["learning", "learning", "learning"]);
  });
});

describe("late answers", () => {
  /** Answers come `waits[i]` frames after the question; what they say depends on the window's numbers. */
  function delayed(waits: readonly number[], seconds: number, stated: Occupancy | null): readonly [Estimate[], number] {
    const p = newRadarPerception(stated);
    const estimates: Estimate[] = [];
    let due: { at: number; outputs: readonly Tensor[] } | undefined;
    let questions = 0;
    const ask = (frame: number): void => {
      const tensors = pendingWindow(p);
      if (tensors === undefined) return;
      const sum = tensors[0]!.data.reduce((total, x) => total + Math.abs(x), 0);
      const wait = waits[questions++ % waits.length] ?? 0;
      const movingSteps = Math.floor(sum * 1e4) % 13 === 0 ? 3 : 0;
      due = {
        at: frame + wait,
        outputs: outputsFor({ quality: 0.9 + (sum % 0.1), perMin: 10 + (sum % 8), movingSteps }),
      };
    };
    // Long enough past the end for the last answers to come in.
    for (let frame = 0; frame <= seconds * 20 + 1; frame++) {
      acceptFrame(p, frameAt(frame * 50, 14), deviceUs(frame * 50_000));
      while (due !== undefined && due.at <= frame) {
        estimates.push(acceptAnswer(p, due.outputs));
        due = undefined;
        ask(frame);
      }
      if (due === undefined) ask(frame);
    }
    return [estimates, p.skippedSeconds];
  }

  test("within the slack, whenever answers come, the estimates are the same", () => {
    const [prompt] = delayed([0], 24, null);
    expect(prompt.length).toBe(24);
    fc.assert(
      // Up to 6 s late now and then, on average fast enough to keep up.
      fc.property(
        fc.array(fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: 0, max: 60 })), {
          minLength: 3,
          maxLength: 8,
        }),
        (waits) => {
          fc.pre(waits.reduce((sum, x) => sum + x, 0) / waits.length < 18);
          const [late, skipped] = delayed(waits, 24, null);
          expect(skipped).toBe(0);
          expect(late).toEqual(prompt.slice(0, late.length));
          expect(late.length).toBeGreaterThan(15);
        },
      ),
      { numRuns: 15 },
    );
  });

  test("beyond it seconds are skipped, and counted", () => {
    const [estimates, skipped] = delayed([400], 70, "in-bed");
    expect(skipped).toBeGreaterThan(5);
    const times = estimates.map(({ atMs }) => atMs);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });
});
