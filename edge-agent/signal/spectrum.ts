import { bandPass, filteredBothWays } from "./band-pass.ts";
import { clearestPeriod, likenessByLag, takeTrendAway } from "./period.ts";

/** A rate out of a wave, and how far its peak stands out: higher is surer, comparable within one method only. */
export interface WaveRate {
  readonly perMin: number;
  readonly prominence: number;
}

export interface RateBand {
  readonly fromPerMin: number;
  readonly toPerMin: number;
}
export const breathingBand: RateBand = { fromPerMin: 5, toPerMin: 60 };

/** Forward transform in place, length a power of two (Cooley & Tukey 1965). */
export function fourier(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j]!, re[i]!];
      [im[i], im[j]] = [im[j]!, im[i]!];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    for (let k = 0; k < size / 2; k++) {
      const angle = (-2 * Math.PI * k) / size;
      const c = Math.cos(angle);
      const s = Math.sin(angle);
      for (let at = k; at < n; at += size) {
        const far = at + size / 2;
        const x = re[far]! * c - im[far]! * s;
        const y = re[far]! * s + im[far]! * c;
        re[far] = re[at]! - x;
        im[far] = im[at]! - y;
        re[at] = re[at]! + x;
        im[at] = im[at]! + y;
      }
    }
  }
}

/** Where the parabola through three neighbours has its top, -0.5..0.5 from the middle one. */
export function parabolaTop(before: number, here: number, after: number): number {
  const bend = before - 2 * here + after;
  return bend < 0 ? Math.max(-0.5, Math.min(0.5, (before - after) / (2 * bend))) : 0;
}

/**
 * Peak of the spectrum: straight line taken away, Hann window, zeros to at least four times the length, parabola through
 * the logarithm of three bins. `prominence` is the peak's neighbourhood as a share of the band's power.
 * @returns null where the wave is flat
 */
export function rateBySpectrum(wave: Float64Array, rateHz: number, band = breathingBand): WaveRate | null {
  const n = wave.length;
  const flat = wave.slice();
  takeTrendAway(flat);
  const size = 2 ** Math.ceil(Math.log2(4 * n));
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (let t = 0; t < n; t++) re[t] = flat[t]! * (0.5 - 0.5 * Math.cos((2 * Math.PI * (t + 0.5)) / n));
  fourier(re, im);
  const power = (bin: number): number => re[bin]! ** 2 + im[bin]! ** 2;
  const perBin = (60 * rateHz) / size;
  const from = Math.max(1, Math.ceil(band.fromPerMin / perBin));
  const to = Math.min(size / 2 - 1, Math.floor(band.toPerMin / perBin));
  let best = from;
  let total = 0;
  for (let bin = from; bin <= to; bin++) {
    total += power(bin);
    if (power(bin) > power(best)) best = bin;
  }
  if (!(total > 0)) return null;
  const reach = Math.round((2 * size) / n);
  let near = 0;
  for (let bin = Math.max(from, best - reach); bin <= Math.min(to, best + reach); bin++) near += power(bin);
  const log = (bin: number): number => Math.log(power(bin) + Number.MIN_VALUE);
  const top = best + parabolaTop(log(best - 1), log(best), log(best + 1));
  return { perMin: top * perBin, prominence: near / total };
}

/** A repetition this much less clear than the clearest, but shorter, is the period that the others are multiples of. */
const nearlyAsClear = 0.87;

/**
 * The shortest clear repetition within the band, by normalised autocorrelation of the wave band-passed to 0.1-1 Hz, with a
 * parabola; prominence is its likeness. Every multiple of a period repeats the wave as well, now and then by chance better.
 */
export function rateByRepetition(wave: Float64Array, rateHz: number, band = breathingBand): WaveRate | null {
  const flat = wave.slice();
  takeTrendAway(flat);
  const smooth = filteredBothWays(bandPass(0.1, 1, rateHz), flat, Math.round(5 * rateHz));
  const from = Math.ceil((60 * rateHz) / band.toPerMin);
  const to = Math.min(Math.floor((60 * rateHz) / band.fromPerMin), Math.floor(wave.length * 0.6));
  const likeness = likenessByLag(smooth, new Float64Array(smooth.length), to + 1);
  const clearest = clearestPeriod(likeness, from, to);
  if (clearest === undefined) return null;
  const lag = firstPeak(likeness, from, clearest.lag, nearlyAsClear * clearest.likeness);
  const exact = lag + parabolaTop(likeness[lag - 1]!, likeness[lag]!, likeness[lag + 1]!);
  return { perMin: (60 * rateHz) / exact, prominence: likeness[lag]! };
}

/** The shortest lag behind the first dip that is a peak and at least so high; `to` where there is none. */
function firstPeak(likeness: Float64Array, from: number, to: number, least: number): number {
  let lag = 1;
  while (lag < to && likeness[lag + 1]! < likeness[lag]!) lag++;
  for (lag = Math.max(lag, from, 1); lag < to; lag++) {
    const here = likeness[lag]!;
    if (here >= least && here > likeness[lag - 1]! && here >= likeness[lag + 1]!) return lag;
  }
  return to;
}
