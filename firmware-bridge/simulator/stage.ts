import type { Place, PointMm, Posture, Scene, Somebody } from "../../edge-agent/contract/scene.ts";
import { type Body, chestMm, newBody, startMovement, stepBody } from "./physics-body.ts";
import { type InterfererState, startInterferer, stepInterferer } from "./physics-interferers.ts";
import { newRandom } from "./random.ts";

/** What may be seen of one person at one instant, by whichever sensor. */
export interface Figure {
  readonly who: Somebody;
  /** Where the trunk is now; on the way to another place it is in between. */
  readonly trunk: PointMm;
  readonly place: Place;
  /** Where a movement in progress leads; `place` while there is none. */
  readonly towards: Place;
  /** 0 to 1 of the way to `towards`. */
  readonly progress: number;
  readonly posture: Posture;
  /** How far chest and belly are out along their normal, heartbeat included. */
  readonly chestMm: number;
  readonly abdomenMm: number;
  /** A gross movement is going on. */
  readonly moving: boolean;
  /** Changes with every gross movement and stays in between: how arms and legs lie, -1 to 1. */
  readonly limbs: readonly number[];
}

/** What really happens in the bedroom at the newest frame: never sent on the wire. */
export interface Truth {
  readonly atSec: number;
  /** The occupant of the bed; `away` where there is none. */
  readonly place: Place;
  readonly posture: Posture;
  /** Lies in the bed (or on the floor mattress). */
  readonly inBed: boolean;
  /** The occupant makes a gross movement; breathing, heartbeat and sway are none. */
  readonly moving: boolean;
  /** Breaths of the occupant since the start, with fractions; a rate is 60 x difference / seconds. Null: nobody in the scene. */
  readonly breaths: number | null;
  /** False while the occupant holds the breath or has stopped breathing. */
  readonly breathing: boolean;
  /** Seconds since the chest was last seen to breathe; 0 while it does. */
  readonly stillChestSec: number;
  /** People in sight: in the bed, at it and in the room. */
  readonly people: number;
  readonly othersMoving: boolean;
}

/** Where a trunk's middle is for each place in this room; `away` lies out of every sensor's sight. */
export function placesOf(scene: Scene): Readonly<Record<Place, PointMm>> {
  const { widthMm, topMm } = scene.bed;
  const edge = widthMm / 2;
  return {
    bed: { xMm: 0, yMm: 350, zMm: topMm + 110 },
    edge: { xMm: edge - 80, yMm: 250, zMm: topMm + 330 },
    standing: { xMm: edge + 350, yMm: 150, zMm: 1_150 },
    floor: { xMm: edge + 420, yMm: 100, zMm: 130 },
    beside: { xMm: edge + 280, yMm: 350, zMm: 1_150 },
    room: { xMm: edge + 900, yMm: -500, zMm: 1_150 },
    away: { xMm: edge + 2_600, yMm: -2_500, zMm: 1_150 },
  };
}

/** People and things of a bedroom, 20 steps a second. Every sensor of the room looks at the same play. */
export interface Stage {
  /** 50 ms on. */
  step(): void;
  readonly bodies: readonly Body[];
  /** Of everybody in sight. */
  figures(): readonly Figure[];
  interferers(): readonly InterfererState[];
  truth(): Truth;
}

export const stageStepSec = 0.05;

/** @param seed in place of the scene's own: the same play with other chances */
export function newStage(scene: Scene, seed = scene.seed): Stage {
  const random = newRandom(seed).fork(12);
  const places = placesOf(scene);
  // Two in a bed lie side by side.
  const beside = { ...places, bed: { ...places.bed, xMm: places.bed.xMm - 280 } };
  const bodies = scene.people.map((who, i) =>
    newBody(who, scene, who.role === "partner" ? beside : places, random.fork(100 + i)),
  );
  const chances = scene.people.map((_, i) => random.fork(200 + i));
  const interferers = scene.interferers.map((is, i) => startInterferer(is, random.fork(300 + i)));
  const wind = random.fork(400);
  const next = scene.people.map(() => ({ movement: 0, cycle: 0 }));
  let step = 0;

  const beginMovements = (body: Body, index: number, nowSec: number): void => {
    const { movements, turnsPerHour } = body.who;
    const at = next[index]!;
    const cycleSec = scene.repeatsEverySec;
    for (;;) {
      const movement = movements[at.movement];
      if (movement === undefined) {
        if (cycleSec === null || movements.length === 0) break;
        at.movement = 0;
        at.cycle += 1;
        continue;
      }
      const atSec = movement.atSec + at.cycle * (cycleSec ?? 0);
      if (atSec > nowSec) break;
      startMovement(body, { ...movement, atSec });
      at.movement += 1;
    }
    if (turnsPerHour === 0 || body.movement !== undefined || body.place !== "bed") return;
    const chance = chances[index]!;
    if (!chance.chance((turnsPerHour / 3600) * stageStepSec)) return;
    startMovement(body, {
      kind: "turn",
      atSec: nowSec,
      lastsSec: chance.between(1, 3),
      extentMm: chance.between(50, 150),
    });
  };

  return {
    bodies,
    step() {
      const nowSec = step * stageStepSec;
      step += 1;
      for (const [index, body] of bodies.entries()) {
        beginMovements(body, index, nowSec);
        stepBody(body, chances[index]!, nowSec, stageStepSec);
      }
      for (const interferer of interferers) stepInterferer(interferer, wind, nowSec, stageStepSec);
    },
    figures: () => bodies.map(figureOf),
    interferers: () => interferers,
    truth: () => truthOf(bodies, Math.max(0, step - 1) * stageStepSec),
  };
}

function figureOf(body: Body): Figure {
  const chest = chestMm(body, 0, stageStepSec);
  return {
    who: body.who,
    trunk: body.trunk,
    place: body.place,
    towards: body.movement?.towards ?? body.place,
    progress: body.movement?.done ?? 0,
    posture: body.posture,
    chestMm: chest + body.heart.displacementMm,
    abdomenMm: body.who.is.abdomenGain * chestMm(body, body.who.is.lagSec, stageStepSec),
    moving: body.moving,
    limbs: Array.from(body.limbs),
  };
}

function truthOf(bodies: readonly Body[], atSec: number): Truth {
  const occupant = bodies.find(({ who }) => who.role === "occupant");
  const others = bodies.filter((body) => body !== occupant && body.place !== "away");
  const here = occupant !== undefined && occupant.place !== "away";
  return {
    atSec,
    place: occupant?.place ?? "away",
    posture: occupant?.posture ?? "supine",
    inBed: occupant?.place === "bed",
    moving: occupant?.moving ?? false,
    breaths: occupant?.breathing.breaths ?? null,
    breathing: occupant !== undefined && occupant.breathing.stillSec === 0,
    stillChestSec: occupant?.breathing.stillSec ?? 0,
    people: others.length + (here ? 1 : 0),
    othersMoving: others.some(({ moving }) => moving),
  };
}
