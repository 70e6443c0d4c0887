import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Placement } from "../edge-agent/contract/config.ts";
import type { Place, Scene } from "../edge-agent/contract/scene.ts";
import {
  type DepthGeometry,
  type DepthView,
  depthGeometry,
  depthViews,
} from "../edge-agent/perception/depth-geometry.ts";
import {
  type DepthRing,
  depthRateHz,
  glance,
  glanceSlots,
  newDepthRing,
  putDepthFrame,
} from "../edge-agent/perception/depth-ring.ts";
import {
  buildDepthTensors,
  type DepthScene,
  depthInputs,
  depthOutputs,
  depthScenes,
} from "../edge-agent/perception/depth-scene.ts";
import { type DepthCamera, openDepthCamera } from "../firmware-bridge/simulator/depth-camera.ts";
import { newRandom } from "../firmware-bridge/simulator/random.ts";
import type { SceneRegion } from "../firmware-bridge/simulator/scenes-random.ts";
import { newStage, type Stage } from "../firmware-bridge/simulator/stage.ts";
import { depthEpisodes, episodeSec, randomDepthScene, randomEpisode } from "./depth-scenes.ts";

/*
 * Windows for training `depth-scene-80x60` and `depth-scene-8x8` and for their cards, through the tensor builder that the
 * live room uses. Raw float32, little-endian, row after row, beside a manifest that says the shapes:
 *
 *   node scripts/make-depth-windows.ts --view 80x60 --out FOLDER --episodes 100 --seed 1 --region training|held-out
 */

/** Columns of facts.f32. */
export const depthFacts = [
  "scene", // index in depthScenes; -1: between two of them
  "inBed", // 1, 0; -1: on the way
  "moving", // 1: a gross movement of the occupant within the last second
  "episode", // index in depthEpisodes
] as const;

export interface DepthWindow {
  readonly view: Float32Array;
  readonly facts: Float32Array;
  /** Share of each cell's pixels that see the occupant's trunk. */
  readonly trunk: Float32Array;
  readonly atSec: number;
}

/** A simulated camera and the play it looks at, frame by frame. */
export interface DepthPlay {
  readonly camera: DepthCamera;
  readonly stage: Stage;
  readonly scene: Scene;
}

export function openDepthPlay(scene: Scene): DepthPlay {
  const stage = newStage(scene);
  return { camera: openDepthCamera(scene, stage), stage, scene };
}

/** One frame on: 100 ms. */
export function nextDepthFrame({ camera, stage }: DepthPlay) {
  stage.step();
  stage.step();
  return camera.next();
}

/** What a site's configuration would say of a simulated bedroom. */
export function placementOf({ depth, bed, name }: Scene): Placement {
  if (depth === null) throw new Error(`scene ${name} has no depth setting`);
  const { lengthMm, widthMm, topMm } = bed;
  return { at: depth.at, towards: depth.towards, bed: { lengthMm, widthMm, topMm } };
}

/** A place counts from three quarters of the way on, and the one before until a third of it. */
function placeOf(place: Place, towards: Place, progress: number): Place | null {
  if (place === towards || progress < 0.33) return place;
  return progress > 0.75 ? towards : null;
}

export interface DepthTruth {
  /** Null: between two of them. */
  readonly scene: DepthScene | null;
  readonly inBed: boolean | null;
  readonly moving: boolean;
}

/** What a perfect eye behind the camera would say of the newest frame: who is out of its view is not there. */
export function depthTruth({ camera, stage, scene }: DepthPlay, movedLately: boolean): DepthTruth {
  const person = camera.masks().person;
  // Fewer pixels are neither somebody nor nobody.
  const least = scene.depth?.model === "8x8" ? 2 : 24;
  let [own, others] = [0, 0];
  for (const who of person) {
    if (who === 1) own += 1;
    else if (who === 2) others += 1;
  }
  const occupant = stage.figures().find(({ who }) => who.role === "occupant");
  const place = occupant === undefined ? "away" : placeOf(occupant.place, occupant.towards, occupant.progress);
  const inBed = place === null ? null : place === "bed";
  const moving = movedLately && own >= least;
  const seen = ((): DepthScene | null => {
    if ((own > 0 && own < least) || (others > 0 && others < least)) return null;
    if (own >= least && others >= least) return "more-than-one";
    if (others >= least) return "standing";
    if (own === 0) return inBed === false ? "empty" : null;
    switch (place) {
      case null:
        return null;
      case "bed":
        return moving ? "lying-moving" : "lying-still";
      case "edge":
        return "sitting-edge";
      case "floor":
        return "on-floor";
      case "standing":
      case "beside":
      case "room":
      case "away":
        return "standing";
    }
  })();
  return { scene: seen, inBed, moving };
}

