import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RadarIqFrame } from "../contract/frames.ts";
import { modelFramesMax, modelPoints } from "./radar-breathing.ts";
import { clearRadarRing, newRadarRing, putFrame, type RadarRing, readWindow, ringSlots } from "./radar-ring.ts";

function frameOf(iqOf: (sweep: number, point: number) => readonly [number, number], saturated = false): RadarIqFrame {
  const sweeps = 4;
  const iq = new Int16Array(2 * sweeps * modelPoints);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let p = 0; p < modelPoints; p++) iq.set(iqOf(sweep, p), 2 * (sweep * modelPoints + p));
  }
  return {
    sweeps,
    points: modelPoints,
    firstPointMm: 298,
    pointStepMm: 60,
    frameRateHz: 20,
    saturated,
    delayed: false,
    calibrationNeeded: false,
    temperatureC: 20,
    iq,
  };
}

/** Every point of slot s holds s + 10 x point, in Q minus that. */
const countingFrame = (slot: number, saturated = false): RadarIqFrame =>
  frameOf((_, p) => [slot + 10 * p, -(slot + 10 * p)], saturated);

const work = (): Float64Array => new Float64Array(modelPoints * modelFramesMax);
const read = (ring: RadarRing, start: number, end: number) => readWindow(ring, start, end, work(), work());

describe("the ring", () => {
  test("mean over the sweeps, and the variance of that mean from their spread", () => {
    const ring = newRadarRing();
    // Sweeps 4, 8, 4, 8: mean 6, variance of one sweep 16/3 in I, nothing in Q.
    for (let slot = 0; slot < 40; slot++)
      putFrame(
        ring,
        slot,
        frameOf((sweep) => [sweep % 2 === 0 ? 4 : 8, 100]),
      );
    const { window, spoiled } = read(ring, 0, 40);
    expect(window.re[0]).toBe(6);
    expect(window.im[0]).toBe(100);
    expect(window.noise[3]).toBeCloseTo(16 / 3 / 4, 9);
    expect(spoiled).toBe(0);
  });

  test("lost frames are drawn as a straight line, wherever the ring wraps", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 * ringSlots }),
        fc.integer({ min: 20, max: 80 }),
        fc.array(fc.integer({ min: 1, max: 78 }), { maxLength: 12 }),
        (start, frames, lost) => {
          const ring = newRadarRing();
          const gone = new Set(lost.filter((t) => t < frames - 1));
          const low = start % 1000;
          for (let t = 0; t < frames; t++) {
            if (!gone.has(t)) putFrame(ring, start + t, countingFrame(low + t));
          }
          const { window, spoiled } = read(ring, start, start + frames);
          expect(spoiled).toBeCloseTo(gone.size / frames, 9);
          for (let t = 0; t < frames; t++) {
            expect(window.re[2 * frames + t]).toBeCloseTo(low + t + 20, 6);
            expect(window.im[2 * frames + t]).toBeCloseTo(-(low + t + 20), 6);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test("open ends repeat their neighbour; what an older turn of the ring left is not read", () => {
    const ring = newRadarRing();
    for (let slot = 0; slot < 50; slot++) putFrame(ring, slot, countingFrame(500));
    const late = ringSlots;
    for (let t = 10; t < 30; t++) putFrame(ring, late + t, countingFrame(t));
    const { window, spoiled } = read(ring, late, late + 40);
    expect(window.re[0]).toBe(10);
    expect(window.re[39]).toBe(29);
    expect(spoiled).toBeCloseTo(0.5, 9);
    const nothing = read(ring, late + 100, late + 140);
    expect(nothing.spoiled).toBe(1);
    expect(nothing.window.re.every((x) => x === 0)).toBe(true);
  });

  test("saturated frames are spoiled; clearing leaves zeros", () => {
    const ring = newRadarRing();
    for (let slot = 0; slot < 40; slot++) putFrame(ring, slot, countingFrame(slot, slot < 10));
    expect(read(ring, 0, 40).spoiled).toBeCloseTo(0.25, 9);
    clearRadarRing(ring);
    for (const buffer of [ring.re, ring.im, ring.noise, ring.saturated])
      expect(buffer.every((x) => x === 0)).toBe(true);
    expect(read(ring, 0, 40).spoiled).toBe(1);
  });
});
