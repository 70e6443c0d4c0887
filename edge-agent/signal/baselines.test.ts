import { describe, expect, it } from "vitest";
import { bandPass, filtered, lowPass } from "./band-pass.ts";
import { rateByMusic } from "./music.ts";
import { rateByPeaks } from "./peak-timing.ts";
import { rateByRepetition, rateBySpectrum } from "./spectrum.ts";

const rateHz = 20;
const sine = (perMin: number, seconds: number): Float64Array =>
  Float64Array.from({ length: seconds * rateHz }, (_, t) => Math.sin((2 * Math.PI * perMin * t) / (60 * rateHz) + 0.7));

describe("filters", () => {
  it("have the published coefficients of the A121 vendor's method at 20 Hz", () => {
    const band = bandPass(0.1, 1, 20);
    [0.01658193, 0, -0.03316386, 0, 0.01658193].forEach((one, i) => {
      expect(band.b[i]).toBeCloseTo(one, 7);
    });
    [1, -3.58623981, 4.8462898, -2.93042722, 0.67045791].forEach((one, i) => {
      expect(band.a[i]).toBeCloseTo(one, 7);
    });
    const low = lowPass(0.1, 20);
    expect(low.b[1]).toBeCloseTo(4.82718e-4, 8);
    expect(low.a[1]).toBeCloseTo(-1.95557824, 7);
  });

  it("pass what is inside the band and stop what is outside", () => {
    const size = (perMin: number): number =>
      Math.max(...filtered(bandPass(0.1, 1, rateHz), sine(perMin, 120)).slice(60 * rateHz));
    expect(size(19)).toBeCloseTo(1, 1);
    expect(size(0.6)).toBeLessThan(0.02);
    expect(size(400)).toBeLessThan(0.05);
  });
});

describe.each([
  ["spectrum", rateBySpectrum, 0.05],
  ["repetition", rateByRepetition, 0.15],
  ["peak timing", rateByPeaks, 0.4],
  ["MUSIC", rateByMusic, 0.1],
] as const)("rate of a steady wave by %s", (_, rate, tolerance) => {
  it.each([9.3, 15, 22.7])("%d /min", (perMin) => {
    const found = rate(sine(perMin, 30), rateHz);
    expect(Math.abs(found!.perMin - perMin)).toBeLessThan(tolerance);
    expect(found!.prominence).toBeGreaterThan(0.5);
  });
  it("is not there in a flat wave", () => {
    expect(rate(new Float64Array(600), rateHz)).toBeNull();
  });
});

describe("repetition", () => {
  it("takes the period, not a multiple of it that is a little clearer", () => {
    // Every second breath a little deeper: two breaths on, the wave meets itself better than one breath on.
    const wave = sine(18, 30).map((one, t) => one * (1 + 0.25 * Math.sin((2 * Math.PI * 9 * t) / (60 * rateHz))));
    expect(rateByRepetition(wave, rateHz)!.perMin).toBeCloseTo(18, 0);
  });
  it("is found below a strong drift", () => {
    const wave = sine(14, 30).map((one, t) => one + 6 * Math.sin((2 * Math.PI * 1.5 * t) / (60 * rateHz)));
    expect(rateByRepetition(wave, rateHz)!.perMin).toBeCloseTo(14, 0);
  });
});
