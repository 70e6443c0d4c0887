import type { Scene } from "../../edge-agent/contract/scene.ts";
import { encodeGatewayLine, usualGatewayFields } from "../sensors/mqtt-gateway.ts";
import { isEvery, type ModuleStandIn, newModuleStandIn } from "./module-stand-in.ts";
import { openModuleRoom } from "./module-view.ts";

/** 24 GHz. */
const optics = { rangeMmMax: 5_000, wavelengthMm: 12.4 };

/** An ESPHome node with a small radar in the scene's bedroom: presence and movement when they change and every 10 s, distance and rate every second. */
export function openGatewayStandIn(scene: Scene, speed: number, seed = scene.seed): ModuleStandIn {
  const room = openModuleRoom(scene, optics, seed);
  const { present, moving, distance, breathing } = usualGatewayFields;
  let step = 0;
  const said = new Map<string, string>();
  return newModuleStandIn(
    {
      next() {
        const view = room.step();
        const lines: Uint8Array[] = [];
        const say = (topic: string | undefined, word: string, always: boolean): void => {
          if (topic === undefined || (!always && said.get(topic) === word)) return;
          said.set(topic, word);
          lines.push(encodeGatewayLine(topic, word));
        };
        say(present.topic, view.present ? "ON" : "OFF", isEvery(step, 10));
        say(moving?.topic, view.moving ? "ON" : "OFF", isEvery(step, 10));
        if (isEvery(step, 1)) {
          say(distance?.topic, view.distanceMm === null ? "NaN" : (view.distanceMm / 10).toFixed(1), true);
          say(breathing?.topic, view.breathingPerMin.toFixed(0), true);
        }
        step += 1;
        return lines;
      },
      answer: () => [],
    },
    speed,
  );
}
