import type { SensorConfig } from "../../edge-agent/contract/config.ts";
import { encodeRadarTargets, saysNothing } from "../../edge-agent/contract/module-frames.ts";
import { packDepth } from "../../firmware-bridge/depth-codec.ts";
import { readScene } from "../../firmware-bridge/ports/scene-file.ts";
import { openBedroom } from "../../firmware-bridge/simulator/bedroom.ts";
import { openDepthCamera } from "../../firmware-bridge/simulator/depth-camera.ts";
import { rogueFrames } from "../../tests/rogue-frames.ts";

/*
 * The rooms of a benchmark. A bed has at most one radar and one depth sensor, so a ward is a mix that covers every kind: a third of the
 * rooms with a radar alone, a third with 8x8 zones beside it, a third with 80x60 pixels.
 */

export const roomKinds = ["radar", "radar-8x8", "radar-80x60"] as const;
/** `module`: somebody gets up and lies down again, for alarms. */
export type RoomKind = (typeof roomKinds)[number] | "module";

/** One stream of a room: what it sends, again and again. */
export interface Stream {
  readonly sensor: "radar" | "depth" | "module";
  readonly kind: "radar-iq" | "depth" | "radar-targets";
  readonly everyMs: number;
  readonly payloads: readonly Uint8Array[];
}

export const radarEveryMs = 50;
/** Both depth sensors of the project send 10 frames a second; the agent gives no rate for another one. */
export const depthEveryMs = 100;
export const moduleEveryMs = 100;
const envelopeBytes = 48;
const depthScene = { "radar-8x8": "asleep-8x8", "radar-80x60": "asleep" } as const;
/** In the bed, then out of it; long enough that a person who left is missed (5 s) and is back in between. */
const inBedSec = 6;
const outSec = 9;

export const mixOf = (rooms: number): readonly RoomKind[] =>
  Array.from({ length: rooms }, (_, n) => roomKinds[n % roomKinds.length] ?? "radar");

/** The sensors of a room in the site's configuration. */
export function sensorsOf(kind: RoomKind, bed: number): readonly SensorConfig[] {
  const scene = kind === "radar-8x8" ? depthScene["radar-8x8"] : "asleep";
  const port = { via: "simulated", seed: 1, scene, speed: 1 } as const;
  const common = { port, source: "simulated", statedOccupancy: null } as const;
  if (kind === "module") return [{ ...common, sensor: `module-${bed}`, model: "hilink-ld2410" }];
  const radar: SensorConfig = { ...common, sensor: `radar-${bed}`, model: "acconeer-a121" };
  if (kind === "radar") return [radar];
  const { depth, bed: box } = readScene(scene);
  if (depth === null) throw new Error(`the scene ${scene} has no depth sensor`);
  const { kind: _, ...size } = box;
  const model = kind === "radar-8x8" ? "st-vl53l5cx" : "depth-camera";
  const placement = { at: depth.at, towards: depth.towards, bed: size };
  return [radar, { ...common, sensor: `depth-${bed}`, model, placement }];
}

/** What each kind of room sends, computed once: payloads only, their headers are each room's own. */
export async function streamsOf(seconds: number): Promise<Readonly<Record<RoomKind, readonly Stream[]>>> {
  const radarOf = (scene: string): Stream => ({
    sensor: "radar",
    kind: "radar-iq",
    everyMs: radarEveryMs,
    payloads: [...rogueFrames((1_000 * seconds) / radarEveryMs, () => 0, openBedroom(readScene(scene)))].map((bytes) =>
      bytes.slice(envelopeBytes),
    ),
  });
  const depthOf = async (scene: string): Promise<Stream> => {
    const camera = openDepthCamera(readScene(scene));
    const payloads: Uint8Array[] = [];
    for (let n = 0; n < (1_000 * seconds) / depthEveryMs; n++) payloads.push(await packDepth(camera.next()));
    return { sensor: "depth", kind: "depth", everyMs: depthEveryMs, payloads };
  };
  const radar = radarOf("asleep");
  return {
    radar: [radar],
    "radar-8x8": [radarOf(depthScene["radar-8x8"]), await depthOf(depthScene["radar-8x8"])],
    "radar-80x60": [radar, await depthOf(depthScene["radar-80x60"])],
    module: [{ sensor: "module", kind: "radar-targets", everyMs: moduleEveryMs, payloads: comesAndGoes() }],
  };
}

function comesAndGoes(): Uint8Array[] {
  const says = (present: boolean): Uint8Array =>
    encodeRadarTargets({
      ...saysNothing(1_000 / moduleEveryMs),
      present,
      moving: false,
      movement: 0,
      distanceMm: present ? 1_200 : null,
      targets: [],
    });
  const times = (sec: number, present: boolean): Uint8Array[] =>
    Array.from({ length: (1_000 * sec) / moduleEveryMs }, () => says(present));
  return [...times(inBedSec, true), ...times(outSec, false)];
}
