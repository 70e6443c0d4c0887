import type { DepthSetting, Place, Posture, Scene } from "../edge-agent/contract/scene.ts";
import type { DepthView } from "../edge-agent/perception/depth-geometry.ts";
import type { Random } from "../firmware-bridge/simulator/random.ts";
import {
  randomScene,
  type SceneClass,
  type ScenePlan,
  type SceneRegion,
} from "../firmware-bridge/simulator/scenes-random.ts";
import { stirring } from "../firmware-bridge/simulator/scenes-timelines.ts";

/*
 * Random bedrooms as a depth sensor sees them, for training and for measuring. The held-out region: sensors that look from
 * between 200 and 260 degrees round the bed (0: the side where people get out, 90: the head), with more noise than any
 * that was trained on.
 */

export const depthEpisodes = [
  "still",
  "restless",
  "empty",
  "stopped",
  "leaving",
  "visited",
  "partner",
  "carer-only",
  "edge",
  "floor",
  "standing",
] as const;
export type DepthEpisode = (typeof depthEpisodes)[number];

/** Shares in training; empty, lifeless and carer-only together are a fifth. */
const shares: Readonly<Record<DepthEpisode, number>> = {
  still: 0.1,
  restless: 0.1,
  empty: 0.1,
  stopped: 0.05,
  leaving: 0.27,
  visited: 0.09,
  partner: 0.08,
  "carer-only": 0.06,
  edge: 0.05,
  floor: 0.06,
  standing: 0.04,
};

export function randomEpisode(random: Random): DepthEpisode {
  let left = random.uniform();
  for (const name of depthEpisodes) {
    left -= shares[name];
    if (left < 0) return name;
  }
  return "still";
}

/** Long enough to leave and to come back, or to be visited; what stays as it is needs less. */
export const episodeSec = (what: DepthEpisode): number => (what === "leaving" || what === "visited" ? 60 : 22);

/** What a measurement holds fixed. */
export type DepthWishes = Pick<ScenePlan, "intervalCv" | "gapSec"> & {
  readonly distanceMm?: readonly [number, number];
};

export function randomDepthScene(
  random: Random,
  what: DepthEpisode,
  view: DepthView,
  region: SceneRegion,
  lengthSec: number,
  wishes: DepthWishes = {},
): Scene {
  const from: SceneClass =
    what === "carer-only" ? "visited" : what === "edge" || what === "floor" || what === "standing" ? "still" : what;
  const { intervalCv, gapSec } = wishes;
  const plan: ScenePlan = {
    ...(intervalCv === undefined ? {} : { intervalCv, breathing: "plain" }),
    ...(gapSec === undefined ? {} : { gapSec }),
  };
  // The held-out region of depth is its sensor: bodies and breathing are those of training.
  const scene = randomScene(random, from, "training", lengthSec, plan);
  return {
    ...scene,
    name: `${what}`,
    people: peopleOf(random, scene, what, lengthSec),
    depth: randomSetting(random, scene, view, region, wishes.distanceMm),
  };
}

function peopleOf(random: Random, scene: Scene, what: DepthEpisode, lengthSec: number): Scene["people"] {
  if (what === "carer-only") {
    return scene.people.filter(({ role }) => role !== "occupant");
  }
  const start: Partial<Record<DepthEpisode, readonly [Place, Posture]>> = {
    edge: ["edge", "sitting"],
    floor: ["floor", random.pick(["supine", "side", "prone"] as const)],
    standing: ["standing", "standing"],
  };
  const other = start[what];
  if (other === undefined) return scene.people;
  const movements = stirring(random, 12, 2, lengthSec).map(({ posture: _, ...movement }) => movement);
  return scene.people.map((one) => ({
    ...one,
    startsAt: other[0],
    is: { ...one.is, posture: other[1] },
    movements,
  }));
}

function randomSetting(
  random: Random,
  scene: Scene,
  view: DepthView,
  region: SceneRegion,
  distanceMm: readonly [number, number] | undefined,
): DepthSetting {
  const coarse = view === "8x8";
  const heldOut = region === "held-out";
  const towards = coarse
    ? { xMm: random.between(-50, 220), yMm: random.between(100, 380), zMm: scene.bed.topMm }
    : { xMm: random.between(-100, 380), yMm: random.between(-150, 350), zMm: scene.bed.topMm };
  const [near, far] = distanceMm ?? (coarse ? [1_100, 2_050] : [1_500, 3_000]);
  const wantedMm = random.between(near, far);
  const tiltDeg = random.between(coarse ? 0 : 5, 45);
  // The ceiling ends it: a sensor that hangs far away looks from the side.
  const up = Math.min(Math.cos((tiltDeg * Math.PI) / 180), (2_650 - scene.bed.topMm) / wantedMm);
  const level = Math.sqrt(1 - up * up);
  const free = random.between(0, 300);
  const roundDeg = heldOut ? random.between(200, 260) : free < 200 ? free : free + 60;
  const round = (roundDeg * Math.PI) / 180;
  return {
    model: view,
    at: {
      xMm: towards.xMm + wantedMm * level * Math.cos(round),
      yMm: towards.yMm + wantedMm * level * Math.sin(round),
      zMm: towards.zMm + wantedMm * up,
    },
    towards,
    noiseFloorMm: random.between(2, 4),
    noiseGrowthMmPerM2: coarse
      ? heldOut
        ? random.between(3.4, 4)
        : random.between(1.5, 3.4)
      : heldOut
        ? random.between(1.9, 2.3)
        : random.between(0.8, 1.9),
    noiseCorrelationPx: coarse ? 0 : random.between(1, 3),
    flyingShare: random.between(0.3, 0.7),
    invalidShare: random.between(0, 0.12),
    warmUpMm: random.between(1, 10),
    warmUpSec: random.between(600, 2_400),
    crossTalk: coarse ? random.between(0.1, 0.2) : 0,
  };
}
