import type { Scene } from "../../edge-agent/contract/scene.ts";
import { encodeMr60bha1, mr60bha1Says } from "../sensors/seeed-mr60bha1.ts";
import { isEvery, type ModuleStandIn, newModuleStandIn } from "./module-stand-in.ts";
import { openModuleRoom } from "./module-view.ts";

/** 60 GHz. */
const optics = { rangeMmMax: 2_000, wavelengthMm: 5 };
const waveSamples = 5;
/** Bytes of the wave for a radian of breath phase: a quiet breath fills about half of them (not confirmed on a device). */
const waveBytesPerRad = 8;

/**
 * A Seeed MR60BHA1 in the scene's bedroom: presence and motion at their changes and twice a minute, body movement and wave
 * once a second, distance every 2 s, rates every 3 s (paces not confirmed on a device). Answers a change of its mode with the
 * same frame; in sleep mode it keeps rate and wave to itself.
 *
 * @param speed seconds of sensor time in one second of the caller's clock
 */
export function openMr60bha1StandIn(scene: Scene, speed: number, seed?: number): ModuleStandIn {
  const room = openModuleRoom(scene, optics, seed);
  const wave = new Uint8Array(waveSamples);
  let step = 0;
  let said = "";
  let sleeps = false;
  const next = (): Uint8Array[] => {
    const view = room.step();
    const messages: Uint8Array[] = [];
    const motion = !view.present ? "nobody" : view.moving ? "active" : "still";
    if (motion !== said || isEvery(step, 30)) {
      messages.push(mr60bha1Says.present(view.present), mr60bha1Says.motion(motion));
      said = motion;
    }
    const height = view.distanceMm === null ? 0 : waveBytesPerRad * view.breathRad;
    if (isEvery(step, 1 / waveSamples)) shiftIn(wave, Math.max(0, Math.min(255, Math.round(128 + height))));
    if (isEvery(step + 4, 1)) messages.push(mr60bha1Says.movement(Math.round(view.movement)));
    if (isEvery(step + 8, 2)) messages.push(mr60bha1Says.distance(Math.round((view.distanceMm ?? 0) / 10)));
    if (!sleeps && view.present) {
      // Behind the newest of its five samples.
      if (isEvery(step - 16, 1)) messages.push(mr60bha1Says.wave(wave));
      if (isEvery(step + 12, 3)) messages.push(...ratesOf(view.breathingPerMin, view.heartPerMin));
    }
    step += 1;
    return messages;
  };
  const answer = (bytes: Uint8Array): Uint8Array[] => {
    const mode = ["real-time", "sleep"] as const;
    const asked = mode.find((word) => isSame(mr60bha1Says.mode(word), bytes));
    if (asked === undefined) return [];
    sleeps = asked === "sleep";
    // What the bridge writes at its start: the play begins then, as it does for every other sensor of the room.
    if (!sleeps) room.restart();
    return [mr60bha1Says.mode(asked)];
  };
  return newModuleStandIn({ next, answer }, speed);
}

function shiftIn(wave: Uint8Array, newest: number): void {
  wave.copyWithin(0, 1);
  wave[wave.length - 1] = newest;
}

function ratesOf(breathingPerMin: number, heartPerMin: number): Uint8Array[] {
  const perMin = Math.round(breathingPerMin);
  const word = perMin === 0 ? "none" : perMin > 25 ? "rapid" : perMin < 10 ? "slow" : "normal";
  return [
    mr60bha1Says.breathState(word),
    mr60bha1Says.breathRate(perMin),
    encodeMr60bha1(0x85, 0x02, Math.min(255, Math.round(heartPerMin))),
  ];
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);
