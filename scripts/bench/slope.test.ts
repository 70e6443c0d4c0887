import { describe, expect, it } from "vitest";
import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import { robustSlope } from "./slope.ts";

const line = (slope: number, noise: number, seed: number) => {
  const random = newRandom(seed);
  return Array.from({ length: 120 }, (_, n) => ({
    x: n / 120,
    y: 100 + (slope * n) / 120 + noise * random.gaussian(),
  }));
};

describe("the robust slope", () => {
  it("is the line's own, and a tenth of wild points does not bend it", () => {
    expect(robustSlope(line(3, 0, 1)).slope).toBeCloseTo(3, 9);
    const wild = line(3, 0, 1).map((point, n) => (n % 10 === 0 ? { ...point, y: 900 } : point));
    expect(robustSlope(wild).slope).toBeCloseTo(3, 1);
  });

  it("has an interval that holds the truth about 95 times of 100, and excludes a slope that is there", () => {
    const intervals = Array.from({ length: 100 }, (_, seed) => robustSlope(line(0, 1, seed)));
    const holds = intervals.filter(({ low, high }) => low <= 0 && high >= 0).length;
    expect(holds).toBeGreaterThanOrEqual(88);
    expect(holds).toBeLessThan(100);
    expect(robustSlope(line(3, 0.5, 4)).low).toBeGreaterThan(1);
  });

  it("refuses too few points", () => {
    expect(() => robustSlope(line(1, 0, 1).slice(0, 9))).toThrow("10 points");
  });
});
