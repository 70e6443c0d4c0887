import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { SensorModel } from "../../edge-agent/contract/config.ts";
import type { Estimate, Tensor } from "../../edge-agent/contract/door.ts";
import type { Scene } from "../../edge-agent/contract/scene.ts";
import { deviceUs, monoMs } from "../../edge-agent/contract/units.ts";
import type { BedPlace, Occupancy } from "../../edge-agent/contract/words.ts";
import { readModel } from "../../edge-agent/io/model-file.ts";
import type { DepthView } from "../../edge-agent/perception/depth-geometry.ts";
import { DepthRoomSense } from "../../edge-agent/perception/depth-sense.ts";
import type { DisplacementCalibration } from "../../edge-agent/perception/displacement-rate.ts";
import type { RadarPairSettings } from "../../edge-agent/perception/radar-pair.ts";
import { type ModelPlan, modelsFor, RoomPerception } from "../../edge-agent/perception/room-perception.ts";
import { bedroomFrameRateHz, openBedroom, type Truth } from "../../firmware-bridge/simulator/bedroom.ts";
import { openDisplacementModel } from "../displacement-run.ts";
import { nextDepthFrame, openDepthPlay, placementOf } from "../make-depth-windows.ts";
import { radarSettingsFromCards } from "../radar-run.ts";
import { twoSweeps } from "./radar-play.ts";

/* A simulated bedroom with a radar and a depth sensor through the whole perception of the live room. */

export interface RoomModels {
  readonly view: DepthView;
  readonly calibration: DisplacementCalibration;
  readonly radar: RadarPairSettings;
  readonly ask: ReadonlyMap<string, (inputs: readonly Tensor[]) => Promise<readonly Tensor[]>>;
}

const depthSensors: Readonly<Record<DepthView, SensorModel>> = { "80x60": "sim-depth-80x60", "8x8": "sim-depth-8x8" };

/** What a room with an A121 and this depth sensor asks, whichever models these are. @throws ModelError */
export async function openRoom(view: DepthView): Promise<RoomModels> {
  const plans = modelsFor(["acconeer-a121", depthSensors[view]]);
  const opened = await Promise.all(plans.map(async (plan) => [plan.name, await openPlan(plan)] as const));
  const radar = radarSettingsFromCards();
  return { view, calibration: (await openDisplacementModel()).calibration, radar, ask: new Map(opened) };
}

async function openPlan({ name, inputs, outputs }: ModelPlan) {
  const folder = fileURLToPath(new URL(`../../models/${name}/`, import.meta.url));
  const { path } = readModel(folder, inputs, outputs);
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  return async (tensors: readonly Tensor[]): Promise<readonly Tensor[]> => {
    const feeds: Record<string, OrtTensor> = {};
    for (const one of tensors) feeds[one.name] = new OrtTensor("float32", one.data, one.dims);
    const results = await session.run(feeds);
    return outputs.map((plan) => {
      const data = results[plan.name]?.data;
      if (!(data instanceof Float32Array)) throw new Error(`${name} has no output ${plan.name}`);
      return { name: plan.name, data, dims: plan.dims };
    });
  };
}

/** What the room tells of one second, at the frame after it. */
export interface RoomInstant {
  /** When it is told, s since the first frame. */
  readonly toldSec: number;
  readonly estimate: Estimate;
  /** Where depth has settled the occupant. */
  readonly bed: BedPlace;
  /** What the radar alone says of the bed. */
  readonly radarOccupancy: Occupancy;
}

export interface RoomPlay {
  readonly told: readonly RoomInstant[];
  /** Of each radar frame, 20 a second. */
  readonly truths: readonly Truth[];
}

/** @param scene with a depth setting of the models' view */
export async function playRoom(scene: Scene, lengthSec: number, models: RoomModels): Promise<RoomPlay> {
  // One stage each, the same play: a stage draws nothing but from its scene's seed.
  const bedroom = openBedroom(scene);
  const camera = openDepthPlay(scene);
  const depth = new DepthRoomSense(placementOf(scene), models.calibration);
  const room = new RoomPerception(null, { depth, radar: models.radar });
  const told: RoomInstant[] = [];
  const truths: Truth[] = [];
  for (let t = 0; t < lengthSec * bedroomFrameRateHz; t++) {
    const nowMs = (1_000 * t) / bedroomFrameRateHz;
    const now = monoMs(nowMs);
    room.take({ kind: "radar-iq", frame: twoSweeps(bedroom.nextMean()) }, deviceUs(1_000 * nowMs), now);
    truths.push(bedroom.truth());
    if (t % 2 === 1) room.take({ kind: "depth", frame: nextDepthFrame(camera) }, deviceUs(1_000 * nowMs), now);
    for (let asked = room.pending(); asked !== undefined; asked = room.pending()) {
      const heard = room.accept(asked.model, await models.ask.get(asked.model)!(asked.tensors), now);
      if (heard.is === "unusable") throw new Error(`${asked.model} says what its card does not promise`);
      if (heard.is !== "estimate") continue;
      told.push({
        toldSec: nowMs / 1_000,
        estimate: heard.estimate,
        bed: depth.perception.bed.place,
        radarOccupancy: room.radar.short.bed.is,
      });
    }
  }
  return { told, truths };
}
