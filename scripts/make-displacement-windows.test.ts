import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newRandom } from "../firmware-bridge/simulator/random.ts";
import { randomWave, type WaveRegion } from "./displacement-wave.ts";
import {
  type DisplacementWindow,
  displacementFacts,
  windowsOfWave,
  writeDisplacementWindows,
} from "./make-displacement-windows.ts";

const fact = (window: DisplacementWindow, name: (typeof displacementFacts)[number]): number =>
  window.facts[displacementFacts.indexOf(name)]!;
const many = (region: WaveRegion): readonly DisplacementWindow[] =>
  Array.from({ length: 300 }, (_, i) => windowsOfWave(70_000 + i, region)).flat();

describe("windowsOfWave", () => {
  const training = many("training");

  test("the same arguments give the same windows, others give others", () => {
    expect(windowsOfWave(5, "training")).toEqual(windowsOfWave(5, "training"));
    expect(windowsOfWave(5, "training")).not.toEqual(windowsOfWave(6, "training"));
  });

  test("the rate is the phase advance of exactly the window", () => {
    const alive = training.filter((window) => fact(window, "rateWeight") > 0);
    expect(alive.length).toBeGreaterThan(400);
    for (const window of alive) {
      const breaths = window.breaths.reduce((sum, one) => sum + one, 0);
      expect((60 * breaths) / fact(window, "windowSec")).toBeCloseTo(fact(window, "ratePerMin"), 1);
    }
  });

  test("in about a fifth nobody breathes: no rate, no breath, whatever moves", () => {
    const lifeless = training.filter((window) => fact(window, "noRate") === 1);
    expect(lifeless.length / training.length).toBeGreaterThan(0.15);
    expect(lifeless.length / training.length).toBeLessThan(0.25);
    for (const window of lifeless) {
      expect(fact(window, "ratePerMin")).toBe(0);
      expect(fact(window, "rateWeight")).toBe(0);
      expect(Math.max(...window.breaths, ...window.breathing)).toBe(0);
    }
  });

  test("windows of 10 to 60 s, numbers within what the plan says", () => {
    const seconds = training.map((window) => fact(window, "windowSec"));
    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(9.99);
    expect(Math.max(...seconds)).toBe(60);
    for (const { inputs } of training) {
      for (const input of inputs) expect(input.every((one) => Math.abs(one) <= 5)).toBe(true);
    }
  });

  test("the held-out region is not within the trained one", () => {
    const cv = (windows: readonly DisplacementWindow[]): number[] =>
      windows.map((window) => fact(window, "intervalCv"));
    expect(Math.max(...cv(training))).toBeLessThanOrEqual(0.2101);
    expect(Math.min(...cv(many("held-out")))).toBeGreaterThanOrEqual(0.2099);
  });
});

describe("randomWave", () => {
  test("noise is as strong as asked for", () => {
    const wishes = { what: "breathing", calm: true } as const;
    const power = (snrDb: number): number => {
      const { mm } = randomWave(newRandom(3), "training", 60, { ...wishes, snrDb }).samples;
      const steps = mm.subarray(1).map((one, i) => (one - mm[i]!) ** 2);
      return steps.reduce((sum, one) => sum + one, 0) / steps.length;
    };
    // The difference of neighbours is noise; 10 dB more of it is ten times its power.
    expect(power(-10) / power(0)).toBeGreaterThan(8);
    expect(power(-10) / power(0)).toBeLessThan(11);
  });

  test("time stamps ascend", () => {
    for (let seed = 0; seed < 40; seed++) {
      const { atMs } = randomWave(newRandom(seed), "training", 60).samples;
      expect(atMs.every((at, i) => i === 0 || at > atMs[i - 1]!)).toBe(true);
    }
  });
});

test("writeDisplacementWindows: as many numbers as the manifest says", () => {
  const folder = mkdtempSync(join(tmpdir(), "windows-"));
  try {
    writeDisplacementWindows(folder, 5, 1, "training");
    const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
    expect(manifest.count).toBe(5);
    for (const [name, shape] of Object.entries<number[]>(manifest.shapes)) {
      expect(statSync(join(folder, `${name}.f32`)).size).toBe(4 * 5 * shape.reduce((a, b) => a * b, 1));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
