import type { DisplacementSamples } from "../edge-agent/perception/displacement-series.ts";
import {
  type Breathing,
  type Heart,
  startBreathing,
  startHeart,
  stepBreathing,
  stepHeart,
} from "../firmware-bridge/simulator/physics-breathing.ts";
import type { Random } from "../firmware-bridge/simulator/random.ts";

/*
 * Random waves of displacement as depth sensors and modules send them, with their truth, from the simulator's breathing:
 * for training `displacement-rate`, for its card and for its tests.
 */

export type WaveRegion = "training" | "held-out";
export type WaveClass = "breathing" | "noise" | "drift" | "line" | "band";

/** Truth every `truthMs`. */
export interface Wave {
  readonly what: WaveClass;
  readonly samples: DisplacementSamples;
  readonly intervalCv: number;
  /** Of the breathing against the noise, per sample; NaN where nobody breathes. */
  readonly snrDb: number;
  /** Whole and fractional breaths since the start. */
  readonly breaths: Float64Array;
  readonly breathing: Uint8Array;
  readonly moving: Uint8Array;
}

export const truthMs = 20;
const truthSec = truthMs / 1000;
/** A longer rest is a pause. */
const pauseSec = 3;

/** What a sitting or lying body does. */
export function randomBreathing(random: Random, region: WaveRegion): Breathing {
  const draw = random.uniform();
  const usual = 16 + 4 * random.gaussian();
  const perMin =
    draw < 0.65
      ? usual
      : draw < 0.83
        ? random.between(5, 11)
        : draw < 0.97
          ? random.between(24, 45)
          : random.between(45, 57);
  const intervalCv =
    region === "held-out"
      ? random.between(0.21, 0.27)
      : random.chance(0.5)
        ? random.logBetween(0.01, 0.1)
        : random.between(0.08, 0.21);
  const uneasy = random.chance(0.15);
  return {
    perMin: Math.max(5, Math.min(57, perMin)),
    intervalCv,
    intervalMemory: random.between(0, 0.6),
    driftPerMin: random.between(0, 1.5),
    depthMm: random.logBetween(0.5, 15),
    depthCv: Math.min(0.4, random.between(0.03, 0.2) + intervalCv * random.between(0, 1)),
    inspiratoryFraction: random.between(0.25, 0.55),
    expiratoryTau: random.logBetween(0.1, 0.6),
    sighsPerHour: random.chance(0.2) ? random.between(20, 90) : random.between(0, 12),
    ...(uneasy && { holdChance: random.between(0.02, 0.15), shallowChance: random.between(0, 0.1) }),
  };
}

interface Body {
  readonly mm: Float64Array;
  readonly breaths: Float64Array;
  readonly breathing: Uint8Array;
}

/** Breathing that may wax and wane, or stop for a while, with the heart below it, as the surface of bedding shows it. */
function breathe(random: Random, person: Breathing, seconds: number): Body {
  const count = Math.round(seconds / truthSec);
  const mm = new Float64Array(count);
  const breaths = new Float64Array(count);
  const breathing = new Uint8Array(count).fill(1);
  const state = startBreathing(person, random);
  const heart: Heart = {
    perMin: random.between(45, 125),
    variation: random.between(0.02, 0.08),
    depthMm: random.logBetween(0.02, 0.3),
  };
  const beat = startHeart(heart, random);
  const waxing = random.chance(0.06)
    ? { cycleSec: random.between(30, 80), at: random.uniform(), floor: random.between(-0.5, 0.5) }
    : undefined;
  const stops = random.chance(0.06) ? { fromSec: random.between(0, seconds), sec: random.between(4, 25) } : undefined;
  // Bedding follows the chest a little late.
  const follow = 1 - Math.exp(-truthSec / random.logBetween(0.02, 0.4));
  let surface = state.displacementMm;
  let restedSec = 0;
  let before = 0;
  for (let t = 0; t < count; t++) {
    const atSec = t * truthSec;
    const wax =
      waxing === undefined
        ? 1
        : (waxing.floor + 1) / 2 -
          ((1 - waxing.floor) / 2) * Math.cos(2 * Math.PI * (atSec / waxing.cycleSec + waxing.at));
    // What is shallower nobody can see, so it does not count.
    const stopped = wax <= 0.12 || (stops !== undefined && atSec > stops.fromSec && atSec < stops.fromSec + stops.sec);
    if (!stopped) stepBreathing(state, person, random, truthSec);
    stepHeart(beat, heart, state.breaths, random, truthSec);
    const chest = Math.max(0, wax) * state.displacementMm;
    surface += follow * (chest - surface);
    mm[t] = surface + beat.displacementMm;
    breaths[t] = state.breaths;
    restedSec = Math.abs(chest - before) < 0.02 * person.depthMm * truthSec ? restedSec + truthSec : 0;
    before = chest;
    if (stopped || restedSec >= pauseSec) {
      const from = restedSec >= pauseSec && restedSec < pauseSec + truthSec ? t - Math.round(pauseSec / truthSec) : t;
      breathing.fill(0, Math.max(0, from), t + 1);
    }
  }
  return { mm, breaths, breathing };
}

