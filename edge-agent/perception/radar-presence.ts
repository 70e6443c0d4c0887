import type { RadarIqFrame } from "../contract/frames.ts";
import type { Occupancy } from "../contract/words.ts";

/*
 * Is somebody in range? For set-ups of the radar that the model was not made for: any number of points, any frame rate.
 * The idea, its time constants and its thresholds are those of Acconeer's presence detector for the A121
 * (acconeer-python-exploration v7.18, `a121/algo/presence`). Two signs, each against the point's own thermal noise:
 * what moves within one frame spreads its sweeps (walking, turning over); what moves from frame to frame lets the mean
 * stray from its slow average (breathing). Theirs looks at the size of the mean; ours also at its phase, which a chest
 * turns whether or not anything still lies at its range.
 */

const fastThreshold = 1.3;
const slowThreshold = 1.2;
/** A breath has a pause: absence is told when neither sign was above its threshold for this long. */
const absentAfterSec = 3;
/** Two frames to compare with the first, and noise measured from so many differences, before anything is told. */
const framesMin = 3;
const differencesMin = 18;
/** The converter's own step, LSB: no point is quieter. */
const noiseMin = 0.3;
/** The fast sign at which movement is 100. */
const fastFull = 4;

const noiseSec = 10;
const spreadSec = 0.15;
const fastSec = 0.3;
const quickHz = 6;
const slowHz = 0.2;
const straySec = 0.5;
/** A movement of 8 micrometres: less than anything that lives, more than the sensor's own phase noise. */
const phaseTrembleRad = 0.02;
const slowSec = 2;

interface PointTrack {
  /** Of one sample, LSB. */
  noise: number;
  spread: number;
  quickRe: number;
  quickIm: number;
  slowRe: number;
  slowIm: number;
  stray: number;
}

export interface RadarPresence {
  /** What the tracks belong to: with other settings they begin anew. */
  settings: string;
  points: PointTrack[];
  frames: number;
  settled: boolean;
  fast: number;
  slow: number;
  /** What the signs must pass, which depends on how many sweeps and frames they are made of. */
  fastOver: number;
  slowOver: number;
  /** Seconds since a sign was last above its threshold. */
  quietSec: number;
  present: boolean;
}

export const newRadarPresence = (): RadarPresence => ({
  settings: "",
  points: [],
  frames: 0,
  settled: false,
  fast: 0,
  slow: 0,
  fastOver: fastThreshold,
  slowOver: slowThreshold,
  quietSec: 0,
  present: false,
});

/** Overwrites everything. */
export function clearRadarPresence(presence: RadarPresence): void {
  for (const point of presence.points) Object.assign(point, silentPoint());
  Object.assign(presence, newRadarPresence());
}

export interface PresenceReading {
  /** `in-bed` stands for somebody in range. */
  readonly occupancy: Occupancy;
  /** 0 to 100: how much moves within a frame. */
  readonly movement: number;
}

export function readPresence({ settled, present, fast, fastOver }: RadarPresence): PresenceReading {
  if (!settled) return { occupancy: "unknown", movement: 0 };
  const share = (fast - fastOver) / (fastFull - fastOver);
  return { occupancy: present ? "in-bed" : "empty", movement: 100 * Math.max(0, Math.min(1, share)) };
}

const mixed = (old: number, now: number, keep: number): number => keep * old + (1 - keep) * now;

/** Math.hypot guards against overflow, for several times the price: 16-bit samples cannot get there. */
const lengthOf = (x: number, y: number): number => Math.sqrt(x * x + y * y);

const silentPoint = (): PointTrack => ({
  noise: 0,
  spread: 0,
  quickRe: 0,
  quickIm: 0,
  slowRe: 0,
  slowIm: 0,
  stray: 0,
});

/**
 * One more frame. A frame of one sweep cannot tell noise from movement and is passed over.
 *
 * @param sinceSec device time since the frame before, s
 */
