import type { PointMm, Scene } from "../../edge-agent/contract/scene.ts";
import { type Body, chestMm } from "./physics-body.ts";
import { newRandom, type Random } from "./random.ts";
import { newStage, placesOf, type Stage, stageStepSec, type Truth } from "./stage.ts";

/*
 * A bedroom as a small radar module at the scene's radar sees it, 20 times a second, with the estimates that such modules
 * make by themselves: slow to notice that somebody left, and no better than they are sold.
 */

export interface ModuleTarget {
  /** Across the direction in which the module looks. */
  readonly xMm: number;
  /** Along it. */
  readonly yMm: number;
  /** Positive: goes away. */
  readonly speedMmPerSec: number;
}

export interface ModuleView {
  /** As the module believes: still so for some seconds after somebody left. */
  readonly present: boolean;
  readonly moving: boolean;
  /** 0 nobody, 1 only breathing, to 100. */
  readonly movement: number;
  /** Of the nearest; null: nobody is there. */
  readonly distanceMm: number | null;
  /** Phase of the nearest's echo as the module unwraps it, rad. */
  readonly totalRad: number;
  /** The same between 0.05 and 1 Hz. */
  readonly breathRad: number;
  /** What the heart alone does of it. */
  readonly heartRad: number;
  /** The module's own estimate; 0: none. */
  readonly breathingPerMin: number;
  readonly heartPerMin: number;
  /** In sight, the nearest first. */
  readonly targets: readonly ModuleTarget[];
}

export interface ModuleRoom {
  /** 50 ms on. */
  step(): ModuleView;
  restart(): void;
  truth(): Truth;
}

export interface ModuleOptics {
  readonly rangeMmMax: number;
  readonly wavelengthMm: number;
}

const stepsPerSec = Math.round(1 / stageStepSec);
/** A module counts breaths over so long, and keeps its word for so long when nobody is there. */
const rateSteps = 20 * stepsPerSec;
const rateStepsLeast = 10 * stepsPerSec;
const holdSteps = 5 * stepsPerSec;
const phaseNoiseRad = 0.03;
/** Rates below are none to it. */
const rateLeastPerMin = 4;

const minus = (a: PointMm, b: PointMm): PointMm => ({ xMm: a.xMm - b.xMm, yMm: a.yMm - b.yMm, zMm: a.zMm - b.zMm });
const dot = (a: PointMm, b: PointMm): number => a.xMm * b.xMm + a.yMm * b.yMm + a.zMm * b.zMm;
const sizeMm = (a: PointMm): number => Math.sqrt(dot(a, a));

interface Seen {
  readonly body: Body;
  readonly pathMm: number;
  readonly target: ModuleTarget;
}

interface State {
  readonly stage: Stage;
  readonly random: Random;
  /** Breaths of the nearest while it lay still, one entry a step, at most `rateSteps`. */
  readonly breaths: number[];
  nearest: Body | undefined;
  pathMm: number;
  totalRad: number;
  slowRad: number;
  breathRad: number;
  movement: number;
  breathingPerMin: number;
  absentSteps: number;
  /** Where each was a step ago, from the module. */
  readonly before: Map<Body, number>;
}

/** The same scene and seed give the same views, also after `restart`. Endless. */
export function openModuleRoom(scene: Scene, optics: ModuleOptics, seed = scene.seed): ModuleRoom {
  const at = scene.radar.at;
  const toBed = minus(placesOf(scene).bed, at);
  const along = scaled(toBed, 1 / sizeMm(toBed));
  const level = Math.hypot(along.xMm, along.yMm) || 1;
  const across = { xMm: along.yMm / level, yMm: -along.xMm / level, zMm: 0 };
  const begin = (): State => ({
    stage: newStage(scene, seed),
    random: newRandom(seed).fork(31),
    breaths: [],
    nearest: undefined,
    pathMm: 0,
    totalRad: 0,
    slowRad: 0,
    breathRad: 0,
    movement: 0,
    breathingPerMin: 0,
    absentSteps: holdSteps,
    before: new Map(),
  });
  let state = begin();

  const see = (body: Body): Seen => {
    const from = minus(body.trunk, at);
    const away = sizeMm(from);
    // Breathing in brings the chest towards the module.
    const outMm = chestMm(body, 0, stageStepSec) + body.heart.displacementMm;
    const speed = (away - (state.before.get(body) ?? away)) / stageStepSec;
    state.before.set(body, away);
    return {
      body,
      pathMm: away + body.sway.mm - outMm,
      target: { xMm: dot(from, across), yMm: dot(from, along), speedMmPerSec: speed },
    };
  };

  return {
    step() {
      state.stage.step();
      const seen = state.stage.bodies
        .map(see)
        .filter(({ body, pathMm }) => body.place !== "away" && pathMm <= optics.rangeMmMax)
        .sort((a, b) => a.pathMm - b.pathMm);
      return viewOf(state, seen, optics);
    },
    restart() {
      state = begin();
    },
    truth: () => state.stage.truth(),
  };
}

