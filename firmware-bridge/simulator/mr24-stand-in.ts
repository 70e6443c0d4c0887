import type { Scene } from "../../edge-agent/contract/scene.ts";
import { mr24Says } from "../sensors/seeed-mr24.ts";
import { isEvery, type ModuleStandIn, newModuleStandIn } from "./module-stand-in.ts";
import { openModuleRoom } from "./module-view.ts";
import { newRandom } from "./random.ts";

/** 24 GHz. */
const optics = { rangeMmMax: 3_500, wavelengthMm: 12.4 };
/** Of 12 people in bed: 3,151 words of approach in 7,200 s. */
const approachPerSec = 0.44;

/**
 * A Seeed MR24FDB1 in the scene's bedroom: occupancy at its changes, the score every 5 s, words of approach now and then, as
 * in the recordings. It takes no commands.
 *
 * @param speed seconds of sensor time in one second of the caller's clock
 */
export function openMr24StandIn(scene: Scene, speed: number, seed = scene.seed): ModuleStandIn {
  const room = openModuleRoom(scene, optics, seed);
  const random = newRandom(seed).fork(32);
  let step = 0;
  let said = "";
  let most = 0;
  const next = (): Uint8Array[] => {
    const view = room.step();
    const messages: Uint8Array[] = step === 0 ? [mr24Says.began()] : [];
    const word = !view.present ? "nobody" : view.moving ? "moving" : "still";
    if (word !== said) {
      messages.push(mr24Says.occupancy(word));
      said = word;
    }
    most = Math.max(most, view.movement);
    if (isEvery(step + 1, 5)) {
      messages.push(mr24Says.movement(Math.round(most)));
      most = 0;
    }
    if (view.present && random.chance(approachPerSec / 20)) {
      messages.push(mr24Says.approach(random.pick(["none", "nearer", "farther"])));
    }
    step += 1;
    return messages;
  };
  return newModuleStandIn({ next, answer: () => [] }, speed);
}
