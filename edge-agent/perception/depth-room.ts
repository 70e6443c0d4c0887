import type { Placement } from "../contract/config.ts";
import type { Tensor } from "../contract/door.ts";
import type { DepthFrame } from "../contract/frames.ts";
import type { DeviceUs } from "../contract/units.ts";
import type { NoRateReason } from "../contract/words.ts";
import { bedUnknown, type DepthBed, nextDepthBed } from "./depth-bed.ts";
import { maskedWave } from "./depth-displacement.ts";
import { type DepthEstimate, estimateOfDepth, type WaveFound } from "./depth-estimate.ts";
import { type DepthGeometry, type DepthView, depthGeometry, viewOf } from "./depth-geometry.ts";
import {
  clearDepthIntake,
  type DepthFit,
  type DepthIntake,
  depthFault,
  depthPaceFits,
  depthUsableShare,
  forgetDepthStamps,
  newDepthIntake,
  noteDepthFrame,
  statedDepthFit,
} from "./depth-intake.ts";
import {
  clearDepthRing,
  type DepthRing,
  depthRateHz,
  depthSlots,
  glance,
  glanceSlots,
  newDepthRing,
  putDepthFrame,
} from "./depth-ring.ts";
import { buildDepthTensors, type DepthAnswer, depthModelNames, readDepthAnswer } from "./depth-scene.ts";
import {
  buildDisplacementTensors,
  type DisplacementCalibration,
  displacementModelName,
  displacementReason,
  displacementStepMs,
  readDisplacementAnswer,
  seriesReason,
} from "./displacement-rate.ts";
import type { DisplacementViews } from "./displacement-series.ts";

/*
 * Depth frames of one room -> a scene twice a second -> a breathing wave under the mask and one estimate for each full
 * second of device time. A question is made only after the answer to the one before, so the same frames give the same
 * estimates whatever the timing of calls.
 */

const stepUs = 1e6 / depthRateHz;
/** How far back a rate looks, and how little stillness it needs, by sensor: light decides. */
const windowSec: Readonly<Record<DepthView, number>> = { "80x60": 30, "8x8": 60 };
const windowSecMin: Readonly<Record<DepthView, number>> = { "80x60": 10, "8x8": 20 };
/** A silence that begins a new window; after a longer one nobody knows who is in the bed. */
const gapUs = 1e6;
const forgetUs = 1e7;
/** A day: no gap of a running sensor is that long. */
const absurdUs = 86_400e6;
/** The mask is a running mean: one answer's error does not move the wave. */
const maskKeeps = 0.8;
/** Below this chance the last second was still. */
const movingMin = 0.5;

type Asked = { readonly of: "scene"; readonly end: number } | { readonly of: "wave"; readonly due: Due };

/** A scene that was answered at a full second, and the question for its rate. */
interface Due {
  readonly end: number;
  readonly answer: DepthAnswer;
  readonly windowMs: number;
  readonly views: DisplacementViews;
  readonly tensors: readonly Tensor[];
}

export interface DepthPerception {
  readonly placement: Placement;
  readonly calibration: DisplacementCalibration;
  readonly intake: DepthIntake;
  ring: DepthRing | null;
  geometry: DepthGeometry | null;
  angles: readonly [number, number];
  /** Of the first frame. */
  readonly firstSlot: number;
  originUs: number | null;
  lastUs: number;
  newestSlot: number;
  streamSinceSlot: number;
  /** No rate looks behind this slot: start, gap, or end of the last gross movement. */
  stillSinceSlot: number;
  /** Next half second to be asked for. */
  nextHalf: number;
  fit: DepthFit;
  bed: DepthBed;
  /** Probability of trunk, [cell], smoothed; empty before the first answer and after a movement. */
  trunk: Float32Array;
  blindSec: number;
  asked: Asked | null;
  /** What is to be asked next, before any other scene. */
  due: Due | null;
  tensors: readonly Tensor[];
  latest: DepthEstimate | null;
}

const nowhere = new Float32Array(0);

