import type {
  Breathing,
  Interferer,
  Movement,
  Person,
  PointMm,
  Posture,
  RadarSetting,
  Scene,
  Somebody,
} from "../../edge-agent/contract/scene.ts";
import type { Random } from "./random.ts";
import { leaving, stir, stirring, stopping, together, visiting } from "./scenes-timelines.ts";
import { placesOf } from "./stage.ts";

/**
 * Where a random scene's parameters come from. Training and calibration never draw from the held-out region: a wider range
 * profile (72-80 mm), a noisier sensor (45-60 LSB), more distance (1.05-1.3 m), steeper interval variation (0.2-0.25 where the
 * plan does not say), fans that swing at 0.11-0.15 Hz and blades at 9-13 Hz.
 */
export type SceneRegion = "training" | "held-out";

/** `stopped`: a body that does not breathe, with or without a heartbeat: no rate may be made of it. */
export const sceneClasses = [
  "still",
  "restless",
  "empty",
  "stopped",
  "leaving",
  "visited",
  "partner",
  "cessation",
] as const;
export type SceneClass = (typeof sceneClasses)[number];

/** What a measurement holds fixed; what is left out is drawn as for training. */
export interface ScenePlan {
  readonly intervalCv?: readonly [number, number];
  /** Of the person against the noise of a frame's mean over its sweeps. */
  readonly iqSnrDb?: readonly [number, number];
  readonly breathing?: "plain" | "any";
  readonly interferer?: Interferer["kind"] | "none";
  /** The only posture; else drawn. */
  readonly posture?: Posture;
  /** How long the breath stops in class `cessation`, s. */
  readonly pauseSec?: readonly [number, number];
  /** false: nobody in class `stopped` has a heartbeat. */
  readonly heart?: boolean;
  readonly bed?: Scene["bed"]["kind"];
  /** Mean time between two gross movements of the occupant, s; the first is at the start, as after getting in. */
  readonly gapSec?: readonly [number, number];
}

/** One episode, with parameters over the whole range that a bedroom may have. */
export function randomScene(
  random: Random,
  what: SceneClass,
  region: SceneRegion,
  lengthSec: number,
  plan: ScenePlan = {},
): Scene {
  const kind = plan.bed ?? (random.chance(0.08) ? "floor-mattress" : "bed");
  const bed = {
    kind,
    lengthMm: random.between(1_900, 2_100),
    widthMm: random.between(850, 1_000),
    topMm: kind === "bed" ? random.between(420, 680) : random.between(100, 180),
  };
  const scene: Scene = {
    v: 1,
    name: what,
    seed: Math.floor(random.between(0, 2 ** 31)),
    bed,
    blanket: random.pick(["none", "sheet", "duvet"] as const),
    people: [],
    interferers: [],
    radar: { ...randomRadar(random, region), at: { xMm: 0, yMm: 0, zMm: 0 } },
    depth: null,
    repeatsEverySec: null,
  };
  const trunk = placesOf(scene).bed;
  const far = region === "held-out" && random.chance(0.5);
  const radar = {
    ...scene.radar,
    at: pointFrom(random, trunk, far ? random.between(1_050, 1_300) : random.between(420, 1_050)),
  };
  return {
    ...scene,
    radar,
    interferers: interferersOf(random, what, region, radar, plan),
    people: what === "empty" ? [] : peopleOf(random, what, region, lengthSec, radar, plan),
  };
}

/** A point so far from another, not below it: sensors hang or stand, they do not lie under the bed. */
function pointFrom(random: Random, from: PointMm, distanceMm: number): PointMm {
  const up = random.between(0.25, 1);
  const round = random.uniform() * 2 * Math.PI;
  const level = Math.sqrt(1 - up * up);
  return {
    xMm: from.xMm + distanceMm * level * Math.cos(round),
    yMm: from.yMm + distanceMm * level * Math.sin(round),
    zMm: from.zMm + distanceMm * up,
  };
}

