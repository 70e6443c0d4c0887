import type { Breathing, BreathingState, Heart, HeartState } from "./physics-breathing.ts";
import { startBreathing, startHeart, stepBreathing, stepHeart } from "./physics-breathing.ts";
import type { Random } from "./random.ts";

/** A body as many small reflectors, each with its own share of the breathing: they fade and cancel as real chests do. */
export interface Person {
  readonly distanceMm: number;
  /** Standard deviation of the reflectors' range. */
  readonly spreadMm: number;
  readonly reflectors: number;
  /** Amplitude of all reflectors together where they add up in power, LSB. */
  readonly strengthLsb: number;
  /** Spread of the single reflectors' strength, dB. */
  readonly strengthSpreadDb: number;
  readonly breathing: Breathing;
  /** Longest delay of a reflector (belly behind chest), s. */
  readonly lagSec: number;
  /** Share of reflectors that move against the others. */
  readonly paradox: number;
  readonly heart: Heart;
  /** Slow involuntary sway of the whole body, and a rocking of as much that moves its parts against each other. */
  readonly swaySdMm: number;
  readonly swayTauSec: number;
  /** Echoes over a wall: strength against the direct one, and the way longer. */
  readonly ghost: { readonly gain: number; readonly delayMm: number } | null;
}

export type MovementKind = "turn" | "settle" | "twitch" | "leave" | "return";

export interface Movement {
  readonly kind: MovementKind;
  readonly atSec: number;
  readonly lastsSec: number;
  /** Typical way of a reflector in one part of the movement. */
  readonly extentMm: number;
}

export interface Body {
  readonly person: Person;
  readonly breathing: BreathingState;
  readonly heart: HeartState;
  readonly rangeMm: Float64Array;
  readonly strengthLsb: Float64Array;
  /** 0 outside the room's sight, 1 in bed. */
  presence: number;
  moving: boolean;
  inBed: boolean;
  readonly sway: Sway;
  readonly rock: Sway;
  readonly tilt: Float64Array;
  readonly base: Float64Array;
  readonly gain: Float64Array;
  readonly lag: Float64Array;
  readonly amplitude: Float64Array;
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly fromAmplitude: Float64Array;
  readonly toAmplitude: Float64Array;
  /** Displacements of the last seconds, for the delayed reflectors. */
  readonly history: Float64Array;
  historyAt: number;
  movement: { readonly is: Movement; part: number; readonly parts: number } | undefined;
}

const historySteps = 16;

export function newBody(person: Person, inBed: boolean, random: Random): Body {
  const direct = person.reflectors;
  const count = person.ghost === null ? direct : 2 * direct;
  const array = (): Float64Array => new Float64Array(count);
  const breathing = startBreathing(person.breathing, random.fork(1));
  const body: Body = {
    person,
    breathing,
    heart: startHeart(person.heart, random.fork(2)),
    rangeMm: array(),
    strengthLsb: array(),
    presence: inBed ? 1 : 0,
    moving: false,
    inBed,
    sway: newSway(),
    rock: newSway(),
    tilt: array(),
    base: array(),
    gain: array(),
    lag: array(),
    amplitude: array(),
    from: array(),
    to: array(),
    fromAmplitude: array(),
    toAmplitude: array(),
    history: new Float64Array(historySteps).fill(breathing.displacementMm),
    historyAt: 0,
    movement: undefined,
  };
  for (let i = 0; i < direct; i++) {
    body.base[i] = person.distanceMm + person.spreadMm * random.gaussian();
    body.gain[i] = (random.chance(person.paradox) ? -1 : 1) * Math.max(0, 0.75 + 0.35 * random.gaussian());
    body.lag[i] = random.uniform() * person.lagSec;
    body.amplitude[i] = drawAmplitude(person, random);
    body.tilt[i] = 0.6 * random.gaussian();
    if (person.ghost !== null) body.tilt[direct + i] = body.tilt[i]!;
  }
  copyGhosts(body);
  // Well past the start, so that the first second sways like every other.
  for (let i = 0; i < 1200; i++) {
    stepSway(body.sway, person, random, 0.05);
    stepSway(body.rock, person, random, 0.05);
  }
  return body;
}

function drawAmplitude(person: Person, random: Random): number {
  const spread = 10 ** ((person.strengthSpreadDb * random.gaussian()) / 20);
  return (person.strengthLsb / Math.sqrt(person.reflectors)) * spread;
}

function copyGhosts(body: Body): void {
  const ghost = body.person.ghost;
  if (ghost === null) return;
  const direct = body.person.reflectors;
  for (let i = 0; i < direct; i++) {
    body.base[direct + i] = body.base[i]! + ghost.delayMm;
    body.gain[direct + i] = body.gain[i]! * 0.8;
    body.lag[direct + i] = body.lag[i]!;
    body.amplitude[direct + i] = body.amplitude[i]! * ghost.gain;
  }
}

/** A body has weight: its sway is smooth, a random walk pulled back to 0 and then slowed by inertia. */
interface Sway {
  mm: number;
  aimMm: number;
}

