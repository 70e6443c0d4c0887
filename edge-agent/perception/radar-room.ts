import type { Estimate, Tensor } from "../contract/door.ts";
import type { RadarIqFrame } from "../contract/frames.ts";
import type { DeviceUs } from "../contract/units.ts";
import type { Occupancy } from "../contract/words.ts";
import { likenessByLag, takeTrendAway } from "../signal/period.ts";
import { readAnswer } from "./answer-checks.ts";
import { type AnswerPool, addAnswer, emptyPool, pooledFrames, pooledRate } from "./answer-pool.ts";
import { type BedOccupancy, nextOccupancy, occupancyUnknown } from "./bed-occupancy.ts";
import { type BreathWatch, breathUnwatched, nextBreathWatch } from "./breath-watch.ts";
import {
  buildTensors,
  contextFrames,
  framesPerStep,
  modelFramesMax,
  modelPoints,
  modelRateHz,
} from "./radar-breathing.ts";
import { type Fit, gapUs, noteSecond, type SecondNote, statedFit } from "./radar-intake.ts";
import { clearRadarPresence, newRadarPresence, notePresence, type RadarPresence } from "./radar-presence.ts";
import { breathersOf, radarReason } from "./radar-reason.ts";
import { clearRadarRing, newRadarRing, putFrame, type RadarRing, readWindow, ringSlots } from "./radar-ring.ts";
import { type RadarSettings, usualRadarSettings } from "./radar-settings.ts";
import { readRate, stretched } from "./rate-distribution.ts";
import {
  clearStreamChecks,
  forgetStamps,
  newStreamChecks,
  noteFrame,
  type StreamChecks,
  usableShare,
  windowFault,
} from "./stream-checks.ts";

/*
 * Radar frames of one room -> windows for the model -> one estimate for each full second of device time. The window of a
 * second is built only after the answer for the second before, so the same frames give the same estimates whatever the
 * timing of calls.
 */

/** A rate needs this much time since the last gross movement. */
const rateFramesMin = 10 * modelRateHz;
/** Occupancy is told from no less. */
const occupancyFramesMin = 2 * modelRateHz;
/** After a longer gap, or as many seconds of frames that say nothing, nobody knows who is in the bed. */
const forgetUs = 10_000_000;
/** Occupancy and movement need this share of the last second, and of the window they are told from. */
const usableMin = 0.5;
const stepUs = 1e6 / modelRateHz;
/** A day: no gap of a running sensor is that long. */
const absurdUs = 86_400e6;
interface Asked {
  readonly second: number;
  readonly frames: number;
  /** Frames since the last movement, start or gap: what a rate may speak of. */
  readonly stillFrames: number;
  /** Of the sum of all points, by lag in frames; undefined where no rate may be told. */
  readonly likeness: Float64Array | undefined;
  readonly note: SecondNote;
}

export interface RadarPerception {
  readonly statedOccupancy: Occupancy | null;
  readonly settings: RadarSettings;
  readonly ring: RadarRing;
  readonly checks: StreamChecks;
  readonly presence: RadarPresence;
  /** Of the first frame. */
  readonly firstSlot: number;
  /** When presence had its last frame, device time. */
  presenceUs: number;
  readonly workRe: Float64Array;
  readonly workIm: Float64Array;
  /** Device time of slot 0; null before the first frame. */
  originUs: number | null;
  lastUs: number;
  newestSlot: number;
  /** The window never reaches behind this slot: start, gap, or end of the last gross movement. */
  stillSinceSlot: number;
  /** Nor this one: start or gap. */
  streamSinceSlot: number;
  nextSecond: number;
  /** What the newest frame states of itself. */
  fit: Fit;
  /** What each full second was like that was not asked for yet. */
  readonly notes: Map<number, SecondNote>;
  bed: BedOccupancy;
  /** Seconds in a row that said nothing of the bed. */
  blindSec: number;
  /** The last answers since the last gross movement. */
  pool: AnswerPool;
  breath: BreathWatch;
  /** Distribution of the newest answer, bins as the model's; null: none could be told. */
  rate: Float32Array | null;
  /** The model's probability that somebody else is in sight. */
  others: number;
  asked: Asked | null;
  tensors: readonly Tensor[];
  /** Seconds for which no estimate was made because answers came too late. */
  skippedSeconds: number;
}

/** What is kept of the frames themselves, the same for every model that looks at them. */
export type RadarFrames = Pick<RadarPerception, "ring" | "checks" | "presence" | "workRe" | "workIm">;

const newRadarFrames = (): RadarFrames => ({
  ring: newRadarRing(),
  checks: newStreamChecks(),
  presence: newRadarPresence(),
  workRe: new Float64Array(modelPoints * modelFramesMax),
  workIm: new Float64Array(modelPoints * modelFramesMax),
});

