import type { Movement, Person } from "./physics-body.ts";
import type { Breathing } from "./physics-breathing.ts";
import type { RadarSetting } from "./physics-field.ts";
import type { Interferer } from "./physics-interferers.ts";
import type { Random } from "./random.ts";
import type { Scene } from "./scenes.ts";

/**
 * What a random scene is drawn for (`irregular`: as training, by people who are awake and also hold their breath): training and calibration leave the held-out region away, `held-out` draws only from
 * it (interval variation above 0.21, heavy drift, people farther than 1.2 m or a noisier sensor).
 */
export type SceneRegion = "training" | "irregular" | "held-out";
/** `stopped`: a body that does not breathe, with or without a heartbeat. No rate may be made of it. */
export type SceneClass = "still" | "restless" | "empty" | "stopped";

/** One episode, with parameters over the whole range that a bedroom may have. */
export function randomScene(random: Random, what: SceneClass, region: SceneRegion, lengthSec: number): Scene {
  const interferers: Interferer[] = [];
  const disturbed = { still: 0.15, restless: 0.15, empty: 0.6, stopped: 0.4 }[what];
  if (random.chance(disturbed)) interferers.push(randomInterferer(random, what === "empty"));
  if (what === "empty" && random.chance(0.2)) interferers.push(randomInterferer(random, true));
  const radar = randomRadar(random, region);
  const person = what === "empty" ? null : randomPerson(random, radar, region);
  return {
    name: what,
    radar,
    person: what === "stopped" && person !== null ? withoutBreath(person, random) : person,
    startsInBed: what !== "empty",
    interferers,
    movements: what === "still" || what === "restless" ? randomMovements(random, what, lengthSec) : [],
    repeatsEverySec: null,
    turnsPerHour: 0,
  };
}

function withoutBreath(person: Person, random: Random): Person {
  const lifeless = random.chance(0.5);
  return {
    ...person,
    breathing: { ...person.breathing, depthMm: 0 },
    heart: lifeless ? { ...person.heart, depthMm: 0 } : person.heart,
    swaySdMm: lifeless ? 0 : person.swaySdMm * 0.3,
  };
}

function randomRadar(random: Random, region: SceneRegion): RadarSetting {
  const clutter = Array.from({ length: Math.floor(random.between(4, 16)) }, () => ({
    rangeMm: random.between(250, 1750),
    strengthLsb: random.logBetween(10, 800),
  }));
  return {
    envelopeSdMm: random.between(48, 78),
    leakageLsb: random.logBetween(600, 6000),
    leakageSweepNoise: random.between(0.02, 0.09),
    leakageFrameNoise: random.between(0.005, 0.03),
    thermalLsb: region === "held-out" ? random.between(45, 70) : random.between(22, 55),
    clutter,
    phaseWhiteRad: random.logBetween(0.004, 0.06),
    phaseWalkRad: random.logBetween(0.002, 0.03),
    saturatesAtLsb: 32_767,
  };
}

function randomPerson(random: Random, radar: RadarSetting, region: SceneRegion): Person {
  // Lying on the back, on the side, prone, sitting: where the reflectors are and how far they go.
  const posture = random.pick(["supine", "supine", "side", "prone", "sitting", "sitting"] as const);
  const depthMm = {
    supine: random.between(2, 9),
    side: random.between(1, 4),
    prone: random.between(0.5, 2.5),
    sitting: random.between(2, 8),
  }[posture];
  const far = region === "held-out" && random.chance(0.5);
  return {
    distanceMm: far ? random.between(1200, 1400) : random.between(420, 1200),
    spreadMm: random.between(20, 130),
    reflectors: Math.floor(random.between(8, 26)),
    // From clear (30 dB above the mean of 16 sweeps' noise) down to lost in it (-6 dB).
    strengthLsb:
      (radar.thermalLsb / 4) * 10 ** ((random.chance(0.88) ? random.between(10, 38) : random.between(-6, 12)) / 20),
    strengthSpreadDb: random.between(3, 7),
    breathing: randomBreathing(random, depthMm, region),
    lagSec: random.between(0, 0.35),
    paradox: random.chance(0.08) ? random.between(0.1, 0.4) : 0,
    heart: {
      perMin: random.between(45, 125),
      variation: random.between(0.03, 0.08),
      depthMm: posture === "prone" ? random.between(0.02, 0.12) : random.between(0.05, 0.35),
    },
    swaySdMm: posture === "sitting" ? random.logBetween(0.15, 4) : random.logBetween(0.02, 0.8),
    swayTauSec: random.logBetween(1.5, 20),
    ghost: random.chance(0.25)
      ? { gain: 10 ** (-random.between(6, 20) / 20), delayMm: random.between(120, 600) }
      : null,
  };
}

