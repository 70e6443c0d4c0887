import type { Scene } from "../../edge-agent/contract/scene.ts";
import { encodeHilinkAnswer, hilinkCommand } from "../sensors/hilink-commands.ts";
import { encodeLd2410, newLd2410Framer } from "../sensors/hilink-ld2410.ts";
import { encodeLd2450, newLd2450Framer } from "../sensors/hilink-ld2450.ts";
import type { Framer } from "../sensors/sensor.ts";
import { isEvery, type ModuleStandIn, newModuleStandIn } from "./module-stand-in.ts";
import { type ModuleView, openModuleRoom } from "./module-view.ts";
import { newRandom, type Random } from "./random.ts";

/*
 * Hi-Link's LD2410 and LD2450 in the scene's bedroom: a frame every 0.1 s from power-up on, silence between "enable
 * configuration" and "end configuration".
 */

/** 24 GHz. */
const optics = { rangeMmMax: 6_000, wavelengthMm: 12.4 };
const frameEverySec = 0.1;
/** Where the LD2410 stands still it says so in steps of its gates. */
const gateCm = 75;
/** Behind the word of success of "enable configuration": version of the protocol, size of its buffer. */
const enabledMore = [1, 0, 0x40, 0] as const;

function openHilink(
  scene: Scene,
  speed: number,
  seed: number,
  framer: Framer,
  encode: (view: ModuleView, random: Random) => Uint8Array,
): ModuleStandIn {
  const room = openModuleRoom(scene, optics, seed);
  const random = newRandom(seed).fork(33);
  let step = 0;
  let works = true;
  return newModuleStandIn(
    {
      next() {
        const view = room.step();
        const isDue = works && isEvery(step, frameEverySec);
        step += 1;
        return isDue ? [encode(view, random)] : [];
      },
      answer: (bytes) =>
        framer.push(bytes).flatMap(({ head: { command } }) => {
          switch (command) {
            case hilinkCommand.enableConfiguration:
              works = false;
              return encodeHilinkAnswer(command, true, ...enabledMore);
            case hilinkCommand.endConfiguration:
              // The play begins with the module's work, as it does for every other sensor of the room.
              if (!works) room.restart();
              works = true;
              return encodeHilinkAnswer(command);
            case hilinkCommand.engineeringOn:
            case hilinkCommand.engineeringOff:
              // Taken only while it does not work.
              return encodeHilinkAnswer(command, !works);
            default:
              return [];
          }
        }),
    },
    speed,
  );
}

/** @param speed seconds of sensor time in one second of the caller's clock */
export const openLd2410StandIn = (scene: Scene, speed: number, seed = scene.seed): ModuleStandIn =>
  openHilink(scene, speed, seed, newLd2410Framer(), ({ present, moving, distanceMm }, random) => {
    const cm = Math.round((distanceMm ?? 0) / 10);
    const energy = (from: number, to: number): number => Math.round(random.between(from, to));
    return encodeLd2410({
      moving: present && moving,
      still: present,
      movingCm: moving ? cm : 0,
      movingEnergy: moving ? energy(60, 100) : present ? energy(3, 25) : energy(0, 6),
      stillCm: present ? Math.round(cm / gateCm) * gateCm : 0,
      stillEnergy: present ? energy(60, 100) : energy(0, 10),
      detectionCm: present ? cm : 0,
    });
  });

/** @param speed seconds of sensor time in one second of the caller's clock */
export const openLd2450StandIn = (scene: Scene, speed: number, seed = scene.seed): ModuleStandIn =>
  openHilink(scene, speed, seed, newLd2450Framer(), ({ targets }, random) =>
    encodeLd2450(
      targets.map(({ xMm, yMm, speedMmPerSec }) => ({
        xMm: Math.round(xMm + 15 * random.gaussian()),
        yMm: Math.round(yMm + 15 * random.gaussian()),
        speedCmPerSec: Math.round(speedMmPerSec / 10),
        resolutionMm: 360,
      })),
    ),
  );
