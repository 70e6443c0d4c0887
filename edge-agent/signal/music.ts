import { takeTrendAway } from "./period.ts";
import { breathingBand, parabolaTop, type WaveRate } from "./spectrum.ts";

const decimatedHz = 4;
/** A real wave is two complex ones; the second harmonic adds two. */
const signals = 4;
const rounds = 40;
const stepPerMin = 0.1;

/**
 * MUSIC (Schmidt 1986): covariance of the wave at 4 Hz over a third of its length, forwards and backwards, four signal
 * vectors by orthogonal iteration, highest peak of the pseudo-spectrum. `prominence` is log10 of the peak over the mean.
 * @returns null where the wave is flat or shorter than 8 s
 */
export function rateByMusic(wave: Float64Array, rateHz: number, band = breathingBand): WaveRate | null {
  const block = Math.max(1, Math.round(rateHz / decimatedHz));
  const hz = rateHz / block;
  const n = Math.floor(wave.length / block);
  if (n < 8 * decimatedHz) return null;
  const slow = new Float64Array(n);
  for (let t = 0; t < n * block; t++) slow[Math.floor(t / block)]! += wave[t]! / block;
  takeTrendAway(slow);
  const size = Math.floor(n / 3);
  const covariance = new Float64Array(size * size);
  let trace = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let t = 0; t + size <= n; t++) {
        sum += slow[t + i]! * slow[t + j]! + slow[t + size - 1 - i]! * slow[t + size - 1 - j]!;
      }
      covariance[i * size + j] = sum;
      if (i === j) trace += sum;
    }
  }
  if (!(trace > 0)) return null;
  const vectors = strongestVectors(covariance, size);
  const count = Math.floor((band.toPerMin - band.fromPerMin) / stepPerMin) + 1;
  const spectrum = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    spectrum[k] = -Math.log10(outside(vectors, size, (2 * Math.PI * (band.fromPerMin + k * stepPerMin)) / (60 * hz)));
  }
  let best = 1;
  for (let k = 1; k < count - 1; k++) if (spectrum[k]! > spectrum[best]!) best = k;
  const top = best + parabolaTop(spectrum[best - 1]!, spectrum[best]!, spectrum[best + 1]!);
  const mean = spectrum.reduce((sum, one) => sum + one, 0) / count;
  return { perMin: band.fromPerMin + top * stepPerMin, prominence: spectrum[best]! - mean };
}

/** Share of a steering vector's power that the signal vectors do not explain. */
function outside(vectors: readonly Float64Array[], size: number, angle: number): number {
  const c = Float64Array.from({ length: size }, (_, t) => Math.cos(angle * t));
  const s = Float64Array.from({ length: size }, (_, t) => Math.sin(angle * t));
  const inside = vectors.reduce((sum, vector) => sum + (dot(vector, c) ** 2 + dot(vector, s) ** 2) / size, 0);
  return Math.max(1e-12, 1 - inside);
}

function strongestVectors(matrix: Float64Array, size: number): readonly Float64Array[] {
  let vectors = Array.from({ length: signals }, (_, k) =>
    Float64Array.from({ length: size }, (_, t) => Math.cos(((k + 1) * Math.PI * (t + 0.5)) / size) + (t === k ? 1 : 0)),
  );
  for (let round = 0; round < rounds; round++) {
    vectors = vectors.map((vector) => {
      const product = new Float64Array(size);
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let j = 0; j < size; j++) sum += matrix[i * size + j]! * vector[j]!;
        product[i] = sum;
      }
      return product;
    });
    vectors.forEach((vector, k) => {
      for (const other of vectors.slice(0, k)) {
        const along = dot(vector, other);
        for (let t = 0; t < size; t++) vector[t]! -= along * other[t]!;
      }
      const length = Math.sqrt(dot(vector, vector));
      if (length > 0) for (let t = 0; t < size; t++) vector[t]! /= length;
    });
  }
  return vectors;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let t = 0; t < a.length; t++) sum += a[t]! * b[t]!;
  return sum;
}
