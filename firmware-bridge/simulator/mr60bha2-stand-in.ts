import type { Scene } from "../../edge-agent/contract/scene.ts";
import { mr60bha2Says } from "../sensors/seeed-mr60bha2.ts";
import { encodeTinyFrame, tinyType } from "../sensors/tiny-frame.ts";
import { isEvery, type ModuleStandIn, newModuleStandIn } from "./module-stand-in.ts";
import { openModuleRoom } from "./module-view.ts";

/** 60 GHz. */
const optics = { rangeMmMax: 2_000, wavelengthMm: 5 };

/**
 * A Seeed MR60BHA2 (or Hi-Link LD6002) in the scene's bedroom: phases 20 times a second while somebody is in sight, the rest
 * about once a second (paces not confirmed on a device). It takes no commands. Without a target its distance has 4 bytes and
 * its rates are 0, as logged from a device.
 *
 * @param speed seconds of sensor time in one second of the caller's clock
 */
export function openMr60bha2StandIn(scene: Scene, speed: number, seed?: number): ModuleStandIn {
  const room = openModuleRoom(scene, optics, seed);
  let step = 0;
  let id = 0;
  const next = (): Uint8Array[] => {
    const { present, distanceMm, totalRad, breathRad, heartRad, breathingPerMin, heartPerMin } = room.step();
    const messages: Uint8Array[] = [];
    const say = (encode: (id: number) => Uint8Array): void => {
      messages.push(encode(id));
      id = (id + 1) & 0xffff;
    };
    if (step === 0) say((n) => encodeTinyFrame(tinyType.firmware, n, Uint8Array.of(1, 1, 6, 10)));
    if (distanceMm !== null) say((n) => mr60bha2Says.phases(n, totalRad, breathRad, heartRad));
    if (isEvery(step, 0.5)) say((n) => mr60bha2Says.distance(n, distanceMm));
    if (isEvery(step + 3, 1)) say((n) => mr60bha2Says.present(n, present));
    if (isEvery(step + 6, 1)) say((n) => mr60bha2Says.breathRate(n, breathingPerMin));
    if (isEvery(step + 9, 1)) say((n) => mr60bha2Says.heartRate(n, heartPerMin));
    if (breathingPerMin === 0 && isEvery(step + 12, 5)) say((n) => mr60bha2Says.debugText(n, "invalid BR = 7082"));
    step += 1;
    return messages;
  };
  return newModuleStandIn({ next, answer: () => [] }, speed);
}