export function notePresence(presence: RadarPresence, frame: RadarIqFrame, sinceSec: number): void {
  const { sweeps, points, firstPointMm, pointStepMm, frameRateHz } = frame;
  if (sweeps < 2) return;
  const settings = [sweeps, points, firstPointMm, pointStepMm, frameRateHz].join(" ");
  if (presence.settings !== settings) {
    Object.assign(presence, newRadarPresence(), { settings, points: Array.from({ length: points }, silentPoint) });
  }
  // A long silence must not make one frame the whole truth.
  const stepSec = Math.max(1e-3, Math.min(2, sinceSec));
  // How much of the old stays in a mean over this time. At first each frame counts alike.
  const keepMost = 1 - 1 / (1 + presence.frames);
  const kept = (timeSec: number): number => Math.min(Math.exp(-stepSec / timeSec), keepMost);
  const keepNoise = kept(noiseSec);
  const keepSpread = kept(spreadSec);
  // From 12 frames a second on there is something faster than a body to take away.
  const keepQuick = 1 / stepSec >= 2 * quickHz ? kept(1 / (2 * Math.PI * quickHz)) : 0;
  const keepSlow = kept(1 / (2 * Math.PI * slowHz));
  const keepStray = kept(straySec);
  let fastest = 0;
  let strayest = 0;
  for (let point = 0; point < presence.points.length; point++) {
    const track = presence.points[point]!;
    const { re, im, spread, noise } = sweepFigures(frame, point);
    track.noise = mixed(track.noise, noise, keepNoise);
    track.spread = mixed(track.spread, spread, keepSpread);
    track.quickRe = mixed(track.quickRe, re, keepQuick);
    track.quickIm = mixed(track.quickIm, im, keepQuick);
    track.slowRe = mixed(track.slowRe, re, keepSlow);
    track.slowIm = mixed(track.slowIm, im, keepSlow);
    const away = lengthOf(track.quickRe - track.slowRe, track.quickIm - track.slowIm);
    track.stray = mixed(track.stray, away, keepStray);
    const floor = Math.max(noiseMin, track.noise);
    fastest = Math.max(fastest, track.spread / floor);
    // The two filters part a still point by its noise, and by how far the sensor's own phase trembles.
    const trembling = phaseTrembleRad * lengthOf(track.slowRe, track.slowIm);
    strayest = Math.max(strayest, track.stray / lengthOf(floor / Math.sqrt(sweeps), trembling));
  }
  presence.fast = mixed(presence.fast, fastest, kept(fastSec));
  presence.slow = mixed(presence.slow, strayest, kept(slowSec));
  presence.frames += 1;
  const differences = presence.frames * (sweeps - differenceOrder(sweeps));
  presence.settled = presence.frames >= framesMin && differences >= differencesMin;
  Object.assign(presence, thresholds(presence, sweeps, stepSec));
  const sign = presence.fast > presence.fastOver || presence.slow > presence.slowOver;
  presence.quietSec = sign ? 0 : presence.quietSec + stepSec;
  if (sign) presence.present = presence.settled;
  else if (presence.quietSec > absentAfterSec) presence.present = false;
}

/**
 * The vendor sets a threshold for each set-up by hand: higher where few sweeps, or few frames within a time constant, let
 * thermal noise alone stray further. Here it follows from that noise: the length of a complex normal number has 0.52 of
 * its mean as standard deviation, the absolute value of a real one 0.75. The more points, the further one of them strays.
 */
function thresholds(
  { frames, points }: RadarPresence,
  sweeps: number,
  stepSec: number,
): { readonly fastOver: number; readonly slowOver: number } {
  const averaged = (timeSec: number): number => {
    const keep = Math.exp(-stepSec / timeSec);
    return Math.min(frames, (1 + keep) / (1 - keep));
  };
  // The noise is itself measured; three neighbouring differences tell about as much as one.
  const spread = 0.52 * Math.sqrt((1 / averaged(spreadSec) + 3 / averaged(noiseSec)) / sweeps);
  const stray = 0.48 / Math.sqrt(averaged(straySec));
  return {
    fastOver: Math.max(fastThreshold, 1 + Math.sqrt(2 * Math.log(3_000 * points.length)) * spread),
    slowOver: Math.max(slowThreshold, 0.65 + 4 * stray),
  };
}

interface SweepFigures {
  /** The mean over the sweeps, LSB. */
  readonly re: number;
  readonly im: number;
  /** Mean distance of the sweeps from their mean, LSB. */
  readonly spread: number;
  /** The same as thermal noise alone would make it: differences of high order pass over what moves slowly. */
  readonly noise: number;
}

/** Squares of the binomial coefficients, added up, by order of the difference. */
const binomialPower = [1, 2, 6, 20] as const;

const differenceOrder = (sweeps: number): 1 | 2 | 3 => (sweeps > 3 ? 3 : sweeps === 3 ? 2 : 1);

/** Differences of an order: how each of four neighbouring sweeps counts. */
const binomial = { 1: [-1, 1, 0, 0], 2: [1, -2, 1, 0], 3: [-1, 3, -3, 1] } as const;

function sweepFigures({ sweeps, points, iq }: RadarIqFrame, point: number): SweepFigures {
  const step = 2 * points;
  const first = 2 * point;
  let meanRe = 0;
  let meanIm = 0;
  for (let sweep = 0, i = first; sweep < sweeps; sweep++, i += step) {
    meanRe += iq[i]!;
    meanIm += iq[i + 1]!;
  }
  meanRe /= sweeps;
  meanIm /= sweeps;
  let spread = 0;
  for (let sweep = 0, i = first; sweep < sweeps; sweep++, i += step) {
    const re = iq[i]! - meanRe;
    const im = iq[i + 1]! - meanIm;
    spread += Math.sqrt(re * re + im * im);
  }
  const order = differenceOrder(sweeps);
  const factors = binomial[order];
  const [a, b, c, d] = [factors[0], factors[1], factors[2], factors[3]];
  let differences = 0;
  // Of an order below 3 the farthest sweeps do not count, and at the end are not there.
  const toThird = order > 1 ? 2 * step : 0;
  const toFourth = order > 2 ? 3 * step : 0;
  for (let at = 0, i = first; at < sweeps - order; at++, i += step) {
    const third = i + toThird;
    const fourth = i + toFourth;
    const re = a * iq[i]! + b * iq[i + step]! + c * iq[third]! + d * iq[fourth]!;
    const im = a * iq[i + 1]! + b * iq[i + step + 1]! + c * iq[third + 1]! + d * iq[fourth + 1]!;
    differences += Math.sqrt(re * re + im * im);
  }
  return {
    re: meanRe,
    im: meanIm,
    spread: (spread / sweeps) * Math.sqrt(sweeps / (sweeps - 1)),
    noise: differences / (sweeps - order) / Math.sqrt(binomialPower[order]),
  };
}