function randomBreathing(random: Random, depthMm: number, region: SceneRegion): Breathing {
  const kind = random.uniform();
  const usual = Math.max(6, Math.min(32, 16 + 4.5 * random.gaussian()));
  const perMin = kind < 0.6 ? usual : kind < 0.75 ? random.between(5, 11) : random.between(20, 40);
  return {
    perMin,
    intervalCv: region === "held-out" ? random.between(0.21, 0.27) : random.logBetween(0.02, 0.21),
    intervalMemory: random.between(0.2, 0.5),
    driftPerMin: random.between(0, region === "held-out" ? 3 : 2),
    depthMm: Math.min(12, random.chance(0.1) ? depthMm * 1.6 : depthMm),
    depthCv: random.between(0.05, 0.35),
    inspiratoryFraction: random.between(0.27, 0.5),
    expiratoryTau: random.between(0.1, 0.32),
    sighsPerHour: random.between(0, 14),
    ...(region === "irregular" && random.chance(0.7)
      ? { holdChance: random.between(0.02, 0.2), shallowChance: random.between(0, 0.25) }
      : {}),
  };
}

function randomMovements(random: Random, what: SceneClass, lengthSec: number): Movement[] {
  const movements: Movement[] = [];
  const meanGapSec = what === "restless" ? 9 : 70;
  let atSec = random.chance(0.4) ? 0 : -meanGapSec * Math.log(1 - random.uniform());
  while (atSec < lengthSec) {
    const kind = random.pick(["turn", "turn", "settle", "twitch"] as const);
    const lastsSec = { turn: random.between(0.8, 3), settle: random.between(1, 3.5), twitch: random.between(0.3, 1) }[
      kind
    ];
    const extentMm = {
      turn: random.logBetween(25, 200),
      settle: random.logBetween(20, 120),
      twitch: random.logBetween(6, 40),
    }[kind];
    movements.push({ kind, atSec, lastsSec, extentMm });
    if (what === "restless" && random.chance(0.3)) {
      const leave: Movement = { kind: "leave", atSec: atSec + lastsSec, lastsSec: random.between(2, 5), extentMm: 150 };
      movements.push(leave);
      const backSec = leave.atSec + leave.lastsSec + random.between(2, 14);
      movements.push({ kind: "return", atSec: backSec, lastsSec: random.between(2, 5), extentMm: 120 });
      atSec = backSec + 5;
    }
    atSec += lastsSec + 0.5 - meanGapSec * Math.log(1 - random.uniform());
  }
  return movements;
}

function randomInterferer(random: Random, alone: boolean): Interferer {
  const rangeMm = random.between(350, 1650);
  const strengthLsb = alone ? random.logBetween(20, 600) : random.logBetween(8, 120);
  switch (random.pick(["fan", "oscillating-fan", "oscillating-fan", "curtain"] as const)) {
    case "fan":
      return { kind: "fan", rangeMm, strengthLsb, hz: random.logBetween(0.5, 25), swingMm: random.logBetween(0.3, 5) };
    case "oscillating-fan":
      return {
        kind: "oscillating-fan",
        rangeMm,
        strengthLsb,
        hz: random.between(0.05, 0.2),
        swingMm: random.logBetween(0.5, 30),
        bladeHz: random.between(4, 25),
      };
    case "curtain":
      return { kind: "curtain", rangeMm, strengthLsb, hz: random.between(0.1, 0.6), swingMm: random.logBetween(1, 20) };
  }
}