/**
 * @param statedOccupancy what a staged recording says of its bed; it takes the place of the radar's own and of the movement rule
 * @param firstFrameAtMs where in a second its first frame counts as coming
 * @param frames of another perception of the same radar, which then gets every frame together with this one
 */
export const newRadarPerception = (
  statedOccupancy: Occupancy | null,
  settings: RadarSettings = usualRadarSettings,
  firstFrameAtMs = 0,
  { ring, checks, presence, workRe, workIm }: RadarFrames = newRadarFrames(),
): RadarPerception => ({
  statedOccupancy,
  settings,
  ring,
  checks,
  presence,
  firstSlot: Math.floor((1_000 * firstFrameAtMs) / stepUs),
  presenceUs: 0,
  workRe,
  workIm,
  originUs: null,
  lastUs: 0,
  newestSlot: -1,
  stillSinceSlot: 0,
  streamSinceSlot: 0,
  nextSecond: 1,
  fit: "right",
  notes: new Map(),
  bed: occupancyUnknown,
  blindSec: 0,
  pool: emptyPool,
  breath: breathUnwatched,
  rate: null,
  others: 0,
  asked: null,
  tensors: [],
  skippedSeconds: 0,
});

/** Overwrites every buffer with zero and begins anew; a question in flight is forgotten. */
export function clearRadarPerception(p: RadarPerception): void {
  clearRadarRing(p.ring);
  clearStreamChecks(p.checks);
  clearRadarPresence(p.presence);
  p.presenceUs = 0;
  p.workRe.fill(0);
  p.workIm.fill(0);
  wipeTensors(p);
  p.originUs = null;
  p.lastUs = 0;
  p.newestSlot = -1;
  p.stillSinceSlot = 0;
  p.streamSinceSlot = 0;
  p.nextSecond = 1;
  p.fit = "right";
  p.notes.clear();
  p.bed = occupancyUnknown;
  p.blindSec = 0;
  p.pool = emptyPool;
  p.breath = breathUnwatched;
  p.rate = null;
  p.others = 0;
  p.asked = null;
  p.skippedSeconds = 0;
}

/** What was breathed until now is nobody's business: a rate needs its time of stillness anew. Who is in bed stays known. */
export function forgetBreathing(p: RadarPerception): void {
  p.stillSinceSlot = Math.max(p.stillSinceSlot, p.newestSlot + 1);
  p.pool = emptyPool;
}

function wipeTensors(p: RadarPerception): void {
  for (const tensor of p.tensors) tensor.data.fill(0);
  p.tensors = [];
}

/** `at`: device time of the frame. Time that runs backwards or a silence begins a new window. */
export function acceptFrame(p: RadarPerception, frame: RadarIqFrame, at: DeviceUs): void {
  acceptTogether([p], frame, at);
}

/** As `acceptFrame`, for perceptions that share what they keep of the frames: what says the same to all of them is worked out once. */
export function acceptTogether(
  all: readonly [RadarPerception, ...RadarPerception[]],
  frame: RadarIqFrame,
  at: DeviceUs,
): void {
  // A time stamp that is no number has no place in any second.
  if (!Number.isFinite(at)) return;
  // Each has had every frame of the others, so all count the same slots.
  const [first] = all;
  let slot = 0;
  for (const p of all) slot = placeFrame(p, frame, at);
  const news = noteFrame(first.checks, frame, slot, at);
  const sinceSec = (at - first.presenceUs) / 1e6;
  const tells = news === "new" && !frame.saturated;
  if (tells) notePresence(first.presence, frame, sinceSec);
  const before = first.fit;
  const fit = statedFit(frame);
  for (const p of all) {
    if (tells) p.presenceUs = at;
    p.fit = fit;
    if (fit === "right" && before !== "right") beginWindow(p, slot);
  }
  // The same samples again are no frame: where they lie, one is missing.
  if (fit === "right" && news === "new") putFrame(first.ring, slot, frame);
}

