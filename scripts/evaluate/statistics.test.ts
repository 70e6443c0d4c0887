import { describe, expect, it } from "vitest";
import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import {
  bootstrap,
  clopperPearson,
  coverage,
  nightsForRate,
  percentOf,
  poissonInterval,
  quantile,
  quantileInterval,
  riskCoverage,
  riskCoverageArea,
  rootMeanSquare,
  samplesForShare,
  shareAfterNone,
  surest,
  wilson,
} from "./statistics.ts";

describe("shares", () => {
  it("have Wilson's interval as published (Newcombe 1998, table I)", () => {
    const [low, high] = wilson(81, 263);
    expect(low).toBeCloseTo(0.2553, 4);
    expect(high).toBeCloseTo(0.3662, 4);
    expect(wilson(0, 20)[1]).toBeCloseTo(0.1611, 4);
  });
  it("have Clopper and Pearson's interval as published (Newcombe 1998, table I)", () => {
    const [low, high] = clopperPearson(81, 263);
    expect(low).toBeCloseTo(0.2527, 4);
    expect(high).toBeCloseTo(0.3676, 4);
    expect(clopperPearson(0, 20)[1]).toBeCloseTo(0.1684, 4);
    expect(clopperPearson(20, 20)[0]).toBeCloseTo(0.8316, 4);
  });
  it("need 3,000 clean windows for 0.1 % and 30 clean nights for 0.1 a night", () => {
    expect(samplesForShare(0.001)).toBe(2995);
    expect(nightsForRate(0.1)).toBe(30);
    expect(shareAfterNone(2995)).toBeLessThanOrEqual(0.001);
    expect(shareAfterNone(2994)).toBeGreaterThan(0.001);
  });
  it("of intervals that hold the truth count both ends", () => {
    const one = coverage([
      { low: 1, high: 2, truth: 2 },
      { low: 1, high: 2, truth: 2.1 },
    ]);
    expect(one.share).toBe(0.5);
  });
});

describe("percentiles", () => {
  const list = Array.from({ length: 100 }, (_, i) => 100 - i);
  it("are interpolated", () => {
    expect(quantile(list, 0.5)).toBe(50.5);
    expect(quantile([], 0.5)).toBeNaN();
  });
  it("have an interval of order statistics (Conover 1999: ranks 40 and 61 for the median of 100)", () => {
    expect(quantileInterval(list, 0.5)).toEqual([40, 61]);
    expect(quantileInterval([1, 2, 3], 0.95)[1]).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("bootstrap", () => {
  it("of an RMSE lies around it, and is the same for the same seed", () => {
    const random = newRandom(3);
    const errors = Array.from({ length: 400 }, () => random.gaussian());
    const of = (drawn: readonly number[]): number => rootMeanSquare(drawn.map((i) => errors[i]!));
    const [low, high] = bootstrap(400, of, newRandom(1));
    expect(low).toBeGreaterThan(0.88);
    expect(high).toBeLessThan(1.12);
    expect(high - low).toBeGreaterThan(0.08);
    expect(bootstrap(400, of, newRandom(1))).toEqual([low, high]);
  });
});

describe("risk and coverage", () => {
  const answers = [
    { error: 4, quality: 0.1 },
    { error: 0, quality: 0.9 },
  ];
  it("show the surest first", () => {
    expect(riskCoverage(answers, 2)).toEqual([
      [0.5, 0],
      [1, Math.sqrt(8)],
    ]);
    expect(riskCoverageArea(answers)).toBe(4);
    expect(surest(answers, 1)[0]!.error).toBe(0);
  });
});

describe("counts", () => {
  it("have Garwood's interval as published (Garwood 1936: 0 to 3.69 of none, 4.80 to 18.39 of ten)", () => {
    expect(poissonInterval(0)[0]).toBe(0);
    expect(poissonInterval(0)[1]).toBeCloseTo(3.689, 3);
    expect(poissonInterval(10)[0]).toBeCloseTo(4.795, 3);
    expect(poissonInterval(10)[1]).toBeCloseTo(18.39, 2);
    expect(poissonInterval(400)[1]).toBeGreaterThan(439);
  });
});

describe("a share in percent", () => {
  it("has the exact interval near either end", () => {
    expect(percentOf(0, 20).ci95[1]).toBeCloseTo(16.84, 2);
    expect(percentOf(20, 20).ci95[0]).toBeCloseTo(83.16, 2);
    expect(percentOf(81, 263).ci95[0]).toBeCloseTo(25.53, 2);
    expect(percentOf(81, 263).value).toBeCloseTo(30.8, 1);
  });
  it("of none is none", () => {
    expect(percentOf(0, 0).value).toBeNaN();
  });
});
