import type { Tensor } from "../contract/door.ts";
import type { RadarTargetsFrame, RadarVitalsFrame } from "../contract/module-frames.ts";
import type { DeviceUs } from "../contract/units.ts";
import type { NoRateReason, Occupancy } from "../contract/words.ts";
import type { DepthBreathing } from "./depth-estimate.ts";
import {
  buildDisplacementTensors,
  type DisplacementCalibration,
  displacementReason,
  displacementStepMs,
  displacementWindowMsMin,
  readDisplacementAnswer,
  seriesReason,
} from "./displacement-rate.ts";
import type { DisplacementViews } from "./displacement-series.ts";
import { clearWaveRing, newestMm, newestUs, newWaveRing, putWave, samplesOf, type WaveRing } from "./wave-ring.ts";

/*
 * A module that estimates by itself: what it says of presence and movement is taken as said, its displacement wave goes to
 * the model displacement-rate, and its own breathing rate is never shown: it can only disagree (DESIGN 5).
 */

/** Of one full second of the module's time. */
export interface ModuleEstimate {
  readonly atMs: number;
  readonly occupancy: Occupancy;
  /** 0-100, as the module scores it, or by its flag. */
  readonly movement: number;
  /** What may be shown; null wherever `reason` says why not. */
  readonly breathing: DepthBreathing | null;
  /** The module's own rate, /min; 0: it says that it has none; null: it says nothing. */
  readonly ownPerMin: number | null;
  readonly reason: NoRateReason | null;
}

const windowMsMax = 30_000;
/** A gap in the messages after which nobody knows what was in between, and of a module that speaks seldom: so many of its own. */
const gapUs = 3_000_000;
const gapFrames = 3;
const gapUsOf = (frameRateHz: number): number => Math.max(gapUs, Math.min(silentUs, (gapFrames * 1e6) / frameRateHz));
/** What a module said of a rate or of movement holds for so long. */
const ownHoldsUs = 10_000_000;
const movedHoldsUs = 1_000_000;
/** Its word on presence, which some say at a change only, as long as what else it says goes with it. */
const presentHoldsUs = 60_000_000;
/** TI's people tracking sends 15 samples every 1.35 s. */
const pieceUs = 2_000_000;
/** A module's own score from here on is a gross movement: lying still scores little. */
const movementMin = 50;
/** So long without a sample, or without a word on presence, and the module does not send them. */
const silentUs = 15_000_000;

interface Due {
  readonly second: number;
  readonly windowMs: number;
  readonly views: DisplacementViews;
}

export interface ModulePerception {
  readonly calibration: DisplacementCalibration | null;
  readonly wave: WaveRing;
  originUs: number | null;
  newestUs: number;
  /** A rate speaks of nothing before. */
  stillSinceUs: number;
  nextSecond: number;
  /** Distance that the wave's last sample was of, and what is added to its samples since. */
  waveOfMm: number | null;
  shiftMm: number;
  present: boolean | null;
  /** When that was last said or borne out, or nothing was known any more. */
  presentUs: number;
  movedUs: number;
  movement: number;
  own: { readonly perMin: number; readonly atUs: number } | null;
  asked: Due | null;
  tensors: readonly Tensor[];
  latest: ModuleEstimate | null;
}

/** @param calibration of displacement-rate; null: this module sends no wave */
export const newModulePerception = (calibration: DisplacementCalibration | null): ModulePerception => ({
  calibration,
  wave: newWaveRing(),
  originUs: null,
  newestUs: 0,
  stillSinceUs: 0,
  nextSecond: 1,
  waveOfMm: null,
  shiftMm: 0,
  present: null,
  presentUs: 0,
  movedUs: Number.NEGATIVE_INFINITY,
  movement: 0,
  own: null,
  asked: null,
  tensors: [],
  latest: null,
});

/** Overwrites every buffer with zero and begins anew; a question in flight is forgotten. */
export function clearModulePerception(p: ModulePerception): void {
  clearWaveRing(p.wave);
  wipeTensors(p);
  Object.assign(p, { ...newModulePerception(p.calibration), wave: p.wave });
}