/** The slot of a frame that has come now; what its time says of the window. */
function placeFrame(p: RadarPerception, frame: RadarIqFrame, at: DeviceUs): number {
  if (p.originUs === null) {
    p.originUs = at - p.firstSlot * stepUs;
    p.stillSinceSlot = p.firstSlot;
    p.streamSinceSlot = p.firstSlot;
  }
  const jump = at - p.lastUs;
  if (p.newestSlot >= 0 && (jump < 0 || jump > gapUs(p.checks, frame))) {
    // Backwards or absurdly far ahead: the sensor's clock began anew; the time since the first frame goes on from here.
    if (jump < 0 || jump > absurdUs) {
      p.originUs = at - (p.newestSlot + 1) * stepUs;
      forgetStamps(p.checks);
      clearRadarPresence(p.presence);
    }
    beginWindow(p, Math.max(p.newestSlot + 1, Math.round((at - p.originUs) / stepUs)));
    if (jump < 0 || jump > forgetUs) p.bed = occupancyUnknown;
  }
  const slot = slotOf(p, p.originUs, at);
  noteFullSeconds(p, slot);
  p.lastUs = at;
  p.newestSlot = Math.max(p.newestSlot, slot);
  return slot;
}

/**
 * Counted on from the slot before, and by the clock only where the two part by most of a slot: with a phase near the
 * middle between slots a little jitter would otherwise put two frames into one and none into the next.
 */
function slotOf(p: RadarPerception, originUs: number, at: number): number {
  const byClock = (at - originUs) / stepUs;
  const counted = p.newestSlot + Math.round((at - p.lastUs) / stepUs);
  return p.newestSlot >= 0 && Math.abs(counted - byClock) <= 0.75 ? counted : Math.max(0, Math.round(byClock));
}

/** The seconds that the frame of `slot` finds full are what they were before it came. */
function noteFullSeconds(p: RadarPerception, slot: number): void {
  const full = Math.floor(slot / modelRateHz);
  for (let second = full; second >= p.nextSecond && !p.notes.has(second); second--) {
    p.notes.set(second, noteSecond(p.checks, p.fit, p.presence, p.lastUs - p.presenceUs));
  }
}

function beginWindow(p: RadarPerception, slot: number): void {
  p.stillSinceSlot = slot;
  p.streamSinceSlot = slot;
  // Seconds that ended within the gap have nothing to tell.
  p.nextSecond = Math.max(p.nextSecond, Math.floor(slot / modelRateHz) + 1);
}

/** The model's inputs for the earliest full second not yet asked for, or undefined: none is full, or one is in flight. */
export function pendingWindow(p: RadarPerception): readonly Tensor[] | undefined {
  if (p.asked !== null || p.originUs === null) return undefined;
  // A second is full when a frame of the next one is here.
  while (p.newestSlot - (p.nextSecond * modelRateHz - modelFramesMax) >= ringSlots) {
    p.nextSecond += 1;
    p.skippedSeconds += 1;
  }
  for (const second of p.notes.keys()) if (second < p.nextSecond) p.notes.delete(second);
  const end = p.nextSecond * modelRateHz;
  if (p.newestSlot < end) return undefined;
  const oldest = Math.max(p.streamSinceSlot, end - p.settings.windowSec * modelRateHz);
  const wanted = Math.max(oldest, Math.min(p.stillSinceSlot, end - contextFrames));
  // Whole steps, counted from the newest frame, as in training.
  const note = p.notes.get(p.nextSecond) ?? noteSecond(p.checks, p.fit, p.presence, 0);
  const frames = note.fit !== "right" ? 0 : Math.floor(Math.max(0, end - wanted) / framesPerStep) * framesPerStep;
  const read = readWindow(p.ring, end - frames, end, p.workRe, p.workIm);
  const built = buildTensors(read.window, p.settings.spec);
  const stillFrames = Math.min(frames, end - p.stillSinceSlot);
  let likeness: Float64Array | undefined;
  if (stillFrames >= rateFramesMin) {
    takeTrendAway(built.beamRe);
    takeTrendAway(built.beamIm);
    likeness = likenessByLag(built.beamRe, built.beamIm, Math.floor(0.6 * frames));
  }
  built.beamRe.fill(0);
  built.beamIm.fill(0);
  p.workRe.fill(0);
  p.workIm.fill(0);
  p.asked = { second: p.nextSecond, frames, stillFrames, likeness, note };
  p.tensors = built.tensors;
  p.nextSecond += 1;
  return built.tensors;
}

/** The question in flight will get no answer. */
export function dropAnswer(p: RadarPerception): void {
  p.asked = null;
  wipeTensors(p);
}

