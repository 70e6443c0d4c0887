import type { SensorModel } from "../../edge-agent/contract/config.ts";
import type { Scene } from "../../edge-agent/contract/scene.ts";
import { openBedroom } from "./bedroom.ts";
import { openDepthCameraStandIn } from "./depth-camera-stand-in.ts";
import { newExplorationServer } from "./exploration-server.ts";
import { openGatewayStandIn } from "./gateway-stand-in.ts";
import { openLd2410StandIn, openLd2450StandIn } from "./hilink-stand-ins.ts";
import { openMr24StandIn } from "./mr24-stand-in.ts";
import { openMr60bha1StandIn } from "./mr60bha1-stand-in.ts";
import { openMr60bha2StandIn } from "./mr60bha2-stand-in.ts";
import { openTiIwr6843StandIn } from "./ti-iwr6843-stand-in.ts";
import { openTiVitalSignsStandIn } from "./ti-vital-signs-stand-in.ts";
import { openVl53l5cxStandIn } from "./vl53l5cx-stand-in.ts";
import { withWireFault } from "./wire-faults.ts";

/** The sensor's end of a wire. Bytes in, bytes out: no clock, no timer and no socket, which the caller has. */
export interface StandIn {
  /**
   * Bytes that were written to it; what it answers at once. A sensor with a second port for commands is written to and
   * answers there.
   */
  take(bytes: Uint8Array, nowMs: number): readonly Uint8Array[];
  /** What it sends by now of its own accord, in whole messages. */
  due(nowMs: number): readonly Uint8Array[];
  /** When it has to be asked next, on the clock of `nowMs`; undefined while nothing is to come. */
  readonly nextDueMs: number | undefined;
}

/**
 * @param scene with the seed that is to be played; a depth sensor must hang in it
 * @param speed seconds of sensor time in one second of the caller's clock
 */
export type OpenStandIn = (scene: Scene, speed: number) => StandIn;

/** Every sensor with true wire bytes out of a simulated bedroom, by the model name of the configuration. */
export const standIns: Readonly<Record<Exclude<SensorModel, `sim-${string}`>, OpenStandIn>> = {
  "acconeer-a121": (scene, speed) => newExplorationServer(openBedroom(scene, scene.seed), speed),
  "st-vl53l5cx": openVl53l5cxStandIn,
  "depth-camera": openDepthCameraStandIn,
  "ti-iwr6843": openTiIwr6843StandIn,
  "ti-vital-signs": openTiVitalSignsStandIn,
  "seeed-mr60bha2": openTinyFrameModule,
  "hilink-ld6002": openTinyFrameModule,
  "seeed-mr60bha1": openMr60bha1StandIn,
  "seeed-mr24": openMr24StandIn,
  "hilink-ld2410": openLd2410StandIn,
  "hilink-ld2450": openLd2450StandIn,
  "mqtt-gateway": openGatewayStandIn,
};

/** Modules have no picture and no temperature: what can go wrong with them goes wrong on their wire. */
function openTinyFrameModule(scene: Scene, speed: number): StandIn {
  const standIn = openMr60bha2StandIn(scene, speed);
  return scene.fault === undefined ? standIn : withWireFault(standIn, scene.fault);
}
