import type { Estimate, Tensor } from "../contract/door.ts";
import type { RadarIqFrame } from "../contract/frames.ts";
import type { DeviceUs } from "../contract/units.ts";
import { NoRateReason, type Occupancy } from "../contract/words.ts";
import type { BreathWatch } from "./breath-watch.ts";
import {
  acceptAnswer,
  acceptTogether,
  clearRadarPerception,
  dropAnswer,
  forgetBreathing,
  newRadarPerception,
  pendingWindow,
  type RadarPerception,
} from "./radar-room.ts";
import { longRadarSettings, type RadarSettings, usualRadarSettings } from "./radar-settings.ts";
import { readRate } from "./rate-distribution.ts";

/*
 * Two models look at the same radar: one over 30 s, one over five windows of 16 s. Each second both are asked, the long
 * one first. The long one's rate is shown where it is sure; where it is not, the short one's, if the long one's most
 * likely rate is the same. What one of them alone believes is not shown: two networks seldom make the same mistake.
 */

export interface RadarPair {
  readonly long: RadarPerception;
  readonly short: RadarPerception;
  /** What the long one said of its newest second. */
  heard: { readonly estimate: Estimate; readonly rate: Float32Array | null } | null;
  /** Distribution of what is shown, or was most likely; null: none could be told. */
  rate: Float32Array | null;
}

/** Where one is in doubt: two readings farther apart than this are of different things. */
const agreeWithinPerMin = 1;
/** Where both are sure: their windows are of 30 s and 20 s, and irregular breathing differs by so much between them. */
const sureWithinPerMin = 4;

export interface RadarPairSettings {
  readonly long: RadarSettings;
  readonly short: RadarSettings;
}

export const newRadarPair = (
  statedOccupancy: Occupancy | null,
  settings: RadarPairSettings = { long: longRadarSettings, short: usualRadarSettings },
  firstFrameAtMs = 0,
): RadarPair => {
  const long = newRadarPerception(statedOccupancy, settings.long, firstFrameAtMs);
  const short = newRadarPerception(statedOccupancy, settings.short, firstFrameAtMs, long);
  return { long, short, heard: null, rate: null };
};

/** Overwrites every buffer with zero and begins anew; questions in flight are forgotten. */
export function clearRadarPair(pair: RadarPair): void {
  clearRadarPerception(pair.long);
  clearRadarPerception(pair.short);
  pair.heard = null;
  pair.rate = null;
}

/** What was breathed until now is nobody's business. Who is in bed stays known. */
export function forgetPairBreathing(pair: RadarPair): void {
  forgetBreathing(pair.long);
  forgetBreathing(pair.short);
  pair.heard = null;
  pair.rate = null;
}

/** `at`: device time of the frame. The frame is only read. */
export function takeFrame(pair: RadarPair, frame: RadarIqFrame, at: DeviceUs): void {
  acceptTogether([pair.long, pair.short], frame, at);
}

export interface RadarQuestion {
  readonly model: string;
  readonly tensors: readonly Tensor[];
}

/** The next question; undefined while one is open or no second is full. */
export function nextQuestion(pair: RadarPair): RadarQuestion | undefined {
  if (pair.long.asked !== null || pair.short.asked !== null) return undefined;
  for (const perception of [pair.long, pair.short]) {
    // The long one never runs ahead: its word belongs to the short one's next second.
    if (perception === pair.long && pair.long.nextSecond > pair.short.nextSecond) continue;
    const tensors = pendingWindow(perception);
    if (tensors !== undefined) return { model: perception.settings.spec.name, tensors };
  }
  return undefined;
}

/** The open question will get no answer. */
export function dropQuestion(pair: RadarPair): void {
  dropAnswer(pair.long);
  dropAnswer(pair.short);
}

/**
 * The answer to the open question. Undefined: the other model is yet to be asked of the same second.
 *
 * @throws when no question to this model is open or an output is missing: our bug
 */
export function takeAnswer(pair: RadarPair, model: string, outputs: readonly Tensor[]): Estimate | undefined {
  if (model === pair.long.settings.spec.name) {
    const estimate = acceptAnswer(pair.long, outputs);
    pair.heard = { estimate, rate: pair.long.rate };
    return undefined;
  }
  const short = acceptAnswer(pair.short, outputs);
  // Who is in the bed, and whether they were seen to move, is known once.
  pair.long.bed = pair.short.bed;
  const long = pair.heard?.estimate.atMs === short.atMs ? pair.heard : null;
  pair.heard = null;
  const chosen = choose(short, pair.short.rate, long);
  pair.rate = chosen.rate;
  return unseenBreath(chosen.estimate, pair.long.breath);
}

/**
 * A rate that is in doubt while no breathing was seen for long has a name of its own: somebody may have ordered to be told. That the
 * breath has stopped is not said: the network does not tell a chest that stands still from one that it cannot see (docs/evaluation.md).
 */
function unseenBreath(estimate: Estimate, { is }: BreathWatch): Estimate {
  const unseen = is === "stopped" || is === "cannot-see";
  return unseen && unseenDoubts.includes(estimate.reason) ? { ...estimate, reason: "cannot-see-breathing" } : estimate;
}

interface Choice {
  readonly estimate: Estimate;
  readonly rate: Float32Array | null;
}

const order = NoRateReason.options;
/** The long one's own doubts, which the short one may outweigh; all other reasons are about the room or the frames. */
const unseenDoubts: readonly (NoRateReason | null)[] = ["weak-signal", "sources-disagree"];
const doubts: readonly (NoRateReason | null)[] = ["weak-signal", "sources-disagree", "learning"];

function choose(short: Estimate, shortRate: Float32Array | null, long: RadarPair["heard"]): Choice {
  if (long === null) return withheld(short, shortRate, short.reason ?? "model-failed");
  const reasons = [short.reason, long.estimate.reason];
  const barred = order.find((reason) => reasons.includes(reason) && !doubts.includes(reason));
  if (barred !== undefined) return withheld(short, long.rate ?? shortRate, barred);
  const bothSure = short.reason === null && long.estimate.reason === null;
  if (bothSure && !near(short.breathingPerMin, long.estimate.breathingPerMin, sureWithinPerMin)) {
    return withheld(short, long.rate, "sources-disagree");
  }
  if (long.estimate.reason === null) return { estimate: shownBy(long.estimate, short), rate: long.rate };
  if (short.reason !== null) return withheld(short, long.rate ?? shortRate, short.reason);
  const likely = long.rate === null ? undefined : readRate(long.rate);
  if (likely === undefined || !near(short.breathingPerMin, likely.perMin, agreeWithinPerMin)) {
    return withheld(short, long.rate ?? shortRate, "sources-disagree");
  }
  return { estimate: short, rate: shortRate };
}

const near = (a: number | null, b: number | null, withinPerMin: number): boolean =>
  a !== null && b !== null && Math.abs(a - b) <= withinPerMin;

/** Occupancy and movement stay the short one's: it was trained on windows that end soon after a movement. */
const shownBy = (long: Estimate, short: Estimate): Estimate => ({
  ...long,
  occupancy: short.occupancy,
  movement: short.movement,
});

const withheld = (short: Estimate, rate: Float32Array | null, reason: NoRateReason): Choice => ({
  estimate: { ...short, breathingPerMin: null, lowPerMin: null, highPerMin: null, reason },
  rate,
});
