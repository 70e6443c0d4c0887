import fc from "fast-check";
import { expect, test } from "vitest";
import { clearestPeriod, likenessByLag, likenessNear, takeTrendAway } from "./period.ts";

const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });

test("likeness is never above 1, and 1 at lag 0 where there is power", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { minLength: 10, maxLength: 60 }), (pairs) => {
      const re = Float64Array.from(pairs, ([x]) => x);
      const im = Float64Array.from(pairs, ([, y]) => y);
      const likeness = likenessByLag(re, im, Math.floor(pairs.length / 2));
      for (const value of likeness) expect(Math.abs(value)).toBeLessThanOrEqual(1 + 1e-9);
      if (pairs.some(([x, y]) => Math.abs(x) + Math.abs(y) > 1e-3)) expect(likeness[0]).toBeCloseTo(1, 9);
    }),
  );
});

test("finds the period of a chest that swings through many turns of phase", () => {
  fc.assert(
    fc.property(fc.integer({ min: 40, max: 120 }), fc.double({ min: 0.3, max: 9, noNaN: true }), (period, depthRad) => {
      const phase = (t: number): number => depthRad * (1 - Math.cos((2 * Math.PI * t) / period)) ** 2;
      const re = Float64Array.from({ length: 400 }, (_, t) => Math.cos(phase(t)));
      const im = Float64Array.from({ length: 400 }, (_, t) => Math.sin(phase(t)));
      const likeness = likenessByLag(re, im, 240);
      expect(likenessNear(likeness, period, 0.05)).toBeGreaterThan(0.95);
      takeTrendAway(re);
      takeTrendAway(im);
      const found = clearestPeriod(likenessByLag(re, im, 200), 20, 190);
      expect(found).toBeDefined();
      const turns = (found?.lag ?? 0) / period;
      expect(Math.abs(turns - Math.round(turns))).toBeLessThan(0.06);
      expect(Math.round(turns)).toBeGreaterThanOrEqual(1);
    }),
    { numRuns: 60 },
  );
});

test("a straight line repeats nothing once its trend is away", () => {
  const line = Float64Array.from({ length: 50 }, (_, t) => 3 * t - 7);
  takeTrendAway(line);
  expect(Math.max(...line.map(Math.abs))).toBeLessThan(1e-9);
  expect(clearestPeriod(new Float64Array(30), 2, 20)).toBeUndefined();
});
