import type { PointMm, RadarSetting, Scene } from "../../edge-agent/contract/scene.ts";
import { withRadarFault } from "./faults.ts";
import type { RadarFrameSource, RadarMetadata, RadarWireFrame } from "./frame-source.ts";
import { type Body, chestMm } from "./physics-body.ts";
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
import { liftedMm } from "./physics-interferers.ts";
import { newRandom, type Random } from "./random.ts";
import { type SceneName, scenes } from "./scenes.ts";
import { newStage, type Stage, stageStepSec, type Truth } from "./stage.ts";

export type { Truth } from "./stage.ts";

export const bedroomFrameRateHz = 20;

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
  /** The occupant's distance from the radar; Infinity without one. */
  occupantMm(): number;
  /** Of the people who are not the bed's occupant, the nearest one's distance from the radar; Infinity without any. */
  othersMm(): number;
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
  readonly stage: Stage;
  readonly random: Random;
  readonly field: Field;
  readonly mean: MeanFrame;
  readonly firstTick: number;
  frame: number;
}

/** A bedroom computed from physics, as a radar sees it. The same scene and seed give the same bytes, also after `restart`. Endless. */
export function openBedroom(named: SceneName | Scene, seed?: number): Bedroom {
  const scene = typeof named === "string" ? scenes[named] : named;
  let room = newRoom(scene, seed ?? scene.seed);
  const bedroom: Bedroom = {
    metadata: bedroomMetadata,
    frameRateHz: bedroomFrameRateHz,
    restart: () => {
      room = newRoom(scene, seed ?? scene.seed);
    },
    next: () => wireFrame(room, scene),
    nextMean: () => meanFrame(room, scene),
    truth: () => room.stage.truth(),
    occupantMm: () => {
      const occupant = room.stage.bodies.find(({ who }) => who.role === "occupant");
      return occupant === undefined ? Number.POSITIVE_INFINITY : distanceMm(scene.radar.at, occupant.trunk);
    },
    othersMm: () =>
      Math.min(
        Number.POSITIVE_INFINITY,
        ...room.stage.bodies
          .filter(({ who, place }) => who.role !== "occupant" && place !== "away")
          .map(({ trunk }) => distanceMm(scene.radar.at, trunk)),
      ),
  };
  return scene.fault === undefined ? bedroom : withRadarFault(bedroom, scene.fault);
}

function newRoom(scene: Scene, seed: number): Room {
  const random = newRandom(seed);
  return {
    stage: newStage(scene, seed),
    field: newField(scene.radar, random.fork(10)),
    mean: { re: new Float64Array(pointCount), im: new Float64Array(pointCount), noise: new Float64Array(pointCount) },
    firstTick: Math.floor(random.between(1e6, 4e9)),
    random: random.fork(13),
    frame: 0,
  };
}

function advance(room: Room, scene: Scene): void {
  room.frame += 1;
  const { stage, field, random } = room;
  stage.step();
  beginField(field, scene.radar, random);
  const lifted = liftedMm(stage.interferers());
  for (const body of stage.bodies) addBody(field, scene.radar, body, scene, lifted);
  for (const { is, at, strengthLsb } of stage.interferers()) {
    // A pump moves what lies on the mattress; by itself it is as still as the bed.
    if (is.kind !== "pump") addReflector(field.re, field.im, scene.radar, distanceMm(scene.radar.at, at), strengthLsb);
  }
  endField(field, scene.radar, random);
}

const distanceMm = (a: PointMm, b: PointMm): number => Math.hypot(a.xMm - b.xMm, a.yMm - b.yMm, a.zMm - b.zMm);
/** Two ways through the bedding. */
const beddingLoss = { none: 1, sheet: 0.97, duvet: 0.85 } as const;

function addBody(field: Field, radar: RadarSetting, body: Body, scene: Scene, lifted: number): void {
  const { is } = body.who;
  const onBed = body.place === "bed" || body.place === "edge";
  const trunkMm = distanceMm(radar.at, body.trunk) - (onBed ? lifted : 0) + body.sway.mm;
  const loss = body.place === "bed" ? beddingLoss[scene.blanket] : 1;
  const { ghost } = is;
  for (let i = 0; i < body.base.length; i++) {
    // Breathing in brings the chest towards the sensor.
    const outMm = body.gain[i]! * (chestMm(body, body.lag[i]!, stageStepSec) + body.heart.displacementMm);
    const rockMm = body.tilt[i]! * body.rock.mm + (body.ownSway[i - is.reflectors]?.mm ?? 0);
    const strength = body.amplitude[i]! * loss;
    addReflector(field.re, field.im, radar, trunkMm + body.base[i]! - outMm + rockMm, strength);
    if (ghost === null) continue;
    // By way of a wall: longer, weaker, and the chest is seen from the side.
    const echoMm = trunkMm + body.base[i]! + ghost.delayMm - 0.8 * outMm + rockMm;
    addReflector(field.re, field.im, radar, echoMm, strength * ghost.gain);
  }
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
  // A frame that was lost on the way leaves a hole in time.
  while (scene.radar.droppedShare > 0 && room.random.chance(scene.radar.droppedShare)) advance(room, scene);
  const index = room.frame - 1;
  const { payload, saturated } = sweepsOf(room.field, scene.radar, room.random);
  // The sensor's clock is even; the instant that it reports trembles.
  const trembleUs = 150 + 1_000 * scene.radar.jitterMs;
  const tick =
    room.firstTick + index * (1e6 / bedroomFrameRateHz) + Math.floor(room.random.between(-trembleUs, trembleUs));
  return {
    tick: ((tick % 2 ** 32) + 2 ** 32) % 2 ** 32,
    temperature: 21 + Math.min(4, Math.floor(index / 2400)),
    data_saturated: saturated,
    frame_delayed: false,
    calibration_needed: false,
    payload,
  };
}
