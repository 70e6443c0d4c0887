import fc from "fast-check";
import { expect, it } from "vitest";
import { backOffDelayMs, backOffMs } from "./back-off.ts";

it("doubles from 250 ms and stays at 5 s", () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((failures) => backOffDelayMs(failures, 0))).toEqual([
    250, 500, 1_000, 2_000, 4_000, 5_000, 5_000,
  ]);
});

it("is never longer than 5 s and never shorter than three quarters of the first wait", () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const waitMs = backOffDelayMs(failures, random);
      expect(waitMs).toBeGreaterThanOrEqual(Math.floor(backOffMs.first * 0.75));
      expect(waitMs).toBeLessThanOrEqual(backOffMs.max);
    }),
  );
});
