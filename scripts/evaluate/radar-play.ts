import type { Estimate } from "../../edge-agent/contract/door.ts";
import type { RadarIqFrame } from "../../edge-agent/contract/frames.ts";
import type { Scene } from "../../edge-agent/contract/scene.ts";
import { type DeviceUs, deviceUs } from "../../edge-agent/contract/units.ts";
import type { BreathWord } from "../../edge-agent/perception/breath-watch.ts";
import { acceptFrame } from "../../edge-agent/perception/radar-arrivals.ts";
import { newRadarPair, takeFrame } from "../../edge-agent/perception/radar-pair.ts";
import { acceptAnswer, newRadarPerception, pendingWindow } from "../../edge-agent/perception/radar-room.ts";
import type { RadarSettings } from "../../edge-agent/perception/radar-settings.ts";
import {
  bedroomFrameRateHz,
  type MeanFrame,
  openBedroom,
  type Truth,
} from "../../firmware-bridge/simulator/bedroom.ts";
import { firstPointMm, pointCount, pointStepMm } from "../../firmware-bridge/simulator/physics-field.ts";
import { answersOf, type Model, type RadarModels } from "../radar-run.ts";

/* A simulated room through the whole perception of a room, second by second, beside what was true. */

export interface Instant {
  readonly atSec: number;
  readonly estimate: Estimate;
  readonly breath: BreathWord;
  /** Phase advance over the very window of the estimate, /min; NaN where nobody was in bed all through it. */
  readonly truthPerMin: number;
  readonly truth: Truth;
  /** Seconds since the occupant last moved grossly, or the start. */
  readonly stillSec: number;
}

/**
 * A frame of two sweeps that has the mean and the spread of a frame of sixteen: the noise is drawn once for the mean, which
 * is what perception uses of the sweeps.
 */
export function twoSweeps(mean: MeanFrame): RadarIqFrame {
  const iq = new Int16Array(4 * pointCount);
  for (let p = 0; p < pointCount; p++) {
    // Of two sweeps at m + d and m - d the variance of the mean is d^2.
    const apart = Math.sqrt(mean.noise[p]!);
    iq[2 * p] = clip(mean.re[p]! + apart);
    iq[2 * p + 1] = clip(mean.im[p]!);
    iq[2 * (pointCount + p)] = clip(mean.re[p]! - apart);
    iq[2 * (pointCount + p) + 1] = clip(mean.im[p]!);
  }
  return {
    sweeps: 2,
    points: pointCount,
    firstPointMm,
    pointStepMm,
    frameRateHz: bedroomFrameRateHz,
    saturated: false,
    delayed: false,
    calibrationNeeded: false,
    temperatureC: 25,
    iq,
  };
}

const clip = (x: number): number => Math.max(-32_767, Math.min(32_767, Math.round(x)));

interface Watched {
  take(frame: RadarIqFrame, at: DeviceUs): void;
  answers(): AsyncGenerator<Estimate>;
  breath(): BreathWord;
}

/** By one model alone. */
export function playRadar(
  scene: Scene,
  lengthSec: number,
  model: Model,
  settings: RadarSettings,
): Promise<readonly Instant[]> {
  const perception = newRadarPerception(null, settings);
  return play(scene, lengthSec, {
    take: (frame, at) => acceptFrame(perception, frame, at),
    async *answers() {
      for (let tensors = pendingWindow(perception); tensors !== undefined; tensors = pendingWindow(perception)) {
        yield acceptAnswer(perception, await model(tensors));
      }
    },
    breath: () => perception.breath.is,
  });
}

/** As the live room asks both models. */
export function playLive(scene: Scene, lengthSec: number, radar: RadarModels): Promise<readonly Instant[]> {
  const pair = newRadarPair(null, radar.settings);
  return play(scene, lengthSec, {
    take: (frame, at) => takeFrame(pair, frame, at),
    answers: () => answersOf(pair, radar),
    breath: () => pair.long.breath.is,
  });
}

async function play(scene: Scene, lengthSec: number, watched: Watched): Promise<readonly Instant[]> {
  const room = openBedroom(scene);
  const instants: Instant[] = [];
  const frames = lengthSec * bedroomFrameRateHz;
  const breaths = new Float64Array(frames);
  const away = new Uint32Array(frames + 1);
  const truths: Truth[] = [];
  let movedAt = 0;
  const movedAtFrame = new Int32Array(frames);
  for (let t = 0; t < frames; t++) {
    const mean = room.nextMean();
    const truth = room.truth();
    truths.push(truth);
    breaths[t] = truth.breaths ?? 0;
    away[t + 1] = away[t]! + (truth.inBed ? 0 : 1);
    if (truth.moving) movedAt = t;
    movedAtFrame[t] = movedAt;
    watched.take(twoSweeps(mean), deviceUs((t * 1e6) / bedroomFrameRateHz));
    for await (const estimate of watched.answers()) {
      const last = Math.round((estimate.atMs / 1000) * bedroomFrameRateHz) - 1;
      const first = Math.max(0, Math.round(((estimate.atMs - estimate.windowMs) / 1000) * bedroomFrameRateHz));
      const sec = (last - first) / bedroomFrameRateHz;
      instants.push({
        atSec: estimate.atMs / 1000,
        estimate,
        breath: watched.breath(),
        truthPerMin:
          away[last + 1]! - away[first]! > 0 || sec <= 0 ? Number.NaN : (60 * (breaths[last]! - breaths[first]!)) / sec,
        truth: truths[last]!,
        stillSec: (last - movedAtFrame[last]!) / bedroomFrameRateHz,
      });
    }
  }
  return instants;
}