function peopleOf(
  random: Random,
  what: Exclude<SceneClass, "empty">,
  region: SceneRegion,
  lengthSec: number,
  radar: RadarSetting,
  plan: ScenePlan,
): Somebody[] {
  const person = randomPerson(random, radar, region, plan);
  const begins: Movement[] = random.chance(0.4) ? [stir(random, 0)] : [];
  // After getting in: somebody settles.
  if (plan.gapSec !== undefined) {
    const extentMm = random.between(60, 150);
    begins.splice(0, 1, { kind: "settle", atSec: random.between(1, 6), lastsSec: random.between(1.5, 3.5), extentMm });
  }
  const gapSec = (usual: () => number): number =>
    plan.gapSec === undefined ? usual() : random.between(...plan.gapSec);
  const inBed = (is: Person, movements: Movement[]): Somebody => ({
    role: "occupant",
    is,
    startsAt: "bed",
    movements,
    turnsPerHour: 0,
  });
  const other = (role: Somebody["role"], startsAt: Somebody["startsAt"], movements: Movement[]): Somebody => ({
    role,
    startsAt,
    is: { ...randomPerson(random, radar, region, {}), ...(role === "partner" ? {} : { posture: "standing" as const }) },
    movements,
    turnsPerHour: 0,
  });
  const calm = (): Movement[] =>
    together(
      begins,
      stirring(
        random,
        gapSec(() => 70),
        3,
        lengthSec,
      ),
    );
  switch (what) {
    case "still":
      return [inBed(person, calm())];
    case "restless":
      return [
        inBed(
          person,
          together(
            begins,
            stirring(
              random,
              gapSec(() => random.between(6, 25)),
              3,
              lengthSec,
            ),
          ),
        ),
      ];
    case "stopped":
      return [inBed(withoutBreath(person, random, plan.heart ?? random.chance(0.5)), [])];
    case "leaving":
      return [inBed(person, together(begins, leaving(random, 4, lengthSec)))];
    case "visited":
      return [
        inBed(person, calm()),
        other("carer", random.chance(0.3) ? "beside" : "away", visiting(random, 0, lengthSec)),
      ];
    case "partner":
      return [inBed(person, calm()), other("partner", "bed", stirring(random, 60, 1, lengthSec))];
    case "cessation": {
      const [low, high] = plan.pauseSec ?? [10, 45];
      return [
        inBed(
          person,
          together(
            begins,
            stopping(random, 8, lengthSec, () => random.between(low, high)),
          ),
        ),
      ];
    }
  }
}

function withoutBreath(person: Person, random: Random, heart: boolean): Person {
  return {
    ...person,
    breathing: { ...person.breathing, depthMm: 0 },
    heart: heart ? person.heart : { ...person.heart, depthMm: 0 },
    swaySdMm: heart ? person.swaySdMm * random.between(0.1, 0.4) : 0,
  };
}

function randomRadar(random: Random, region: SceneRegion): Omit<RadarSetting, "at"> {
  const clutter = Array.from({ length: Math.floor(random.between(4, 16)) }, () => ({
    rangeMm: random.between(250, 1750),
    strengthLsb: random.logBetween(10, 800),
  }));
  const heldOut = region === "held-out";
  return {
    envelopeSdMm: heldOut ? random.between(72, 80) : random.between(48, 72),
    leakageLsb: random.logBetween(600, 6000),
    leakageSweepNoise: random.between(0.02, 0.09),
    leakageFrameNoise: random.between(0.005, 0.03),
    thermalLsb: heldOut ? random.between(45, 60) : random.between(22, 45),
    clutter,
    phaseWhiteRad: random.logBetween(0.004, 0.06),
    phaseWalkRad: random.logBetween(0.002, 0.03),
    saturatesAtLsb: 32_767,
    imbalanceDb: random.between(-1, 1),
    imbalanceDeg: random.between(-5, 5),
    jitterMs: random.chance(0.7) ? 0 : random.between(0, 5),
    droppedShare: random.chance(0.7) ? 0 : random.between(0, 0.02),
  };
}

function randomPerson(random: Random, radar: RadarSetting, region: SceneRegion, plan: ScenePlan): Person {
  // Lying on the back, on the side, prone, sitting up: where the reflectors are and how far they go.
  const posture = plan.posture ?? random.pick(["supine", "supine", "side", "prone", "sitting"] as const);
  const depthMm = {
    supine: random.between(2, 9),
    side: random.between(1, 4),
    prone: random.between(0.6, 2.5),
    sitting: random.between(2, 8),
    standing: random.between(1, 4),
  }[posture];
  const usualDb = (): number => (random.chance(0.88) ? random.between(10, 38) : random.between(-6, 12));
  const snrDb = plan.iqSnrDb === undefined ? usualDb() : random.between(...plan.iqSnrDb);
  return {
    posture,
    spreadMm: random.between(20, 130),
    reflectors: Math.floor(random.between(8, 26)),
    strengthLsb: (radar.thermalLsb / 4) * 10 ** (snrDb / 20),
    strengthSpreadDb: random.between(3, 7),
    breathing: randomBreathing(random, depthMm, region, plan),
    abdomenGain: random.chance(0.05) ? -random.between(0.2, 0.8) : random.between(0.6, 1.6),
    lagSec: random.between(0, 0.35),
    paradox: random.chance(0.08) ? random.between(0.1, 0.4) : 0,
    heart: {
      perMin: random.between(45, 125),
      variation: random.between(0.03, 0.08),
      depthMm: posture === "prone" ? random.between(0.02, 0.12) : random.between(0.05, 0.35),
    },
    swaySdMm: posture === "sitting" ? random.logBetween(0.15, 4) : random.logBetween(0.02, 0.8),
    swayTauSec: random.logBetween(1.5, 20),
    // Who sits holds head and arms up, and they are never quite still.
    limbs: random.chance(posture === "sitting" ? 1 : 0.8)
      ? {
          reflectors: Math.floor(random.between(2, 10)),
          spreadMm: random.between(80, 500),
          strengthShare: 10 ** (random.between(-16, posture === "sitting" ? 3 : 0) / 20),
          swaySdMm: posture === "sitting" ? random.logBetween(0.3, 8) : random.logBetween(0.03, 2),
          swayTauSec: random.logBetween(0.5, 12),
          breathingShare: random.between(0, 0.6),
        }
      : null,
    ghost: random.chance(0.25)
      ? { gain: 10 ** (-random.between(6, 20) / 20), delayMm: random.between(120, 600) }
      : null,
  };
}

