import type { Estimate } from "../contract/door.ts";
import { NoRateReason, type Occupancy, type PeopleSeen } from "../contract/words.ts";
import type { DepthEstimate } from "./depth-estimate.ts";
import { rateBins } from "./radar-breathing.ts";
import { type RateReading, readRate } from "./rate-distribution.ts";

/*
 * What a room tells that has a radar and a depth sensor. Depth owns who is where; radar owns the rate, and depth's own
 * rate confirms it or holds it back. What must hold before a rate is shown:
 *
 *   radar + depth  depth confirms one body in the bed; radar sees it; still to both; a rate that neither contradicts
 *   radar only     the radar's own conditions
 *   depth only     body under the mask; one person; still
 *
 * A sensor whose frames tell nothing (a fault) does not speak: the line of the other one holds.
 */

/** What the radar alone says of a second. */
export interface RadarVoice {
  readonly estimate: Estimate;
  /** Distribution of its newest answer, 113 bins of 0.5 /min from 4 /min; null where there was none. */
  readonly rate: Float32Array | null;
}

/** What each sensor's word counts for, beside how long it looked. */
export interface Trust {
  readonly radar: number;
  readonly depth: number;
}

export const usualTrust: Trust = { radar: 1, depth: 1 };

/** Two sure rates farther apart than this speak of different things. */
export const agreeWithinPerMin = 2;
/** As surely as the radar must know a rate that nobody was yet seen to move for. */
const qualityMin = 0.9;
const halfWidthPerMinMax = 2;
/** No sensor excludes a rate altogether. */
const leastChance = 1e-6;

/** Product of distributions over the rate bins, each to the power of its weight, adding up to 1; null where one is none. */
export function productOfExperts(
  experts: readonly { readonly rate: Float32Array; readonly weight: number }[],
): Float32Array | null {
  const logs = new Float64Array(rateBins);
  for (const { rate, weight } of experts) {
    if (readRate(rate) === undefined) return null;
    for (let bin = 0; bin < rateBins; bin++) logs[bin]! += weight * Math.log(rate[bin]! + leastChance);
  }
  const most = Math.max(...logs);
  const product = Float32Array.from(logs, (log) => Math.exp(log - most));
  const total = product.reduce((sum, p) => sum + p, 0);
  return experts.length === 0 ? null : product.map((p) => p / total);
}

interface Told extends RateReading {
  readonly quality: number;
  readonly windowMs: number;
}

/** A sensor's rate of which it is sure. */
interface Sure extends Told {
  readonly rate: Float32Array;
}
/** The radar may have kept no distribution: then its number stands as it is. */
type SureRadar = Sure | (Told & { readonly rate: null });

/**
 * One estimate for the room; null where neither sensor said anything.
 *
 * @param stated what a staged recording says of its bed; it takes the place of what the sensors say
 */
export function fuse(
  radar: RadarVoice | null,
  depth: DepthEstimate | null,
  stated: Occupancy | null,
  trust: Trust = usualTrust,
): Estimate | null {
  const atMs = radar?.estimate.atMs ?? depth?.atMs;
  if (atMs === undefined) return null;
  const occupancy = stated ?? occupancyOf(depth) ?? radar?.estimate.occupancy ?? "unknown";
  const told = tell(radar, depth, occupancy, trust);
  const shown = typeof told === "string" ? null : told;
  return {
    atMs,
    occupancy,
    place: depth !== null && speaks(depth) ? depth.bed : null,
    people: peopleOf(radar, depth),
    movement: movementOf(radar, depth, occupancy),
    breathingPerMin: shown?.perMin ?? null,
    lowPerMin: shown?.lowPerMin ?? null,
    highPerMin: shown?.highPerMin ?? null,
    quality: shown?.quality ?? Math.max(radar?.estimate.quality ?? 0, depth?.evidence?.quality ?? 0),
    windowMs: shown?.windowMs ?? radar?.estimate.windowMs ?? depth?.evidence?.windowMs ?? 0,
    reason: typeof told === "string" ? told : null,
  };
}

