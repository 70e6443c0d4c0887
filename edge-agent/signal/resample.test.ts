import { describe, expect, test } from "vitest";
import { averageBySlot } from "./resample.ts";

const every = (stepMs: number, count: number, value: (atMs: number) => number) => {
  const atMs = Float64Array.from({ length: count }, (_, i) => i * stepMs);
  return { atMs, values: atMs.map(value) };
};

describe("averageBySlot", () => {
  test("a straight line comes back as the values in the middle of the slots, whatever the spacing", () => {
    for (const stepMs of [33, 66.7, 125, 400]) {
      const { atMs, values } = every(stepMs, Math.ceil(12_000 / stepMs), (at) => 3 + at / 1000);
      const { mean, covered } = averageBySlot(atMs, values, 10_000, 100, 50, 500);
      mean.forEach((one, slot) => {
        // Of the newest slots, only what the samples until the end tell.
        if (slot >= 50 - Math.ceil(stepMs / 100)) return;
        expect(covered[slot]).toBe(1);
        expect(one).toBeCloseTo(3 + (5000 + 100 * slot + 50) / 1000, 9);
      });
    }
  });

  test("noise of a fast series is averaged", () => {
    const { atMs, values } = every(10, 2001, (at) => ((at / 10) % 2 === 0 ? 1 : -1));
    const { mean } = averageBySlot(atMs, values, 20_000, 100, 100, 500);
    expect(Math.max(...mean.map(Math.abs))).toBeLessThan(0.01);
  });

  test("a gap is not bridged, one that is short enough is", () => {
    const { atMs, values } = every(100, 101, () => 7);
    const keep = [...atMs.keys()].filter((i) => !(i > 30 && i < 50) && !(i > 70 && i < 74));
    const { mean, covered } = averageBySlot(
      Float64Array.from(keep, (i) => atMs[i]!),
      Float64Array.from(keep, (i) => values[i]!),
      10_000,
      100,
      100,
      600,
    );
    const holes = [...covered.keys()].filter((slot) => covered[slot] === 0);
    expect(holes).toEqual(Array.from({ length: 20 }, (_, i) => 30 + i));
    expect(mean.every((one, slot) => one === (covered[slot] === 1 ? 7 : 0))).toBe(true);
  });

  test("numbers that are none, and time that stands or runs backwards, join nothing", () => {
    const atMs = Float64Array.of(0, 100, 200, 200, 150, 300, 400, 500);
    const values = Float64Array.of(1, 1, 1, 9, 9, 1, Number.NaN, 1);
    const { covered, mean } = averageBySlot(atMs, values, 500, 100, 5, 120);
    expect([...covered]).toEqual([1, 1, 0, 0, 0]);
    expect([...mean]).toEqual([1, 1, 0, 0, 0]);
  });

  test("what comes after the end changes nothing", () => {
    const { atMs, values } = every(70, 200, (at) => Math.sin(at / 300));
    const until = atMs.filter((at) => at <= 9000).length;
    const now = averageBySlot(atMs.slice(0, until), values.slice(0, until), 9000, 100, 50, 500);
    expect(averageBySlot(atMs, values, 9000, 100, 50, 500)).toEqual(now);
  });

  test("no samples cover nothing", () => {
    const { covered } = averageBySlot(new Float64Array(0), new Float64Array(0), 1000, 100, 10, 600);
    expect([...covered]).toEqual(new Array(10).fill(0));
  });
});