/** Where nobody breathes: what else moves, as large as a breath. */
function lifeless(random: Random, what: Exclude<WaveClass, "breathing">, seconds: number): Body {
  const count = Math.round(seconds / truthSec);
  const mm = new Float64Array(count);
  const size = random.logBetween(0.2, 8);
  if (what === "line") {
    // A fan that turns to and fro, or blades seen through the frame rate: one line, and ever the same.
    const hz = random.chance(0.5) ? random.between(0.05, 0.25) : random.between(0.25, 1.5);
    const start = random.uniform();
    const second = random.chance(0.5) ? random.between(0, 0.4) : 0;
    for (let t = 0; t < count; t++) {
      const angle = 2 * Math.PI * (hz * t * truthSec + start);
      mm[t] = (size / 2) * (Math.sin(angle) + second * Math.sin(2 * angle + 1));
    }
  } else if (what === "band") {
    // A curtain in the draught: a band of noise around one frequency.
    const turn = 2 * Math.PI * random.between(0.1, 0.6) * truthSec;
    const pole = Math.exp(-truthSec / random.between(1, 6));
    let one = 0;
    let two = 0;
    for (let t = -2000; t < count; t++) {
      const now = 2 * pole * Math.cos(turn) * one - pole * pole * two + (1 - pole) * turn * random.gaussian();
      two = one;
      one = now;
      if (t >= 0) mm[t] = now;
    }
    const rms = Math.sqrt(mm.reduce((sum, x) => sum + x * x, 0) / count);
    for (let t = 0; t < count; t++) mm[t] = (size / 2) * (mm[t]! / rms);
  } else if (what === "drift") {
    // A pump of the mattress, 0.1-1 a minute.
    const hz = random.between(0.1, 1) / 60;
    const start = random.uniform();
    for (let t = 0; t < count; t++) mm[t] = size * Math.sin(2 * Math.PI * (hz * t * truthSec + start));
  }
  return { mm, breaths: new Float64Array(count), breathing: new Uint8Array(count) };
}

/** Sway of a body and drift of a sensor: a slow random walk that comes back. */
function addSway(mm: Float64Array, random: Random, sizeMm: number): void {
  const back = Math.exp(-truthSec / random.logBetween(3, 40));
  const slope = (random.gaussian() * sizeMm) / 60;
  let fast = random.gaussian();
  let slow = random.gaussian();
  const lag = 1 - Math.exp(-truthSec / random.between(0.5, 2));
  for (let t = 0; t < mm.length; t++) {
    fast = back * fast + Math.sqrt(1 - back * back) * random.gaussian();
    slow += lag * (fast - slow);
    mm[t] = mm[t]! + sizeMm * slow + slope * t * truthSec;
  }
}

/** Turning, reaching, coughing: each ends somewhere else. */
function addMovements(mm: Float64Array, moving: Uint8Array, random: Random): void {
  const times = Math.ceil(random.uniform() * 3);
  for (let n = 0; n < times; n++) {
    const from = Math.floor(random.uniform() * mm.length);
    const long = Math.round(random.logBetween(0.4, 5) / truthSec);
    const size = random.logBetween(8, 150);
    const away = random.chance(0.5) ? size * random.between(-0.5, 0.5) : 0;
    const hz = random.between(0.3, 2);
    const start = random.uniform();
    for (let t = from; t < mm.length; t++) {
      const part = Math.min(1, (t - from) / long);
      // Least jerk: rests at both ends.
      const there = part ** 3 * (10 - 15 * part + 6 * part * part);
      const swing =
        part < 1 ? Math.sin(Math.PI * part) ** 2 * Math.sin(2 * Math.PI * (hz * (t - from) * truthSec + start)) : 0;
      mm[t] = mm[t]! + away * there + (size / 2) * swing;
      if (part < 1) moving[t] = 1;
    }
  }
}

/** The body mask changes by a pixel: the mean jumps, nobody moved. */
function addSteps(mm: Float64Array, random: Random, depthMm: number): void {
  const times = Math.ceil(random.uniform() * 4);
  for (let n = 0; n < times; n++) {
    const from = Math.floor(random.uniform() * mm.length);
    const size = (random.chance(0.5) ? 1 : -1) * depthMm * random.logBetween(0.1, 3);
    for (let t = from; t < mm.length; t++) mm[t] = mm[t]! + size;
  }
}

