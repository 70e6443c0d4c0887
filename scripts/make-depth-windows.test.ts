import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { depthScenes } from "../edge-agent/perception/depth-scene.ts";
import { newRandom } from "../firmware-bridge/simulator/random.ts";
import { depthEpisodes, randomDepthScene, randomEpisode } from "./depth-scenes.ts";
import {
  depthFacts,
  depthTruth,
  nextDepthFrame,
  openDepthPlay,
  windowsOfEpisode,
  writeDepthWindows,
} from "./make-depth-windows.ts";

describe("windows for the depth models", () => {
  test("the same seed gives the same windows, another seed others", () => {
    const [once, again, other] = [1, 1, 2].map((seed) => windowsOfEpisode("8x8", seed, "training"));
    expect(once).toEqual(again);
    expect(once!.length).toBeGreaterThan(10);
    expect(once![5]!.view).not.toEqual(other![5]!.view);
  });

  test("files are as long as the manifest says", () => {
    const folder = mkdtempSync(join(tmpdir(), "quietround-depth-"));
    try {
      writeDepthWindows(folder, "8x8", 2, 3, "held-out");
      const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
      expect(manifest.factColumns).toEqual([...depthFacts]);
      for (const [name, shape] of Object.entries<number[]>(manifest.shapes)) {
        const size = shape.reduce((a, b) => a * b, 1);
        expect(statSync(join(folder, `${name}.f32`)).size, name).toBe(4 * manifest.count * size);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("every kind of episode comes up, and a fifth of them has no occupant who breathes", () => {
    const random = newRandom(5);
    const drawn = Array.from({ length: 2_000 }, () => randomEpisode(random));
    expect(new Set(drawn)).toEqual(new Set(depthEpisodes));
    const negative = drawn.filter((one) => one === "empty" || one === "stopped" || one === "carer-only").length;
    expect(negative / drawn.length).toBeGreaterThan(0.15);
    expect(negative / drawn.length).toBeLessThan(0.25);
  });

  test("the held-out region is not drawn from in training", () => {
    const random = newRandom(6);
    const directions = (region: "training" | "held-out"): number[] =>
      Array.from({ length: 60 }, () => {
        const { at, towards } = randomDepthScene(random, "still", "80x60", region, 20).depth!;
        const deg = (Math.atan2(at.yMm - towards.yMm, at.xMm - towards.xMm) * 180) / Math.PI;
        return (deg + 360) % 360;
      });
    expect(directions("training").filter((deg) => deg > 200.001 && deg < 259.999)).toEqual([]);
    expect(directions("held-out").filter((deg) => deg < 199.999 || deg > 260.001)).toEqual([]);
  });

  test.each([
    ["still", ["lying-still"]],
    ["empty", ["empty"]],
    ["edge", ["sitting-edge"]],
    ["floor", ["on-floor"]],
    ["partner", ["more-than-one"]],
  ] as const)("the truth of an episode `%s`", (what, scenes) => {
    const play = openDepthPlay(randomDepthScene(newRandom(11), what, "80x60", "training", 20));
    for (let i = 0; i < 10; i++) nextDepthFrame(play);
    const { scene } = depthTruth(play, false);
    expect(depthScenes).toContain(scene);
    expect(scenes).toContain(scene);
  });
});
