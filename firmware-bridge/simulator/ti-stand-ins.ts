import type { Scene } from "../../edge-agent/contract/scene.ts";
import type { Framer } from "../sensors/sensor.ts";
import { encodeTracking, trackingFrameMs } from "../sensors/ti-iwr6843.ts";
import { newTiFramer } from "../sensors/ti-packets.ts";
import { encodeVitalSigns } from "../sensors/ti-vital-signs.ts";
import { type ModuleStandIn, newModuleStandIn } from "./module-stand-in.ts";
import { type ModuleView, openModuleRoom } from "./module-view.ts";
import { stageStepSec } from "./stage.ts";

/*
 * TI's two demos in the scene's bedroom. Nothing is sent before `sensorStart`; every line is echoed and answered by "Done" on
 * the command port. The play begins with the start, as it does for every other sensor of the room.
 */

const wavelengthMm = 5;
const mmPerRad = wavelengthMm / (4 * Math.PI);
/** What the demo sums up over its window while somebody breathes; 0 beside an empty bed. */
const breathEnergy = 5e4;

function openTi(
  scene: Scene,
  speed: number,
  seed: number,
  rangeMmMax: number,
  packet: (view: ModuleView, step: number) => Uint8Array | undefined,
): ModuleStandIn {
  const room = openModuleRoom(scene, { rangeMmMax, wavelengthMm }, seed);
  const commands: Framer = newTiFramer(() => "whole");
  let step = 0;
  let works = false;
  return newModuleStandIn(
    {
      next() {
        const view = room.step();
        step += 1;
        const sent = works ? packet(view, step) : undefined;
        return sent === undefined ? [] : [sent];
      },
      answer: (bytes) =>
        commands.push(bytes, "commands").map(({ head: { line } }) => {
          if (line === "sensorStop") works = false;
          if (line === "sensorStart" && !works) {
            works = true;
            step = 0;
            room.restart();
          }
          return new TextEncoder().encode(`${line}\r\nDone\r\n\r\nmmwDemo:/>`);
        }),
    },
    speed,
  );
}

/** The older vital-signs demo: 20 packets a second. */
export const openTiVitalSignsStandIn = (scene: Scene, speed: number, seed = scene.seed): ModuleStandIn =>
  openTi(scene, speed, seed, 2_000, (view, step) =>
    encodeVitalSigns(step, {
      displacementMm: mmPerRad * view.totalRad,
      breathingPerMin: view.breathingPerMin,
      confidence: view.breathingPerMin > 0 ? 3 : 0,
      breathEnergy: view.present ? breathEnergy : 0,
      moving: view.moving,
    }),
  );

const waveSamples = 15;
/** While somebody breathes; the demo's 0 is nobody. */
const deviation = 0.06;

/** Vital signs with people tracking: a packet every 90 ms, vital signs in every fifteenth. */
export function openTiTrackingStandIn(scene: Scene, speed: number, seed = scene.seed): ModuleStandIn {
  let frame = 0;
  let before = { atSec: 0, rad: 0 };
  const wave: number[] = [];
  return openTi(scene, speed, seed, 2_500, (view, step) => {
    if (step === 1) {
      frame = 0;
      wave.length = 0;
      before = { atSec: 0, rad: view.breathRad };
    }
    const atSec = step * stageStepSec;
    const dueSec = ((frame + 1) * trackingFrameMs) / 1_000;
    if (atSec + 1e-9 < dueSec) {
      before = { atSec, rad: view.breathRad };
      return undefined;
    }
    // The frame's instant lies between two steps of the room.
    const share = (dueSec - before.atSec) / Math.max(1e-9, atSec - before.atSec);
    wave.push(before.rad + share * (view.breathRad - before.rad));
    before = { atSec, rad: view.breathRad };
    frame += 1;
    const [nearest] = view.targets;
    const person = nearest && {
      distanceMm: view.distanceMm ?? 0,
      speedMPerSec: view.moving ? 0.5 : 0,
    };
    if (frame % waveSamples !== 0) return encodeTracking(frame, person ?? null);
    const told = { deviation: person ? deviation : 0, breathingPerMin: view.breathingPerMin, wave: wave.splice(0) };
    return encodeTracking(frame, person ?? null, told);
  });
}
