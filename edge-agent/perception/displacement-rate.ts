import type { Tensor } from "../contract/door.ts";
import type { NoRateReason } from "../contract/words.ts";
import { clearestPeriod, likenessByLag, likenessNear } from "../signal/period.ts";
import { type DisplacementSamples, type DisplacementViews, slotMs, slotsMax, viewsOf } from "./displacement-series.ts";
import { rateBins, type TensorPlan } from "./radar-breathing.ts";
import { type IntervalScale, readRate, stretched } from "./rate-distribution.ts";

/*
 * Model `displacement-rate`: what goes in, what comes out, and when it is no answer. A wave of displacement over time comes
 * from depth under the body mask or from a module that sends its own. One tensor builder serves live and training.
 */

export const displacementModelName = "displacement-rate";
/** Steps of the per-step outputs over 60 s. */
export const displacementSteps = 150;
export const displacementStepMs = (slotsMax * slotMs) / displacementSteps;
export const displacementWindowMsMin = 10_000;
export const displacementWindowMsMax = slotsMax * slotMs;

export const displacementInputs: readonly TensorPlan[] = [
  {
    name: "signal",
    dims: [1, 3, slotsMax],
    unit: "1 (median size of each row is 0.67), -5..5",
    meaning:
      "displacement in slots of 0.1 s, the newest last, 0 where there is none; rows: without its straight line, without the mean of the 5 s around, change within 0.4 s",
  },
  {
    name: "mask",
    dims: [1, 2, slotsMax],
    unit: "0 or 1",
    meaning: "rows: 1 where the window has samples; 1 within the window, gaps included",
  },
];

export const displacementOutputs: readonly TensorPlan[] = [
  {
    name: "rate",
    dims: [1, rateBins],
    unit: "probability",
    meaning: "breathing rate over the window, bins of 0.5 /min from 4 /min, calibrated: adds up to 1",
  },
  {
    name: "breaths",
    dims: [1, displacementSteps],
    unit: "breaths per step of 0.4 s",
    meaning: "phase advance of the breathing; the sum over the window's steps is the number of breaths in it",
  },
  {
    name: "breathing",
    dims: [1, displacementSteps],
    unit: "probability",
    meaning: "somebody breathes in each step of 0.4 s: no pause of 3 s or more, and somebody alive",
  },
  {
    name: "movement",
    dims: [1, displacementSteps],
    unit: "probability",
    meaning: "movement other than breathing in each step of 0.4 s",
  },
  {
    name: "quality",
    dims: [1],
    unit: "probability",
    meaning: "the rate is within 2 /min of the truth and belongs to somebody who breathes",
  },
];

/** From the model's card. */
export interface DisplacementCalibration {
  /**
   * How far each half of the model's own 90 % interval is stretched: by the shortest window and the narrowest half width
   * that a line holds for, both ascending.
   */
  readonly intervalScale: readonly IntervalScale[];
  readonly qualityMin: number;
  readonly halfWidthPerMinMax: number;
}

export interface BuiltDisplacement {
  readonly tensors: readonly Tensor[];
  readonly views: DisplacementViews;
}

/** The window's end is `endMs` on the samples' own clock; `windowMs` 10 000 to 60 000. */
export function buildDisplacementTensors(
  samples: DisplacementSamples,
  endMs: number,
  windowMs: number,
): BuiltDisplacement {
  const views = viewsOf(samples, endMs, windowMs);
  const signal = new Float32Array(3 * slotsMax);
  signal.set(views.whole, 0);
  signal.set(views.quick, slotsMax);
  signal.set(views.change, 2 * slotsMax);
  const mask = new Float32Array(2 * slotsMax);
  mask.set(views.mask, 0);
  mask.fill(1, 2 * slotsMax - views.slots);
  const data = [signal, mask];
  return { tensors: displacementInputs.map(({ name, dims }, i) => ({ name, dims, data: data[i]! })), views };
}

export interface DisplacementAnswer {
  readonly perMin: number;
  /** 90 % interval, stretched as the card says. */
  readonly lowPerMin: number;
  readonly highPerMin: number;
  /** The model's own count of breaths over the window, per minute. */
  readonly countedPerMin: number;
  readonly quality: number;
  /** 0-100, over the last second. */
  readonly movement: number;
  /** Probability by step of 0.4 s, the newest last. */
  readonly breathing: Float32Array;
  /** The distribution as it came, for fusion. */
  readonly rate: Float32Array;
}

