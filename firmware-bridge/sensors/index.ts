import type { SensorConfig } from "../../edge-agent/contract/config.ts";
import { acconeerA121 } from "./acconeer-a121.ts";
import type { Sensor } from "./sensor.ts";

/** Every sensor that the bridge can talk to, by the model name of the configuration. */
export const sensors: Readonly<Record<SensorConfig["model"], Sensor>> = {
  "acconeer-a121": acconeerA121,
};