/** What was breathed until now is nobody's business. */
export function forgetModuleBreathing(p: ModulePerception): void {
  clearWaveRing(p.wave);
  p.stillSinceUs = p.newestUs;
  p.own = null;
}

/** @param at device time of the newest sample, or of the message */
export function acceptModuleFrame(
  p: ModulePerception,
  frame: RadarVitalsFrame | RadarTargetsFrame,
  at: DeviceUs,
): void {
  if (!Number.isFinite(at)) return;
  if (p.originUs === null) {
    p.originUs = at;
    p.stillSinceUs = at;
    p.presentUs = at;
  } else if (at < p.newestUs || at - p.newestUs > gapUsOf(frame.frameRateHz)) {
    // Its clock began anew, or nobody knows what was in between.
    clearWaveRing(p.wave);
    if (at < p.newestUs) p.originUs = at - (p.newestUs - p.originUs);
    forgetPresence(p, at);
    p.movement = 0;
    p.own = null;
    p.nextSecond = Math.max(p.nextSecond, Math.floor((at - p.originUs) / 1e6) + 1);
  }
  p.newestUs = at;
  if (frame.present !== null) notePresence(p, frame.present, at);
  else if (bearsOut(p.present, frame)) p.presentUs = at;
  else if (p.present !== null && at - p.presentUs > presentHoldsUs) forgetPresence(p, at);
  if (frame.movement !== null) p.movement = frame.movement;
  if (frame.moving === true || (frame.movement ?? 0) >= movementMin) {
    p.movedUs = at;
    p.stillSinceUs = at;
  }
  if (frame.breathingPerMin !== null) p.own = { perMin: frame.breathingPerMin, atUs: at };
  if ("wave" in frame && frame.wave.length > 0) takeWave(p, frame, at);
}

/**
 * A module that unwraps the phase of one range bin begins another path where it changes to the next: the message that says
 * another distance, sample by sample, goes on where the wave was.
 */
function takeWave(p: ModulePerception, { wave, waveStepUs, distanceMm }: RadarVitalsFrame, at: number): void {
  const before = newestMm(p.wave);
  if (wave.length === 1 && distanceMm !== null) {
    if (p.waveOfMm !== null && p.waveOfMm !== distanceMm && before !== undefined) p.shiftMm = before - wave[0]!;
    p.waveOfMm = distanceMm;
  }
  putWave(p.wave, p.shiftMm === 0 ? wave : wave.map((mm) => mm + p.shiftMm), at, waveStepUs ?? 0);
}

function notePresence(p: ModulePerception, present: boolean, at: number): void {
  // Who comes breathes their own breaths.
  if (present !== p.present) p.stillSinceUs = at;
  p.present = present;
  p.presentUs = at;
}

/** Whoever comes or goes meanwhile, nobody would know. */
function forgetPresence(p: ModulePerception, at: number): void {
  p.present = null;
  p.presentUs = at;
  p.stillSinceUs = at;
}

/** Who is there moves or breathes by the module's own numbers, if only a little; where nobody is neither is more than 0. */
function bearsOut(
  present: boolean | null,
  { moving, movement, breathingPerMin }: RadarVitalsFrame | RadarTargetsFrame,
) {
  if (present === null) return false;
  const lives = moving === true || (movement ?? 0) > 0 || (breathingPerMin ?? 0) > 0;
  return present ? lives : !lives && (movement === 0 || breathingPerMin === 0);
}

/** The model's inputs for the newest full second, or undefined: none is full, one is in flight, or it tells nothing (`latest` says why). */
export function pendingModuleQuestion(p: ModulePerception): readonly Tensor[] | undefined {
  if (p.asked !== null || p.originUs === null) return undefined;
  const second = Math.floor((p.newestUs - p.originUs) / 1e6);
  if (second < p.nextSecond) return undefined;
  p.nextSecond = second + 1;
  const due = reasonBefore(p) ?? question(p, second);
  if (typeof due === "string") {
    tell(p, second, null, due);
    return undefined;
  }
  p.asked = due;
  return p.tensors;
}