/** Undefined where the outputs are no distribution. @throws when an output is missing: our bug. */
export function readDisplacementAnswer(
  outputs: readonly Tensor[],
  calibration: DisplacementCalibration,
  windowMs: number,
): DisplacementAnswer | undefined {
  const output = (name: string): Float32Array => {
    const found = outputs.find((tensor) => tensor.name === name);
    const size = displacementOutputs.find((plan) => plan.name === name)?.dims.reduce((a, b) => a * b, 1);
    if (found === undefined || found.data.length !== size) throw new Error(`the model's output ${name} is missing`);
    return found.data;
  };
  const rate = output("rate");
  const reading = readRate(rate);
  if (reading === undefined) return undefined;
  const steps = Math.max(1, Math.round(windowMs / displacementStepMs));
  const sum = output("breaths")
    .subarray(-steps)
    .reduce((total, one) => total + one, 0);
  const last = output("movement").subarray(-3);
  return {
    ...stretched(reading, windowMs, calibration.intervalScale),
    countedPerMin: (60_000 * sum) / windowMs,
    quality: Math.max(0, Math.min(1, output("quality")[0]!)),
    movement: 100 * Math.max(0, Math.min(1, Math.max(...last))),
    breathing: output("breathing"),
    rate,
  };
}

/** More of the window than this must hold samples. */
const coveredShareMin = 0.8;
/** The newest sample is not older than this. */
const staleMs = 1_000;
/** A wave that sends one and the same number for this long is not looking any more. */
const frozenMs = 5_000;
/** Median spacing of the samples that the model was made for: 8-30 Hz, and a little. */
const spacingMsMin = 25;
const spacingMsMax = 150;
const movementMin = 50;
/** The model reads the rate twice; irregular breathing and noise part the two. */
const countTolerancePerMin = 1;
/** The classical period contradicts where it is this clear and the model's period fits this much worse. */
const clearLikeness = 0.7;
const contradiction = 0.4;

/**
 * Why the window of `windowMs` before `endMs` tells no rate whatever a model says of it; null where it may. Judge before
 * asking the model: a number from a broken wave looks as fine as any.
 */
export function seriesReason(samples: DisplacementSamples, endMs: number, windowMs: number): NoRateReason | null {
  const { atMs, mm } = samples;
  let from = 0;
  while (from < atMs.length && atMs[from]! < endMs - windowMs) from++;
  let to = from;
  while (to < atMs.length && atMs[to]! <= endMs) to++;
  if (to - from < 2) return to === 0 ? "learning" : "stale";
  const newest = atMs[to - 1]!;
  if (endMs - newest > staleMs) return "stale";
  const spacings = new Float64Array(to - from - 1);
  for (let i = from; i < to; i++) {
    // One number that is none spoils what is made of all of them.
    if (!Number.isFinite(mm[i]) || !Number.isFinite(atMs[i])) return "weak-signal";
    if (i > from) spacings[i - from - 1] = atMs[i]! - atMs[i - 1]!;
  }
  let sameSince = to - 1;
  while (sameSince > from && mm[sameSince - 1] === mm[to - 1]) sameSince--;
  if (newest - atMs[sameSince]! >= frozenMs) return "stale";
  if (spacings.some((one) => !(one > 0))) return "weak-signal";
  spacings.sort();
  const median = spacings[Math.floor(spacings.length / 2)]!;
  return median < spacingMsMin || median > spacingMsMax ? "sensor-settings" : null;
}

/** Why the answer is not shown; null where it is. `windowMs` as it was asked for. */
export function displacementReason(
  views: DisplacementViews,
  answer: DisplacementAnswer | undefined,
  calibration: DisplacementCalibration,
  windowMs: number,
): NoRateReason | null {
  if (windowMs < displacementWindowMsMin || views.coveredShare < coveredShareMin) return "learning";
  if (answer === undefined) return "weak-signal";
  if (answer.movement >= movementMin) return "moving";
  if (answer.quality < calibration.qualityMin) return "weak-signal";
  if (answer.highPerMin - answer.lowPerMin > 2 * calibration.halfWidthPerMinMax) return "weak-signal";
  if (Math.abs(answer.countedPerMin - answer.perMin) > countTolerancePerMin) return "sources-disagree";
  return contradicted(views, answer.perMin, windowMs) ? "sources-disagree" : null;
}

/** A half or double of the rate betrays itself: the wave does not meet itself after the period that was named. */
function contradicted(views: DisplacementViews, perMin: number, windowMs: number): boolean {
  const slots = Math.min(slotsMax, Math.round(windowMs / slotMs));
  const wave = views.quickMm.slice(slotsMax - slots);
  const likeness = likenessByLag(wave, new Float64Array(slots), Math.floor(0.6 * slots));
  const clearest = clearestPeriod(likeness, Math.floor(1000 / slotMs), likeness.length);
  if (clearest === undefined || clearest.likeness < clearLikeness) return false;
  return clearest.likeness - likenessNear(likeness, 60_000 / perMin / slotMs, 0.15) >= contradiction;
}
