import type { Tensor } from "../contract/door.ts";
import { beamOf, centreRows, principalAngle, rowRms } from "../signal/beam.ts";

/*
 * The radar's two models, `radar-breathing` over up to 20 s and `radar-breathing-30s` over up to 30 s: what goes in and what
 * comes out. One tensor builder serves the live room and the training data, so no model meets numbers that were made in
 * another way.
 */

export const modelRateHz = 20;
export const modelPoints = 21;
export const modelFirstPointMm = 298;
export const modelPointStepMm = 60;
/** Longest window of any model, frames: 30 s. */
export const modelFramesMax = 600;
/** Occupancy and movement are told from at least 5 s, also when a movement lies in them. */
export const contextFrames = 5 * modelRateHz;
/** One step of the per-step outputs is 0.2 s. */
export const framesPerStep = 4;
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

/** One model: its name is that of its folder in models/. */
export interface RadarSpec {
  readonly name: string;
  /** Longest window, frames, and the steps in it. */
  readonly framesMax: number;
  readonly steps: number;
  readonly inputs: readonly TensorPlan[];
  readonly outputs: readonly TensorPlan[];
}

const inputsOver = (framesMax: number): readonly TensorPlan[] => [
  {
    name: "signal",
    dims: [1, modelRows, 2, framesMax],
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
  { name: "mask", dims: [1, framesMax], unit: "0 or 1", meaning: "1 where the window has a frame" },
];

const outputsOver = (steps: number) => ({
  rate: {
    name: "rate",
    dims: [1, rateBins],
    unit: "probability",
    meaning: "breathing rate over the window, bins of 0.5 /min from 4 /min, calibrated: adds up to 1",
  },
  breaths: {
    name: "breaths",
    dims: [1, steps],
    unit: "breaths per step of 0.2 s",
    meaning: "phase advance of the breathing; the sum over the window's steps is the number of breaths in it",
  },
  breathing: {
    name: "breathing",
    dims: [1, steps],
    unit: "probability",
    meaning: "somebody in the bed breathes in each step of 0.2 s; low while a breath is held or nobody is there",
  },
  movement: {
    name: "movement",
    dims: [1, steps],
    unit: "probability",
    meaning: "gross movement in each step of 0.2 s",
  },
  occupied: {
    name: "occupied",
    dims: [1],
    unit: "probability",
    meaning: "somebody is in the bed at the window's end",
  },
  others: {
    name: "others",
    dims: [1],
    unit: "probability",
    meaning: "somebody else is in the radar's sight at the window's end",
  },
  quality: {
    name: "quality",
    dims: [1],
    unit: "probability",
    meaning: "the rate is within 2 /min of the truth and belongs to somebody in the bed",
  },
});

const short = outputsOver(100);
const long = outputsOver(150);

export const shortRadar: RadarSpec = {
  name: "radar-breathing",
  framesMax: 400,
  steps: 100,
  inputs: inputsOver(400),
  outputs: [short.rate, short.breaths, short.movement, short.occupied, short.quality],
};

export const longRadar: RadarSpec = {
  name: "radar-breathing-30s",
  framesMax: 600,
  steps: 150,
  inputs: inputsOver(600),
  outputs: [long.rate, long.breaths, long.breathing, long.movement, long.occupied, long.others, long.quality],
};

/** Of the model that answers first: short of `shortRadar`. */
export const modelName = shortRadar.name;
export const modelSteps = shortRadar.steps;
export const radarBreathingInputs = shortRadar.inputs;
export const radarBreathingOutputs = shortRadar.outputs;

/** Sweep means of consecutive frames at 20 Hz, [point][frame], LSB; the newest is last. */
export interface RadarWindow {
  /** 0 to the model's longest. */
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

/** @param window of at most the model's longest */
export function buildTensors(window: RadarWindow, { framesMax, inputs }: RadarSpec): BuiltTensors {
  const { frames, re, im } = window;
  const signal = new Float32Array(modelRows * 2 * framesMax);
  const level = new Float32Array(modelRows).fill(-2);
  const mask = new Float32Array(framesMax);
  const tensors = [signal, level, mask].map((data, i) => {
    const plan = inputs[i]!;
    return { name: plan.name, data, dims: plan.dims };
  });
  if (frames < 2) return { tensors, beamRe: new Float64Array(0), beamIm: new Float64Array(0) };
  const start = framesMax - frames;
  mask.fill(1, start);
  centreRows(re, im, modelPoints, frames);
  // Never 0, also for a sensor that sends the same numbers in every sweep.
  const noise = window.noise.map((variance) => Math.sqrt(Math.max(variance, 1)));
  // The first point is direct leakage: it may be looked at, but has no part in the sum.
  const beam = beamOf(re, im, noise, 1, modelPoints, frames);
  const turn = principalAngle(beam.re, beam.im);
  const put = (row: number, fromRe: Float64Array, fromIm: Float64Array, from: number, angle: number, rms: number) => {
    const at = row * 2 * framesMax + start;
    if (rms > 0)
      turned(signal, at, framesMax, fromRe, fromIm, from, frames, Math.cos(angle) / rms, Math.sin(angle) / rms);
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

/** Copies a row into the model's input, turned by an angle and scaled: its real part to `at`, its imaginary part `apart` behind. */
function turned(
  into: Float32Array,
  at: number,
  apart: number,
  re: Float64Array,
  im: Float64Array,
  from: number,
  frames: number,
  cos: number,
  sin: number,
): void {
  for (let t = 0; t < frames; t++) {
    const x = re[from + t]!;
    const y = im[from + t]!;
    into[at + t] = x * cos - y * sin;
    into[at + apart + t] = x * sin + y * cos;
  }
}