const newSway = (): Sway => ({ mm: 0, aimMm: 0 });

function stepSway(sway: Sway, person: Person, random: Random, stepSec: number): void {
  const keep = Math.exp(-stepSec / person.swayTauSec);
  sway.aimMm = keep * sway.aimMm + Math.sqrt(1 - keep * keep) * person.swaySdMm * random.gaussian();
  sway.mm += (sway.aimMm - sway.mm) * (1 - Math.exp(-stepSec / 0.6));
}

/** Begins a movement; one that is still going on is cut short where it is. */
export function startMovement(body: Body, movement: Movement): void {
  body.movement = { is: movement, part: -1, parts: Math.max(1, Math.round(movement.lastsSec / 0.8)) };
}

/** One step of the whole body; afterwards `rangeMm` and `strengthLsb` hold for `nowSec`. */
export function stepBody(body: Body, random: Random, nowSec: number, stepSec: number): void {
  const { person } = body;
  stepBreathing(body.breathing, person.breathing, random, stepSec);
  const breathPart = body.breathing.breaths - Math.floor(body.breathing.breaths);
  stepHeart(body.heart, person.heart, breathPart, random, stepSec);
  stepSway(body.sway, person, random, stepSec);
  stepSway(body.rock, person, random, stepSec);
  body.historyAt = (body.historyAt + 1) % historySteps;
  body.history[body.historyAt] = body.breathing.displacementMm;
  stepMovement(body, random, nowSec);
  for (let i = 0; i < body.base.length; i++) {
    const behind = Math.min(historySteps - 2, body.lag[i]! / stepSec);
    const whole = Math.floor(behind);
    const newer = body.history[(body.historyAt - whole + historySteps) % historySteps]!;
    const older = body.history[(body.historyAt - whole - 1 + historySteps) % historySteps]!;
    const chestMm = newer + (older - newer) * (behind - whole);
    // Breathing in brings the chest towards the sensor.
    body.rangeMm[i] =
      body.base[i]! -
      body.gain[i]! * (chestMm + body.heart.displacementMm) +
      body.sway.mm +
      body.tilt[i]! * body.rock.mm;
    body.strengthLsb[i] = body.amplitude[i]! * body.presence;
  }
}

function stepMovement(body: Body, random: Random, nowSec: number): void {
  const active = body.movement;
  body.moving = active !== undefined;
  if (active === undefined) return;
  const { is, parts } = active;
  const done = Math.min(1, Math.max(0, (nowSec - is.atSec) / is.lastsSec));
  const part = Math.min(parts - 1, Math.floor(done * parts));
  if (part !== active.part) {
    active.part = part;
    aim(body, is, random);
  }
  // Minimum-jerk path (Flash and Hogan 1985).
  const x = Math.min(1, done * parts - part);
  const s = x * x * x * (10 - 15 * x + 6 * x * x);
  for (let i = 0; i < body.person.reflectors; i++) {
    body.base[i] = body.from[i]! + (body.to[i]! - body.from[i]!) * s;
    body.amplitude[i] = body.fromAmplitude[i]! + (body.toAmplitude[i]! - body.fromAmplitude[i]!) * s;
  }
  copyGhosts(body);
  if (is.kind === "leave") {
    body.presence = 1 - Math.max(0, (done - 0.5) * 2) ** 2;
    if (done > 0.6) body.inBed = false;
  }
  if (is.kind === "return") {
    body.presence = Math.min(1, done * 2) ** 2;
    if (done > 0.4) body.inBed = true;
  }
  if (done >= 1) {
    body.movement = undefined;
    body.presence = body.inBed ? 1 : 0;
  }
}

/** Where every reflector goes in the next part of a movement: near where the person lies, in a new arrangement. */
function aim(body: Body, movement: Movement, random: Random): void {
  const { person } = body;
  const away = movement.kind === "leave" ? 400 : movement.kind === "return" ? -200 : 0;
  const common = movement.extentMm * random.gaussian() * 0.6 + away;
  for (let i = 0; i < person.reflectors; i++) {
    body.from[i] = body.base[i]!;
    body.fromAmplitude[i] = body.amplitude[i]!;
    const home = person.distanceMm + Math.max(-1.5, Math.min(1.5, random.gaussian())) * person.spreadMm;
    const wander = body.base[i]! + common + movement.extentMm * 0.6 * random.gaussian();
    // A twitch ends near where it began; the others pull back towards the place where the person lies.
    const pull = movement.kind === "twitch" || movement.kind === "leave" ? 0 : 0.4;
    body.to[i] = wander + (home - wander) * pull;
    const mix = movement.kind === "twitch" ? 0.1 : 0.6;
    body.toAmplitude[i] = body.amplitude[i]! * (1 - mix) + drawAmplitude(person, random) * mix;
  }
  if (movement.kind === "return" && movement.lastsSec > 0) {
    for (let i = 0; i < person.reflectors; i++) body.to[i] = (body.to[i]! + 2 * person.distanceMm) / 3;
  }
}