function randomBreathing(random: Random, depthMm: number, region: SceneRegion, plan: ScenePlan): Breathing {
  const kind = random.uniform();
  const usual = Math.max(6, Math.min(32, 16 + 4.5 * random.gaussian()));
  const perMin = kind < 0.65 ? usual : kind < 0.8 ? random.between(5, 11) : random.between(20, 40);
  // Irregular breathing is the harder half: it is drawn more often than people have it.
  const trainedCv = random.chance(0.5) ? random.logBetween(0.02, 0.2) : random.between(0.1, 0.2);
  const drawnCv = region === "held-out" ? random.between(0.2, 0.25) : trainedCv;
  const intervalCv = plan.intervalCv === undefined ? drawnCv : random.between(...plan.intervalCv);
  const odd = plan.breathing === "plain" ? 1 : random.uniform();
  return {
    perMin,
    intervalCv,
    intervalMemory: random.between(0.2, 0.5),
    driftPerMin: random.between(0, 2),
    depthMm: Math.min(12, random.chance(0.1) ? depthMm * 1.6 : depthMm),
    depthCv: intervalCv > 0.12 ? random.between(0.15, 0.35) : random.between(0.05, 0.25),
    inspiratoryFraction: random.between(0.27, 0.5),
    expiratoryTau: random.between(0.1, 0.32),
    sighsPerHour: random.between(0, 14),
    ...(odd < 0.2 ? { holdChance: random.between(0.02, 0.15), shallowChance: random.between(0, 0.2) } : {}),
    ...(odd >= 0.2 && odd < 0.24
      ? { cheyneStokes: { cycleSec: random.between(40, 90), apnoeaShare: random.between(0.2, 0.4) } }
      : {}),
  };
}

const disturbedShare: Record<SceneClass, number> = {
  still: 0.15,
  restless: 0.15,
  empty: 0.6,
  stopped: 0.4,
  leaving: 0.15,
  visited: 0.1,
  partner: 0.1,
  cessation: 0.1,
};

function interferersOf(
  random: Random,
  what: SceneClass,
  region: SceneRegion,
  radar: RadarSetting,
  plan: ScenePlan,
): Interferer[] {
  if (plan.interferer === "none") return [];
  const alone = what === "empty" || what === "stopped";
  if (plan.interferer !== undefined) return [randomInterferer(random, plan.interferer, radar, region, alone)];
  const list: Interferer[] = [];
  const any = (): Interferer["kind"] =>
    random.pick([
      "ceiling-fan",
      "desk-fan",
      "oscillating-fan",
      "oscillating-fan",
      "curtain",
      "pump",
      "trolley",
    ] as const);
  if (random.chance(disturbedShare[what])) list.push(randomInterferer(random, any(), radar, region, alone));
  if (what === "empty" && random.chance(0.2)) list.push(randomInterferer(random, any(), radar, region, true));
  return list;
}

export function randomInterferer(
  random: Random,
  kind: Interferer["kind"],
  radar: RadarSetting,
  region: SceneRegion,
  alone: boolean,
): Interferer {
  const at = pointFrom(random, radar.at, random.between(350, 1650));
  const strengthLsb = alone ? random.logBetween(20, 600) : random.logBetween(8, 120);
  const heldOut = region === "held-out";
  const bladeHz = heldOut ? random.between(9, 13) : random.pick([random.between(0.5, 9), random.between(13, 25)]);
  switch (kind) {
    case "ceiling-fan":
    case "desk-fan":
      return { kind, at, strengthLsb, hz: bladeHz, swingMm: random.logBetween(0.3, 5) };
    case "oscillating-fan": {
      const hz = heldOut
        ? random.between(0.11, 0.15)
        : random.pick([random.between(0.05, 0.11), random.between(0.15, 0.2)]);
      return { kind, at, strengthLsb, hz, swingMm: random.logBetween(0.5, 30), bladeHz: Math.max(4, bladeHz) };
    }
    case "curtain":
      return { kind, at, strengthLsb, hz: random.between(0.1, 0.6), swingMm: random.logBetween(1, 20) };
    case "pump":
      return { kind, at, strengthLsb, hz: random.between(0.1, 1) / 60, swingMm: random.between(2, 10) };
    case "trolley": {
      const lastsSec = random.between(4, 15);
      return { kind, at, strengthLsb, swingMm: random.between(1_500, 3_000), atSec: random.between(0, 60), lastsSec };
    }
  }
}
