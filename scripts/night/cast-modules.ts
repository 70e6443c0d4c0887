import { newRandom, type Random } from "../../firmware-bridge/simulator/random.ts";
import { bedOf, stayWith } from "./cast.ts";
import { type BedNight, nightSec } from "./plan.ts";
import type { Telling } from "./truth.ts";

/* The rooms with a module that estimates by itself: presence and movement, four of them with a wave of the chest. */

const hour = 3_600;
const afterSec = (sec: number) => ({ afterMs: 1_000 * sec });
const turns = 800;

/** Goes out a few times, each clearly shorter or clearly longer than what was ordered. */
function wanders(random: Random, limitSec: number, times: number): (night: Telling) => Telling {
  return (night) => {
    for (let n = 0; n < times; n++) {
      const eachSec = nightSec / times;
      night.sleepsUntil(Math.max(night.atSec, Math.round(n * eachSec + random.between(0.1, 0.5) * eachSec)), turns);
      const longSec = limitSec * random.between(1.3, 2) + 40;
      const shortSec = Math.max(30, limitSec * random.between(0.2, 0.6));
      night.goesFor(Math.round(random.chance(0.5) ? longSec : shortSec));
    }
    return night.sleepsUntil(nightSec, turns);
  };
}

export function withModules(seed: number): readonly BedNight[] {
  const random = newRandom(seed);
  return [
    bedOf(
      7,
      ["radar-vitals"],
      (night) =>
        night
          .sleepsUntil(2 * hour, turns)
          .does("asleep", 300, { perMin: 7 })
          .sleepsUntil(3 * hour, turns)
          .goesFor(700)
          .sleepsUntil(nightSec, turns),
      stayWith(
        { leftBed: afterSec(300), breathing: { lowPerMin: 9, highPerMin: 25, forMs: 60_000, qualityMin: 0 } },
        { checks: { everyMinutes: 30, missed: [3] } },
      ),
      // Its wire is cut, and mended.
      { faults: [{ what: "lost", fromSec: 4.3 * hour, toSec: 4.3 * hour + 240 }], perMin: 13 },
    ),
    bedOf(
      8,
      ["radar-vitals"],
      (night) =>
        night
          .sleepsUntil(5 * hour, turns)
          .does("asleep", 4_500)
          .does("restless", 5)
          .sleepsUntil(nightSec, turns),
      stayWith({ noMovement: afterSec(3_000) }),
      { faults: [{ what: "silent", fromSec: 2.2 * hour, toSec: 2.2 * hour + 90 }], perMin: 16 },
    ),
    bedOf(
      9,
      ["radar-vitals"],
      (night) =>
        night
          .sleepsUntil(hour, turns)
          .does("restless", 300)
          .sleepsUntil(3 * hour, turns)
          .does("restless", 1_500)
          .sleepsUntil(nightSec, turns),
      stayWith({ rateUnavailable: afterSec(900) }),
      { perMin: 18 },
    ),
    // Only its movement is allowed: nothing of its breath may be told, ordered or not.
    bedOf(
      10,
      ["radar-vitals"],
      (night) =>
        night
          .sleepsUntil(hour, turns)
          .does("asleep", 600, { perMin: 34 })
          .sleepsUntil(4.1 * hour, turns)
          .goesFor(500)
          .sleepsUntil(nightSec, turns),
      stayWith(
        { leftBed: afterSec(200), breathing: { lowPerMin: 9, highPerMin: 24, forMs: 30_000, qualityMin: 0 } },
        { purposes: ["movement-alerts"] },
      ),
    ),
    // Is out while the agent is killed, and was not missed yet; the other one was.
    bedOf(
      11,
      ["radar-targets"],
      (night) =>
        night
          .sleepsUntil(6.6 * hour, turns)
          .goesFor(900)
          .sleepsUntil(nightSec, turns),
      stayWith({ leftBed: afterSec(420) }),
    ),
    bedOf(
      12,
      ["radar-targets"],
      (night) =>
        night
          .sleepsUntil(6.5 * hour, turns)
          .goesFor(1_200)
          .sleepsUntil(nightSec, turns),
      stayWith({ leftBed: afterSec(120) }),
    ),
    // Nobody says "I'm going" for long, once for so long that the nurse in charge is called.
    bedOf(13, ["radar-targets"], wanders(random, 240, 4), stayWith({ leftBed: afterSec(240) }), {
      answeredAfterSec: { "left-bed": 110 },
    }),
    bedOf(
      14,
      ["radar-targets"],
      wanders(random, 420, 4),
      stayWith({ leftBed: afterSec(420), notBack: afterSec(1_600) }),
      {
        answeredAfterSec: { "left-bed": 260 },
      },
    ),
    // Is missed while no station shows anything.
    bedOf(
      15,
      ["radar-targets"],
      (night) =>
        night
          .sleepsUntil(4 * hour - 290, turns)
          .goesFor(800)
          .sleepsUntil(nightSec, turns),
      stayWith({ leftBed: afterSec(300) }),
    ),
    // Is out of bed when the night begins: has not left it yet.
    bedOf(
      16,
      ["radar-targets"],
      (night) =>
        night
          .does("away", 900)
          .does("edge", 10)
          .sleepsUntil(3 * hour, turns)
          .goesFor(700)
          .sleepsUntil(nightSec, turns),
      stayWith({ leftBed: afterSec(240) }),
    ),
    bedOf(
      17,
      ["radar-targets"],
      wanders(random, 600, 5),
      stayWith({ leftBed: afterSec(600) }, { checks: { everyMinutes: 15, missed: [20] } }),
    ),
    // Nothing is ordered; nothing is allowed; nobody is there.
    bedOf(18, ["radar-targets"], wanders(random, 600, 5), stayWith({})),
    bedOf(19, ["radar-targets"], wanders(random, 600, 5), stayWith({ leftBed: afterSec(300) }, { purposes: [] })),
    bedOf(20, ["radar-targets"], (night) => night.does("away", nightSec), null),
  ];
}
