import type { DepthFrame } from "../contract/frames.ts";
import { type DepthView, depthViews } from "./depth-geometry.ts";

export const depthRateHz = 10;
/** 60 s, and 4 s in which a late answer changes nothing. */
export const depthSlots = 64 * depthRateHz;
/** Means over some frames, two a second, as far back as the model looks. */
export const glanceSlots = depthRateHz / 2;
const glanceFrames = 3;
const glancesKept = 10;

/**
 * The newest depth frames, one slot for each 100 ms of device time, and two coarse glances a second made of them. Allocated
 * once; lives in memory only; what leaves it is overwritten by what comes.
 */
export interface DepthRing {
  readonly view: DepthView;
  readonly pixels: number;
  readonly cells: number;
  /** mm, 0 = not valid, [slot][pixel]. */
  readonly mm: Uint16Array;
  /** Which frame lies in the slot, counted in slots since the start; -1 for none. */
  readonly held: Int32Array;
  /** Device time of the frame in the slot, us. */
  readonly atUs: Float64Array;
  /** Mean depth of each cell, mm, 0 where nothing was valid, and the share that was, [glance][cell]. */
  readonly glanceMm: Float32Array;
  readonly glanceValid: Float32Array;
  /** The slot at which each glance ends (not included); -1 for none. */
  readonly glanceEnd: Int32Array;
}

export function newDepthRing(view: DepthView): DepthRing {
  const { widthPx, heightPx, columns, rows } = depthViews[view];
  const pixels = widthPx * heightPx;
  const cells = columns * rows;
  return {
    view,
    pixels,
    cells,
    // Written now: a page that is first touched in the loop would be waited for there.
    mm: new Uint16Array(depthSlots * pixels).fill(0),
    held: new Int32Array(depthSlots).fill(-1),
    atUs: new Float64Array(depthSlots),
    glanceMm: new Float32Array(glancesKept * cells),
    glanceValid: new Float32Array(glancesKept * cells),
    glanceEnd: new Int32Array(glancesKept).fill(-1),
  };
}

/** Overwrites everything. */
export function clearDepthRing(ring: DepthRing): void {
  ring.mm.fill(0);
  ring.held.fill(-1);
  ring.atUs.fill(0);
  ring.glanceMm.fill(0);
  ring.glanceValid.fill(0);
  ring.glanceEnd.fill(-1);
}

/** A second frame in a slot takes the first's place. */
export function putDepthFrame(ring: DepthRing, slot: number, frame: DepthFrame, atUs: number): void {
  const at = slot % depthSlots;
  ring.mm.set(frame.mm, at * ring.pixels);
  ring.held[at] = slot;
  ring.atUs[at] = atUs;
}

/** Looks at the frames before slot `end`, which is a multiple of `glanceSlots`. @returns whether there were any */
export function glance(ring: DepthRing, end: number): boolean {
  const { widthPx, blockPx, columns, rows } = depthViews[ring.view];
  const place = (end / glanceSlots) % glancesKept;
  const start = place * ring.cells;
  const means = ring.glanceMm.subarray(start, start + ring.cells).fill(0);
  const shares = ring.glanceValid.subarray(start, start + ring.cells).fill(0);
  let frames = 0;
  for (let slot = Math.max(0, end - glanceFrames); slot < end; slot++) {
    const at = slot % depthSlots;
    if (ring.held[at] !== slot) continue;
    frames += 1;
    const first = at * ring.pixels;
    for (let cell = 0; cell < ring.cells; cell++) {
      const corner = first + Math.floor(cell / columns) * blockPx * widthPx + (cell % columns) * blockPx;
      for (let down = 0; down < blockPx; down++) {
        for (let across = 0; across < blockPx; across++) {
          const mm = ring.mm[corner + down * widthPx + across]!;
          if (mm === 0) continue;
          means[cell] = means[cell]! + mm;
          shares[cell] = shares[cell]! + 1;
        }
      }
    }
  }
  ring.glanceEnd[place] = frames > 0 ? end : -1;
  if (frames === 0) return false;
  for (let cell = 0; cell < columns * rows; cell++) {
    const valid = shares[cell]!;
    if (valid > 0) means[cell] = means[cell]! / valid;
    shares[cell] = valid / (frames * blockPx * blockPx);
  }
  return true;
}

/** The glance that ends at slot `end`; undefined where there is none. */
export function glanceAt(ring: DepthRing, end: number): { mm: Float32Array; valid: Float32Array } | undefined {
  const place = (end / glanceSlots) % glancesKept;
  if (end < 0 || ring.glanceEnd[place] !== end) return undefined;
  const start = place * ring.cells;
  return {
    mm: ring.glanceMm.subarray(start, start + ring.cells),
    valid: ring.glanceValid.subarray(start, start + ring.cells),
  };
}
