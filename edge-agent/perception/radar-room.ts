import type { Estimate, Tensor } from "../contract/door.ts";
import type { RadarIqFrame } from "../contract/frames.ts";
import type { DeviceUs } from "../contract/units.ts";
import type { NoRateReason, Occupancy } from "../contract/words.ts";
import { clearestPeriod, likenessByLag, likenessNear, takeTrendAway } from "../signal/period.ts";
import { type AnswerPool, addAnswer, emptyPool, pooledFrames, pooledRate } from "./answer-pool.ts";
import { type BedOccupancy, nextOccupancy, occupancyUnknown } from "./bed-occupancy.ts";
import { type BreathWatch, breathUnwatched, nextBreathWatch } from "./breath-watch.ts";
import {
  buildTensors,
  contextFrames,
  framesPerStep,
  modelFirstPointMm,
  modelFramesMax,
  modelPointStepMm,
  modelPoints,
  modelRateHz,
  modelSteps,
  radarBreathingOutputs,
} from "./radar-breathing.ts";
import { clearRadarRing, newRadarRing, putFrame, type RadarRing, readWindow, ringSlots } from "./radar-ring.ts";
import { type RateReading, readRate } from "./rate-distribution.ts";

/*
 * Radar frames of one room -> windows for the model -> one estimate for each full second of device time. The window of a
 * second is built only after the answer for the second before, so the same frames give the same estimates whatever the
 * timing of calls.
 */

/** A rate needs this much time since the last gross movement. */
const rateFramesMin = 10 * modelRateHz;
/** Occupancy is told from no less. */
const occupancyFramesMin = 2 * modelRateHz;
const gapUs = 1_000_000;
/** After a longer gap nobody knows who is in the bed. */
const forgetUs = 10_000_000;
/** A day: no gap of a running sensor is that long. */
const absurdUs = 86_400e6;
/** From the card's risk-coverage table: at most 0.5 % of what is shown may be wrong by more than 2 /min. */
export const qualityMin = 0.9;
export const halfWidthPerMinMax = 2;
const spoiledMax = 0.2;
/** The model reads the rate twice: as a distribution, and as a count of breaths. Irregular breathing parts the two. */
export const countTolerancePerMin = 1;
/** The classical estimate contradicts where it is this sure, and the model's period fits this much worse. */
const clearLikeness = 0.75;
const contradiction = 0.5;

interface Asked {
  readonly second: number;
  readonly frames: number;
  /** Frames since the last movement, start or gap: what a rate may speak of. */
  readonly stillFrames: number;
  readonly spoiled: number;
  /** Of the sum of all points, by lag in frames; undefined where no rate may be told. */
  readonly likeness: Float64Array | undefined;
  readonly settings: "right" | "wrong";
}

/** What differs between rooms, or between measurements. */
export interface RadarPlan {
  /** A staged recording says who is in its bed; it takes the place of the radar's own finding and of the movement rule. */
  readonly statedOccupancy: Occupancy | null;
  /** Longest window of one answer, s; how many answers, one a second, are put together. */
  readonly windowSec: number;
  readonly pooledAnswers: number;
}

/** 16 s windows of five seconds in a row: together they speak of 20 s. */
export const usualRadarPlan: RadarPlan = { statedOccupancy: null, windowSec: 16, pooledAnswers: 5 };

export interface RadarPerception {
  readonly plan: RadarPlan;
  readonly ring: RadarRing;
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
  settings: "right" | "wrong";
  bed: BedOccupancy;
  /** The last answers since the last gross movement. */
  pool: AnswerPool;
  breath: BreathWatch;
  /** The model's probability that somebody else is in sight. */
  others: number;
  asked: Asked | null;
  tensors: readonly Tensor[];
  /** Seconds for which no estimate was made because answers came too late. */
  skippedSeconds: number;
}

export const newRadarPerception = (plan: RadarPlan): RadarPerception => ({
  plan,
  ring: newRadarRing(),
  workRe: new Float64Array(modelPoints * modelFramesMax),
  workIm: new Float64Array(modelPoints * modelFramesMax),
  originUs: null,
  lastUs: 0,
  newestSlot: -1,
  stillSinceSlot: 0,
  streamSinceSlot: 0,
  nextSecond: 1,
  settings: "right",
  bed: occupancyUnknown,
  pool: emptyPool,
  breath: breathUnwatched,
  others: 0,
  asked: null,
  tensors: [],
  skippedSeconds: 0,
});

