import type { RadarIqFrame } from "../contract/frames.ts";
import { upperMedian } from "../signal/median.ts";
import { modelFramesMax, modelPoints, modelRateHz, type RadarWindow } from "./radar-breathing.ts";

/** The longest window, and 12 s in which a late answer changes nothing. */
export const ringSlots = modelFramesMax + 12 * modelRateHz;

/**
 * The newest frames as means over their sweeps, one slot for each 50 ms of device time, so that a lost frame leaves a
 * hole of its own length. Allocated once; lives in memory only.
 */
export interface RadarRing {
  /** LSB, [slot][point]. */
  readonly re: Float64Array;
  readonly im: Float64Array;
  /** Variance of the mean (I and Q together), from the spread over the sweeps, LSB squared, [slot][point]. */
  readonly noise: Float64Array;
  /** Which frame lies in the slot, counted in slots since the start; -1 for none. */
  readonly held: Int32Array;
  readonly saturated: Uint8Array;
}

export const newRadarRing = (): RadarRing => ({
  re: new Float64Array(ringSlots * modelPoints),
  im: new Float64Array(ringSlots * modelPoints),
  noise: new Float64Array(ringSlots * modelPoints),
  held: new Int32Array(ringSlots).fill(-1),
  saturated: new Uint8Array(ringSlots),
});

/** Overwrites everything. */
export function clearRadarRing(ring: RadarRing): void {
  ring.re.fill(0);
  ring.im.fill(0);
  ring.noise.fill(0);
  ring.held.fill(-1);
  ring.saturated.fill(0);
}

/** Reduces a frame of `modelPoints` points to its sweeps' mean and spread. A second frame in a slot takes the first's place. */
export function putFrame(ring: RadarRing, slot: number, frame: RadarIqFrame): void {
  const at = slot % ringSlots;
  const { iq, sweeps } = frame;
  for (let p = 0; p < modelPoints; p++) {
    let re = 0;
    let im = 0;
    let squares = 0;
    for (let sweep = 0; sweep < sweeps; sweep++) {
      const i = iq[2 * (sweep * modelPoints + p)]!;
      const q = iq[2 * (sweep * modelPoints + p) + 1]!;
      re += i;
      im += q;
      squares += i * i + q * q;
    }
    re /= sweeps;
    im /= sweeps;
    const place = at * modelPoints + p;
    ring.re[place] = re;
    ring.im[place] = im;
    const spread = Math.max(0, squares - sweeps * (re * re + im * im)) / Math.max(1, sweeps - 1);
    ring.noise[place] = spread / sweeps;
  }
  ring.held[at] = slot;
  ring.saturated[at] = frame.saturated ? 1 : 0;
}

export interface ReadWindow {
  readonly window: RadarWindow;
  /** Share of the frames that are missing or were at the converter's end. */
  readonly spoiled: number;
}

/**
 * Slots `start` to `end` (not included) as [point][frame] into `workRe`, `workIm`. A missing frame is drawn as a straight
 * line between its neighbours; the noise is the median over the frames, which a movement within some of them cannot lift.
 */
export function readWindow(
  ring: RadarRing,
  start: number,
  end: number,
  workRe: Float64Array,
  workIm: Float64Array,
): ReadWindow {
  const frames = end - start;
  const re = workRe.subarray(0, modelPoints * frames);
  const im = workIm.subarray(0, modelPoints * frames);
  const noise = new Float64Array(modelPoints);
  let spoiled = 0;
  let before = -1;
  for (let t = 0; t < frames; t++) {
    const at = (start + t) % ringSlots;
    if (ring.held[at] !== start + t) {
      spoiled++;
      continue;
    }
    if (ring.saturated[at] === 1) spoiled++;
    for (let p = 0; p < modelPoints; p++) {
      re[p * frames + t] = ring.re[at * modelPoints + p]!;
      im[p * frames + t] = ring.im[at * modelPoints + p]!;
    }
    if (before !== t - 1) drawBetween(re, im, frames, before, t);
    before = t;
  }
  if (before >= 0 && before < frames - 1) drawBetween(re, im, frames, before, frames);
  if (before < 0) {
    re.fill(0);
    im.fill(0);
  }
  for (let p = 0; p < modelPoints; p++) noise[p] = medianNoise(ring, start, end, p);
  return { window: { frames, re, im, noise }, spoiled: frames === 0 ? 1 : spoiled / frames };
}

/** Fills the frames between `left` and `right`; -1 or `frames` stand for an open end, which repeats its neighbour. */
function drawBetween(re: Float64Array, im: Float64Array, frames: number, left: number, right: number): void {
  for (let p = 0; p < modelPoints; p++) {
    const a = p * frames + (left < 0 ? right : left);
    const b = p * frames + (right >= frames ? left : right);
    for (let t = left + 1; t < right; t++) {
      const share = (t - left) / (right - left);
      re[p * frames + t] = re[a]! + (re[b]! - re[a]!) * share;
      im[p * frames + t] = im[a]! + (im[b]! - im[a]!) * share;
    }
  }
}

const noiseEverySlots = 4;
const noiseValues = new Float64Array(Math.ceil(ringSlots / noiseEverySlots));

function medianNoise(ring: RadarRing, start: number, end: number, point: number): number {
  let count = 0;
  // Every fourth frame says enough.
  for (let slot = start; slot < end; slot += noiseEverySlots) {
    const at = slot % ringSlots;
    if (ring.held[at] === slot) noiseValues[count++] = ring.noise[at * modelPoints + point]!;
  }
  const median = upperMedian(noiseValues, count);
  noiseValues.fill(0);
  return median;
}