/** Windows of one random episode, `everySec` apart. The same arguments give the same windows. */
export function windowsOfEpisode(
  view: DepthView,
  seed: number,
  region: SceneRegion,
  everySec = 1,
): readonly DepthWindow[] {
  const random = newRandom(seed);
  const episode = randomEpisode(random);
  const lengthSec = episodeSec(episode);
  const play = openDepthPlay(randomDepthScene(random, episode, view, region, lengthSec));
  const ring: DepthRing = newDepthRing(view);
  const windows: DepthWindow[] = [];
  let geometry: DepthGeometry | undefined;
  let movedAt = Number.NEGATIVE_INFINITY;
  const begin = Math.floor(random.between(0, everySec * depthRateHz));
  const skip = glanceSlots * Math.floor(begin / glanceSlots);
  for (let slot = 0; slot < lengthSec * depthRateHz; slot++) {
    const frame = nextDepthFrame(play);
    geometry ??= depthGeometry(placementOf(play.scene), view, frame.acrossDeg, frame.downDeg);
    putDepthFrame(ring, slot, frame, slot * 1e5);
    if (play.stage.truth().moving) movedAt = slot;
    const end = slot + 1;
    if (end % glanceSlots !== 0) continue;
    glance(ring, end);
    if (end < 5 * depthRateHz || (end - skip) % (everySec * depthRateHz) !== 0) continue;
    const built = buildDepthTensors(ring, geometry, end);
    if (built === undefined) throw new Error("a glance is missing");
    const truth = depthTruth(play, slot - movedAt < depthRateHz);
    windows.push({
      view: built[0]!.data,
      facts: new Float32Array([
        truth.scene === null ? -1 : depthScenes.indexOf(truth.scene),
        truth.inBed === null ? -1 : truth.inBed ? 1 : 0,
        truth.moving ? 1 : 0,
        depthEpisodes.indexOf(episode),
      ]),
      trunk: cellShares(play.camera.masks().trunk, view),
      atSec: end / depthRateHz,
    });
  }
  return windows;
}

function cellShares(mask: Uint8Array, view: DepthView): Float32Array {
  const { widthPx, blockPx, columns, rows } = depthViews[view];
  const shares = new Float32Array(columns * rows);
  for (let i = 0; i < mask.length; i++) {
    const cell = Math.floor(Math.floor(i / widthPx) / blockPx) * columns + Math.floor((i % widthPx) / blockPx);
    shares[cell] = shares[cell]! + mask[i]! / (blockPx * blockPx);
  }
  return shares;
}

export function writeDepthWindows(
  folder: string,
  view: DepthView,
  episodes: number,
  seed: number,
  region: SceneRegion,
): void {
  mkdirSync(folder, { recursive: true });
  const names = ["view", "facts", "trunk"] as const;
  const files = names.map((name) => openSync(`${folder}/${name}.f32`, "w"));
  let count = 0;
  for (let one = 0; one < episodes; one++) {
    for (const window of windowsOfEpisode(view, seed * 1_000_003 + one, region)) {
      names.forEach((name, i) => {
        const row = window[name];
        writeSync(files[i]!, new Uint8Array(row.buffer, row.byteOffset, row.byteLength));
      });
      count++;
    }
  }
  files.forEach(closeSync);
  const { rows, columns } = depthViews[view];
  const manifest = {
    count,
    episodes,
    seed,
    region,
    view,
    type: "float32 little-endian",
    shapes: { view: depthInputs(view)[0]!.dims.slice(1), facts: [depthFacts.length], trunk: [rows, columns] },
    factColumns: depthFacts,
    scenes: depthScenes,
    inputs: depthInputs(view),
    outputs: depthOutputs(view),
  };
  writeFileSync(`${folder}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      out: { type: "string" },
      view: { type: "string", default: "80x60" },
      episodes: { type: "string", default: "20" },
      seed: { type: "string", default: "1" },
      region: { type: "string", default: "training" },
    },
  });
  const region = (["training", "held-out"] as const).find((name) => name === values.region);
  const view = (["80x60", "8x8"] as const).find((name) => name === values.view);
  if (region === undefined || view === undefined || values.out === undefined) {
    throw new Error("--view 80x60|8x8 --out FOLDER --region training|held-out");
  }
  writeDepthWindows(values.out, view, Number(values.episodes), Number(values.seed), region);
}
