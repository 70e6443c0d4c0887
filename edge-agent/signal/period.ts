/** What a series repeats itself by. */
export interface Period {
  readonly perMin: number;
  /** Autocorrelation at that lag, at most 1: how well the series meets itself one period later. */
  readonly likeness: number;
}

/**
 * The period of a complex series by its autocorrelation: the first peak that comes close to the highest one. Needs no
 * phase to be unwrapped, so a chest that moves by more than half a wavelength does no harm. Undefined where nothing
 * repeats. `lowPerMin` also needs one and a half periods within the series.
 */
export function periodOf(
  re: Float64Array,
  im: Float64Array,
  rateHz: number,
  lowPerMin: number,
  highPerMin: number,
): Period | undefined {
  const length = re.length;
  const shortest = Math.max(2, Math.floor((60 * rateHz) / highPerMin));
  const longest = Math.min(Math.ceil((60 * rateHz) / lowPerMin), Math.floor(length / 1.5));
  if (longest <= shortest + 2) return undefined;
  const likeness = new Float64Array(longest + 2);
  for (let lag = 1; lag <= longest + 1; lag++) likeness[lag] = likenessAt(re, im, lag);
  let highest = 0;
  // Only what lies behind the first dip is a repetition; before it the series merely has not moved yet.
  let lag = 1;
  while (lag < longest && likeness[lag + 1]! < likeness[lag]!) lag++;
  const from = Math.max(lag, shortest);
  const isPeak = (at: number): boolean => likeness[at]! > likeness[at - 1]! && likeness[at]! >= likeness[at + 1]!;
  for (let at = from; at <= longest; at++) if (isPeak(at)) highest = Math.max(highest, likeness[at]!);
  if (highest <= 0) return undefined;
  for (let at = from; at <= longest; at++) {
    if (!isPeak(at) || likeness[at]! < 0.8 * highest) continue;
    const before = likeness[at - 1]!;
    const here = likeness[at]!;
    const after = likeness[at + 1]!;
    const bend = before - 2 * here + after;
    const shift = bend < 0 ? (0.5 * (before - after)) / bend : 0;
    return { perMin: (60 * rateHz) / (at + shift), likeness: here };
  }
  return undefined;
}

function likenessAt(re: Float64Array, im: Float64Array, lag: number): number {
  let product = 0;
  let early = 0;
  let late = 0;
  for (let t = lag; t < re.length; t++) {
    const a = re[t]!;
    const b = im[t]!;
    const c = re[t - lag]!;
    const d = im[t - lag]!;
    product += a * c + b * d;
    early += c * c + d * d;
    late += a * a + b * b;
  }
  const scale = Math.sqrt(early * late);
  return scale > 0 ? product / scale : 0;
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
