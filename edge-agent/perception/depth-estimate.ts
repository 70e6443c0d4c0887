import type { BedPlace, NoRateReason, PeopleSeen } from "../contract/words.ts";
import type { DepthBed } from "./depth-bed.ts";
import { type DepthAnswer, type DepthScene, depthScenes } from "./depth-scene.ts";
import type { DisplacementAnswer } from "./displacement-rate.ts";

/** A rate that depth alone found. */
export interface DepthBreathing {
  readonly perMin: number;
  /** 90 % interval. */
  readonly lowPerMin: number;
  readonly highPerMin: number;
  readonly quality: number;
  readonly windowMs: number;
  /** The model's distribution, bins of 0.5 /min from 4 /min: what fusion multiplies. */
  readonly rate: Float32Array;
}

export type DepthPosture = "lying" | "sitting" | "standing" | "unknown";

/** What the depth sensor of one room says of one full second of device time. */
export interface DepthEstimate {
  /** Sensor time since the first frame. */
  readonly atMs: number;
  /** The likeliest scene of the newest answer; null where there was none. */
  readonly scene: DepthScene | null;
  readonly posture: DepthPosture;
  readonly people: PeopleSeen;
  readonly bed: BedPlace;
  /** 0-100: chance of a gross movement within the last second. */
  readonly movement: number;
  /** What may be shown; null wherever `reason` says why not. */
  readonly breathing: DepthBreathing | null;
  /** What the model said, shown or not: for fusion only. */
  readonly evidence: DepthBreathing | null;
  readonly reason: NoRateReason | null;
}

export interface WaveFound {
  readonly answer: DisplacementAnswer;
  readonly windowMs: number;
}

/** @param second since the first frame */
export function estimateOfDepth(
  second: number,
  bed: DepthBed,
  answer: DepthAnswer | undefined,
  wave: WaveFound | undefined,
  reason: NoRateReason | null,
): DepthEstimate {
  const scene = answer === undefined ? null : likeliest(answer);
  const evidence = wave === undefined ? null : breathingOf(wave);
  return {
    atMs: 1_000 * second,
    scene,
    posture: postureOf(bed.place),
    people: peopleOf(bed),
    bed: bed.place,
    movement: 100 * (answer?.moving ?? 0),
    breathing: reason === null ? evidence : null,
    evidence,
    reason,
  };
}

function likeliest({ scene }: DepthAnswer): DepthScene {
  return depthScenes.reduce((best, one) => (scene[one] > scene[best] ? one : best));
}

function breathingOf({ answer, windowMs }: WaveFound): DepthBreathing {
  const { perMin, lowPerMin, highPerMin, quality, rate } = answer;
  return { perMin, lowPerMin, highPerMin, quality, windowMs, rate };
}

function peopleOf({ place, more }: DepthBed): PeopleSeen {
  if (place === "unknown") return "unknown";
  if (more >= 0.5) return "more";
  return place === "empty" ? "none" : "one";
}

function postureOf(place: BedPlace): DepthPosture {
  switch (place) {
    case "in-bed":
    case "floor":
      return "lying";
    case "edge":
      return "sitting";
    case "out":
      return "standing";
    case "empty":
    case "unknown":
      return "unknown";
  }
}
