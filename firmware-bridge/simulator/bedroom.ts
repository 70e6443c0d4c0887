import type { RadarFrameSource, RadarMetadata, RadarWireFrame } from "./frame-source.ts";
import { type Body, newBody, startMovement, stepBody } from "./physics-body.ts";
import {
  addReflector,
  beginField,
  endField,
  type Field,
  newField,
  pointCount,
  sweepCount,
  sweepsOf,
  sweepVariance,
} from "./physics-field.ts";
import { type InterfererState, startInterferer, stepInterferer } from "./physics-interferers.ts";
import { newRandom, type Random } from "./random.ts";
import { type Scene, type SceneName, scenes } from "./scenes.ts";

export const bedroomFrameRateHz = 20;
const stepSec = 1 / bedroomFrameRateHz;

/** What really happens in the bedroom at the newest frame: never sent on the wire. */
export interface Truth {
  readonly atSec: number;
  readonly inBed: boolean;
  /** A gross movement is going on; breathing, heartbeat and sway are not. */
  readonly moving: boolean;
  /** Breaths since the start, with fractions; a rate is 60 x difference / seconds. Null: nobody in the scene. */
  readonly breaths: number | null;
}

/** Mean over the sweeps of one frame, as training reads it: one small step instead of 16 sweeps of noise. */
export interface MeanFrame {
  /** LSB, per point. */
  readonly re: Float64Array;
  readonly im: Float64Array;
  /** Variance of the mean (I and Q together), LSB squared, per point. */
  readonly noise: Float64Array;
}

export interface Bedroom extends RadarFrameSource {
  truth(): Truth;
  /** The next frame without its sweeps. Draws other chances than `next`: use one of the two in a run. */
  nextMean(): MeanFrame;
}

/** 21 points of 60 mm from 0.30 m, 16 sweeps, as a real A121 of the breathing set-up answers. */
export const bedroomMetadata: RadarMetadata = {
  frame_data_length: sweepCount * pointCount,
  sweep_data_length: pointCount,
  subsweep_data_offset: [0],
  subsweep_data_length: [pointCount],
  calibration_temperature: 27,
  tick_period: 0,
  base_step_length_m: 0.00250227400101721,
  max_sweep_rate: 1372.82861328125,
  high_speed_mode: true,
};

interface Room {
  readonly random: Random;
  readonly field: Field;
  readonly body: Body | undefined;
  readonly interferers: readonly InterfererState[];
  readonly mean: MeanFrame;
  readonly firstTick: number;
  frame: number;
  nextMovement: number;
  cycle: number;
}

/** A bedroom computed from physics. The same scene and seed give the same bytes, also after `restart`. Endless. */
export function openBedroom(scene: SceneName | Scene, seed: number): Bedroom {
  const is = typeof scene === "string" ? scenes[scene] : scene;
  let room = newRoom(is, seed);
  return {
    metadata: bedroomMetadata,
    frameRateHz: bedroomFrameRateHz,
    restart: () => {
      room = newRoom(is, seed);
    },
    next: () => wireFrame(room, is),
    nextMean: () => meanFrame(room, is),
    truth: () => ({
      atSec: Math.max(0, room.frame - 1) * stepSec,
      inBed: room.body?.inBed ?? false,
      moving: room.body?.moving ?? false,
      breaths: room.body?.breathing.breaths ?? null,
    }),
  };
}

function newRoom(scene: Scene, seed: number): Room {
  const random = newRandom(seed);
  return {
    field: newField(scene.radar, random.fork(10)),
    body: scene.person === null ? undefined : newBody(scene.person, scene.startsInBed, random.fork(11)),
    interferers: scene.interferers.map((is, i) => startInterferer(is, random.fork(20 + i))),
    mean: { re: new Float64Array(pointCount), im: new Float64Array(pointCount), noise: new Float64Array(pointCount) },
    firstTick: Math.floor(random.between(1e6, 4e9)),
    random: random.fork(12),
    frame: 0,
    nextMovement: 0,
    cycle: 0,
  };
}

function advance(room: Room, scene: Scene): void {
  const nowSec = room.frame * stepSec;
  room.frame += 1;
  const { body, field, random } = room;
  if (body !== undefined) {
    beginMovements(room, scene, body, nowSec);
    stepBody(body, random, nowSec, stepSec);
  }
  beginField(field, scene.radar, random);
  if (body !== undefined) {
    for (let i = 0; i < body.rangeMm.length; i++) {
      addReflector(field.re, field.im, scene.radar, body.rangeMm[i]!, body.strengthLsb[i]!);
    }
  }
  for (const interferer of room.interferers) {
    stepInterferer(interferer, random, stepSec);
    addReflector(field.re, field.im, scene.radar, interferer.rangeMm, interferer.strengthLsb);
  }
  endField(field, scene.radar, random);
}

function beginMovements(room: Room, scene: Scene, body: Body, nowSec: number): void {
  const cycleSec = scene.repeatsEverySec;
  for (;;) {
    const movement = scene.movements[room.nextMovement];
    if (movement === undefined) {
      if (cycleSec === null || scene.movements.length === 0) break;
      room.nextMovement = 0;
      room.cycle += 1;
      continue;
    }
    const atSec = movement.atSec + room.cycle * (cycleSec ?? 0);
    if (atSec > nowSec) break;
    startMovement(body, { ...movement, atSec });
    room.nextMovement += 1;
  }
  if (scene.turnsPerHour === 0 || body.movement !== undefined || !body.inBed) return;
  if (!room.random.chance((scene.turnsPerHour / 3600) * stepSec)) return;
  startMovement(body, {
    kind: "turn",
    atSec: nowSec,
    lastsSec: room.random.between(1, 3),
    extentMm: room.random.between(50, 150),
  });
}

function meanFrame(room: Room, scene: Scene): MeanFrame {
  advance(room, scene);
  const { field, mean, random } = room;
  for (let p = 0; p < pointCount; p++) {
    const variance = sweepVariance(field, scene.radar, p) / sweepCount;
    const spread = Math.sqrt(variance / 2);
    mean.re[p] = field.re[p]! + spread * random.gaussian();
    mean.im[p] = field.im[p]! + spread * random.gaussian();
    mean.noise[p] = variance;
  }
  return mean;
}

function wireFrame(room: Room, scene: Scene): RadarWireFrame {
  advance(room, scene);
  const index = room.frame - 1;
  const { payload, saturated } = sweepsOf(room.field, scene.radar, room.random);
  // The sensor's clock is even; the instant that it reports trembles.
  const tick = room.firstTick + index * (1e6 / bedroomFrameRateHz) + Math.floor(room.random.between(-150, 150));
  return {
    tick: ((tick % 2 ** 32) + 2 ** 32) % 2 ** 32,
    temperature: 21 + Math.min(4, Math.floor(index / 2400)),
    data_saturated: saturated,
    frame_delayed: false,
    calibration_needed: false,
    payload,
  };
}
