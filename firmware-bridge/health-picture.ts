import type { DepthFrame, RadarIqFrame } from "../edge-agent/contract/frames.ts";
import type { SensorHealth } from "../edge-agent/contract/words.ts";
import type { SensorFrame } from "./sensors/sensor.ts";

/*
 * Whether the sensor still sees the room that it saw when streaming began: not a picture of anybody, but the coarse background,
 * a number for each cell of depth or each range point of radar. Where it was covered or turned before that, nothing tells.
 */

/** s after the beginning from which the room counts as known. */
const knownAfterMs = 20_000;
/** Depth: fewer valid cells, or a median nearer than this, is something on the lens. */
const validMin = 0.1;
const onTheLensMm = 200;
/** Depth: a cell is elsewhere where it differs by so much; a person in view changes less than half of them. */
const elsewhereMm = 200;
const elsewhereShare = 0.55;
/** Radar: amplitude of the echo of a point against what it was. */
const radarChange = 0.45;
const radarChangedShare = 0.6;
const farLeft = 0.4;
const nearGrown = 1.3;
/** Mean over some 10 s. */
const keepPerSec = 0.9;
const cellsAcross = 8;

type Told = readonly (readonly [SensorHealth, string])[];

export function newPictureWatch() {
  let beganMs: number | undefined;
  let lastMs = 0;
  let mean: Float64Array | undefined;
  let known: Float64Array | undefined;
  let told: Told = [];

  const follow = (cells: Float64Array, atMs: number): Float64Array => {
    if (mean?.length !== cells.length) {
      mean = cells.slice();
      known = undefined;
      beganMs = atMs;
    }
    const keep = keepPerSec ** ((atMs - lastMs) / 1_000);
    for (let i = 0; i < cells.length; i++) {
      const value = cells[i]!;
      // A cell without an answer keeps what it had.
      if (Number.isNaN(value)) continue;
      mean[i] = Number.isNaN(mean[i]!) ? value : keep * mean[i]! + (1 - keep) * value;
    }
    if (known === undefined && atMs - beganMs! >= knownAfterMs) known = mean.slice();
    return mean;
  };

  return {
    note(frame: SensorFrame, atMs: number): void {
      if (!("iq" in frame) && !("mm" in frame)) return;
      if (beganMs === undefined) {
        beganMs = atMs;
        lastMs = atMs;
      }
      told = "iq" in frame ? ofRadar(follow(echoesOf(frame), atMs), known) : ofDepth(frame, follow, known, atMs);
      lastMs = atMs;
    },
    told: (): Told => told,
    forget(): void {
      mean?.fill(0);
      known?.fill(0);
      beganMs = undefined;
      mean = undefined;
      known = undefined;
      told = [];
    },
  };
}

/** Amplitude of the mean over the sweeps, by range point. */
function echoesOf({ iq, sweeps, points }: RadarIqFrame): Float64Array {
  return Float64Array.from({ length: points }, (_, p) => {
    let re = 0;
    let im = 0;
    for (let sweep = 0; sweep < sweeps; sweep++) {
      re += iq[2 * (sweep * points + p)]!;
      im += iq[2 * (sweep * points + p) + 1]!;
    }
    return Math.hypot(re, im) / sweeps;
  });
}

function ofRadar(mean: Float64Array, known: Float64Array | undefined): Told {
  if (known === undefined) return [];
  const half = Math.floor(mean.length / 2);
  const sum = (list: Float64Array, from: number, to: number): number =>
    list.subarray(from, to).reduce((total, one) => total + one, 0);
  const far = sum(mean, half, mean.length) / Math.max(1e-9, sum(known, half, mean.length));
  const near = sum(mean, 0, 3) / Math.max(1e-9, sum(known, 0, 3));
  if (far < farLeft && near > nearGrown) {
    return [
      ["covered", `far echoes fell to ${Math.round(100 * far)} %, near ones grew to ${Math.round(100 * near)} %`],
    ];
  }
  const changed = mean.filter((one, i) => Math.abs(one / Math.max(1e-9, known[i]!) - 1) > radarChange).length;
  return changed / mean.length >= radarChangedShare
    ? [["moved", `${changed} of ${mean.length} range points look different from the beginning`]]
    : [];
}

function ofDepth(
  frame: DepthFrame,
  follow: (cells: Float64Array, atMs: number) => Float64Array,
  known: Float64Array | undefined,
  atMs: number,
): Told {
  const cells = cellsOf(frame);
  const valid = [...cells].filter((mm) => !Number.isNaN(mm)).sort((a, b) => a - b);
  const share = valid.length / cells.length;
  const middle = valid[Math.floor(valid.length / 2)] ?? 0;
  if (share < validMin || middle < onTheLensMm) {
    const words =
      share < validMin ? `${Math.round(100 * share)} % of the view is valid` : `all at ${Math.round(middle)} mm`;
    return [["covered", words]];
  }
  const mean = follow(cells, atMs);
  if (known === undefined) return [];
  let both = 0;
  let elsewhere = 0;
  for (let i = 0; i < mean.length; i++) {
    if (Number.isNaN(mean[i]!) || Number.isNaN(known[i]!)) continue;
    both += 1;
    if (Math.abs(mean[i]! - known[i]!) > elsewhereMm) elsewhere += 1;
  }
  return both > 0 && elsewhere / both >= elsewhereShare
    ? [["moved", `${Math.round((100 * elsewhere) / both)} % of the room is elsewhere than at the beginning`]]
    : [];
}

/** Mean of the valid pixels of 8 x 8 cells; NaN where there is none. */
function cellsOf({ mm, widthPx, heightPx }: DepthFrame): Float64Array {
  const sum = new Float64Array(cellsAcross * cellsAcross);
  const count = new Float64Array(cellsAcross * cellsAcross);
  for (let y = 0; y < heightPx; y++) {
    const row = cellsAcross * Math.floor((y * cellsAcross) / heightPx);
    for (let x = 0; x < widthPx; x++) {
      const value = mm[y * widthPx + x]!;
      if (value === 0) continue;
      const cell = row + Math.floor((x * cellsAcross) / widthPx);
      sum[cell] = sum[cell]! + value;
      count[cell] = count[cell]! + 1;
    }
  }
  return sum.map((total, i) => (count[i]! > 0 ? total / count[i]! : Number.NaN));
}