/** When a frame comes: its rate, jitter, frames that are lost and gaps. */
function frameTimes(random: Random, seconds: number): Float64Array {
  const stepMs = 1000 / (random.chance(0.3) ? random.pick([10, 15, 20, 30]) : random.between(8, 30));
  const jitter = random.chance(0.5) ? stepMs * random.between(0, 0.25) : 0;
  const lost = random.chance(0.5) ? random.between(0, 0.05) : 0;
  const gaps = Array.from({ length: random.chance(0.25) ? Math.ceil(random.uniform() * 3) : 0 }, () => {
    const fromMs = random.between(0, seconds * 1000);
    return { fromMs, toMs: fromMs + random.logBetween(200, 8000) };
  });
  const times: number[] = [];
  let last = -1;
  for (let at = 0; at < seconds * 1000 - stepMs; at += stepMs) {
    const time = Math.max(last + 1, at + jitter * random.gaussian());
    if (random.chance(lost) || gaps.some(({ fromMs, toMs }) => time >= fromMs && time < toMs)) continue;
    times.push(time);
    last = time;
  }
  return Float64Array.from(times);
}

/** Noise of one standard deviation at each frame: white and correlated in any mixture, now and then a sample far off. */
function sensorNoise(random: Random, atMs: Float64Array, region: WaveRegion): Float64Array {
  const correlated = random.chance(0.5) ? random.uniform() : 0;
  const memoryMs = region === "held-out" ? random.between(300, 600) : random.logBetween(30, 300);
  const far = random.chance(0.2) ? random.between(0, 0.03) : 0;
  const white = Math.sqrt(1 - correlated);
  let kept = random.gaussian();
  return atMs.map((at, i) => {
    const keep = Math.exp(-(at - (i === 0 ? 0 : atMs[i - 1]!)) / memoryMs);
    kept = keep * kept + Math.sqrt(1 - keep * keep) * random.gaussian();
    const one = white * random.gaussian() + Math.sqrt(correlated) * kept;
    return random.chance(far) ? 5 * one : one;
  });
}

export interface WaveWishes {
  readonly what?: WaveClass;
  readonly snrDb?: number;
  readonly breathing?: Breathing;
  /** No sway, movement, steps, gaps beyond those that noise makes. */
  readonly calm?: boolean;
}

/** The same arguments give the same wave. */
export function randomWave(random: Random, region: WaveRegion, seconds: number, wishes: WaveWishes = {}): Wave {
  const draw = random.uniform();
  const what: WaveClass =
    wishes.what ??
    (draw < 0.8 ? "breathing" : draw < 0.92 ? "noise" : draw < 0.96 ? "drift" : draw < 0.97 ? "line" : "band");
  const person = wishes.breathing ?? randomBreathing(random, region);
  const body = what === "breathing" ? breathe(random, person, seconds) : lifeless(random, what, seconds);
  const { mm } = body;
  const power = what === "breathing" ? variance(mm) : random.logBetween(0.1, 8) ** 2;
  const size = Math.sqrt(8 * power);
  const moving = new Uint8Array(mm.length);
  const calm = wishes.calm === true;
  if (!calm && random.chance(0.7)) addSway(mm, random, size * random.logBetween(0.02, 0.6));
  if (!calm && random.chance(0.15)) addSteps(mm, random, size);
  if (!calm && random.chance(0.2)) addMovements(mm, moving, random);
  const atMs = frameTimes(random, seconds);
  const snrDb = wishes.snrDb ?? (random.chance(0.15) ? random.between(-20, -12) : random.between(-12, 25));
  const noiseMm = what === "noise" ? size : Math.sqrt(power / 10 ** (snrDb / 10));
  const noise = sensorNoise(random, atMs, region);
  const sign = random.chance(0.5) ? 1 : -1;
  const offset = random.between(0, 3000);
  const grain = random.chance(0.3) ? Math.min(size / 4, random.logBetween(0.02, 1)) : 0;
  const values = atMs.map((at, i) => {
    const value = offset + sign * at20(mm, at) + noiseMm * noise[i]!;
    return grain > 0 ? grain * Math.round(value / grain) : value;
  });
  return {
    what,
    samples: { atMs, mm: values },
    intervalCv: person.intervalCv,
    snrDb: what === "breathing" ? snrDb : Number.NaN,
    breaths: body.breaths,
    breathing: body.breathing,
    moving,
  };
}

function variance(values: Float64Array): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
}

function at20(mm: Float64Array, atMs: number): number {
  const at = Math.max(0, Math.min(mm.length - 1.001, atMs / truthMs));
  const i = Math.floor(at);
  return mm[i]! + (at - i) * (mm[i + 1]! - mm[i]!);
}
