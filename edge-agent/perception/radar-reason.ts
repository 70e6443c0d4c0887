import type { NoRateReason, Occupancy, PeopleSeen } from "../contract/words.ts";
import { clearestPeriod, likenessNear } from "../signal/period.ts";
import type { RadarAnswer } from "./answer-checks.ts";
import { framesPerStep, modelRateHz } from "./radar-breathing.ts";
import type { RateReading } from "./rate-distribution.ts";

/* What must hold before a rate that the radar alone tells is shown; else the reason, in the order of precedence. */

/** From the card's risk-coverage table: at most 0.5 % of what is shown may be wrong by more than 2 /min. */
export const qualityMin = 0.9;
export const halfWidthPerMinMax = 2;
/** Somebody else is in sight, the model says. */
const othersMin = 0.6;
/** The classical estimate contradicts where it is this sure, and the model's period fits this much worse. */
const clearLikeness = 0.75;
const contradiction = 0.5;

export interface RadarFinding {
  readonly occupancy: Occupancy;
  /** A gross movement in the last second. */
  readonly moved: boolean;
  /** Long enough still for a rate. */
  readonly enough: boolean;
  /** Somebody was seen to move since the bed was last empty: a fan never turns over. */
  readonly movementSeen: boolean;
  readonly rate: RateReading | undefined;
  readonly answer: RadarAnswer | undefined;
  /** Frames of the window. */
  readonly frames: number;
  /** The model reads the rate twice, as a distribution and as a count of breaths: how far they may lie apart. */
  readonly countTolerancePerMin: number;
  /** Of the sum of all points, by lag in frames. */
  readonly likeness: Float64Array | undefined;
}

export function radarReason(finding: RadarFinding): NoRateReason | null {
  const { occupancy, rate, answer } = finding;
  if (answer === undefined || rate === undefined) return "model-failed";
  // `learning` is told while nothing better is known: an empty bed and a movement have their own words.
  if (occupancy === "unknown") return "learning";
  if (occupancy === "empty") return "nobody-in-bed";
  // Whose breath it is cannot be told.
  if ((answer.others ?? 0) >= othersMin) return "more-than-one-person";
  if (finding.moved) return "moving";
  if (!finding.enough) return "learning";
  if (!finding.movementSeen) return "no-natural-movement";
  if (disagrees(rate.perMin, answer.breaths, finding)) return "sources-disagree";
  if (answer.quality < qualityMin) return "weak-signal";
  return rate.highPerMin - rate.lowPerMin > 2 * halfWidthPerMinMax ? "weak-signal" : null;
}

/** The model's distribution against its own count of breaths, and against a clear period of the summed signal. */
function disagrees(perMin: number, breaths: Float32Array, finding: RadarFinding): boolean {
  const { frames, likeness } = finding;
  const first = breaths.length - frames / framesPerStep;
  let count = 0;
  for (let step = first; step < breaths.length; step++) count += breaths[step]!;
  const counted = (60 * count * modelRateHz) / frames;
  if (Math.abs(counted - perMin) > finding.countTolerancePerMin) return true;
  if (likeness === undefined) return false;
  const fastest = Math.floor((60 * modelRateHz) / 60);
  const clearest = clearestPeriod(likeness, fastest, likeness.length);
  if (clearest === undefined || clearest.likeness < clearLikeness) return false;
  const atModel = likenessNear(likeness, (60 * modelRateHz) / perMin, 0.15);
  return clearest.likeness - atModel >= contradiction;
}

/** A radar makes out a person by the breath: without any to see it does not count people. */
export function breathersOf(occupancy: Occupancy, reason: NoRateReason | null): PeopleSeen {
  if (reason === "more-than-one-person") return "more";
  if (occupancy === "empty") return "none";
  return occupancy === "in-bed" && reason === null ? "one" : "unknown";
}
