import type { DepthSetting } from "../../edge-agent/contract/scene.ts";
import type { Rays } from "./depth-rays.ts";
import type { Surfaces } from "./depth-surfaces.ts";
import type { Random } from "./random.ts";

/**
 * What a time-of-flight sensor adds to the true depth. Sizes: accuracy-and-performance.md 3.2, "Depth". Noise comes before
 * rounding to a millimetre, so that a movement of a tenth of one still shows in the mean over many pixels.
 */
export interface DepthNoise {
  /** After each new cast: how noisy, how likely to fail and how mixed each pixel is from now on. */
  look(surfaces: Surfaces): void;
  /** True depth in, what the sensor says out; NaN: no answer. */
  disturb(mm: Float64Array, atSec: number): void;
  /** Standard deviation of a pixel's noise, mm. */
  readonly sdMm: Float64Array;
}

/** Two surfaces this far apart, and a share of the distance more, make an edge. */
const edgeMm = 50;
const edgeShare = 0.03;

/** @param raysPerPixel noise of one ray is so much larger that their mean has the sensor's noise */
export function newDepthNoise(
  setting: DepthSetting,
  rays: Rays,
  raysPerPixel: number,
  farMm: number,
  random: Random,
): DepthNoise {
  const { widthPx, heightPx } = rays;
  const count = widthPx * heightPx;
  const chances = random.fork(1);
  const noise = random.fork(2);
  // Errors that stay: of each pixel, and of the distance ("wiggling" of modulated light).
  const fixedMm = new Float64Array(count);
  const holes = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    fixedMm[i] = 0.5 * setting.noiseFloorMm * random.gaussian();
    holes[i] = random.uniform();
  }
  const wiggleMm = setting.noiseFloorMm * random.between(0, 1.5);
  const wigglePhase = 2 * Math.PI * random.uniform();
  const wigglePeriodMm = random.between(1_200, 2_500);
  const sdMm = new Float64Array(count);
  const biasMm = new Float64Array(count);
  const failing: number[] = [];
  const failChance = new Float64Array(count);
  const flyingAt: number[] = [];
  const flyingFrom: number[] = [];
  const flyingShare: number[] = [];
  const mixed: number[] = [];
  const raw = new Float64Array(count);
  const spread = new Float64Array(count);
  // The 8x8 sensor has no finer pixels that could share their noise.
  const kernel = kernelFor(raysPerPixel > 1 ? 1 : setting.noiseCorrelationPx);

  const lookAtPixel = (surfaces: Surfaces, i: number): void => {
    const z = surfaces.mm[i]!;
    const metres = z / 1_000;
    const bright = Math.max(0.02, surfaces.albedo[i]! * surfaces.cosine[i]!);
    const grown = (setting.noiseGrowthMmPerM2 * metres * metres) / Math.sqrt(bright);
    sdMm[i] = raysPerPixel * Math.max(setting.noiseFloorMm, grown);
    biasMm[i] = fixedMm[i]! + wiggleMm * Math.sin((2 * Math.PI * z) / wigglePeriodMm + wigglePhase);
    // Little light comes back from what is dark, slanted or far.
    failChance[i] = setting.invalidShare * Math.min(8, (0.35 / bright) * (metres / 2.2) ** 2);
    if (!(z < farMm)) failChance[i] = 2;
    if (holes[i]! * 0.7 < failChance[i]!) failing.push(i);
  };

  return {
    sdMm,
    look(surfaces) {
      failing.length = 0;
      flyingAt.length = 0;
      flyingFrom.length = 0;
      flyingShare.length = 0;
      for (let i = 0; i < count; i++) lookAtPixel(surfaces, i);
      if (setting.flyingShare === 0) return;
      for (let row = 0; row < heightPx; row++) {
        for (let column = 0; column < widthPx; column++) {
          const i = row * widthPx + column;
          const z = surfaces.mm[i]!;
          const far = edgeMm + edgeShare * z;
          let from = -1;
          if (column > 0 && Math.abs(surfaces.mm[i - 1]! - z) > far) from = i - 1;
          else if (column + 1 < widthPx && Math.abs(surfaces.mm[i + 1]! - z) > far) from = i + 1;
          else if (row > 0 && Math.abs(surfaces.mm[i - widthPx]! - z) > far) from = i - widthPx;
          else if (row + 1 < heightPx && Math.abs(surfaces.mm[i + widthPx]! - z) > far) from = i + widthPx;
          if (from < 0 || !Number.isFinite(surfaces.mm[from]!) || !Number.isFinite(z)) continue;
          if (!chances.chance(setting.flyingShare)) continue;
          flyingAt.push(i);
          flyingFrom.push(from);
          flyingShare.push(chances.uniform());
        }
      }
    },
    disturb(mm, atSec) {
      const warm = setting.warmUpMm * (1 - Math.exp(-atSec / setting.warmUpSec));
      for (let i = 0; i < count; i++) raw[i] = noise.gaussian();
      smooth(raw, spread, widthPx, heightPx, kernel);
      // Mixed before the noise is added; a mixture differs from frame to frame.
      for (let n = 0; n < flyingAt.length; n++) {
        const own = mm[flyingAt[n]!]!;
        const now = Math.min(1, Math.max(0, flyingShare[n]! + 0.05 * chances.gaussian()));
        mixed[n] = own + now * (mm[flyingFrom[n]!]! - own);
      }
      for (let n = 0; n < flyingAt.length; n++) mm[flyingAt[n]!] = mixed[n]!;
      for (let i = 0; i < count; i++) mm[i] = mm[i]! + warm + biasMm[i]! + sdMm[i]! * raw[i]!;
      for (const i of failing) {
        // The same pixels fail again and again, and those at the limit come and go.
        if (holes[i]! * chances.between(0.7, 1.3) < failChance[i]!) mm[i] = Number.NaN;
      }
    },
  };
}

