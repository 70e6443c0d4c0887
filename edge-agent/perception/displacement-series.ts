import { upperMedian } from "../signal/median.ts";
import { averageBySlot } from "../signal/resample.ts";

/*
 * A displacement wave with time stamps -> slots of 0.1 s in three views of the same numbers, each scaled by itself, so
 * that sensors of any amplitude, offset and sign look alike to the model.
 */

export const slotMs = 100;
/** 60 s. */
export const slotsMax = 600;
/** Samples further apart are a gap; what lies between is unknown. */
const gapMsMax = 600;
/** Breathing is faster than this: what is slower is sway and drift. */
const slowSlots = 50;
const stepSlots = 4;
const clipAt = 5;
/** What is smaller is rounding: a wave that stands still must not be made large. */
const leastMm = 1e-6;

/** Samples of one wave, ascending in time. */
export interface DisplacementSamples {
  readonly atMs: Float64Array;
  readonly mm: Float64Array;
}

/** A window in slots, the newest last; slots outside the window or without samples are 0 in all of them. */
export interface DisplacementViews {
  /** Slots within the window. */
  readonly slots: number;
  readonly mask: Float32Array;
  /** Straight line taken away. */
  readonly whole: Float32Array;
  /** Mean of the 5 s around taken away. */
  readonly quick: Float32Array;
  /** Change within 0.4 s. */
  readonly change: Float32Array;
  /** As `quick`, mm, neither scaled nor clipped: for the classical estimate beside the model. */
  readonly quickMm: Float64Array;
  /** Share of the window's slots that hold samples. */
  readonly coveredShare: number;
}

export function viewsOf(samples: DisplacementSamples, endMs: number, windowMs: number): DisplacementViews {
  const slots = Math.min(slotsMax, Math.max(0, Math.round(windowMs / slotMs)));
  const { mean, covered } = averageBySlot(samples.atMs, samples.mm, endMs, slotMs, slots, gapMsMax);
  const count = covered.reduce((sum, one) => sum + one, 0);
  const whole = withoutLine(mean, covered);
  const quick = withoutSlow(whole, covered);
  const change = new Float64Array(slots);
  const changeKnown = new Uint8Array(slots);
  for (let t = stepSlots; t < slots; t++) {
    if (covered[t] === 0 || covered[t - stepSlots] === 0) continue;
    change[t] = whole[t]! - whole[t - stepSlots]!;
    changeKnown[t] = 1;
  }
  const mask = new Float32Array(slotsMax);
  mask.set(covered, slotsMax - slots);
  const quickMm = new Float64Array(slotsMax);
  quickMm.set(quick, slotsMax - slots);
  return {
    slots,
    mask,
    whole: scaled(whole, covered),
    quick: scaled(quick, covered),
    change: scaled(change, changeKnown),
    quickMm,
    coveredShare: slots === 0 ? 0 : count / slots,
  };
}

/** Least squares over the covered slots. */
function withoutLine(values: Float64Array, covered: Uint8Array): Float64Array {
  let n = 0;
  let sumT = 0;
  let sum = 0;
  for (let t = 0; t < values.length; t++) {
    if (covered[t] === 0) continue;
    n += 1;
    sumT += t;
    sum += values[t]!;
  }
  if (n === 0) return values;
  let moment = 0;
  let spread = 0;
  for (let t = 0; t < values.length; t++) {
    if (covered[t] === 0) continue;
    moment += (t - sumT / n) * (values[t]! - sum / n);
    spread += (t - sumT / n) ** 2;
  }
  const slope = spread > 0 ? moment / spread : 0;
  return values.map((value, t) => (covered[t] === 0 ? 0 : value - sum / n - slope * (t - sumT / n)));
}

function withoutSlow(values: Float64Array, covered: Uint8Array): Float64Array {
  const n = values.length;
  const sums = new Float64Array(n + 1);
  const counts = new Float64Array(n + 1);
  for (let t = 0; t < n; t++) {
    sums[t + 1] = sums[t]! + values[t]!;
    counts[t + 1] = counts[t]! + covered[t]!;
  }
  const half = slowSlots / 2;
  return values.map((value, t) => {
    if (covered[t] === 0) return 0;
    const from = Math.max(0, t - half);
    const to = Math.min(n, t + half);
    return value - (sums[to]! - sums[from]!) / (counts[to]! - counts[from]!);
  });
}

/** By the median size, so that one movement does not make the breathing beside it small; clipped. */
function scaled(values: Float64Array, known: Uint8Array): Float32Array {
  const out = new Float32Array(slotsMax);
  const sizes = new Float64Array(values.length);
  let count = 0;
  for (let t = 0; t < values.length; t++) if (known[t] === 1) sizes[count++] = Math.abs(values[t]!);
  const median = upperMedian(sizes, count);
  if (!(median > leastMm)) return out;
  const start = slotsMax - values.length;
  for (let t = 0; t < values.length; t++) {
    out[start + t] = Math.max(-clipAt, Math.min(clipAt, values[t]! / (1.4826 * median)));
  }
  return out;
}