/** What the answer to the question in flight says. @throws when no question is in flight or an output is missing: our bug. */
export function acceptAnswer(p: RadarPerception, outputs: readonly Tensor[]): Estimate {
  const { asked } = p;
  if (asked === null) throw new Error("an answer without a question");
  p.asked = null;
  wipeTensors(p);
  const { frames, note } = asked;
  const end = asked.second * modelRateHz;
  const answer = readAnswer(outputs, p.settings.spec);
  const seen = answer !== undefined && isUsable(p, asked);
  const moved = seen && noteMovement(p, asked, answer.movement);
  if (seen && frames >= occupancyFramesMin) {
    p.bed = nextOccupancy(p.bed, answer.occupied, moved);
    p.blindSec = 0;
  } else if (++p.blindSec * 1e6 > forgetUs) {
    p.bed = occupancyUnknown;
  }
  const fits = note.fit === "right";
  const occupancy = p.statedOccupancy ?? (fits ? p.bed.is : note.presence.occupancy);
  const fault = fits ? windowFault(p.checks, end - frames, end, p.stillSinceSlot) : note.fit;
  p.pool = fault === null && answer !== undefined ? poolAfter(p, asked, answer.rate) : emptyPool;
  const pooled = p.pool.answers.length > 0;
  p.rate = pooled ? pooledRate(p.pool) : (answer?.rate ?? null);
  const windowMs = ((pooled ? pooledFrames(p.pool) : frames) * 1000) / modelRateHz;
  const read = p.rate === null ? undefined : readRate(p.rate);
  const rate = read && stretched(read, windowMs, p.settings.intervalScale);
  p.others = answer?.others ?? 0;
  const breathing = answer?.breathing ?? null;
  p.breath =
    breathing === null
      ? breathUnwatched
      : nextBreathWatch(p.breath, {
          end,
          frames,
          stillSince: Math.max(p.stillSinceSlot, p.streamSinceSlot),
          inBed: occupancy === "in-bed" && fault === null,
          breathing,
          quality: answer?.quality ?? 0,
        });
  const reason =
    fault ??
    radarReason({
      occupancy,
      moved,
      enough: stillFramesOf(p, asked) >= rateFramesMin,
      movementSeen: p.statedOccupancy !== null || p.bed.sinceMovementSec !== null,
      rate,
      answer,
      frames,
      countTolerancePerMin: p.settings.countTolerancePerMin,
      likeness: asked.likeness,
    });
  const shown = reason === null ? rate : undefined;
  return {
    atMs: asked.second * 1000,
    occupancy,
    place: null,
    people: breathersOf(occupancy, reason),
    movement: fits ? (seen ? 100 * meanOfLastSecond(answer.movement) : 0) : note.presence.movement,
    breathingPerMin: shown?.perMin ?? null,
    lowPerMin: shown?.lowPerMin ?? null,
    highPerMin: shown?.highPerMin ?? null,
    quality: frames === 0 || fault !== null ? 0 : (answer?.quality ?? 0),
    windowMs,
    reason,
  };
}

/** Whether the frames say anything of the last second, and of the few seconds that occupancy is told from. */
function isUsable(p: RadarPerception, { frames, second }: Asked): boolean {
  if (frames === 0) return false;
  const end = second * modelRateHz;
  const start = end - Math.min(frames, contextFrames);
  const newest = Math.max(start, end - modelRateHz);
  return usableShare(p.checks, newest, end) >= usableMin && usableShare(p.checks, start, end) >= usableMin;
}

function poolAfter(p: RadarPerception, asked: Asked, rate: Float32Array): AnswerPool {
  const end = asked.second * modelRateHz;
  if (stillFramesOf(p, asked) < rateFramesMin) return emptyPool;
  const since = Math.max(p.stillSinceSlot, p.streamSinceSlot);
  return addAnswer(p.pool, { start: end - asked.frames, end, rate }, since, p.settings.pooledAnswers);
}

/** Frames of the window that lie behind the last gross movement, this answer's own finding included. */
const stillFramesOf = (p: RadarPerception, asked: Asked): number =>
  Math.min(asked.stillFrames, asked.second * modelRateHz - p.stillSinceSlot);

/** 100 x this is `movement`: the model's mean probability of gross movement over the last second. */
function meanOfLastSecond(steps: Float32Array): number {
  const perSecond = modelRateHz / framesPerStep;
  let sum = 0;
  for (let step = steps.length - perSecond; step < steps.length; step++) sum += steps[step]!;
  return Math.max(0, Math.min(1, sum / perSecond));
}

/** Moves the window's start behind the last gross movement in it. True: there was one in the last second. */
function noteMovement(p: RadarPerception, asked: Asked, steps: Float32Array): boolean {
  const end = asked.second * modelRateHz;
  const first = steps.length - asked.frames / framesPerStep;
  for (let step = steps.length - 1; step >= first; step--) {
    // One step alone may be noise: it counts with its neighbours.
    const before = step > first ? steps[step - 1]! : steps[step]!;
    if (steps[step]! < 0.5 || before < 0.35) continue;
    const after = end - (steps.length - 1 - step) * framesPerStep;
    p.stillSinceSlot = Math.max(p.stillSinceSlot, after);
    return end - after < modelRateHz;
  }
  return false;
}