/** Null: depth does not know. Who sits on the edge has not left the bed. */
function occupancyOf(depth: DepthEstimate | null): Occupancy | null {
  switch (depth?.bed) {
    case "in-bed":
    case "edge":
      return "in-bed";
    case "out":
    case "floor":
    case "empty":
      return "empty";
    case "unknown":
    case undefined:
      return null;
  }
}

/** A second source of breath, which only the radar makes out, is a second person as well. */
function peopleOf(radar: RadarVoice | null, depth: DepthEstimate | null): PeopleSeen {
  const byRadar = radar?.estimate.people ?? "unknown";
  if (byRadar === "more" || depth === null || !speaks(depth)) return byRadar;
  return depth.people;
}

/** What one of them sees move in the bed, moves; around an empty bed only depth knows whether that is somebody. */
function movementOf(radar: RadarVoice | null, depth: DepthEstimate | null, occupancy: Occupancy): number {
  const bySensor = [radar?.estimate.movement ?? 0, depth?.movement ?? 0] as const;
  return depth !== null && speaks(depth) && occupancy === "empty" ? bySensor[1] : Math.max(...bySensor);
}

const order = NoRateReason.options;
/** Up to here a reason says that the sensor, not the room, tells nothing. */
const lastFault = order.indexOf("model-failed");
const isFault = (reason: NoRateReason | null): boolean => reason !== null && order.indexOf(reason) <= lastFault;
const speaks = (depth: DepthEstimate): boolean => depth.scene !== null && !isFault(depth.reason);

const first = (reasons: readonly (NoRateReason | null)[]): NoRateReason | undefined =>
  order.find((reason) => reasons.includes(reason));

function tell(
  radar: RadarVoice | null,
  depth: DepthEstimate | null,
  occupancy: Occupancy,
  trust: Trust,
): Told | NoRateReason {
  const r = radar !== null && !isFault(radar.estimate.reason) ? radar : null;
  const d = depth !== null && speaks(depth) ? depth : null;
  if (r === null && d === null) return first([radar?.estimate.reason ?? null, depth?.reason ?? null]) ?? "learning";
  if (occupancy === "unknown") return "learning";
  if (occupancy === "empty") return "nobody-in-bed";
  const broken = first([...(r === null ? [] : radarConditions(r)), ...(d === null ? [] : depthConditions(d))]);
  if (broken === "sources-disagree" && r !== null && d !== null && liesUnseen(r, d)) return "cannot-see-breathing";
  if (broken !== undefined) return broken;
  if (r !== null && d !== null) return together(r, d, trust);
  const reason = r?.estimate.reason ?? d?.reason ?? null;
  return reason ?? (r === null ? sureDepth(d) : shownByRadar(r)) ?? "weak-signal";
}

/**
 * To a radar a body that does not breathe is an empty bed. Depth, which knows better who is where, sees it lie there and no breath
 * either: somebody may have ordered to be told.
 */
const liesUnseen = ({ estimate }: RadarVoice, depth: DepthEstimate): boolean =>
  estimate.occupancy === "empty" &&
  depth.bed === "in-bed" &&
  (depth.reason === "weak-signal" || depth.reason === "sources-disagree");

/*
 * What does not hold of a room whose bed is known to be taken. A sensor to which it is empty contradicts who knows better;
 * both must see the body.
 */

function radarConditions({ estimate: { occupancy, reason } }: RadarVoice): (NoRateReason | null)[] {
  // A prompt to look is never outvoted: depth's window still holds the breaths before.
  const alone = reason === "more-than-one-person" || reason === "moving" || reason === "not-breathing";
  return [seenBy(occupancy), alone ? reason : null];
}

function depthConditions(depth: DepthEstimate): (NoRateReason | null)[] {
  const { people, bed, reason } = depth;
  return [
    seenBy(occupancyOf(depth)),
    people === "more" ? "more-than-one-person" : null,
    // Who sits on the edge is about to move.
    bed === "edge" || reason === "moving" ? "moving" : null,
  ];
}

