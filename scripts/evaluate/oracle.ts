import type { Breathing } from "../../edge-agent/contract/scene.ts";
import { breathShape } from "../../firmware-bridge/simulator/physics-breathing.ts";

/*
 * The rate that somebody would tell who knows nearly everything: the chest's displacement with white noise of known size,
 * the very shape of a breath, and how this person's breaths are spread in length and depth. Only when breaths begin, how long
 * and how deep each of them is, is not known. Sums over every way to cut the window into breaths (a hidden semi-Markov
 * model; forward recursion that carries the mean phase advance with the likelihood), so it is the mean of what is possible:
 * no estimator has a smaller mean squared error, but for its grid of one sample and what is said below.
 */

export interface Known {
  readonly breathing: Breathing;
  /** Mean depth of a breath in the wave, mm. */
  readonly depthMm: number;
  /** Standard deviation of the noise of one sample, and of its walk from one sample to the next, mm. */
  readonly noiseMm: number;
  readonly walkMm: number;
}

/** Lengths of breaths as the simulator draws them: between half and twice the mean. */
const shortest = 0.5;
const longest = 2;
/** Drift of the mean rate, as a share of it, beside the variation from breath to breath. */
const driftShare = 0.08;
/** Sighs and what follows them: any length, now and then. */
const oddShare = 0.01;

/**
 * @param wave mm, samples that are `1 / rateHz` apart
 * @returns the mean of the phase advance between the first and the last sample, /min
 */
export function rateByOracle(wave: Float64Array, rateHz: number, known: Known): number {
  const n = wave.length;
  const breaths = breathsOf(wave, rateHz, known);
  // Of everything up to a breath that begins at sample t: log likelihood, and the mean phase advance since sample 0.
  const log = new Float64Array(n + 1).fill(Number.NEGATIVE_INFINITY);
  const mean = new Float64Array(n + 1);
  let endLog = Number.NEGATIVE_INFINITY;
  let endMean = 0;
  const add = (to: number, weight: number, advance: number): void => {
    const before = to < n ? log[to]! : endLog;
    const high = Math.max(before, weight);
    if (high === Number.NEGATIVE_INFINITY) return;
    const sum = high + Math.log(Math.exp(before - high) + Math.exp(weight - high));
    const part = Math.exp(weight - sum);
    if (to < n) {
      log[to] = sum;
      mean[to] = mean[to]! + part * (advance - mean[to]!);
    } else {
      endLog = sum;
      endMean += part * (advance - endMean);
    }
  };
  const last = n - 1;
  for (let from = 1 - breaths.longest; from < n; from++) {
    const start = from <= 0 ? 0 : log[from]!;
    if (start === Number.NEGATIVE_INFINITY) continue;
    const before = from <= 0 ? 0 : mean[from]!;
    for (let length = breaths.shortest; length <= breaths.longest; length++) {
      const to = from + length;
      if (to <= 0) continue;
      const here = Math.min(to, last) - Math.max(from, 0);
      add(Math.min(to, n), start + breaths.likelihood(from, length), before + here / length);
    }
  }
  return (60 * rateHz * endMean) / last;
}

interface Breaths {
  readonly shortest: number;
  readonly longest: number;
  /** Log likelihood of one breath of `length` samples from `from`, which may lie before the wave or end behind it. */
  likelihood(from: number, length: number): number;
}

function breathsOf(wave: Float64Array, rateHz: number, { breathing, depthMm, noiseMm, walkMm }: Known): Breaths {
  const n = wave.length;
  const usual = (60 * rateHz) / breathing.perMin;
  const least = Math.max(4, Math.floor(shortest * usual));
  const most = Math.ceil(longest * usual);
  const shapes = new Map<number, Shape>();
  for (let length = least; length <= most; length++) shapes.set(length, shapeOf(length, breathing));
  const sum = runningSum(wave, (y) => y);
  const squares = runningSum(wave, (y) => y * y);
  // The grid is one sample wide, and the walk bends a breath a little: both look like noise.
  const gridMm = (0.29 * 2.5 * depthMm) / usual;
  const variance = noiseMm ** 2 + (walkMm ** 2 * usual) / 6 + gridMm ** 2;
  const depthVariance = (depthMm * Math.max(0.3, breathing.depthCv)) ** 2;
  const offsetVariance = walkMm ** 2 * n + noiseMm ** 2;
  const spread = Math.hypot(breathing.intervalCv, driftShare);
  const chance = (length: number): number => {
    const far = Math.log(length / usual) / spread;
    const bell = Math.exp(-0.5 * far * far) / (spread * length * Math.sqrt(2 * Math.PI));
    return Math.log((1 - oddShare) * bell + oddShare / (most - least + 1));
  };
  const chances = Float64Array.from({ length: most + 1 }, (_, length) => (length < least ? 0 : chance(length)));
  return {
    shortest: least,
    longest: most,
    likelihood(from, length) {
      const shape = shapes.get(length)!;
      const begin = Math.max(0, from);
      const end = Math.min(n, from + length);
      let product = 0;
      for (let t = begin; t < end; t++) product += shape.value[t - from]! * wave[t]!;
      const s1 = shape.sum[end - from]! - shape.sum[begin - from]!;
      const s2 = shape.squares[end - from]! - shape.squares[begin - from]!;
      // Depth and offset of the breath are drawn from bells: both are integrated out.
      const p11 = s2 / variance + 1 / depthVariance;
      const p12 = s1 / variance;
      const p22 = (end - begin) / variance + 1 / offsetVariance;
      const h1 = product / variance + depthMm / depthVariance;
      const h2 = (sum[end]! - sum[begin]!) / variance;
      const det = p11 * p22 - p12 * p12;
      const fitted = (p22 * h1 * h1 - 2 * p12 * h1 * h2 + p11 * h2 * h2) / det;
      const energy = (squares[end]! - squares[begin]!) / variance + depthMm ** 2 / depthVariance;
      return chances[length]! - 0.5 * (energy - fitted + Math.log(det * depthVariance * offsetVariance));
    },
  };
}

interface Shape {
  readonly value: Float64Array;
  readonly sum: Float64Array;
  readonly squares: Float64Array;
}

function shapeOf(length: number, breathing: Breathing): Shape {
  const value = Float64Array.from({ length }, (_, t) => breathShape(t / length, breathing));
  return { value, sum: runningSum(value, (x) => x), squares: runningSum(value, (x) => x * x) };
}

/** Sums of the first 0, 1, 2 ... values. */
function runningSum(values: Float64Array, of: (value: number) => number): Float64Array {
  const sums = new Float64Array(values.length + 1);
  values.forEach((value, i) => {
    sums[i + 1] = sums[i]! + of(value);
  });
  return sums;
}
