import type { Movement, Place, Posture } from "../../edge-agent/contract/scene.ts";
import type { Random } from "./random.ts";

/* What people do in a random scene, as movements in order of time. */

/** Seconds until the next event of a process with this mean gap (exponential). */
const waitSec = (random: Random, meanSec: number): number => -meanSec * Math.log(1 - random.uniform());

const lyingPostures = ["supine", "supine", "side", "side", "prone"] as const;

/** Turns, twitches and settling of somebody who stays in bed. `meanGapSec`: 70 calm, 9 restless. */
export function stirring(random: Random, meanGapSec: number, fromSec: number, toSec: number): Movement[] {
  const movements: Movement[] = [];
  let atSec = fromSec + waitSec(random, meanGapSec);
  while (atSec < toSec) {
    const one = stir(random, atSec);
    movements.push(one);
    atSec += one.lastsSec + 0.5 + waitSec(random, meanGapSec);
  }
  return movements;
}

/** One movement of somebody who stays where they are. */
export function stir(random: Random, atSec: number): Movement {
  switch (random.pick(["turn", "turn", "settle", "twitch"] as const)) {
    case "turn":
      return {
        kind: "turn",
        atSec,
        lastsSec: random.between(0.8, 3),
        extentMm: random.logBetween(25, 200),
        ...(random.chance(0.5) ? { posture: random.pick(lyingPostures) } : {}),
      };
    case "settle":
      return { kind: "settle", atSec, lastsSec: random.between(1, 3.5), extentMm: random.logBetween(20, 120) };
    case "twitch":
      return { kind: "twitch", atSec, lastsSec: random.between(0.3, 1), extentMm: random.logBetween(6, 40) };
  }
}

const go = (random: Random, to: Place, posture: Posture, atSec: number, lastsSec: number): Movement => ({
  kind: "go",
  to,
  posture,
  atSec,
  lastsSec,
  extentMm: random.between(80, 180),
});

/**
 * Sits up on the edge, perhaps lies down again, leaves by way of standing, may fall or lie on the floor, comes back: again
 * and again until `toSec`.
 */
export function leaving(random: Random, fromSec: number, toSec: number): Movement[] {
  const movements: Movement[] = [];
  let at = fromSec + random.between(0, 20);
  const next = (to: Place, posture: Posture, lastsSec: number, staysSec: number): void => {
    movements.push(go(random, to, posture, at, lastsSec));
    at += lastsSec + staysSec;
  };
  const lie = (): void => next("bed", random.pick(lyingPostures), random.between(1.5, 4), random.between(8, 40));
  while (at < toSec) {
    next("edge", "sitting", random.between(1, 3), random.between(1, 25));
    if (random.chance(0.25)) {
      lie();
      continue;
    }
    next("standing", "standing", random.between(0.8, 2.5), random.between(0.3, 8));
    if (random.chance(0.3)) {
      const falls = random.chance(0.6);
      const lastsSec = falls ? random.between(0.5, 1) : random.between(1.5, 4);
      const posture = random.pick(["supine", "side", "prone"] as const);
      movements.push({ kind: falls ? "fall" : "go", to: "floor", posture, atSec: at, lastsSec, extentMm: 200 });
      at += lastsSec;
      const lyingSec = random.between(10, 60);
      movements.push(...stirring(random, 8, at + 0.5, at + lyingSec - 4));
      at += lyingSec;
      next("standing", "standing", random.between(2, 5), random.between(0.5, 5));
    }
    if (random.chance(0.8)) next("away", "standing", random.between(1.5, 5), random.between(3, 45));
    next("edge", "sitting", random.between(1.5, 4), random.between(1, 10));
    lie();
  }
  return movements;
}

/** A carer comes to the bed, is busy there or stands still, and goes. The first visit begins within 25 s. */
export function visiting(random: Random, fromSec: number, toSec: number): Movement[] {
  const movements: Movement[] = [];
  let at = fromSec + random.between(0, 25);
  while (at < toSec) {
    const comesSec = random.between(1.5, 5);
    movements.push(go(random, "beside", "standing", at, comesSec));
    at += comesSec;
    const staysSec = random.logBetween(6, 120);
    movements.push(...stirring(random, random.pick([3, 8, 30] as const), at + 0.3, at + staysSec - 4));
    at += staysSec;
    movements.push(go(random, random.chance(0.3) ? "room" : "away", "standing", at, random.between(1.5, 5)));
    at += 6 + random.between(5, 60);
  }
  return movements;
}

/** Stops breathing for `pauseSec`, once or again and again. */
export function stopping(random: Random, fromSec: number, toSec: number, pauseSec: () => number): Movement[] {
  const movements: Movement[] = [];
  let atSec = fromSec + random.between(5, 25);
  while (atSec < toSec) {
    const lastsSec = pauseSec();
    movements.push({ kind: "hold", atSec, lastsSec, extentMm: 0 });
    atSec += lastsSec + random.between(25, 60);
  }
  return movements;
}

/** Movements of two lists in order of time. */
export const together = (...lists: readonly (readonly Movement[])[]): Movement[] =>
  lists.flat().sort((a, b) => a.atSec - b.atSec);
