import type { DepthFrame } from "../contract/frames.ts";
import type { NoRateReason } from "../contract/words.ts";
import { viewOf } from "./depth-geometry.ts";
import { depthRateHz, depthSlots } from "./depth-ring.ts";

/*
 * What a stream of depth frames betrays of its sensor, whatever they seem to show: the same frame again, frames that are
 * not there, another pace than was stated, too little that came back. A number made of such frames looks as fine as any.
 */

/** A frame with fewer valid pixels than this shows nothing. */
const validMin = 0.3;
/** Of a window's frames: more than this missing, poor, or come again. */
const missingMax = 0.2;
const repeatedMax = 0.1;
/** Longest hole within a window, frames: a quarter of a fast breath may hide in 0.5 s. */
const holeMax = 0.5 * depthRateHz;
/** A second of which half came again is a frozen sensor, however long the window. */
const frozenFrames = 0.5 * depthRateHz;
/** Noise never makes the same frame twice; a frame is looked for among so many before it. */
const printsLooked = 3 * depthRateHz;
const paceTolerance = 0.03;
const stampsMin = 8;
const stampsHeld = 51;

const isMissing = 0;
const isFresh = 1;
const isPoor = 2;
const isRepeated = 3;

export type DepthFit = "right" | "frame-rate" | "sensor-settings";

export interface DepthIntake {
  readonly held: Int32Array;
  readonly kind: Uint8Array;
  readonly prints: Uint32Array;
  /** The newest time stamps, us. */
  readonly stamps: number[];
}

export const newDepthIntake = (): DepthIntake => ({
  held: new Int32Array(depthSlots).fill(-1),
  kind: new Uint8Array(depthSlots),
  prints: new Uint32Array(depthSlots),
  stamps: [],
});

/** Overwrites everything. */
export function clearDepthIntake(intake: DepthIntake): void {
  intake.held.fill(-1);
  intake.kind.fill(isMissing);
  intake.prints.fill(0);
  intake.stamps.length = 0;
}

/** The sensor's clock began anew: what came before says nothing of its pace. */
export function forgetDepthStamps(intake: DepthIntake): void {
  intake.stamps.length = 0;
}

/** By what the frame states of itself. */
export function statedDepthFit(frame: DepthFrame): DepthFit {
  // Turned round so that a number that is none does not fit.
  if (!(Math.abs(frame.frameRateHz - depthRateHz) <= 0.02 * depthRateHz)) return "frame-rate";
  const angle = (deg: number): boolean => deg >= 20 && deg <= 120;
  return viewOf(frame) !== undefined && angle(frame.acrossDeg) && angle(frame.downDeg) ? "right" : "sensor-settings";
}

/** One more frame. `repeated` and `poor` ones are no frames: where they lie, one is missing. */
export function noteDepthFrame(
  intake: DepthIntake,
  frame: DepthFrame,
  slot: number,
  atUs: number,
): "new" | "repeated" | "poor" {
  intake.stamps.push(atUs);
  if (intake.stamps.length > stampsHeld) intake.stamps.shift();
  // FNV-1a over the pixels.
  let print = 0x811c9dc5;
  let valid = 0;
  for (const mm of frame.mm) {
    print = Math.imul(print ^ mm, 0x01000193);
    if (mm !== 0) valid += 1;
  }
  print >>>= 0;
  let repeated = false;
  for (let before = Math.max(0, slot - printsLooked); before <= slot && !repeated; before++) {
    const place = before % depthSlots;
    repeated = intake.held[place] === before && intake.prints[place] === print && intake.kind[place] !== isMissing;
  }
  const place = slot % depthSlots;
  const poor = valid < validMin * frame.mm.length;
  intake.held[place] = slot;
  intake.prints[place] = print;
  intake.kind[place] = repeated ? isRepeated : poor ? isPoor : isFresh;
  return repeated ? "repeated" : poor ? "poor" : "new";
}

/** Whether the newest time stamps go at the model's pace; lost frames do not make a stream slow. */
export function depthPaceFits({ stamps }: DepthIntake): boolean {
  if (stamps.length <= stampsMin) return true;
  const steps: number[] = [];
  for (let i = 1; i < stamps.length; i++) steps.push(stamps[i]! - stamps[i - 1]!);
  steps.sort((a, b) => a - b);
  const stepUs = 1e6 / depthRateHz;
  // Where every third frame is lost, half of the steps are double ones.
  const usual = steps[Math.floor(steps.length / 3)]!;
  if (Math.abs(usual - stepUs) > 0.3 * stepUs) return false;
  // Jitter cancels over the whole stretch.
  let whole = 0;
  for (const step of steps) whole += Math.max(1, Math.round(step / stepUs));
  const meanUs = (stamps.at(-1)! - stamps[0]!) / whole;
  return Math.abs(meanUs - stepUs) <= paceTolerance * stepUs;
}

/** Why the frames of slots `start` to `end` (not included) can carry no rate; null where they can. */
export function depthFault(intake: DepthIntake, start: number, end: number): NoRateReason | null {
  let missing = 0;
  let hole = 0;
  let longestHole = 0;
  let poor = 0;
  let repeated = 0;
  let repeatedNow = 0;
  for (let slot = start; slot < end; slot++) {
    const kind = kindAt(intake, slot);
    hole = kind === isMissing ? hole + 1 : 0;
    longestHole = Math.max(longestHole, hole);
    if (kind === isMissing) missing++;
    if (kind === isPoor) poor++;
    if (kind === isRepeated) repeated++;
    if (kind === isRepeated && slot >= end - depthRateHz) repeatedNow++;
  }
  const frames = end - start;
  if (repeatedNow >= frozenFrames || repeated > repeatedMax * frames) return "frozen";
  if (longestHole >= holeMax || missing + repeated > missingMax * frames) return "gaps";
  return poor > missingMax * frames ? "weak-signal" : null;
}

/** Share of the slots that hold frames which show something, 0 to 1. */
export function depthUsableShare(intake: DepthIntake, start: number, end: number): number {
  let usable = 0;
  for (let slot = start; slot < end; slot++) if (kindAt(intake, slot) === isFresh) usable++;
  return end > start ? usable / (end - start) : 0;
}

const kindAt = ({ held, kind }: DepthIntake, slot: number): number => {
  const place = slot % depthSlots;
  return slot >= 0 && held[place] === slot ? kind[place]! : isMissing;
};
