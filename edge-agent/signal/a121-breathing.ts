import { bandPass, filtered, lowPass } from "./band-pass.ts";
import { fourier, type WaveRate } from "./spectrum.ts";

/*
 * How the vendor of the A121 radar tells a breathing rate (its breathing reference application, Clear BSD; written anew from
 * its description): what stands still is the output of a low-pass and taken away, the angle of the rest is unwrapped frame
 * by frame and band-passed to 6-60 /min, and 20 s of that under a Hamming window have the rate where the amplitude spectrum,
 * weighted over the range points by how strongly they move, is highest. It always answers: also where nobody breathes.
 */

const lowHz = 0.1;
const highHz = 1;
const seriesSec = 20;

/** Means over the sweeps of each frame of one range point. */
export interface PointSeries {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/**
 * @param points some range points around the person, from the frame on at which the vendor's application begins to estimate
 * @returns for each frame the rate per minute; null until the series is full
 */
export function vendorRates(points: readonly PointSeries[], rateHz: number): readonly (number | null)[] {
  const length = Math.floor(seriesSec * rateHz);
  const keep = Math.exp(-1 / (seriesSec * rateHz));
  const moving = points.map((point) => {
    const { angle, size } = movingPart(point, rateHz);
    let smooth = size[0] ?? 0;
    return {
      motion: filtered(bandPass(lowHz, highHz, rateHz), angle),
      weight: size.map((one) => {
        smooth = keep * smooth + (1 - keep) * one;
        return smooth;
      }),
    };
  });
  const frames = points[0]?.re.length ?? 0;
  return Array.from({ length: frames }, (_, frame) => {
    // The series has one frame more than it needs when the first rate comes.
    if (frame <= length) return null;
    const parts = moving.map(({ motion, weight }) => ({
      series: motion.subarray(frame + 1 - length, frame + 1),
      weight: weight[frame]!,
    }));
    return peakOf(parts, rateHz)?.perMin ?? null;
  });
}

/** Angle, unwrapped, and size of what does not stand still. */
function movingPart(
  { re, im }: PointSeries,
  rateHz: number,
): { readonly angle: Float64Array; readonly size: Float64Array } {
  const still = lowPass(lowHz, rateHz);
  const stillRe = filtered(still, re);
  const stillIm = filtered(still, im);
  const angle = new Float64Array(re.length);
  const size = new Float64Array(re.length);
  let before = 0;
  for (let t = 0; t < re.length; t++) {
    const x = re[t]! - stillRe[t]!;
    const y = im[t]! - stillIm[t]!;
    size[t] = Math.hypot(x, y);
    const here = Math.atan2(y, x);
    let turned = t === 0 ? 0 : here - before;
    if (turned > Math.PI) turned -= 2 * Math.PI;
    if (turned < -Math.PI) turned += 2 * Math.PI;
    angle[t] = (t === 0 ? 0 : angle[t - 1]!) + turned;
    before = here;
  }
  return { angle, size };
}

/**
 * The same of a wave of displacement, which takes the place of the unwrapped angle of one point; of its last 20 s.
 * `prominence` is the peak's share of the spectrum: the vendor has no such figure.
 * @returns null where the wave is shorter than the vendor waits for, or flat
 */
export function rateByVendor(wave: Float64Array, rateHz: number): WaveRate | null {
  const length = Math.floor(seriesSec * rateHz);
  if (wave.length <= length) return null;
  const motion = filtered(
    bandPass(lowHz, highHz, rateHz),
    wave.map((one) => one - wave[0]!),
  );
  return peakOf([{ series: motion.subarray(wave.length - length), weight: 1 }], rateHz);
}

function peakOf(
  parts: readonly { readonly series: Float64Array; readonly weight: number }[],
  rateHz: number,
): WaveRate | null {
  const size = 2 ** Math.ceil(Math.log2(parts[0]?.series.length ?? 1));
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  const spectrum = new Float64Array(size / 2 + 1);
  for (const { series, weight } of parts) {
    const sizes = amplitudes(series, size);
    for (let bin = 0; bin < spectrum.length; bin++) spectrum[bin] = spectrum[bin]! + (weight / total) * sizes[bin]!;
  }
  let best = 0;
  for (let bin = 1; bin < spectrum.length; bin++) if (spectrum[bin]! > spectrum[best]!) best = bin;
  if (best === 0 || best === spectrum.length - 1) return null;
  const [before, here, after] = [spectrum[best - 1]!, spectrum[best]!, spectrum[best + 1]!];
  const top = best + (before - after) / (2 * (before - 2 * here + after));
  const power = spectrum.reduce((sum, one) => sum + one * one, 0);
  return { perMin: (60 * rateHz * top) / size, prominence: (before ** 2 + here ** 2 + after ** 2) / power };
}

/** |Fourier transform| under a Hamming window, zeros behind it up to `size`. */
function amplitudes(series: Float64Array, size: number): Float64Array {
  const n = series.length;
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  series.forEach((one, t) => {
    re[t] = one * (0.54 - 0.46 * Math.cos((2 * Math.PI * t) / (n - 1)));
  });
  fourier(re, im);
  return Float64Array.from({ length: size / 2 + 1 }, (_, bin) => Math.hypot(re[bin]!, im[bin]!));
}
