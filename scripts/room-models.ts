import { fileURLToPath } from "node:url";
import type { SensorModel } from "../edge-agent/contract/config.ts";
import { InferenceThread } from "../edge-agent/io/inference.ts";
import { readModel, sha256OfAll } from "../edge-agent/io/model-file.ts";
import { modelsFor } from "../edge-agent/perception/room-perception.ts";
import { newLog } from "../edge-agent/platform/log.ts";

/** The models that a room with these sensors asks, in the agent's own inference thread, and what a session's header says of them. */
export function openRoomModels(sensors: readonly SensorModel[]) {
  const files = modelsFor(sensors).map(({ name, inputs, outputs }) => ({
    name,
    ...readModel(fileURLToPath(new URL(`../models/${name}`, import.meta.url)), inputs, outputs),
  }));
  return {
    thread: new InferenceThread(Object.fromEntries(files.map(({ name, path }) => [name, path])), newLog("model")),
    // Sensors that ask no model have none to name.
    modelSha256: sha256OfAll(files) ?? "0".repeat(64),
    calibration: Object.fromEntries(files.map(({ name, card }) => [name, card.calibrated])),
  };
}
