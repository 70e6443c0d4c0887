import { type DepthView, depthViews } from "./depth-geometry.ts";
import { type DepthRing, depthSlots } from "./depth-ring.ts";
import type { DisplacementSamples } from "./displacement-series.ts";

/*
 * The breathing wave under the body mask. It is made of the whole window anew each time, with the mask of now for all of
 * it, so that a mask that changes makes no step in the wave.
 */

/** A cell is part of the trunk from this probability on. */
const trunkMin = 0.35;
/** A pixel must be valid this often to take part. */
const validMin = 0.7;
/** Noise below this says nothing of a pixel: rounding to a millimetre and what stays the same. */
const leastSdMm = 2;
/** What is further from the pixel's middle than this is no breathing: an edge, a hand, a wrong answer. */
const furthestMm = 60;
/** Fewer pixels than this are no trunk. */
const pixelsMin: Readonly<Record<DepthView, number>> = { "80x60": 24, "8x8": 2 };

export interface MaskedWave {
  /** Time stamps on the sensor's clock, ms; how far the trunk came towards the sensor, mm. */
  readonly samples: DisplacementSamples;
  readonly pixels: number;
}

/**
 * Frames of slots `start` to `end` (not included) under the mask. Each pixel counts by its probability of being trunk and
 * against its own noise, read from how it jumps from frame to frame; its missing frames are held from the one before.
 * Undefined where too little of a trunk is seen.
 *
 * @param trunk probability of each cell of the view
 */
export function maskedWave(ring: DepthRing, trunk: Float32Array, start: number, end: number): MaskedWave | undefined {
  const { widthPx, blockPx, columns } = depthViews[ring.view];
  const places: number[] = [];
  for (let slot = start; slot < end; slot++) {
    const at = slot % depthSlots;
    if (ring.held[at] === slot) places.push(at);
  }
  const frames = places.length;
  if (frames < 2) return undefined;
  const atMs = Float64Array.from(places, (at) => ring.atUs[at]! / 1_000);
  const sum = new Float64Array(frames);
  const series = new Float64Array(frames);
  let weights = 0;
  let pixels = 0;
  for (let cell = 0; cell < trunk.length; cell++) {
    const chance = trunk[cell]!;
    if (chance < trunkMin) continue;
    const corner = Math.floor(cell / columns) * blockPx * widthPx + (cell % columns) * blockPx;
    for (let inner = 0; inner < blockPx * blockPx; inner++) {
      const pixel = corner + Math.floor(inner / blockPx) * widthPx + (inner % blockPx);
      const sdMm = pixelSeries(ring, places, pixel, series);
      if (sdMm === undefined) continue;
      const weight = chance / (sdMm * sdMm + leastSdMm * leastSdMm);
      for (let t = 0; t < frames; t++) sum[t] = sum[t]! - weight * series[t]!;
      weights += weight;
      pixels += 1;
    }
  }
  if (pixels < pixelsMin[ring.view]) return undefined;
  for (let t = 0; t < frames; t++) sum[t] = sum[t]! / weights;
  return { samples: { atMs, mm: sum }, pixels };
}

/** One pixel's depth about its middle into `series`, holes held. @returns its noise from frame to frame, mm; undefined: not usable */
function pixelSeries(
  ring: DepthRing,
  places: readonly number[],
  pixel: number,
  series: Float64Array,
): number | undefined {
  const frames = places.length;
  let valid = 0;
  let sum = 0;
  let jumps = 0;
  let squares = 0;
  let before = 0;
  for (let t = 0; t < frames; t++) {
    const mm = ring.mm[places[t]! * ring.pixels + pixel]!;
    series[t] = mm;
    if (mm !== 0) {
      valid += 1;
      sum += mm;
      if (before !== 0) {
        jumps += 1;
        squares += (mm - before) ** 2;
      }
    }
    before = mm;
  }
  if (valid < validMin * frames || jumps === 0) return undefined;
  const middle = sum / valid;
  let held = 0;
  for (let t = 0; t < frames; t++) {
    const mm = series[t]!;
    if (mm !== 0 && Math.abs(mm - middle) <= furthestMm) held = mm - middle;
    series[t] = held;
  }
  return Math.sqrt(squares / (2 * jumps));
}
