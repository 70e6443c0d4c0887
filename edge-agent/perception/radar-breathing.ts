import type { Tensor } from "../contract/door.ts";
import { beamOf, centreRows, principalAngle, rowRms } from "../signal/beam.ts";

/*
 * Model `radar-breathing`: what goes in and what comes out. One tensor builder serves the live room and the training
 * data, so the model never meets numbers that were made in another way.
 */

export const modelName = "radar-breathing";
export const modelRateHz = 20;
export const modelPoints = 21;
export const modelFirstPointMm = 298;
export const modelPointStepMm = 60;
/** Longest window, frames: 30 s. */
export const modelFramesMax = 600;
/** Occupancy and movement are told from at least 5 s, also when a movement lies in them. */
export const contextFrames = 5 * modelRateHz;
/** Steps of the per-step outputs over the longest window: one is four frames, 0.2 s. */
export const modelSteps = 150;
export const framesPerStep = modelFramesMax / modelSteps;
/** The 21 range points, and before them their sum in phase. */
export const modelRows = modelPoints + 1;
export const lowestPerMin = 4;
export const binPerMin = 0.5;
export const rateBins = 113;

export interface TensorPlan {
  readonly name: string;
  readonly dims: readonly number[];
  readonly unit: string;
  readonly meaning: string;
}

export const radarBreathingInputs: readonly TensorPlan[] = [
  {
    name: "signal",
    dims: [1, modelRows, 2, modelFramesMax],
    unit: "1 (root mean square of each row is 1)",
    meaning:
      "I, Q of the mean over sweeps, still part removed, turned into a common phase; row 0 is the sum of all points in phase, row 1 the nearest point; the newest frame is last, frames that are not there are 0",
  },
  {
    name: "level",
    dims: [1, modelRows],
    unit: "log10 of a power ratio, -2..6",
    meaning: "movement of each row over the thermal noise of the mean of its sweeps",
  },
  { name: "mask", dims: [1, modelFramesMax], unit: "0 or 1", meaning: "1 where the window has a frame" },
];

export const radarBreathingOutputs: readonly TensorPlan[] = [
  {
    name: "rate",
    dims: [1, rateBins],
    unit: "probability",
    meaning: "breathing rate over the window, bins of 0.5 /min from 4 /min, calibrated: adds up to 1",
  },
  {
    name: "breaths",
    dims: [1, modelSteps],
    unit: "breaths per step of 0.2 s",
    meaning: "phase advance of the breathing; the sum over the window's steps is the number of breaths in it",
  },
  {
    name: "breathing",
    dims: [1, modelSteps],
    unit: "probability",
    meaning: "somebody in the bed breathes in each step of 0.2 s; low while a breath is held or nobody is there",
  },
  { name: "movement", dims: [1, modelSteps], unit: "probability", meaning: "gross movement in each step of 0.2 s" },
  { name: "occupied", dims: [1], unit: "probability", meaning: "somebody is in the bed at the window's end" },
  {
    name: "others",
    dims: [1],
    unit: "probability",
    meaning: "somebody else is in the radar's sight at the window's end",
  },
  {
    name: "quality",
    dims: [1],
    unit: "probability",
    meaning: "the rate is within 2 /min of the truth and belongs to somebody in the bed",
  },
];

/** Sweep means of consecutive frames at 20 Hz, [point][frame], LSB; the newest is last. */
export interface RadarWindow {
  /** 0 to 400. */
  readonly frames: number;
  /** Length points x frames. Changed by the builder. */
  readonly re: Float64Array;
  readonly im: Float64Array;
  /** Variance (I and Q together) of a sweep mean, LSB squared, per point. */
  readonly noise: Float64Array;
}

/** The model's inputs; `beam` is row 0 before it was scaled, for the classical estimate beside the model. */
export interface BuiltTensors {
  readonly tensors: readonly Tensor[];
  readonly beamRe: Float64Array;
  readonly beamIm: Float64Array;
}

export function buildTensors(window: RadarWindow): BuiltTensors {
  const { frames, re, im } = window;
  const signal = new Float32Array(modelRows * 2 * modelFramesMax);
  const level = new Float32Array(modelRows).fill(-2);
  const mask = new Float32Array(modelFramesMax);
  const tensors = [signal, level, mask].map((data, i) => {
    const plan = radarBreathingInputs[i]!;
    return { name: plan.name, data, dims: plan.dims };
  });
  if (frames < 2) return { tensors, beamRe: new Float64Array(0), beamIm: new Float64Array(0) };
  const start = modelFramesMax - frames;
  mask.fill(1, start);
  centreRows(re, im, modelPoints, frames);
  // Never 0, also for a sensor that sends the same numbers in every sweep.
  const noise = window.noise.map((variance) => Math.sqrt(Math.max(variance, 1)));
  // The first point is direct leakage: it may be looked at, but has no part in the sum.
  const beam = beamOf(re, im, noise, 1, modelPoints, frames);
  const turn = principalAngle(beam.re, beam.im);
  const put = (row: number, fromRe: Float64Array, fromIm: Float64Array, from: number, angle: number, rms: number) => {
    if (!(rms > 0)) return;
    const cos = Math.cos(angle) / rms;
    const sin = Math.sin(angle) / rms;
    const at = row * 2 * modelFramesMax + start;
    for (let t = 0; t < frames; t++) {
      const x = fromRe[from + t]!;
      const y = fromIm[from + t]!;
      signal[at + t] = x * cos - y * sin;
      signal[at + modelFramesMax + t] = x * sin + y * cos;
    }
  };
  const clip = (ratio: number): number => (ratio > 0 ? Math.max(-2, Math.min(6, Math.log10(ratio))) : -2);
  const beamRms = rowRms(beam.re, beam.im, 0, frames);
  put(0, beam.re, beam.im, 0, -turn, beamRms);
  level[0] = clip(beamRms * beamRms);
  for (let p = 0; p < modelPoints; p++) {
    const rms = rowRms(re, im, p, frames);
    const own = Math.atan2(beam.weightIm[p]!, beam.weightRe[p]!);
    put(p + 1, re, im, p * frames, -own - turn, rms);
    level[p + 1] = clip((rms / noise[p]!) ** 2);
  }
  return { tensors, beamRe: beam.re, beamIm: beam.im };
}
