import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { SensorConfig, SensorModel } from "../../edge-agent/contract/config.ts";
import { Scene } from "../../edge-agent/contract/scene.ts";

/** The scenes that come with the project: config/scenes/<name>.json. */
export const scenesFolder = fileURLToPath(new URL("../../config/scenes", import.meta.url));

/** A simulated bedroom that cannot be played, in words for whoever wrote its file. */
export class SceneError extends Error {
  override readonly name = "SceneError";
  readonly code: "missing" | "unreadable" | "wrong";
  constructor(code: SceneError["code"], words: string, cause?: unknown) {
    super(words, { cause });
    this.code = code;
  }
}

/**
 * From a person's editor, before any check. @throws SceneError with the file and every fault in it, or with the names of
 * the scenes that there are.
 */
export function readScene(name: string, folder: string = scenesFolder): Scene {
  const path = `${folder}/${name}.json`;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new SceneError("missing", `there is no scene "${name}" (${path}); there are: ${namesIn(folder)}`, cause);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SceneError("unreadable", `${path} is not JSON: ${String(cause)}`, cause);
  }
  const parsed = Scene.safeParse(json);
  if (!parsed.success) throw new SceneError("wrong", `${path}:\n${z.prettifyError(parsed.error)}`, parsed.error);
  return parsed.data;
}

/** What a scene calls the depth sensor that this model's stand-in plays. */
const depthPixels: Readonly<Partial<Record<SensorModel, NonNullable<Scene["depth"]>["model"]>>> = {
  "sim-depth-80x60": "80x60",
  "sim-depth-8x8": "8x8",
  "depth-camera": "80x60",
  "st-vl53l5cx": "8x8",
};

/**
 * Perception is told by the configuration where the sensor hangs; the picture comes from the scene. @throws SceneError
 * where the two differ, or the scene has no such sensor.
 */
export function checkDepth(scene: Scene, { sensor, model, placement }: SensorConfig): void {
  const { depth, bed } = scene;
  const wrong = (words: string) => new SceneError("wrong", `scene "${scene.name}" for sensor ${sensor}: ${words}`);
  if (depth === null) throw wrong("it has no depth sensor");
  if (depthPixels[model] !== depth.model) throw wrong(`its depth sensor is ${depth.model}, not ${model}`);
  const { kind: _, ...size } = bed;
  const seen = { at: depth.at, towards: depth.towards, bed: size };
  if (!isDeepStrictEqual(seen, placement)) throw wrong(`the placement must be ${JSON.stringify(seen)}`);
}

function namesIn(folder: string): string {
  const ending = ".json";
  let names: string[];
  try {
    names = readdirSync(folder).filter((file) => file.endsWith(ending));
  } catch {
    return `none, since ${folder} cannot be read`;
  }
  return names.length === 0 ? "none" : names.map((file) => file.slice(0, -ending.length)).join(", ");
}
