import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { z } from "zod";
import type { Estimate, Tensor } from "../edge-agent/contract/door.ts";
import type { RadarIqFrame } from "../edge-agent/contract/frames.ts";
import { type DeviceUs, deviceUs } from "../edge-agent/contract/units.ts";
import type { Occupancy } from "../edge-agent/contract/words.ts";
import { acceptFrame } from "../edge-agent/perception/radar-arrivals.ts";
import { longRadar, type RadarSpec, shortRadar } from "../edge-agent/perception/radar-breathing.ts";
import {
  newRadarPair,
  nextQuestion,
  type RadarPair,
  type RadarPairSettings,
  takeAnswer,
  takeFrame,
} from "../edge-agent/perception/radar-pair.ts";
import { acceptAnswer, newRadarPerception, pendingWindow } from "../edge-agent/perception/radar-room.ts";
import { longRadarSettings, type RadarSettings, usualRadarSettings } from "../edge-agent/perception/radar-settings.ts";
import type { Bedroom, Truth } from "../firmware-bridge/simulator/bedroom.ts";
import { firstPointMm, pointCount, pointStepMm, sweepCount } from "../firmware-bridge/simulator/physics-field.ts";

/** Perception with its model and nothing else around it, for measuring. The agent itself runs models in a worker. */
export const folderOf = ({ name }: RadarSpec): string => fileURLToPath(new URL(`../models/${name}/`, import.meta.url));
export const modelFolder = folderOf(shortRadar);

const CalibratedCard = z.looseObject({
  calibrated: z.looseObject({
    intervalScale: z
      .array(z.looseObject({ fromMs: z.number(), halfWidthFromPerMin: z.number(), scale: z.number().positive() }))
      .default([]),
  }),
});

/** As the live room has them, with the intervals of the model's card. */
export function settingsFromCard(settings: RadarSettings = usualRadarSettings): RadarSettings {
  const { calibrated } = CalibratedCard.parse(JSON.parse(readFileSync(`${folderOf(settings.spec)}card.json`, "utf8")));
  return { ...settings, intervalScale: calibrated.intervalScale };
}

export type Model = (inputs: readonly Tensor[]) => Promise<readonly Tensor[]>;

/** One thread, one window at a time. Rejects where the file is no model. */
export async function openModel(spec = shortRadar, path = `${folderOf(spec)}model.onnx`): Promise<Model> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  return async (inputs) => {
    const feeds: Record<string, OrtTensor> = {};
    for (const { name, data, dims } of inputs) feeds[name] = new OrtTensor("float32", data, dims);
    const results = await session.run(feeds);
    return spec.outputs.map(({ name, dims }) => {
      const data = results[name]?.data;
      if (!(data instanceof Float32Array)) throw new Error(`the model has no output ${name}`);
      return { name, data, dims };
    });
  };
}

/** Both models of the radar, and how the live room asks them. */
export interface RadarModels {
  readonly models: Readonly<Record<string, Model>>;
  readonly settings: RadarPairSettings;
}

export const openRadarModels = async (): Promise<RadarModels> => ({
  models: { [longRadar.name]: await openModel(longRadar), [shortRadar.name]: await openModel(shortRadar) },
  settings: radarSettingsFromCards(),
});

export const radarSettingsFromCards = (): RadarPairSettings => ({
  long: settingsFromCard(longRadarSettings),
  short: settingsFromCard(usualRadarSettings),
});

/** What waits in the pair is asked and answered; each estimate as it is made. */
export async function* answersOf(pair: RadarPair, { models }: RadarModels): AsyncGenerator<Estimate> {
  for (let asked = nextQuestion(pair); asked !== undefined; asked = nextQuestion(pair)) {
    const model = models[asked.model];
    if (model === undefined) throw new Error(`the model ${asked.model} was not opened`);
    const estimate = takeAnswer(pair, asked.model, await model(asked.tensors));
    if (estimate !== undefined) yield estimate;
  }
}

export interface TimedFrame {
  readonly frame: RadarIqFrame;
  readonly deviceUs: DeviceUs;
}

/** Every estimate of a run of frames, as the live room makes them of its radar. */
export async function roomEstimatesOf(
  frames: Iterable<TimedFrame>,
  radar: RadarModels,
  stated: Occupancy | null,
): Promise<readonly Estimate[]> {
  const pair = newRadarPair(stated, radar.settings);
  const estimates: Estimate[] = [];
  for (const { frame, deviceUs } of frames) {
    takeFrame(pair, frame, deviceUs);
    for await (const estimate of answersOf(pair, radar)) estimates.push(estimate);
  }
  return estimates;
}

/** Every estimate of a run of frames by one model alone, for its card. */
export async function estimatesOf(
  frames: Iterable<TimedFrame>,
  model: Model,
  stated: Occupancy | null,
  settings: RadarSettings = settingsFromCard(),
): Promise<readonly Estimate[]> {
  const perception = newRadarPerception(stated, settings);
  const estimates: Estimate[] = [];
  for (const { frame, deviceUs } of frames) {
    acceptFrame(perception, frame, deviceUs);
    for (let tensors = pendingWindow(perception); tensors !== undefined; tensors = pendingWindow(perception)) {
      estimates.push(acceptAnswer(perception, await model(tensors)));
    }
  }
  return estimates;
}

/** Frames of a simulated bedroom; `truths` gets what was true at each of them. */
export function* bedroomFrames(bedroom: Bedroom, seconds: number, truths: Truth[]): Generator<TimedFrame> {
  let unwrappedUs = 0;
  let before: number | undefined;
  for (let t = 0; t < seconds * bedroom.frameRateHz; t++) {
    const wire = bedroom.next();
    if (wire === undefined) return;
    const { payload } = wire;
    unwrappedUs += before === undefined ? 0 : (wire.tick - before + 2 ** 32) % 2 ** 32;
    before = wire.tick;
    truths.push(bedroom.truth());
    yield {
      deviceUs: deviceUs(unwrappedUs),
      frame: {
        sweeps: sweepCount,
        points: pointCount,
        firstPointMm,
        pointStepMm,
        frameRateHz: bedroom.frameRateHz,
        saturated: wire.data_saturated,
        delayed: wire.frame_delayed,
        calibrationNeeded: wire.calibration_needed,
        temperatureC: wire.temperature,
        iq: new Int16Array(payload.buffer, payload.byteOffset, payload.byteLength / 2),
      },
    };
  }
}