const scaled = (a: PointMm, by: number): PointMm => ({ xMm: by * a.xMm, yMm: by * a.yMm, zMm: by * a.zMm });

function viewOf(state: State, seen: readonly Seen[], { wavelengthMm }: ModuleOptics): ModuleView {
  const { random } = state;
  const nearest = seen[0];
  const moving = seen.some(({ body }) => body.moving);
  state.absentSteps = nearest === undefined ? state.absentSteps + 1 : 0;
  if (nearest === undefined) {
    state.nearest = undefined;
    state.breaths.length = 0;
    state.movement = 0;
    if (state.absentSteps >= holdSteps) state.breathingPerMin = 0;
  } else {
    followPhase(state, nearest, wavelengthMm);
    countBreaths(state, nearest.body, moving);
    // Quick to rise, slow to fall.
    const aim = moving ? random.between(25, 100) : 1;
    state.movement = Math.max(1, state.movement + (aim - state.movement) * (aim > state.movement ? 0.6 : 0.04));
  }
  return {
    present: state.absentSteps < holdSteps,
    moving,
    movement: state.movement,
    distanceMm: nearest?.pathMm ?? null,
    totalRad: state.totalRad,
    breathRad: state.breathRad,
    heartRad: ((4 * Math.PI) / wavelengthMm) * (nearest?.body.heart.displacementMm ?? 0),
    breathingPerMin: state.breathingPerMin,
    heartPerMin: nearest === undefined ? 0 : nearest.body.who.is.heart.perMin,
    targets: seen.map(({ target }) => target),
  };
}

/** A step of more than a quarter of the wave is unwrapped wrongly, as in the module: who moves leaves a walk, not a path. */
function followPhase(state: State, { body, pathMm }: Seen, wavelengthMm: number): void {
  const turns = state.nearest === body ? (2 * (pathMm - state.pathMm)) / wavelengthMm : 0;
  if (state.nearest !== body) state.breaths.length = 0;
  state.nearest = body;
  state.pathMm = pathMm;
  const before = state.totalRad;
  state.totalRad += 2 * Math.PI * (turns - Math.round(turns)) + phaseNoiseRad * state.random.gaussian();
  const slowShare = 1 - Math.exp(-2 * Math.PI * 0.05 * stageStepSec);
  const quickShare = 1 - Math.exp(-2 * Math.PI * 1 * stageStepSec);
  if (state.slowRad === 0 && before === 0) state.slowRad = state.totalRad;
  state.slowRad += slowShare * (state.totalRad - state.slowRad);
  state.breathRad += quickShare * (state.totalRad - state.slowRad - state.breathRad);
}

function countBreaths(state: State, body: Body, moving: boolean): void {
  const { breaths } = state;
  if (moving) breaths.length = 0;
  breaths.push(body.breathing.breaths);
  if (breaths.length > rateSteps) breaths.shift();
  if (breaths.length < rateStepsLeast) {
    state.breathingPerMin = 0;
    return;
  }
  // Once a second.
  if (breaths.length % stepsPerSec !== 0) return;
  const counted = (60 * (breaths.at(-1)! - breaths[0]!)) / ((breaths.length - 1) * stageStepSec);
  const perMin = counted + 0.4 * state.random.gaussian();
  state.breathingPerMin = perMin < rateLeastPerMin ? 0 : perMin;
}
