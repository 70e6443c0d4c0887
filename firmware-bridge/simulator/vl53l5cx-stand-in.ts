import type { Scene } from "../../edge-agent/contract/scene.ts";
import { zones } from "../sensors/st-blocks.ts";
import { encodeResult, encodeSmallMessage, newSmallFramer } from "../sensors/st-vl53l5cx.ts";
import { openDepthCamera } from "./depth-camera.ts";
import { depthFrameRateHz } from "./depth-rays.ts";
import { newOwnStandIn, type OwnStandIn } from "./own-stand-in.ts";

const statusValid = 5;
const statusNone = 255;
/** The microcontroller has run for a while; its clock wraps within a demonstration. */
const firstUs = 2 ** 32 - 600e6;

/**
 * A microcontroller with a VL53L5CX in the scene's bedroom: true bytes of 8x8 zones. The scene must have a depth setting of
 * that model.
 *
 * @param speed seconds of sensor time in one second of the caller's clock
 */
export function openVl53l5cxStandIn(scene: Scene, speed: number): OwnStandIn {
  if (scene.depth?.model !== "8x8") throw new Error(`scene ${scene.name} has no depth sensor of 8x8 zones`);
  const camera = openDepthCamera(scene);
  let sequence = 0;
  return newOwnStandIn(
    {
      name: "VL53L5CX stand-in",
      frameRateHz: depthFrameRateHz,
      framer: newSmallFramer(),
      encode: (type, body) => encodeSmallMessage({ type, sequence: sequence++ & 0xff, body }),
      next(atUs) {
        const { mm } = camera.next();
        const seen = {
          distanceMm: Float64Array.from(mm),
          status: Uint8Array.from({ length: zones }, (_, zone) => (mm[zone] === 0 ? statusNone : statusValid)),
        };
        mm.fill(0);
        return encodeResult(seen, (firstUs + atUs) % 2 ** 32, sequence++);
      },
      restart() {
        camera.restart();
      },
    },
    speed,
  );
}