/** What holds whatever a model would say. */
function reasonBefore(p: ModulePerception): NoRateReason | null {
  const sinceUs = p.newestUs - (p.originUs ?? p.newestUs);
  if (p.calibration === null || (p.wave.count === 0 && sinceUs > silentUs)) return "no-breathing-sensor";
  if (p.present === null) return p.newestUs - p.presentUs > silentUs ? "no-occupancy-sensor" : "learning";
  if (!p.present) return "nobody-in-bed";
  if (p.newestUs - p.movedUs <= movedHoldsUs) return "moving";
  return null;
}

function question(p: ModulePerception, second: number): Due | NoRateReason {
  const sampleUs = newestUs(p.wave) ?? p.newestUs;
  // Modules that send their wave in pieces are a piece behind.
  const endUs = p.newestUs - sampleUs <= pieceUs ? sampleUs : p.newestUs;
  const endMs = endUs / 1_000;
  const stillMs = (endUs - p.stillSinceUs) / 1_000;
  const windowMs = Math.floor(Math.min(windowMsMax, stillMs) / displacementStepMs) * displacementStepMs;
  if (windowMs < displacementWindowMsMin) return "learning";
  const samples = samplesOf(p.wave);
  const reason = seriesReason(samples, endMs, windowMs);
  if (reason !== null) return reason;
  const { tensors, views } = buildDisplacementTensors(samples, endMs, windowMs);
  samples.mm.fill(0);
  p.tensors = tensors;
  return { second, windowMs, views };
}

/** The question in flight will get no answer. */
export function dropModuleAnswer(p: ModulePerception): void {
  p.asked = null;
  wipeTensors(p);
}

/** What the answer to the question in flight says. @throws when no question is in flight or an output is missing: our bug. */
export function acceptModuleAnswer(p: ModulePerception, outputs: readonly Tensor[]): void {
  const { asked, calibration } = p;
  if (asked === null || calibration === null) throw new Error("an answer without a question");
  dropModuleAnswer(p);
  const { second, windowMs, views } = asked;
  const answer = readDisplacementAnswer(outputs, calibration, windowMs);
  if (answer === undefined) {
    tell(p, second, null, "model-failed");
    return;
  }
  const { perMin, lowPerMin, highPerMin, quality, rate } = answer;
  const found = { perMin, lowPerMin, highPerMin, quality, windowMs, rate };
  const reason = displacementReason(views, answer, calibration, windowMs);
  tell(p, second, found, reason ?? (disagrees(perMin, ownOf(p)) ? "sources-disagree" : null));
}

/** Two rates this far apart are of different things; modules say whole breaths a minute, over windows of their own. */
const ownWithinPerMin = 4;

/** @param ownPerMin null or 0: the module says nothing that could disagree */
export const disagrees = (perMin: number, ownPerMin: number | null): boolean =>
  ownPerMin !== null && ownPerMin > 0 && Math.abs(perMin - ownPerMin) > ownWithinPerMin;

const ownOf = (p: ModulePerception): number | null =>
  p.own !== null && p.newestUs - p.own.atUs <= ownHoldsUs ? p.own.perMin : null;

function tell(p: ModulePerception, second: number, found: DepthBreathing | null, reason: NoRateReason | null): void {
  p.latest = {
    atMs: 1_000 * second,
    occupancy: p.present === null ? "unknown" : p.present ? "in-bed" : "empty",
    movement: p.newestUs - p.movedUs <= movedHoldsUs ? Math.max(movementMin, p.movement) : Math.min(p.movement, 49),
    breathing: reason === null ? found : null,
    ownPerMin: ownOf(p),
    reason,
  };
}

function wipeTensors(p: ModulePerception): void {
  for (const tensor of p.tensors) tensor.data.fill(0);
  p.tensors = [];
}