/** `firstFrameAtMs`: where in a second its first frame counts as coming. */
export const newDepthPerception = (
  placement: Placement,
  calibration: DisplacementCalibration,
  firstFrameAtMs = 0,
): DepthPerception => ({
  placement,
  calibration,
  firstSlot: Math.floor((1_000 * firstFrameAtMs) / stepUs),
  intake: newDepthIntake(),
  ring: null,
  geometry: null,
  angles: [0, 0],
  originUs: null,
  lastUs: 0,
  newestSlot: -1,
  streamSinceSlot: 0,
  stillSinceSlot: 0,
  nextHalf: 1,
  fit: "right",
  bed: bedUnknown,
  trunk: nowhere,
  blindSec: 0,
  asked: null,
  due: null,
  tensors: [],
  latest: null,
});

/** Overwrites every buffer with zero and begins anew; a question in flight is forgotten. */
export function clearDepthPerception(p: DepthPerception): void {
  if (p.ring !== null) clearDepthRing(p.ring);
  clearDepthIntake(p.intake);
  p.trunk.fill(0);
  wipe(p);
  Object.assign(p, {
    originUs: null,
    lastUs: 0,
    newestSlot: -1,
    streamSinceSlot: 0,
    stillSinceSlot: 0,
    nextHalf: 1,
    fit: "right",
    bed: bedUnknown,
    trunk: nowhere,
    blindSec: 0,
    asked: null,
    due: null,
    latest: null,
  } satisfies Partial<DepthPerception>);
}

/** What was breathed until now is nobody's business: a rate needs its time of stillness anew. Who is in bed stays known. */
export function forgetDepthBreathing(p: DepthPerception): void {
  p.stillSinceSlot = Math.max(p.stillSinceSlot, p.newestSlot + 1);
  p.latest = p.latest && { ...p.latest, breathing: null, evidence: null, reason: p.latest.reason ?? "learning" };
}

function wipe(p: DepthPerception): void {
  for (const tensor of [...p.tensors, ...(p.due?.tensors ?? [])]) tensor.data.fill(0);
  p.tensors = [];
}

/** `at`: device time of the frame. Time that runs backwards or a silence begins a new window. */
export function acceptDepthFrame(p: DepthPerception, frame: DepthFrame, at: DeviceUs): void {
  if (!Number.isFinite(at)) return;
  if (p.originUs === null) {
    p.originUs = at - p.firstSlot * stepUs;
    p.stillSinceSlot = p.firstSlot;
    p.streamSinceSlot = p.firstSlot;
  }
  const jump = at - p.lastUs;
  if (p.newestSlot >= 0 && (jump < 0 || jump > gapUs)) {
    if (jump < 0 || jump > absurdUs) {
      p.originUs = at - (p.newestSlot + 1) * stepUs;
      forgetDepthStamps(p.intake);
    }
    beginWindow(p, Math.max(p.newestSlot + 1, Math.round((at - p.originUs) / stepUs)));
    if (jump < 0 || jump > forgetUs) p.bed = bedUnknown;
  }
  const slot = slotOf(p, p.originUs, at);
  const before = p.newestSlot;
  p.lastUs = at;
  p.newestSlot = Math.max(p.newestSlot, slot);
  lookAtFullHalves(p, before);
  const stated = statedDepthFit(frame);
  const news = noteDepthFrame(p.intake, frame, slot, at);
  if (stated !== "right") {
    p.fit = stated;
    return;
  }
  if (p.fit !== "right") beginWindow(p, slot);
  p.fit = "right";
  fitRing(p, frame, slot);
  if (news === "new" && p.ring !== null) putDepthFrame(p.ring, slot, frame, at);
}

/** Counted on from the slot before, and by the clock where the two part by most of a slot: jitter must not leave holes. */
function slotOf(p: DepthPerception, originUs: number, at: number): number {
  const byClock = (at - originUs) / stepUs;
  const counted = p.newestSlot + Math.round((at - p.lastUs) / stepUs);
  return p.newestSlot >= 0 && Math.abs(counted - byClock) <= 0.75 ? counted : Math.max(0, Math.round(byClock));
}

