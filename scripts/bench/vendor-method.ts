/*
 * The breathing reference application of Acconeer's exploration tool (acconeer-python-exploration, a121/algo/breathing, Clear BSD), its
 * method written anew to weigh it against ours on the same frames: static part off by a low-pass, phase unwrapped from frame to frame,
 * band-pass 6 to 60 /min, 20 s, Hamming, FFT, weighted over three points by amplitude, highest bin with a parabola through its neighbours.
 * Its search for the distance and its presence detector are left out, which makes it cheaper than it is.
 */

const sweeps = 16;
const points = 21;
const frameRateHz = 20;
const windowFrames = 400;
const fftSize = 512;
const watched = [5, 6, 7] as const;
/** Butterworth of second order at 20 frames/s: low-pass at 0.1 Hz, band-pass from 0.1 to 1 Hz. */
const lowPass = { b: [2.41359e-4, 4.82718e-4, 2.41359e-4], a: [1, -1.95557824, 0.95654368] } as const;
const bandPass = {
  b: [0.01658193, 0, -0.03316386, 0, 0.01658193],
  a: [1, -3.58623981, 4.8462898, -2.93042722, 0.67045791],
} as const;

/** A filter in direct form II, transposed: one sample after the other. */
function newFilter({ b, a }: { readonly b: readonly number[]; readonly a: readonly number[] }) {
  const held = new Float64Array(b.length);
  return (x: number): number => {
    const y = (b[0] ?? 0) * x + (held[0] ?? 0);
    for (let k = 1; k < b.length; k++) held[k - 1] = (b[k] ?? 0) * x - (a[k] ?? 0) * y + (held[k] ?? 0);
    return y;
  };
}

interface Point {
  readonly staticRe: (x: number) => number;
  readonly staticIm: (x: number) => number;
  readonly band: (x: number) => number;
  readonly phases: Float64Array;
  lastPhase: number;
  unwrapped: number;
  amplitude: number;
}

export class VendorMethod {
  private frames = 0;
  private readonly places: readonly Point[] = watched.map(() => ({
    staticRe: newFilter(lowPass),
    staticIm: newFilter(lowPass),
    band: newFilter(bandPass),
    phases: new Float64Array(windowFrames),
    lastPhase: 0,
    unwrapped: 0,
    amplitude: 0,
  }));
  private readonly hamming = Float64Array.from(
    { length: windowFrames },
    (_, n) => 0.54 - 0.46 * Math.cos((2 * Math.PI * n) / (windowFrames - 1)),
  );

  /** @param iq interleaved, [sweep][point]. @returns breaths a minute, or null while its window is not full */
  hear(iq: Int16Array): number | null {
    const keep = Math.exp(-1 / (20 * frameRateHz));
    this.places.forEach((place, n) => {
      const [re, im] = meanOf(iq, watched[n] ?? 0);
      place.amplitude = keep * place.amplitude + (1 - keep) * Math.hypot(re, im);
      const phase = Math.atan2(im - place.staticIm(im), re - place.staticRe(re));
      const step = phase - place.lastPhase;
      place.lastPhase = phase;
      place.unwrapped += step - 2 * Math.PI * Math.round(step / (2 * Math.PI));
      place.phases[this.frames % windowFrames] = place.band(place.unwrapped);
    });
    this.frames += 1;
    return this.frames > windowFrames ? this.estimate() : null;
  }

  private estimate(): number {
    const sum = new Float64Array(fftSize / 2 + 1);
    for (const { phases, amplitude } of this.places) {
      const re = new Float64Array(fftSize);
      const im = new Float64Array(fftSize);
      for (let n = 0; n < windowFrames; n++) {
        re[n] = (phases[(this.frames + n) % windowFrames] ?? 0) * (this.hamming[n] ?? 0);
      }
      transform(re, im);
      for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] ?? 0) + amplitude * Math.hypot(re[k] ?? 0, im[k] ?? 0);
    }
    let best = 1;
    for (let k = 1; k < sum.length - 1; k++) if ((sum[k] ?? 0) > (sum[best] ?? 0)) best = k;
    const [before = 0, at = 0, after = 0] = [sum[best - 1], sum[best], sum[best + 1]];
    const bend = before - 2 * at + after;
    const shift = bend === 0 ? 0 : (0.5 * (before - after)) / bend;
    return (60 * frameRateHz * (best + shift)) / fftSize;
  }
}

function meanOf(iq: Int16Array, point: number): readonly [number, number] {
  let re = 0;
  let im = 0;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    re += iq[2 * (sweep * points + point)] ?? 0;
    im += iq[2 * (sweep * points + point) + 1] ?? 0;
  }
  return [re / sweeps, im / sweeps];
}

const turns = Array.from({ length: fftSize }, (_, k) => (2 * Math.PI * k) / fftSize);
const cosine = Float64Array.from(turns, Math.cos);
const sine = Float64Array.from(turns, Math.sin);

/** Cooley and Tukey, radix 2, in place, of `fftSize` values. */
function transform(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [re[i], re[j]] = [re[j] ?? 0, re[i] ?? 0];
    [im[i], im[j]] = [im[j] ?? 0, im[i] ?? 0];
  }
  for (let wide = 2; wide <= n; wide *= 2) {
    for (let k = 0; k < wide / 2; k++) {
      const turn = (k * fftSize) / wide;
      const [c, s] = [cosine[turn] ?? 0, -(sine[turn] ?? 0)];
      for (let start = k; start < n; start += wide) {
        const other = start + wide / 2;
        const [x = 0, y = 0] = [re[other], im[other]];
        const [u, v] = [x * c - y * s, x * s + y * c];
        [re[other], im[other]] = [(re[start] ?? 0) - u, (im[start] ?? 0) - v];
        [re[start], im[start]] = [(re[start] ?? 0) + u, (im[start] ?? 0) + v];
      }
    }
  }
}
