import type { Movement, Person, Place, PointMm } from "../../edge-agent/contract/scene.ts";
import type { Body } from "./physics-body.ts";
import type { Random } from "./random.ts";

/** A movement in progress: in parts of about 0.8 s, each of which takes every reflector somewhere new. */
export interface BodyMovement {
  readonly is: Movement;
  readonly parts: number;
  part: number;
  /** Where the trunk began and ends. */
  readonly start: PointMm;
  readonly towards: Place;
  done: number;
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly fromAmplitude: Float64Array;
  readonly toAmplitude: Float64Array;
  readonly fromLimbs: Float64Array;
  readonly toLimbs: Float64Array;
}

export function beginBodyMovement(body: Body, is: Movement): BodyMovement {
  const like = (): Float64Array => new Float64Array(body.base.length);
  const goes = is.kind === "go" || is.kind === "fall";
  return {
    is,
    parts: Math.max(1, Math.round(is.lastsSec / 0.8)),
    part: -1,
    start: body.trunk,
    towards: goes ? (is.to ?? body.place) : body.place,
    done: 0,
    from: like(),
    to: like(),
    fromAmplitude: like(),
    toAmplitude: like(),
    fromLimbs: Float64Array.from(body.limbs),
    toLimbs: Float64Array.from(body.limbs),
  };
}

export function stepBodyMovement(body: Body, random: Random, nowSec: number): void {
  const active = body.movement;
  body.moving = active !== undefined;
  if (active === undefined) return;
  const { is, parts } = active;
  const done = is.lastsSec === 0 ? 1 : Math.min(1, Math.max(0, (nowSec - is.atSec) / is.lastsSec));
  const part = Math.min(parts - 1, Math.floor(done * parts));
  if (part !== active.part) {
    active.part = part;
    aim(body, active, random);
  }
  active.done = done;
  // Minimum-jerk path (Flash and Hogan 1985).
  const jerk = (x: number): number => x * x * x * (10 - 15 * x + 6 * x * x);
  const s = jerk(Math.min(1, done * parts - part));
  const mixed = (a: number, b: number): number => a + (b - a) * s;
  for (let i = 0; i < body.base.length; i++) {
    body.base[i] = mixed(active.from[i]!, active.to[i]!);
    body.amplitude[i] = mixed(active.fromAmplitude[i]!, active.toAmplitude[i]!);
  }
  for (let i = 0; i < body.limbs.length; i++) body.limbs[i] = mixed(active.fromLimbs[i]!, active.toLimbs[i]!);
  if (active.towards !== body.place || is.kind === "go" || is.kind === "fall") {
    const way = jerk(done);
    const end = body.places[active.towards];
    body.trunk = {
      xMm: active.start.xMm + (end.xMm - active.start.xMm) * way,
      yMm: active.start.yMm + (end.yMm - active.start.yMm) * way,
      zMm: active.start.zMm + (end.zMm - active.start.zMm) * way,
    };
    if (done >= 0.5) body.place = active.towards;
  }
  if (done >= 0.5 && is.posture !== undefined) body.posture = is.posture;
  if (done >= 1) body.movement = undefined;
}

/** Where every reflector goes in the next part of a movement: near where it belongs, in a new arrangement. */
function aim(body: Body, active: BodyMovement, random: Random): void {
  const { is } = body.who;
  const { kind, extentMm, posture } = active.is;
  const small = kind === "twitch";
  const newPosture = posture !== undefined && posture !== body.posture;
  const mix = small ? 0.1 : newPosture ? 0.85 : 0.6;
  // A twitch ends near where it began; the others pull back towards where the parts of a body belong.
  const pull = small ? 0 : 0.4;
  const common = extentMm * random.gaussian() * 0.6;
  for (let i = 0; i < body.base.length; i++) {
    active.from[i] = body.base[i]!;
    active.fromAmplitude[i] = body.amplitude[i]!;
    const spreadMm = i < is.reflectors ? is.spreadMm : (is.limbs?.spreadMm ?? 0);
    const home = Math.max(-1.5, Math.min(1.5, random.gaussian())) * spreadMm;
    const wander = body.base[i]! + common + extentMm * 0.6 * random.gaussian();
    active.to[i] = wander + (home - wander) * pull;
    active.toAmplitude[i] = body.amplitude[i]! * (1 - mix) + drawAmplitude(is, i, random) * mix;
  }
  for (let i = 0; i < body.limbs.length; i++) {
    active.fromLimbs[i] = body.limbs[i]!;
    const way = Math.min(1, extentMm / 100) * random.gaussian();
    active.toLimbs[i] = Math.max(-1, Math.min(1, body.limbs[i]! + way * (small ? 0.5 : 1)));
  }
}

/** @param index of the reflector: the trunk's come first, then those of head, arms and legs */
export function drawAmplitude(person: Person, index: number, random: Random): number {
  const spread = 10 ** ((person.strengthSpreadDb * random.gaussian()) / 20);
  const { limbs } = person;
  if (limbs === null || index < person.reflectors) return (person.strengthLsb / Math.sqrt(person.reflectors)) * spread;
  return ((limbs.strengthShare * person.strengthLsb) / Math.sqrt(limbs.reflectors)) * spread;
}
