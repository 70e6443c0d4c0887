/*
 * How a complex series meets itself after a while. Works on I and Q as they are: no phase is unwrapped, so a chest that
 * moves by more than half a wavelength does no harm.
 */

/**
 * Normalised autocorrelation for lags 0..`lagMax`, each at most 1 (Cauchy-Schwarz over the part that overlaps); 0 where
 * there is no power.
 */
export function likenessByLag(re: Float64Array, im: Float64Array, lagMax: number): Float64Array {
  const length = re.length;
  // Power of the first, and of the last, so many samples: what a lag leaves of either end. Added up from each end, because a difference of
  // two large sums would say nothing of a small one.
  const early = new Float64Array(length + 1);
  const late = new Float64Array(length + 1);
  for (let n = 0; n < length; n++) {
    const last = length - 1 - n;
    early[n + 1] = early[n]! + re[n]! * re[n]! + im[n]! * im[n]!;
    late[n + 1] = late[n]! + re[last]! * re[last]! + im[last]! * im[last]!;
  }
  const likeness = new Float64Array(lagMax + 1);
  for (let lag = 0; lag <= lagMax && lag < length; lag++) {
    let product = 0;
    for (let t = lag; t < length; t++) product += re[t]! * re[t - lag]! + im[t]! * im[t - lag]!;
    const scale = Math.sqrt(early[length - lag]! * late[length - lag]!);
    likeness[lag] = scale > 0 ? product / scale : 0;
  }
  return likeness;
}

/** What a series repeats itself by. */
export interface Period {
  readonly lag: number;
  /** How well it meets itself one period later, at most 1. */
  readonly likeness: number;
}

/** The highest repetition behind the first dip, within lags `from`..`to`. Undefined where there is no peak. */
export function clearestPeriod(likeness: Float64Array, from: number, to: number): Period | undefined {
  // Before the first dip the series merely has not moved yet.
  let lag = 1;
  while (lag + 1 < likeness.length && likeness[lag + 1]! < likeness[lag]!) lag++;
  let best: Period | undefined;
  for (let at = Math.max(lag, from, 1); at <= Math.min(to, likeness.length - 2); at++) {
    const here = likeness[at]!;
    if (here <= likeness[at - 1]! || here < likeness[at + 1]!) continue;
    if (best === undefined || here > best.likeness) best = { lag: at, likeness: here };
  }
  return best;
}

/** The highest likeness within +-`share` of a lag; -1 where the lags do not reach that far. */
export function likenessNear(likeness: Float64Array, lag: number, share: number): number {
  const to = Math.min(likeness.length - 1, Math.ceil(lag * (1 + share)));
  let best = -1;
  for (let at = Math.max(1, Math.floor(lag * (1 - share))); at <= to; at++) best = Math.max(best, likeness[at]!);
  return best;
}

/** Takes the straight line of least squares away, in place: slow drift is no repetition. */
export function takeTrendAway(series: Float64Array): void {
  const n = series.length;
  if (n < 2) return;
  let sum = 0;
  let moment = 0;
  for (let t = 0; t < n; t++) {
    sum += series[t]!;
    moment += (t - (n - 1) / 2) * series[t]!;
  }
  const mean = sum / n;
  const slope = (12 * moment) / (n * (n * n - 1));
  for (let t = 0; t < n; t++) series[t] = series[t]! - mean - slope * (t - (n - 1) / 2);
}
