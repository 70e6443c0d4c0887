import type { RadarIqFrame } from "../contract/frames.ts";
import type { DeviceUs } from "../contract/units.ts";
import type { NoRateReason } from "../contract/words.ts";
import { modelRateHz } from "./radar-breathing.ts";
import { ringSlots } from "./radar-ring.ts";

/*
 * What a stream of frames betrays of its sensor, whatever the frames seem to say: samples that come again, a converter at
 * its end, frames that are not there, time stamps that go at another pace than was stated. A number made of such frames
 * looks as fine as any.
 */

/** Of a window's frames: more than this missing, or at the converter's end, or come again. */
const missingMax = 0.2;
const saturatedMax = 0.1;
const repeatedMax = 0.1;
/** Longest hole within a window, frames: a quarter of a fast breath may hide in 0.5 s. */
const holeMax = 0.5 * modelRateHz;
/** A second without any other samples than before is a frozen sensor, however long the window. */
const frozenFrames = 0.5 * modelRateHz;
/** Crystals are exact to a few parts in a million; 3 % is jitter over the shortest stretch that is judged. */
const paceTolerance = 0.03;
const paceUs = 5e6;
const stampsMin = 5;
const stampsHeld = 512;

const isMissing = 0;
const isFresh = 1;
const isSaturated = 2;
const isRepeated = 3;

export interface StreamChecks {
  /** Which frame each slot speaks of, counted in slots since the start; -1 for none. */
  readonly held: Int32Array;
  readonly kind: Uint8Array;
  /** A number made of a frame's samples. Equal samples have equal ones, and hardly any others. */
  readonly prints: Uint32Array;
  /** The newest time stamps, us, in the order of arrival. */
  readonly stamps: number[];
}

export const newStreamChecks = (): StreamChecks => ({
  held: new Int32Array(ringSlots).fill(-1),
  kind: new Uint8Array(ringSlots),
  prints: new Uint32Array(ringSlots),
  stamps: [],
});

/** Overwrites everything. */
export function clearStreamChecks(checks: StreamChecks): void {
  checks.held.fill(-1);
  checks.kind.fill(isMissing);
  checks.prints.fill(0);
  checks.stamps.length = 0;
}

/** The sensor's clock began anew: what came before says nothing of its pace. */
export function forgetStamps(checks: StreamChecks): void {
  checks.stamps.length = 0;
}

/** One more frame. `repeated`: the same samples lie within the newest half minute; thermal noise never does that. */
export function noteFrame(checks: StreamChecks, frame: RadarIqFrame, slot: number, at: DeviceUs): "new" | "repeated" {
  const { stamps } = checks;
  stamps.push(at);
  if (stamps.length > stampsHeld) stamps.shift();
  const { print, railed } = look(frame.iq);
  let repeated = false;
  for (let i = checks.prints.indexOf(print); i >= 0 && !repeated; i = checks.prints.indexOf(print, i + 1)) {
    repeated = checks.held[i]! > slot - ringSlots && checks.kind[i] !== isMissing;
  }
  const place = slot % ringSlots;
  checks.held[place] = slot;
  checks.prints[place] = print;
  checks.kind[place] = repeated ? isRepeated : frame.saturated || railed ? isSaturated : isFresh;
  return repeated ? "repeated" : "new";
}

/** FNV-1a over the samples; `railed`: one of them is the largest or the smallest number there is. */
function look(iq: Int16Array): { readonly print: number; readonly railed: boolean } {
  let print = 0x811c9dc5;
  let railed = false;
  for (let i = 0; i < iq.length; i++) {
    const sample = iq[i]!;
    print = Math.imul(print ^ (sample & 0xffff), 0x01000193);
    railed ||= sample === 32_767 || sample === -32_768;
  }
  return { print: print >>> 0, railed };
}

/**
 * Median distance of the newest time stamps, us; undefined before six are here. Stamps of before a silence count, so that
 * a sensor that only ever sends after a silence is seen as slow.
 */
export function medianStepUs({ stamps }: StreamChecks, over = stampsMin): number | undefined {
  if (stamps.length <= stampsMin) return undefined;
  const steps: number[] = [];
  for (let i = Math.max(1, stamps.length - over); i < stamps.length; i++) steps.push(stamps[i]! - stamps[i - 1]!);
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)]!;
}

/** Whether the newest 5 s of time stamps go at the model's pace. Lost frames do not make a stream slow: most are there. */
export function paceFits(checks: StreamChecks): boolean {
  const { stamps } = checks;
  const newest = stamps.at(-1) ?? 0;
  let over = 0;
  while (over + 1 < stamps.length && newest - stamps[stamps.length - 2 - over]! <= paceUs) over++;
  over = Math.max(over, stampsMin);
  const median = medianStepUs(checks, over);
  if (median === undefined) return true;
  const stepUs = 1e6 / modelRateHz;
  if (median > 1.5 * stepUs || median < 0.5 * stepUs) return false;
  // Too short a stretch holds more jitter than pace.
  if (over < modelRateHz) return true;
  let steps = 0;
  for (let i = stamps.length - over; i < stamps.length; i++) {
    steps += Math.max(1, Math.round((stamps[i]! - stamps[i - 1]!) / stepUs));
  }
  const meanUs = (newest - stamps[stamps.length - 1 - over]!) / steps;
  return Math.abs(meanUs - stepUs) <= paceTolerance * stepUs;
}

/**
 * Why the frames of slots `start` to `end` (not included) can carry no rate; null where they can. Saturation counts only
 * from `stillSince` on: a person who turns over near the sensor may be beyond its range for a moment.
 */
export function windowFault(checks: StreamChecks, start: number, end: number, stillSince: number): NoRateReason | null {
  let missing = 0;
  let hole = 0;
  let longestHole = 0;
  let repeated = 0;
  let repeatedNow = 0;
  let saturated = 0;
  for (let slot = start; slot < end; slot++) {
    const kind = kindAt(checks, slot);
    hole = kind === isMissing ? hole + 1 : 0;
    longestHole = Math.max(longestHole, hole);
    if (kind === isMissing) missing++;
    if (kind === isRepeated) repeated++;
    if (kind === isRepeated && slot >= end - modelRateHz) repeatedNow++;
    if (kind === isSaturated && slot >= stillSince) saturated++;
  }
  const frames = end - start;
  const still = Math.max(1, end - Math.max(start, stillSince));
  if (repeatedNow >= frozenFrames || repeated > repeatedMax * frames) return "frozen";
  if (saturated > saturatedMax * still) return "saturated";
  // Repeated frames say nothing either.
  return longestHole >= holeMax || missing + repeated > missingMax * frames ? "gaps" : null;
}

/** Share of the slots that hold new samples within the converter's range, 0 to 1. */
export function usableShare(checks: StreamChecks, start: number, end: number): number {
  let usable = 0;
  for (let slot = start; slot < end; slot++) if (kindAt(checks, slot) === isFresh) usable++;
  return end > start ? usable / (end - start) : 0;
}

const kindAt = ({ held, kind }: StreamChecks, slot: number): number => {
  const place = slot % ringSlots;
  return held[place] === slot ? kind[place]! : isMissing;
};