function seenBy(occupancy: Occupancy | null): NoRateReason | null {
  if (occupancy === "empty") return "sources-disagree";
  return occupancy === "in-bed" ? null : "learning";
}

function together(radar: RadarVoice, depth: DepthEstimate, trust: Trust): Told | NoRateReason {
  const byDepth = sureDepth(depth);
  // A body that depth sees may be lifeless beside a fan: unless it moved, depth must see it breathe.
  const byRadar = sureRadar(radar, byDepth !== null);
  if (byRadar === null && byDepth === null) return first([radar.estimate.reason, depth.reason]) ?? "weak-signal";
  if (byRadar === null || byDepth === null) return byRadar ?? byDepth ?? "weak-signal";
  if (Math.abs(byRadar.perMin - byDepth.perMin) > agreeWithinPerMin) return "sources-disagree";
  if (byRadar.rate === null) return byRadar;
  return combined(byRadar, byDepth, trust);
}

function combined(byRadar: Sure, byDepth: Sure, trust: Trust): Told | NoRateReason {
  const product = productOfExperts(weigh([byRadar, trust.radar], [byDepth, trust.depth]));
  const reading = product === null ? undefined : readRate(product);
  if (reading === undefined) return "model-failed";
  const stretch = Math.max(stretchOf(byRadar), stretchOf(byDepth));
  const { perMin } = reading;
  return {
    perMin,
    lowPerMin: Math.max(0, perMin - stretch * (perMin - reading.lowPerMin)),
    highPerMin: perMin + stretch * (reading.highPerMin - perMin),
    quality: Math.max(byRadar.quality, byDepth.quality),
    // No breath older than this went in.
    windowMs: Math.max(byRadar.windowMs, byDepth.windowMs),
  };
}

/**
 * Exponents that add up to 1: both see the same breaths and so share their doubts; exponents of 1 each would make intervals
 * that hold too few true rates. A window cuts its first and last breath somewhere: that error is as 1 / length, and the
 * precision as length squared.
 */
function weigh(...experts: readonly (readonly [Sure, trust: number])[]) {
  const weights = experts.map(([{ windowMs }, trust]) => trust * windowMs ** 2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return experts.map(([{ rate }], i) => ({ rate, weight: weights[i]! / total }));
}

/** How much wider the card made the model's own interval. */
function stretchOf({ rate, lowPerMin, highPerMin }: Sure): number {
  const own = readRate(rate);
  return own === undefined ? 1 : Math.max(1, (highPerMin - lowPerMin) / (own.highPerMin - own.lowPerMin));
}

/** @param confirmed a body was seen to breathe by another sensor: that takes the place of a natural movement */
function sureRadar(radar: RadarVoice, confirmed: boolean): SureRadar | null {
  const { estimate, rate } = radar;
  const shown = shownByRadar(radar);
  if (rate === null) return shown && { ...shown, rate };
  const reading = readRate(rate);
  if (reading === undefined) return null;
  if (shown !== null) return { ...shown, rate };
  const { quality, windowMs } = estimate;
  const unmoved = confirmed && estimate.reason === "no-natural-movement" && quality >= qualityMin;
  if (!unmoved || reading.highPerMin - reading.lowPerMin > 2 * halfWidthPerMinMax) return null;
  return { ...reading, quality, windowMs, rate };
}

function shownByRadar({ estimate }: RadarVoice): Told | null {
  const { breathingPerMin: perMin, lowPerMin, highPerMin, quality, windowMs } = estimate;
  if (estimate.reason !== null || perMin === null || lowPerMin === null || highPerMin === null) return null;
  return { perMin, lowPerMin, highPerMin, quality, windowMs };
}

/** Null as well where depth's numbers are no distribution. */
function sureDepth(depth: DepthEstimate | null): Sure | null {
  const found = depth?.breathing ?? null;
  return found === null || readRate(found.rate) === undefined ? null : found;
}
