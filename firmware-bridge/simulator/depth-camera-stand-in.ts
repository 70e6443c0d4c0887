import type { DepthFrame } from "../../edge-agent/contract/frames.ts";
import type { Scene } from "../../edge-agent/contract/scene.ts";
import { encodeCameraFrame, encodeCameraMessage, newCameraFramer } from "../sensors/depth-camera-message.ts";
import { openDepthCamera } from "./depth-camera.ts";
import { depthFrameRateHz } from "./depth-rays.ts";
import { newOwnStandIn, type OwnStandIn } from "./own-stand-in.ts";

/** So many pixels of the camera see what the simulator computes as one: 320x240, which a bedroom unit takes with ease. */
const repeated = 4;

/**
 * A program with a depth camera in the scene's bedroom: true bytes of z16 pictures. The scene must have a depth setting of
 * 80x60.
 *
 * @param speed seconds of sensor time in one second of the caller's clock
 */
export function openDepthCameraStandIn(scene: Scene, speed: number): OwnStandIn {
  if (scene.depth?.model !== "80x60") throw new Error(`scene ${scene.name} has no depth camera`);
  const camera = openDepthCamera(scene);
  let frame = 0;
  return newOwnStandIn(
    {
      name: "depth camera stand-in",
      frameRateHz: depthFrameRateHz,
      framer: newCameraFramer(),
      encode: (type, body) => encodeCameraMessage({ type }, body),
      next(atUs) {
        const seen = camera.next();
        const bytes = pictureOf(seen, frame, atUs);
        frame += 1;
        seen.mm.fill(0);
        return bytes;
      },
      restart() {
        camera.restart();
        frame = 0;
      },
    },
    speed,
  );
}

/** The picture of a camera with finer pixels and the same angles. */
function pictureOf(seen: DepthFrame, frame: number, deviceUs: number): Uint8Array {
  const widthPx = repeated * seen.widthPx;
  const heightPx = repeated * seen.heightPx;
  const z16 = new Uint16Array(widthPx * heightPx);
  for (let row = 0; row < heightPx; row++) {
    const from = Math.floor(row / repeated) * seen.widthPx;
    for (let column = 0; column < widthPx; column++) {
      z16[row * widthPx + column] = seen.mm[from + Math.floor(column / repeated)]!;
    }
  }
  const focal = (sizePx: number, deg: number): number => sizePx / 2 / Math.tan((deg * Math.PI) / 360);
  const bytes = encodeCameraFrame(
    {
      frame,
      deviceUs,
      widthPx,
      heightPx,
      mmPerUnit: 1,
      fx: focal(widthPx, seen.acrossDeg),
      fy: focal(heightPx, seen.downDeg),
      cx: (widthPx - 1) / 2,
      cy: (heightPx - 1) / 2,
      frameRateHz: seen.frameRateHz,
    },
    z16,
  );
  z16.fill(0);
  return bytes;
}
