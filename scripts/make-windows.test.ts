import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelSteps, radarBreathingInputs, shortRadar } from "../edge-agent/perception/radar-breathing.ts";
import { factColumns, type LabelledWindow, windowsOfEpisode, writeWindows } from "./make-windows.ts";

const fact = (window: LabelledWindow, name: (typeof factColumns)[number]): number =>
  window.facts[factColumns.indexOf(name)]!;

describe("windows for training", () => {
  const windows = Array.from({ length: 60 }, (_, i) => windowsOfEpisode(5_000 + i, "training", shortRadar)).flat();

  test("the same seed gives the same windows", () => {
    expect(windowsOfEpisode(5_003, "training", shortRadar)).toEqual(windows.slice(12, 16));
    expect(windowsOfEpisode(5_003, "held-out", shortRadar)).not.toEqual(windows.slice(12, 16));
  });

  test("hold finite numbers in the shapes of the model", () => {
    for (const { inputs } of windows) {
      inputs.forEach((data, i) => {
        expect(data.length).toBe(radarBreathingInputs[i]!.dims.reduce((product, dim) => product * dim, 1));
        expect(data.every(Number.isFinite)).toBe(true);
      });
    }
  });

  test("the rate is the phase advance, and the steps add up to it", () => {
    const rated = windows.filter((window) => fact(window, "rateWeight") > 0);
    expect(rated.length).toBeGreaterThan(30);
    for (const window of rated) {
      const breaths = window.breathsPerStep.reduce((sum, x) => sum + x, 0);
      expect((60 * breaths) / fact(window, "windowSec")).toBeCloseTo(fact(window, "ratePerMin"), 2);
    }
  });

  test("every class is there, and who does not breathe has no rate", () => {
    const classes = new Set(windows.map((window) => fact(window, "class")));
    expect([...classes].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const window of windows.filter((one) => fact(one, "noRate") === 1)) {
      expect(fact(window, "rateWeight")).toBe(0);
      expect(window.breathsPerStep.every((x) => x === 0)).toBe(true);
    }
  });

  test("movement is labelled only where the window has frames", () => {
    let moving = 0;
    for (const { inputs, movingPerStep } of windows) {
      for (let step = 0; step < modelSteps; step++) {
        if (movingPerStep[step] === 0) continue;
        moving += 1;
        expect(inputs[2]![4 * step + 3]).toBe(1);
      }
    }
    expect(moving).toBeGreaterThan(100);
  });
});

describe("the files", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "windows-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test("are as long as the manifest says", () => {
    writeWindows(folder, 5, 3, "training", shortRadar);
    const manifest: { count: number; shapes: Record<string, number[]> } = JSON.parse(
      readFileSync(join(folder, "manifest.json"), "utf8"),
    );
    expect(manifest.count).toBe(5);
    expect(Object.keys(manifest.shapes)).toHaveLength(7);
    for (const [name, shape] of Object.entries(manifest.shapes)) {
      const numbers = shape.reduce((product, dim) => product * dim, 1);
      expect(statSync(join(folder, `${name}.f32`)).size).toBe(4 * 5 * numbers);
    }
  });
});
