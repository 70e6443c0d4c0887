import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { beamOf, centreRows, principalAngle, rowRms } from "./beam.ts";

const angle = fc.double({ min: -3, max: 3, noNaN: true });

describe("the sum in phase", () => {
  test("any turns of the rows: the sum is their common movement, and every row comes back by its weight", () => {
    fc.assert(
      fc.property(fc.array(angle, { minLength: 4, maxLength: 8 }), (turns) => {
        const rows = turns.length;
        const length = 100;
        const re = new Float64Array(rows * length);
        const im = new Float64Array(rows * length);
        const wave = Array.from({ length }, (_, t) => Math.sin(0.3 * t));
        turns.forEach((turn, row) => {
          wave.forEach((x, t) => {
            re[row * length + t] = (row + 1) * x * Math.cos(turn) + 5;
            im[row * length + t] = (row + 1) * x * Math.sin(turn) - 3;
          });
        });
        centreRows(re, im, rows, length);
        const beam = beamOf(re, im, new Float64Array(rows).fill(1), 1, rows, length);
        // Row 0 is left out.
        expect(beam.weightRe[0]).toBe(0);
        const power = beam.weightRe.reduce((sum, x, row) => sum + x * x + beam.weightIm[row]! ** 2, 0);
        expect(power).toBeCloseTo(1, 6);
        // Relative angle of two rows is the angle between their weights.
        const own = (row: number): number => Math.atan2(beam.weightIm[row]!, beam.weightRe[row]!);
        const found = own(2) - own(1);
        const wanted = turns[2]! - turns[1]!;
        expect(Math.cos(found - wanted)).toBeCloseTo(1, 5);
        // Amplitudes 2, 3, 4... add up as the root of the sum of their squares.
        const gain = Math.sqrt(turns.slice(1).reduce((sum, _, i) => sum + (i + 2) ** 2, 0));
        const waveRms = Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / length);
        expect(rowRms(beam.re, beam.im, 0, length) / waveRms).toBeCloseTo(gain, 1);
      }),
      { numRuns: 40 },
    );
  });

  test("a noisy row has little say", () => {
    const length = 64;
    const re = new Float64Array(3 * length);
    const im = new Float64Array(3 * length);
    for (let t = 0; t < length; t++) {
      re[length + t] = Math.sin(t);
      im[2 * length + t] = 3 * Math.cos(1.7 * t);
    }
    const beam = beamOf(re, im, new Float64Array([1, 0.1, 100]), 0, 3, length);
    expect(Math.hypot(beam.weightRe[1]!, beam.weightIm[1]!)).toBeGreaterThan(0.99);
  });

  test("silence gives zeros, not NaN", () => {
    const beam = beamOf(new Float64Array(60), new Float64Array(60), new Float64Array([1, 1, 1]), 0, 3, 20);
    expect([...beam.re, ...beam.im].every((x) => x === 0)).toBe(true);
  });

  test("the principal angle is the line along which it varies", () => {
    fc.assert(
      fc.property(angle, (turn) => {
        const re = Float64Array.from({ length: 50 }, (_, t) => Math.sin(t) * Math.cos(turn));
        const im = Float64Array.from({ length: 50 }, (_, t) => Math.sin(t) * Math.sin(turn));
        expect(Math.abs(Math.cos(principalAngle(re, im) - turn))).toBeCloseTo(1, 6);
      }),
    );
  });
});
