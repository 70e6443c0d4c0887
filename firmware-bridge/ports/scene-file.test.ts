import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SensorConfig } from "../../edge-agent/contract/config.ts";
import { checkDepth, readScene, SceneError, scenesFolder } from "./scene-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quietround-scenes-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function refusal(read: () => unknown): SceneError {
  try {
    read();
  } catch (error) {
    if (error instanceof SceneError) return error;
    throw error;
  }
  throw new Error("not refused");
}

describe("a scene's file", () => {
  const shipped = readdirSync(scenesFolder).map((file) => file.replace(/\.json$/, ""));

  it.each(shipped)("%s is a scene of that name", (name) => {
    expect(readScene(name).name).toBe(name);
  });

  it("that is not there is told with the names of those that are", () => {
    const error = refusal(() => readScene("beach"));
    expect(error.code).toBe("missing");
    expect(error.message).toContain('"beach"');
    for (const name of shipped) expect(error.message).toContain(name);
    expect(refusal(() => readScene("any", folder)).message).toContain("there are: none");
  });

  it("with faults is told with its path and every fault", () => {
    writeFileSync(join(folder, "bad.json"), JSON.stringify({ ...readScene("asleep"), seed: -1, blanket: "paper" }));
    const error = refusal(() => readScene("bad", folder));
    expect(error.code).toBe("wrong");
    for (const part of [join(folder, "bad.json"), "seed", "blanket"]) expect(error.message).toContain(part);
    writeFileSync(join(folder, "bad.json"), "{");
    expect(refusal(() => readScene("bad", folder)).code).toBe("unreadable");
  });
});

describe("a depth sensor's place", () => {
  const scene = readScene("asleep");
  const { kind: _, ...bed } = scene.bed;
  const placement = { at: scene.depth?.at, towards: scene.depth?.towards, bed };
  const sensor = (change: object = {}) =>
    SensorConfig.parse({
      sensor: "depth-1",
      model: "sim-depth-80x60",
      port: { via: "simulated", scene: "asleep" },
      source: "simulated",
      placement,
      ...change,
    });

  it("is the one that the scene has, or the words say what it must be", () => {
    expect(() => checkDepth(scene, sensor())).not.toThrow();
    const moved = sensor({ placement: { ...placement, at: { xMm: 0, yMm: 0, zMm: 1 } } });
    expect(refusal(() => checkDepth(scene, moved)).message).toContain(JSON.stringify(placement.towards));
    expect(refusal(() => checkDepth(scene, sensor({ model: "sim-depth-8x8" }))).message).toContain("80x60");
    expect(refusal(() => checkDepth({ ...scene, depth: null }, sensor())).message).toContain("no depth sensor");
  });
});