/** Five taps of unit power, such that the mean over n pixels in a row has the noise of n / px single ones. */
export function kernelFor(px: number): Float64Array {
  const taps = (t: number): [number, number] => [Math.min(1, t), Math.max(0, t - 1)];
  let [low, high] = [0, 2];
  for (let round = 0; round < 30; round++) {
    const t = (low + high) / 2;
    const [one, two] = taps(t);
    const width = (1 + 2 * one + 2 * two) ** 2 / (1 + 2 * one * one + 2 * two * two);
    if (width < px) low = t;
    else high = t;
  }
  const [one, two] = taps(px <= 1 ? 0 : (low + high) / 2);
  const power = Math.sqrt(1 + 2 * one * one + 2 * two * two);
  return Float64Array.of(two / power, one / power, 1 / power, one / power, two / power);
}

/** The kernel over rows, then over columns; at the margins the far side takes part, so that the noise is as large there. */
function smooth(
  field: Float64Array,
  spare: Float64Array,
  widthPx: number,
  heightPx: number,
  kernel: Float64Array,
): void {
  const [e, d, c] = [kernel[0]!, kernel[1]!, kernel[2]!];
  if (d === 0) return;
  for (let row = 0; row < heightPx; row++) {
    const start = row * widthPx;
    for (let x = 0; x < widthPx; x++) {
      const near = field[start + ((x + widthPx - 1) % widthPx)]! + field[start + ((x + 1) % widthPx)]!;
      const next = field[start + ((x + widthPx - 2) % widthPx)]! + field[start + ((x + 2) % widthPx)]!;
      spare[start + x] = c * field[start + x]! + d * near + e * next;
    }
  }
  for (let row = 0; row < heightPx; row++) {
    const here = row * widthPx;
    const above = ((row + heightPx - 1) % heightPx) * widthPx;
    const below = ((row + 1) % heightPx) * widthPx;
    const above2 = ((row + heightPx - 2) % heightPx) * widthPx;
    const below2 = ((row + 2) % heightPx) * widthPx;
    for (let x = 0; x < widthPx; x++) {
      field[here + x] =
        c * spare[here + x]! +
        d * (spare[above + x]! + spare[below + x]!) +
        e * (spare[above2 + x]! + spare[below2 + x]!);
    }
  }
}
