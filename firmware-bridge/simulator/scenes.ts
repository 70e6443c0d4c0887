import type { Movement, Person } from "./physics-body.ts";
import type { RadarSetting } from "./physics-field.ts";
import type { Interferer } from "./physics-interferers.ts";

/** Everything that a simulated bedroom is, apart from chance. */
export interface Scene {
  readonly name: string;
  readonly radar: RadarSetting;
  readonly person: Person | null;
  readonly startsInBed: boolean;
  readonly interferers: readonly Interferer[];
  /** In order of time. */
  readonly movements: readonly Movement[];
  /** The movements come again after this; null: once. */
  readonly repeatsEverySec: number | null;
  /** Movements that come by chance while somebody is in bed and still. */
  readonly turnsPerHour: number;
}

export const plainRadar: RadarSetting = {
  envelopeSdMm: 59,
  leakageLsb: 3200,
  leakageSweepNoise: 0.07,
  leakageFrameNoise: 0.02,
  thermalLsb: 33,
  clutter: [
    { rangeMm: 420, strengthLsb: 60 },
    { rangeMm: 760, strengthLsb: 180 },
    { rangeMm: 1010, strengthLsb: 90 },
    { rangeMm: 1330, strengthLsb: 140 },
    { rangeMm: 1520, strengthLsb: 200 },
  ],
  phaseWhiteRad: 0.012,
  phaseWalkRad: 0.006,
  saturatesAtLsb: 32_767,
};

export const sleeper: Person = {
  distanceMm: 720,
  spreadMm: 55,
  reflectors: 16,
  strengthLsb: 480,
  strengthSpreadDb: 5,
  breathing: {
    perMin: 15,
    intervalCv: 0.08,
    intervalMemory: 0.35,
    driftPerMin: 0.6,
    depthMm: 4,
    depthCv: 0.11,
    inspiratoryFraction: 0.4,
    expiratoryTau: 0.2,
    sighsPerHour: 6,
  },
  lagSec: 0.2,
  paradox: 0,
  heart: { perMin: 62, variation: 0.05, depthMm: 0.15 },
  swaySdMm: 0.08,
  swayTauSec: 4,
  ghost: null,
};

const settle = (atSec: number): Movement => ({ kind: "settle", atSec, lastsSec: 2.2, extentMm: 70 });

export type SceneName = "demonstration" | "asleep" | "empty";

export const scenes: Record<SceneName, Scene> = {
  /** Lies still, sits up and leaves at 70 s, is back at 100 s, and so on. */
  demonstration: {
    name: "demonstration",
    radar: plainRadar,
    person: sleeper,
    startsInBed: true,
    interferers: [],
    movements: [
      settle(0),
      { kind: "turn", atSec: 68, lastsSec: 2, extentMm: 120 },
      { kind: "leave", atSec: 70, lastsSec: 4, extentMm: 150 },
      { kind: "return", atSec: 100, lastsSec: 4, extentMm: 120 },
      settle(104),
    ],
    repeatsEverySec: 180,
    turnsPerHour: 0,
  },
  asleep: {
    name: "asleep",
    radar: plainRadar,
    person: sleeper,
    startsInBed: true,
    interferers: [],
    movements: [settle(0)],
    repeatsEverySec: null,
    turnsPerHour: 15,
  },
  empty: {
    name: "empty",
    radar: plainRadar,
    person: null,
    startsInBed: false,
    interferers: [{ kind: "fan", rangeMm: 1450, strengthLsb: 160, hz: 6.3, swingMm: 1.5 }],
    movements: [],
    repeatsEverySec: null,
    turnsPerHour: 0,
  },
};
