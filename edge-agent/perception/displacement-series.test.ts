import { describe, expect, test } from "vitest";
import { type DisplacementSamples, slotsMax, viewsOf } from "./displacement-series.ts";

const wave = (hz: number, seconds: number, mm: (atSec: number) => number): DisplacementSamples => {
  const atMs = Float64Array.from({ length: Math.floor(seconds * hz) }, (_, i) => (1000 * i) / hz);
  return { atMs, mm: atMs.map((at) => mm(at / 1000)) };
};
const breath = (atSec: number): number => 3 * Math.sin((2 * Math.PI * atSec) / 4);

describe("viewsOf", () => {
  test("offset, amplitude and slope of a sensor change nothing", () => {
    const plain = viewsOf(wave(15, 40, breath), 38_000, 30_000);
    const other = viewsOf(
      wave(15, 40, (at) => 1500 + 7 * breath(at) + 2 * at),
      38_000,
      30_000,
    );
    for (const view of ["whole", "quick", "change"] as const) {
      const off = plain[view].map((one, t) => Math.abs(one - other[view][t]!));
      expect(Math.max(...off.subarray(0, -6))).toBeLessThan(0.12);
      expect(Math.max(...plain[view])).toBeGreaterThan(0.85);
    }
    expect(plain.coveredShare).toBeGreaterThan(0.99);
  });

  test("a sensor that is turned round turns the views round", () => {
    const plain = viewsOf(wave(20, 40, breath), 38_000, 30_000);
    const turned = viewsOf(
      wave(20, 40, (at) => -breath(at)),
      38_000,
      30_000,
    );
    plain.quick.forEach((one, t) => {
      expect(turned.quick[t]).toBeCloseTo(-one, 5);
    });
  });

  test("the newest slot is last, what lies outside the window is 0", () => {
    const views = viewsOf(wave(10, 60, breath), 50_000, 15_200);
    expect(views.slots).toBe(152);
    for (const view of [views.whole, views.quick, views.change, views.mask]) {
      expect(view).toHaveLength(slotsMax);
      expect(view.subarray(0, slotsMax - 152).every((one) => one === 0)).toBe(true);
    }
    expect(views.mask.subarray(slotsMax - 151).every((one) => one === 1)).toBe(true);
  });

  test("a gap is 0 everywhere and counts as not covered", () => {
    const { atMs, mm } = wave(15, 40, breath);
    const keep = [...atMs.keys()].filter((i) => atMs[i]! < 20_000 || atMs[i]! > 26_000);
    const views = viewsOf(
      { atMs: Float64Array.from(keep, (i) => atMs[i]!), mm: Float64Array.from(keep, (i) => mm[i]!) },
      38_000,
      30_000,
    );
    expect(views.coveredShare).toBeCloseTo(0.8, 1);
    const middle = slotsMax - 150;
    for (const view of [views.whole, views.quick, views.change, views.mask]) expect(view[middle]).toBe(0);
    expect(views.mask[slotsMax - 50]).toBe(1);
  });

  test("one large movement does not make the breathing beside it small", () => {
    const calm = viewsOf(wave(15, 40, breath), 38_000, 30_000);
    const moved = viewsOf(
      wave(15, 40, (at) => breath(at) + (at > 20 && at < 21 ? 200 * Math.sin(2 * Math.PI * at) : 0)),
      38_000,
      30_000,
    );
    const late = (view: Float32Array): number => Math.max(...view.subarray(slotsMax - 60, slotsMax - 2));
    expect(late(moved.quick)).toBeGreaterThan(0.6 * late(calm.quick));
    expect(Math.max(...moved.quick)).toBe(5);
  });

  test("no samples, and samples that all are the same, give nothing but zeros", () => {
    const none = viewsOf({ atMs: new Float64Array(0), mm: new Float64Array(0) }, 30_000, 30_000);
    expect(none.coveredShare).toBe(0);
    const same = viewsOf(
      wave(15, 40, () => 812),
      38_000,
      30_000,
    );
    for (const view of [none.whole, none.quick, none.change, same.quick, same.change]) {
      expect(view.every((one) => one === 0)).toBe(true);
    }
  });
});
