import fc from "fast-check";
import { expect, test } from "vitest";
import { binPerMin, lowestPerMin, rateBins } from "./radar-breathing.ts";
import { readRate } from "./rate-distribution.ts";

const bump = (perMin: number, spread: number): Float32Array => {
  const raw = Array.from({ length: rateBins }, (_, bin) =>
    Math.exp(-0.5 * ((lowestPerMin + binPerMin * bin - perMin) / spread) ** 2),
  );
  const total = raw.reduce((sum, x) => sum + x, 0);
  return Float32Array.from(raw, (x) => x / total);
};

test("a bump is read at its centre, with the quantiles of its spread", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 10, max: 50, noNaN: true }),
      fc.double({ min: 0.4, max: 1.2, noNaN: true }),
      (perMin, spread) => {
        const read = readRate(bump(perMin, spread));
        expect(read?.perMin).toBeCloseTo(perMin, 0);
        expect(Math.abs((read?.perMin ?? 0) - perMin)).toBeLessThan(0.15);
        expect(Math.abs((read?.lowPerMin ?? 0) - (perMin - 1.645 * spread))).toBeLessThan(0.2);
        expect(Math.abs((read?.highPerMin ?? 0) - (perMin + 1.645 * spread))).toBeLessThan(0.2);
      },
    ),
  );
});

test("any distribution: the interval is in order and within what can be told", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: rateBins, maxLength: rateBins }), (weights) => {
      const total = weights.reduce((sum, x) => sum + x, 0);
      fc.pre(total > 0);
      const read = readRate(Float32Array.from(weights, (x) => x / total));
      expect(read).toBeDefined();
      if (read === undefined) return;
      expect(read.lowPerMin).toBeLessThanOrEqual(read.highPerMin);
      expect(read.lowPerMin).toBeGreaterThanOrEqual(lowestPerMin - binPerMin);
      expect(read.highPerMin).toBeLessThanOrEqual(60 + binPerMin);
      expect(read.perMin).toBeGreaterThanOrEqual(lowestPerMin);
      expect(read.perMin).toBeLessThanOrEqual(60);
    }),
  );
});

test("what is no distribution gives no rate", () => {
  expect(readRate(new Float32Array(rateBins))).toBeUndefined();
  expect(readRate(new Float32Array(rateBins).fill(Number.NaN))).toBeUndefined();
  expect(readRate(new Float32Array(3).fill(1 / 3))).toBeUndefined();
  const negative = bump(15, 1);
  negative[0] = -0.5;
  expect(readRate(negative)).toBeUndefined();
});
