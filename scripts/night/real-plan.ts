import type { SensorConfig } from "../../edge-agent/contract/config.ts";
import type { FrameKind } from "../../edge-agent/contract/frames.ts";
import { readScene } from "../../firmware-bridge/ports/scene-file.ts";
import { stayWith } from "./cast.ts";
import type { BedNight, Ordered } from "./plan.ts";
import { truthOfScene } from "./scene-truth.ts";

/* The rooms of a night at real speed: simulated sensors behind their true wire, a scene for each kind of event. */

export interface RealBed {
  readonly sensors: readonly SensorConfig[];
  readonly kinds: readonly FrameKind[];
  readonly scene: string;
  readonly parts: Ordered;
}

const afterSec = (sec: number) => ({ afterMs: 1_000 * sec });

function sensorOf(bed: number, model: SensorConfig["model"], kind: string, scene: string): SensorConfig {
  const { depth, bed: box } = readScene(scene);
  const { kind: _, ...size } = box;
  const hangs = kind === "depth" && depth !== null ? { at: depth.at, towards: depth.towards, bed: size } : null;
  return {
    sensor: `${kind}-${bed}`,
    model,
    port: { via: "simulated", seed: bed, scene, speed: 1 },
    ...(hangs === null ? {} : { placement: hangs }),
    source: "simulated",
    statedOccupancy: null,
  } as SensorConfig;
}

/** Breath: outside the ordered range, then none that could be seen. */
const breath = (bed: number): RealBed => ({
  sensors: [
    sensorOf(bed, "acconeer-a121", "radar", "night-still"),
    sensorOf(bed, "st-vl53l5cx", "depth", "night-still"),
  ],
  kinds: ["radar-iq", "depth"],
  scene: "night-still",
  parts: {
    breathing: { lowPerMin: 8, highPerMin: 14, forMs: 10_000, qualityMin: 0 },
    cannotSeeBreathing: afterSec(20),
    noMovement: afterSec(60),
  },
});
/** Sits on the edge, is visited, goes out. */
const visited = (bed: number): RealBed => ({
  sensors: [sensorOf(bed, "st-vl53l5cx", "depth", "night-visited")],
  kinds: ["depth"],
  scene: "night-visited",
  parts: { edgeOfBed: afterSec(10), secondPerson: afterSec(10), leftBed: afterSec(15) },
});
const falls = (bed: number): RealBed => ({
  sensors: [sensorOf(bed, "st-vl53l5cx", "depth", "night-fall")],
  kinds: ["depth"],
  scene: "night-fall",
  parts: { onFloor: afterSec(4), leftBed: afterSec(15) },
});
/** A raw radar alone, and nothing ordered. */
export const stillRadar = (bed: number): RealBed => ({
  sensors: [sensorOf(bed, "acconeer-a121", "radar", "night-still")],
  kinds: ["radar-iq"],
  scene: "night-still",
  parts: {},
});
/** Goes out every three minutes. */
export const outBed = (bed: number): RealBed => ({
  sensors: [sensorOf(bed, "hilink-ld2410", "presence", "night-out")],
  kinds: ["radar-targets"],
  scene: "night-out",
  parts: { leftBed: afterSec(20), notBack: afterSec(40) },
});

const first = [breath, visited, falls];
/** The first three tell stories of their own; all others have a module that knows who is there. */
export const realBeds = (count: number): readonly RealBed[] =>
  Array.from({ length: count }, (_, n) => (first[n] ?? outBed)(n + 1));

/** The same bed as a scripted night has it, its seconds since its sensors began. */
export const asNight = ({ kinds, scene, parts }: RealBed, bed: string, lengthSec: number): BedNight => ({
  bed,
  sensors: kinds,
  truth: truthOfScene(readScene(scene), lengthSec),
  stay: stayWith(parts, { untilSec: lengthSec + 3_600 }),
  faults: [],
  answeredAfterSec: {},
});