/** Glances are made when their last frame is here: the frames themselves may be gone when a late answer comes. */
function lookAtFullHalves(p: DepthPerception, before: number): void {
  if (p.ring === null) return;
  const from = Math.max(Math.floor(Math.max(0, before) / glanceSlots) + 1, Math.ceil(p.streamSinceSlot / glanceSlots));
  for (let half = from; half * glanceSlots <= p.newestSlot; half++) {
    if (half * glanceSlots > before) glance(p.ring, half * glanceSlots);
  }
}

/** The buffers of this sensor; frames of another shape or angle begin anew. */
function fitRing(p: DepthPerception, frame: DepthFrame, slot: number): void {
  const view = viewOf(frame);
  if (view === undefined) return;
  const same = p.ring?.view === view && p.angles[0] === frame.acrossDeg && p.angles[1] === frame.downDeg;
  if (same) return;
  if (p.ring !== null) {
    clearDepthRing(p.ring);
    beginWindow(p, slot);
    p.bed = bedUnknown;
  }
  p.ring = newDepthRing(view);
  p.angles = [frame.acrossDeg, frame.downDeg];
  p.geometry = depthGeometry(p.placement, view, frame.acrossDeg, frame.downDeg);
}

function beginWindow(p: DepthPerception, slot: number): void {
  p.streamSinceSlot = slot;
  p.stillSinceSlot = slot;
  p.trunk = nowhere;
  p.nextHalf = Math.max(p.nextHalf, Math.floor(slot / glanceSlots) + 1);
}

export interface DepthQuestion {
  /** The folder in models/. */
  readonly model: string;
  readonly tensors: readonly Tensor[];
}

/** The next question, or undefined: nothing is full yet, one is in flight, or the frames can tell nothing. */
export function pendingDepthQuestion(p: DepthPerception): DepthQuestion | undefined {
  if (p.asked !== null) return undefined;
  if (p.due !== null) {
    const { due } = p;
    p.due = null;
    p.asked = { of: "wave", due };
    p.tensors = due.tensors;
    return { model: displacementModelName, tensors: due.tensors };
  }
  for (; p.nextHalf * glanceSlots <= p.newestSlot; p.nextHalf++) {
    const end = p.nextHalf * glanceSlots;
    const kept = p.newestSlot - end < depthSlots - 60 * depthRateHz;
    const fit = depthPaceFits(p.intake) ? p.fit : "frame-rate";
    const usable = fit === "right" && depthUsableShare(p.intake, end - glanceSlots, end) >= 0.5;
    const built = kept && usable && p.ring && p.geometry ? buildDepthTensors(p.ring, p.geometry, end) : undefined;
    if (built !== undefined && p.ring !== null) {
      p.asked = { of: "scene", end };
      p.tensors = built;
      p.nextHalf += 1;
      return { model: depthModelNames[p.ring.view], tensors: built };
    }
    if (end % depthRateHz === 0) {
      const start = Math.max(p.streamSinceSlot, end - depthRateHz);
      tell(p, end, fit === "right" ? (depthFault(p.intake, start, end) ?? "gaps") : fit);
    }
  }
  return undefined;
}

/** A second of which nothing was seen. */
function tell(p: DepthPerception, end: number, reason: NoRateReason): void {
  noteBlindSecond(p);
  p.stillSinceSlot = Math.max(p.stillSinceSlot, end);
  p.latest = estimateOfDepth(end / depthRateHz, p.bed, undefined, undefined, reason);
}

function noteBlindSecond(p: DepthPerception): void {
  if (++p.blindSec * 1e6 > forgetUs) p.bed = bedUnknown;
}

/** The question in flight will get no answer: what was told last is not what is now. */
export function dropDepthAnswer(p: DepthPerception): void {
  p.asked = null;
  p.latest = null;
  wipe(p);
}

/**
 * What the answer to the question in flight says: an estimate where it ends a second, else undefined (a rate may be asked
 * for next). @throws when no question is in flight or an output is missing: our bug.
 */
