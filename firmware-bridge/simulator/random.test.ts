import fc from "fast-check";
import { expect, test } from "vitest";
import { newRandom } from "./random.ts";

test("any seed: numbers within their bounds, and the same again", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 50 }), (seed, label) => {
      const a = newRandom(seed).fork(label);
      const b = newRandom(seed).fork(label);
      for (let i = 0; i < 20; i++) {
        const x = a.uniform();
        expect(b.uniform()).toBe(x);
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThan(1);
        const y = a.logBetween(2, 5);
        expect(b.logBetween(2, 5)).toBe(y);
        expect(y).toBeGreaterThanOrEqual(2);
        expect(y).toBeLessThanOrEqual(5);
      }
    }),
    { numRuns: 50 },
  );
});

test("gaussian has mean 0 and spread 1; forks are not each other", () => {
  const random = newRandom(1);
  let sum = 0;
  let squares = 0;
  const n = 20_000;
  for (let i = 0; i < n; i++) {
    const x = random.gaussian();
    sum += x;
    squares += x * x;
  }
  expect(Math.abs(sum / n)).toBeLessThan(0.03);
  expect(Math.abs(squares / n - 1)).toBeLessThan(0.04);
  expect(newRandom(1).fork(1).uniform()).not.toBe(newRandom(1).fork(2).uniform());
});

test("a fork does not depend on what was drawn before", () => {
  const drawn = newRandom(9);
  for (let i = 0; i < 10; i++) drawn.gaussian();
  expect(drawn.fork(3).uniform()).toBe(newRandom(9).fork(3).uniform());
});
