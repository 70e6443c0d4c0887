import { bandPass, filteredBothWays } from "./band-pass.ts";
import { takeTrendAway } from "./period.ts";
import type { WaveRate } from "./spectrum.ts";

/** Half of the standard deviation: what swings less is no breath. */
const hysteresisDeviations = 0.5;

/**
 * Times of the peaks: band-pass 0.1-1 Hz forwards and backwards, a peak counts once the wave has fallen by half a standard
 * deviation behind it and a new one starts once it has risen as much. The rate is the phase advance over the window:
 * whole breaths between the first and the last peak, and at each end the part of a breath as long as its neighbour.
 * `prominence` is 1 / (1 + CV of the intervals).
 * @returns null with fewer than three peaks
 */
export function rateByPeaks(wave: Float64Array, rateHz: number): WaveRate | null {
  const flat = wave.slice();
  takeTrendAway(flat);
  const smooth = filteredBothWays(bandPass(0.1, 1, rateHz), flat, Math.round(5 * rateHz));
  const peaks = peaksOf(smooth);
  if (peaks.length < 3) return null;
  const intervals = peaks.slice(1).map((peak, i) => peak - peaks[i]!);
  const first = peaks[0]!;
  const last = peaks.at(-1)!;
  const breaths = intervals.length + first / intervals[0]! + (wave.length - last) / intervals.at(-1)!;
  const mean = (last - first) / intervals.length;
  const variance = intervals.reduce((sum, one) => sum + (one - mean) ** 2, 0) / intervals.length;
  return { perMin: (60 * rateHz * breaths) / wave.length, prominence: 1 / (1 + Math.sqrt(variance) / mean) };
}

function peaksOf(wave: Float64Array): readonly number[] {
  let sum = 0;
  for (const one of wave) sum += one * one;
  const step = hysteresisDeviations * Math.sqrt(sum / wave.length);
  const peaks: number[] = [];
  let rising = true;
  // Whether the wave was seen to rise: a window that begins on its way down has no peak at its first sample.
  let risen = false;
  let extreme = 0;
  for (let t = 1; t < wave.length; t++) {
    const here = wave[t]!;
    const edge = wave[extreme]!;
    if (rising) {
      if (here >= edge) {
        if (here > edge) risen = true;
        extreme = t;
      } else if (here < edge - step) {
        if (risen) peaks.push(extreme);
        rising = false;
        extreme = t;
      }
    } else if (here <= edge) extreme = t;
    else if (here > edge + step) {
      rising = true;
      risen = true;
      extreme = t;
    }
  }
  return peaks;
}
