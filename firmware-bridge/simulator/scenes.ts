import type { Movement, Person, RadarSetting, Scene, Somebody } from "../../edge-agent/contract/scene.ts";

/* The scenes of the demonstration and of most tests. */

export const plainRadar: RadarSetting = {
  // At the side of the bed, a little above a sleeper's chest: 0.72 m away.
  at: { xMm: -560, yMm: 350, zMm: 1_062 },
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
  imbalanceDb: 0,
  imbalanceDeg: 0,
  jitterMs: 0,
  droppedShare: 0,
};

export const sleeper: Person = {
  posture: "supine",
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
  abdomenGain: 1,
  lagSec: 0.2,
  paradox: 0,
  heart: { perMin: 62, variation: 0.05, depthMm: 0.15 },
  swaySdMm: 0.08,
  swayTauSec: 4,
  limbs: { reflectors: 4, spreadMm: 180, strengthShare: 0.3, swaySdMm: 0.15, swayTauSec: 5, breathingShare: 0.2 },
  ghost: null,
};

const settle = (atSec: number): Movement => ({ kind: "settle", atSec, lastsSec: 2.2, extentMm: 70 });

const inBed = (movements: Movement[], turnsPerHour = 0): Somebody => ({
  role: "occupant",
  is: sleeper,
  startsAt: "bed",
  movements,
  turnsPerHour,
});

const room = (name: string, people: Somebody[], more: Partial<Scene> = {}): Scene => ({
  v: 1,
  name,
  seed: 1,
  bed: { kind: "bed", lengthMm: 2_000, widthMm: 900, topMm: 500 },
  blanket: "sheet",
  people,
  interferers: [],
  radar: plainRadar,
  depth: {
    model: "80x60",
    at: { xMm: 300, yMm: -1_500, zMm: 2_400 },
    towards: { xMm: 100, yMm: 200, zMm: 500 },
    noiseFloorMm: 2,
    noiseGrowthMmPerM2: 1.5,
    noiseCorrelationPx: 1.5,
    flyingShare: 0.4,
    invalidShare: 0.02,
    warmUpMm: 3,
    warmUpSec: 1_200,
    crossTalk: 0,
  },
  repeatsEverySec: null,
  ...more,
});

export type SceneName = "demonstration" | "asleep" | "empty";

export const scenes: Record<SceneName, Scene> = {
  /** Lies still, sits up and leaves at 70 s, is back at 100 s, and so on. */
  demonstration: room(
    "demonstration",
    [
      inBed([
        settle(0),
        { kind: "turn", atSec: 68, lastsSec: 1.5, extentMm: 120 },
        { kind: "go", to: "edge", posture: "sitting", atSec: 70, lastsSec: 2, extentMm: 120 },
        { kind: "go", to: "away", posture: "standing", atSec: 73, lastsSec: 3, extentMm: 150 },
        { kind: "go", to: "edge", posture: "sitting", atSec: 98, lastsSec: 3, extentMm: 120 },
        { kind: "go", to: "bed", posture: "supine", atSec: 101.5, lastsSec: 2.5, extentMm: 120 },
        settle(104.5),
      ]),
    ],
    { repeatsEverySec: 180 },
  ),
  asleep: room("asleep", [inBed([settle(0)], 15)]),
  empty: room("empty", [], {
    interferers: [{ kind: "desk-fan", at: { xMm: 700, yMm: 350, zMm: 700 }, strengthLsb: 160, hz: 6.3, swingMm: 1.5 }],
  }),
};