export function acceptDepthAnswer(p: DepthPerception, outputs: readonly Tensor[]): DepthEstimate | undefined {
  const { asked, ring } = p;
  if (asked === null || ring === null) throw new Error("an answer without a question");
  p.asked = null;
  wipe(p);
  if (asked.of === "wave") {
    const { due } = asked;
    const answer = readDisplacementAnswer(outputs, p.calibration, due.windowMs);
    const found = answer && { answer, windowMs: due.windowMs };
    const reason = found && displacementReason(due.views, answer, p.calibration, due.windowMs);
    return told(p, due.end, due.answer, found, found === undefined ? "model-failed" : (reason ?? null));
  }
  const answer = readDepthAnswer(outputs, ring.view);
  const { end } = asked;
  const second = end % depthRateHz === 0;
  if (answer === undefined) {
    if (!second) return undefined;
    noteBlindSecond(p);
    return told(p, end, undefined, undefined, "model-failed");
  }
  p.blindSec = 0;
  p.bed = nextDepthBed(p.bed, answer);
  noteTrunk(p, answer, end);
  if (!second) return undefined;
  const due = reasonBeforeWave(p, ring.view, answer, end) ?? waveQuestion(p, ring, answer, end);
  if (typeof due === "string") return told(p, end, answer, undefined, due);
  p.due = due;
  return undefined;
}

/** Movement ends what was still; a body that lies anew has a mask of its own. */
function noteTrunk(p: DepthPerception, answer: DepthAnswer, end: number): void {
  if (answer.moving >= movingMin) {
    p.stillSinceSlot = Math.max(p.stillSinceSlot, end - glanceSlots);
    p.trunk = nowhere;
  }
  const { trunk } = p;
  if (trunk.length !== answer.trunk.length) p.trunk = answer.trunk.slice();
  else
    for (let cell = 0; cell < trunk.length; cell++) {
      trunk[cell] = maskKeeps * trunk[cell]! + (1 - maskKeeps) * answer.trunk[cell]!;
    }
}

function reasonBeforeWave(p: DepthPerception, view: DepthView, answer: DepthAnswer, end: number): NoRateReason | null {
  const start = windowStart(p, view, end);
  const fault = depthFault(p.intake, Math.min(start, Math.max(p.streamSinceSlot, end - depthRateHz)), end);
  if (fault !== null) return fault;
  if (p.bed.place === "unknown") return "learning";
  if (p.bed.place !== "in-bed") return "nobody-in-bed";
  if (p.bed.more >= 0.5) return "more-than-one-person";
  if (answer.moving >= movingMin) return "moving";
  return end - start < windowSecMin[view] * depthRateHz ? "learning" : null;
}

const windowStart = (p: DepthPerception, view: DepthView, end: number): number =>
  Math.min(end, Math.max(p.stillSinceSlot, end - windowSec[view] * depthRateHz));

function waveQuestion(p: DepthPerception, ring: DepthRing, answer: DepthAnswer, end: number): Due | NoRateReason {
  const start = windowStart(p, ring.view, end);
  const endMs = ((p.originUs ?? 0) + end * stepUs) / 1_000;
  const windowMs = Math.floor((((end - start) * stepUs) / 1_000 + 1e-6) / displacementStepMs) * displacementStepMs;
  const wave = maskedWave(ring, p.trunk, start, end);
  if (wave === undefined) return "weak-signal";
  const reason = seriesReason(wave.samples, endMs, windowMs);
  if (reason !== null) return reason;
  const { tensors, views } = buildDisplacementTensors(wave.samples, endMs, windowMs);
  wave.samples.mm.fill(0);
  return { end, answer, windowMs, views, tensors };
}

function told(
  p: DepthPerception,
  end: number,
  answer: DepthAnswer | undefined,
  wave: WaveFound | undefined,
  reason: NoRateReason | null,
): DepthEstimate {
  p.latest = estimateOfDepth(end / depthRateHz, p.bed, answer, wave, reason);
  return p.latest;
}