/** Overwrites every buffer with zero and begins anew; a question in flight is forgotten. */
export function clearRadarPerception(p: RadarPerception): void {
  clearRadarRing(p.ring);
  p.workRe.fill(0);
  p.workIm.fill(0);
  wipeTensors(p);
  p.originUs = null;
  p.lastUs = 0;
  p.newestSlot = -1;
  p.stillSinceSlot = 0;
  p.streamSinceSlot = 0;
  p.nextSecond = 1;
  p.settings = "right";
  p.bed = occupancyUnknown;
  p.pool = emptyPool;
  p.breath = breathUnwatched;
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

/** `at`: device time of the frame. Time that runs backwards or leaves more than 1 s out begins a new window. */
export function acceptFrame(p: RadarPerception, frame: RadarIqFrame, at: DeviceUs): void {
  if (p.originUs === null) p.originUs = at;
  const stepUs = 1e6 / modelRateHz;
  const jump = at - p.lastUs;
  if (p.newestSlot >= 0 && (jump < 0 || jump > gapUs)) {
    // Backwards or absurdly far ahead: the sensor's clock began anew; the time since the first frame goes on from here.
    if (jump < 0 || jump > absurdUs) p.originUs = at - (p.newestSlot + 1) * stepUs;
    const slot = Math.max(p.newestSlot + 1, Math.round((at - p.originUs) / stepUs));
    beginWindow(p, slot);
    if (jump < 0 || jump > forgetUs) p.bed = occupancyUnknown;
  }
  p.lastUs = at;
  const slot = Math.round((at - p.originUs) / stepUs);
  p.newestSlot = Math.max(p.newestSlot, slot);
  if (!fits(frame)) {
    p.settings = "wrong";
    return;
  }
  if (p.settings === "wrong") {
    p.settings = "right";
    beginWindow(p, slot);
  }
  putFrame(p.ring, slot, frame);
}

function beginWindow(p: RadarPerception, slot: number): void {
  p.stillSinceSlot = slot;
  p.streamSinceSlot = slot;
  // Seconds that ended within the gap have nothing to tell.
  p.nextSecond = Math.max(p.nextSecond, Math.floor(slot / modelRateHz) + 1);
}

function fits(frame: RadarIqFrame): boolean {
  return (
    frame.points === modelPoints &&
    frame.sweeps >= 2 &&
    Math.abs(frame.frameRateHz - modelRateHz) <= 0.02 * modelRateHz &&
    Math.abs(frame.firstPointMm - modelFirstPointMm) <= 10 &&
    Math.abs(frame.pointStepMm - modelPointStepMm) <= 1
  );
}

/** The model's inputs for the earliest full second not yet asked for, or undefined: none is full, or one is in flight. */
export function pendingWindow(p: RadarPerception): readonly Tensor[] | undefined {
  if (p.asked !== null || p.originUs === null) return undefined;
  // A second is full when a frame of the next one is here.
  while (p.newestSlot - (p.nextSecond * modelRateHz - modelFramesMax) >= ringSlots) {
    p.nextSecond += 1;
    p.skippedSeconds += 1;
  }
  const end = p.nextSecond * modelRateHz;
  if (p.newestSlot < end) return undefined;
  const oldest = Math.max(p.streamSinceSlot, end - p.plan.windowSec * modelRateHz);
  const wanted = Math.max(oldest, Math.min(p.stillSinceSlot, end - contextFrames));
  // Whole steps, counted from the newest frame, as in training.
  const frames = p.settings === "wrong" ? 0 : Math.floor(Math.max(0, end - wanted) / framesPerStep) * framesPerStep;
  const read = readWindow(p.ring, end - frames, end, p.workRe, p.workIm);
  const built = buildTensors(read.window);
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
  p.asked = { second: p.nextSecond, frames, stillFrames, spoiled: read.spoiled, likeness, settings: p.settings };
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
  const output = (name: string): Float32Array => {
    const found = outputs.find((tensor) => tensor.name === name);
    const plan = radarBreathingOutputs.find((tensor) => tensor.name === name);
    const size = plan?.dims.reduce((product, dim) => product * dim, 1);
    if (found === undefined || found.data.length !== size) throw new Error(`the model's output ${name} is missing`);
    return found.data;
  };
  const steps = output("movement");
  const movement = asked.frames === 0 ? 0 : 100 * meanOfLastSecond(steps);
  const moved = noteMovement(p, asked, steps);
  if (asked.frames >= occupancyFramesMin) p.bed = nextOccupancy(p.bed, output("occupied")[0]!, moved);
  const occupancy = p.plan.statedOccupancy ?? p.bed.is;
  p.others = output("others")[0]!;
  p.pool = poolAfter(p, asked, output("rate"));
  const pooled = p.pool.answers.length > 0;
  const rate = readRate(pooled ? pooledRate(p.pool) : output("rate"));
  const quality = Math.max(0, Math.min(1, output("quality")[0]!));
  p.breath = nextBreathWatch(p.breath, {
    end: asked.second * modelRateHz,
    frames: asked.frames,
    stillSince: Math.max(p.stillSinceSlot, p.streamSinceSlot),
    inBed: occupancy === "in-bed" && asked.settings === "right",
    breathing: output("breathing"),
    quality,
  });
  const reason = reasonOf(p, asked, occupancy, moved, rate, quality, output("breaths"));
  const shown = reason === null ? rate : undefined;
  return {
    atMs: asked.second * 1000,
    occupancy,
    movement,
    breathingPerMin: shown?.perMin ?? null,
    lowPerMin: shown?.lowPerMin ?? null,
    highPerMin: shown?.highPerMin ?? null,
    quality: asked.frames === 0 ? 0 : quality,
    windowMs: ((pooled ? pooledFrames(p.pool) : asked.frames) * 1000) / modelRateHz,
    reason,
  };
}

function poolAfter(p: RadarPerception, asked: Asked, rate: Float32Array): AnswerPool {
  const end = asked.second * modelRateHz;
  if (asked.settings === "wrong" || stillFramesOf(p, asked) < rateFramesMin) return emptyPool;
  const since = Math.max(p.stillSinceSlot, p.streamSinceSlot);
  return addAnswer(p.pool, { start: end - asked.frames, end, rate }, since, p.plan.pooledAnswers);
}

/** Frames of the window that lie behind the last gross movement, this answer's own finding included. */
const stillFramesOf = (p: RadarPerception, asked: Asked): number =>
  Math.min(asked.stillFrames, asked.second * modelRateHz - p.stillSinceSlot);

/** 100 x this is `movement`: the model's mean probability of gross movement over the last second. */
function meanOfLastSecond(steps: Float32Array): number {
  const perSecond = modelRateHz / framesPerStep;
  let sum = 0;
  for (let step = modelSteps - perSecond; step < modelSteps; step++) sum += steps[step]!;
  return Math.max(0, Math.min(1, sum / perSecond));
}

/** Moves the window's start behind the last gross movement in it. True: there was one in the last second. */
function noteMovement(p: RadarPerception, asked: Asked, steps: Float32Array): boolean {
  const end = asked.second * modelRateHz;
  const first = modelSteps - asked.frames / framesPerStep;
  for (let step = modelSteps - 1; step >= first; step--) {
    // One step alone may be noise: it counts with its neighbours.
    const before = step > first ? steps[step - 1]! : steps[step]!;
    if (steps[step]! < 0.5 || before < 0.35) continue;
    const after = end - (modelSteps - 1 - step) * framesPerStep;
    p.stillSinceSlot = Math.max(p.stillSinceSlot, after);
    return end - after < modelRateHz;
  }
  return false;
}

function reasonOf(
  p: RadarPerception,
  asked: Asked,
  occupancy: Occupancy,
  moved: boolean,
  rate: RateReading | undefined,
  quality: number,
  breaths: Float32Array,
): NoRateReason | null {
  if (asked.settings === "wrong") return "sensor-settings";
  // `learning` is told while nothing better is known: an empty bed and a movement have their own words.
  if (occupancy === "unknown") return "learning";
  if (occupancy === "empty") return "nobody-in-bed";
  if (moved) return "moving";
  if (stillFramesOf(p, asked) < rateFramesMin) return "learning";
  if (p.plan.statedOccupancy === null && p.bed.sinceMovementSec === null) return "no-natural-movement";
  if (rate === undefined) return "weak-signal";
  if (disagrees(rate.perMin, asked, breaths)) return "sources-disagree";
  if (asked.spoiled > spoiledMax || quality < qualityMin) return "weak-signal";
  return rate.highPerMin - rate.lowPerMin > 2 * halfWidthPerMinMax ? "weak-signal" : null;
}

/** The model's distribution against its own count of breaths, and against a clear period of the summed signal. */
function disagrees(perMin: number, asked: Asked, breaths: Float32Array): boolean {
  const first = modelSteps - asked.frames / framesPerStep;
  let count = 0;
  for (let step = first; step < modelSteps; step++) count += breaths[step]!;
  const counted = (60 * count * modelRateHz) / asked.frames;
  if (Math.abs(counted - perMin) > countTolerancePerMin) return true;
  if (asked.likeness === undefined) return false;
  const fastest = Math.floor((60 * modelRateHz) / 60);
  const clearest = clearestPeriod(asked.likeness, fastest, asked.likeness.length);
  if (clearest === undefined || clearest.likeness < clearLikeness) return false;
  const atModel = likenessNear(asked.likeness, (60 * modelRateHz) / perMin, 0.15);
  return clearest.likeness - atModel >= contradiction;
}
