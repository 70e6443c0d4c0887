import type { SensorModel } from "../../edge-agent/contract/config.ts";
import { acconeerA121 } from "./acconeer-a121.ts";
import { depthCamera } from "./depth-camera.ts";
import { hilinkLd2410 } from "./hilink-ld2410.ts";
import { hilinkLd2450 } from "./hilink-ld2450.ts";
import { hilinkLd6002 } from "./hilink-ld6002.ts";
import { mqttGateway } from "./mqtt-gateway.ts";
import { seeedMr24 } from "./seeed-mr24.ts";
import { seeedMr60bha1 } from "./seeed-mr60bha1.ts";
import { seeedMr60bha2 } from "./seeed-mr60bha2.ts";
import type { Sensor } from "./sensor.ts";
import { stVl53l5cx } from "./st-vl53l5cx.ts";
import { tiIwr6843 } from "./ti-iwr6843.ts";
import { tiVitalSigns } from "./ti-vital-signs.ts";

/** Models that have no wire of their own. */
type Simulated = Extract<SensorModel, `sim-${string}`>;

/** Every sensor that the bridge can talk to, by the model name of the configuration. */
export const sensors: Readonly<Record<Exclude<SensorModel, Simulated>, Sensor>> = {
  "acconeer-a121": acconeerA121,
  "st-vl53l5cx": stVl53l5cx,
  "depth-camera": depthCamera,
  "ti-iwr6843": tiIwr6843,
  "ti-vital-signs": tiVitalSigns,
  "seeed-mr60bha2": seeedMr60bha2,
  "hilink-ld6002": hilinkLd6002,
  "seeed-mr60bha1": seeedMr60bha1,
  "seeed-mr24": seeedMr24,
  "hilink-ld2410": hilinkLd2410,
  "hilink-ld2450": hilinkLd2450,
  "mqtt-gateway": mqttGateway,
};
