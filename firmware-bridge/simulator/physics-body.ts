import type { Movement, Person, Place, PointMm, Posture, Scene, Somebody } from "../../edge-agent/contract/scene.ts";
import {
  type BreathingState,
  type HeartState,
  startBreathing,
  startHeart,
  stepBreathing,
  stepHeart,
} from "./physics-breathing.ts";
import { type BodyMovement, beginBodyMovement, drawAmplitude, stepBodyMovement } from "./physics-movement.ts";
import type { Random } from "./random.ts";

/** One person as everything that a radar or a depth camera may see of them. */
export interface Body {
  readonly who: Somebody;
  readonly places: Readonly<Record<Place, PointMm>>;
  breathing: BreathingState;
  readonly heart: HeartState;
  trunk: PointMm;
  place: Place;
  posture: Posture;
  moving: boolean;
  movement: BodyMovement | undefined;
  readonly sway: Sway;
  readonly rock: Sway;
  /** Offsets of the reflectors' range from the trunk's middle, their strength, share in the breathing and delay. */
  readonly base: Float64Array;
  /** Sway of their own of the reflectors behind the trunk's: head, arms and legs. */
  readonly ownSway: readonly Sway[];
  readonly amplitude: Float64Array;
  readonly gain: Float64Array;
  readonly lag: Float64Array;
  readonly tilt: Float64Array;
  /** How arms and legs lie, -1 to 1. */
  readonly limbs: Float64Array;
  /** Breathing depth of this posture against the one that the person's numbers speak of. */
  depthShare: number;
  /** Displacements of the last seconds, for the delayed reflectors. */
  readonly history: Float64Array;
  historyAt: number;
}

/** A body has weight: its sway is smooth, a random walk pulled back to 0 and then slowed by inertia. */
interface Sway {
  mm: number;
  aimMm: number;
}

const historySteps = 24;
const limbCount = 6;
/** Movement of the chest along the line of sight, against lying on the back (accuracy table 3.2). */
const depthOf: Record<Posture, number> = { supine: 1, side: 0.5, prone: 0.3, sitting: 0.9, standing: 0.7 };
const blanketShare = { none: 0, sheet: 0.1, duvet: 0.25 } as const;

export function newBody(who: Somebody, scene: Scene, places: Readonly<Record<Place, PointMm>>, random: Random): Body {
  const { is } = who;
  const count = is.reflectors + (is.limbs?.reflectors ?? 0);
  const breathing = startBreathing(is.breathing, random.fork(1));
  const body: Body = {
    who,
    places,
    breathing,
    heart: startHeart(is.heart, random.fork(2)),
    trunk: places[who.startsAt],
    place: who.startsAt,
    posture: is.posture,
    moving: false,
    movement: undefined,
    sway: { mm: 0, aimMm: 0 },
    rock: { mm: 0, aimMm: 0 },
    base: new Float64Array(count),
    ownSway: Array.from({ length: is.limbs?.reflectors ?? 0 }, () => ({ mm: 0, aimMm: 0 })),
    amplitude: new Float64Array(count),
    gain: new Float64Array(count),
    lag: new Float64Array(count),
    tilt: new Float64Array(count),
    limbs: new Float64Array(limbCount),
    depthShare: 1,
    history: new Float64Array(historySteps).fill(breathing.displacementMm),
    historyAt: 0,
  };
  const covered = blanketShare[scene.blanket];
  for (let i = 0; i < is.reflectors; i++) {
    // The second half of the reflectors lies on the belly.
    const part = i >= is.reflectors / 2 ? is.abdomenGain : 1;
    // Bedding that lies on the body follows it less and later.
    const bedding = random.chance(covered);
    body.base[i] = is.spreadMm * random.gaussian();
    body.gain[i] =
      (random.chance(is.paradox) ? -1 : 1) * part * Math.max(0, 0.75 + 0.35 * random.gaussian()) * (bedding ? 0.6 : 1);
    body.lag[i] = random.uniform() * is.lagSec + (bedding ? random.between(0.1, 0.4) : 0);
    body.amplitude[i] = drawAmplitude(is, i, random);
    body.tilt[i] = 0.6 * random.gaussian();
  }
  for (let i = is.reflectors; i < count; i++) {
    body.base[i] = (is.limbs?.spreadMm ?? 0) * random.gaussian();
    body.gain[i] = (is.limbs?.breathingShare ?? 0) * random.between(-0.5, 1);
    body.lag[i] = random.uniform() * is.lagSec;
    body.amplitude[i] = drawAmplitude(is, i, random);
    body.tilt[i] = 1.2 * random.gaussian();
  }
  for (let i = 0; i < limbCount; i++) body.limbs[i] = random.between(-1, 1);
  // Well past the start, so that the first second sways like every other.
  for (let i = 0; i < 1200; i++) {
    stepSway(body.sway, is, random, 0.05);
    stepSway(body.rock, is, random, 0.05);
    if (is.limbs !== null) for (const own of body.ownSway) stepSway(own, is.limbs, random, 0.05);
  }
  return body;
}

function stepSway(sway: Sway, is: Pick<Person, "swaySdMm" | "swayTauSec">, random: Random, stepSec: number): void {
  const keep = Math.exp(-stepSec / is.swayTauSec);
  sway.aimMm = keep * sway.aimMm + Math.sqrt(1 - keep * keep) * is.swaySdMm * random.gaussian();
  sway.mm += (sway.aimMm - sway.mm) * (1 - Math.exp(-stepSec / 0.6));
}

/** Begins a movement; one that is still going on is cut short where it is. `hold` stops the breath and nothing else. */
export function startMovement(body: Body, movement: Movement): void {
  if (movement.kind === "hold") {
    body.breathing.pauseAskedSec = movement.lastsSec;
    return;
  }
  body.movement = beginBodyMovement(body, movement);
}

/** One step of the whole body. */
export function stepBody(body: Body, random: Random, nowSec: number, stepSec: number): void {
  const { is } = body.who;
  stepBreathing(body.breathing, is.breathing, random, stepSec);
  const breathPart = body.breathing.breaths - Math.floor(body.breathing.breaths);
  stepHeart(body.heart, is.heart, breathPart, random, stepSec);
  stepSway(body.sway, is, random, stepSec);
  stepSway(body.rock, is, random, stepSec);
  if (is.limbs !== null) for (const own of body.ownSway) stepSway(own, is.limbs, random, stepSec);
  const aim = depthOf[body.posture] / depthOf[is.posture];
  // Within a second or so, as a person turns.
  body.depthShare += (aim - body.depthShare) * Math.min(1, 2 * stepSec);
  body.historyAt = (body.historyAt + 1) % historySteps;
  body.history[body.historyAt] = body.breathing.displacementMm * body.depthShare;
  stepBodyMovement(body, random, nowSec);
}

/** How far the chest was out `lagSec` ago, mm. */
export function chestMm(body: Body, lagSec: number, stepSec: number): number {
  const behind = Math.min(historySteps - 2, lagSec / stepSec);
  const whole = Math.floor(behind);
  const newer = body.history[(body.historyAt - whole + historySteps) % historySteps]!;
  const older = body.history[(body.historyAt - whole - 1 + historySteps) % historySteps]!;
  return newer + (older - newer) * (behind - whole);
}
