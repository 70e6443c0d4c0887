import type { BedNight, Ordered, SensorFault } from "./plan.ts";
import { nightSec } from "./plan.ts";
import { Telling } from "./truth.ts";

/* The rooms of the scripted night whose sensors see places or breath: each tells a story of its own. */

const hour = 3_600;
const both = ["movement-alerts", "breathing-rate"] as const;

type Stay = NonNullable<BedNight["stay"]>;
export const stayWith = (parts: Ordered, more: Partial<Omit<Stay, "order">> & { untilSec?: number } = {}): Stay => {
  const { untilSec = nightSec + hour, ...rest } = more;
  return {
    purposes: both,
    hours: null,
    stopsAtSec: null,
    checks: { everyMinutes: 60, missed: [] },
    ...rest,
    order: Object.keys(parts).length === 0 ? null : { parts, untilSec },
  };
};

export const bedOf = (
  bed: number,
  sensors: BedNight["sensors"],
  tell: (telling: Telling) => Telling,
  stay: BedNight["stay"],
  more: { faults?: readonly SensorFault[]; answeredAfterSec?: BedNight["answeredAfterSec"]; perMin?: number } = {},
): BedNight => ({
  bed: `room-${bed}`,
  sensors,
  truth: tell(new Telling(more.perMin ?? 14)).truth,
  stay,
  faults: more.faults ?? [],
  answeredAfterSec: more.answeredAfterSec ?? {},
});

const afterSec = (sec: number) => ({ afterMs: 1_000 * sec });
const turns = 700;

export const storied: readonly BedNight[] = [
  // Gets up at night, sits on the edge, falls once.
  bedOf(
    1,
    ["depth"],
    (night) =>
      night
        .sleepsUntil(0.4 * hour, turns)
        .goesFor(120)
        .sleepsUntil(0.9 * hour, turns)
        .goesFor(600)
        .sleepsUntil(1.6 * hour, turns)
        .does("edge", 30)
        .sleepsUntil(1.9 * hour, turns)
        .does("edge", 130)
        .sleepsUntil(2.6 * hour, turns)
        .does("edge", 12)
        .does("floor", 95)
        .does("standing", 6)
        .does("edge", 8)
        .sleepsUntil(3.4 * hour, turns)
        .goesFor(1_800)
        .sleepsUntil(nightSec, turns),
    stayWith(
      { leftBed: afterSec(300), notBack: afterSec(1_200), edgeOfBed: afterSec(60), onFloor: afterSec(5) },
      { checks: { everyMinutes: 15, missed: [9, 10] } },
    ),
  ),
  // Restless, visited, lies very still, breathes fast for a while.
  bedOf(
    2,
    ["depth"],
    (night) =>
      night
        .sleepsUntil(0.3 * hour, turns)
        .does("restless", 240)
        .sleepsUntil(0.6 * hour, turns)
        .does("restless", 1_000)
        .sleepsUntil(1.5 * hour, turns)
        .does("visited", 30)
        .sleepsUntil(1.8 * hour, turns)
        .does("visited", 180)
        .sleepsUntil(2.2 * hour, turns)
        .does("asleep", 240, { perMin: 30 })
        .sleepsUntil(3 * hour, turns)
        .does("asleep", 4_200)
        .does("restless", 10)
        .sleepsUntil(nightSec, turns),
    stayWith({
      secondPerson: afterSec(60),
      noMovement: afterSec(2_700),
      rateUnavailable: afterSec(600),
      breathing: { lowPerMin: 8, highPerMin: 24, forMs: 40_000, qualityMin: 0.5 },
    }),
  ),
  // The order ends at half past two of the night; later nobody is told. Something lies on the sensor for a while.
  bedOf(
    3,
    ["depth"],
    (night) =>
      night
        .sleepsUntil(0.7 * hour, turns)
        .goesFor(400)
        .sleepsUntil(2 * hour, turns)
        .does("edge", 10)
        .does("floor", 60)
        .does("edge", 10)
        .sleepsUntil(3 * hour, turns)
        .goesFor(500)
        .sleepsUntil(4 * hour, turns)
        .does("floor", 80)
        .does("edge", 10)
        .sleepsUntil(nightSec, turns),
    stayWith({ leftBed: afterSec(180), onFloor: afterSec(10) }, { untilSec: 2.5 * hour }),
    { faults: [{ what: "covered", fromSec: 5.2 * hour, toSec: 5.2 * hour + 300 }] },
  ),
  // Turns everything off while out of bed and an alarm is on; the rest of the night is nobody's business.
  bedOf(
    4,
    ["depth"],
    (night) =>
      night
        .sleepsUntil(1.2 * hour, turns)
        .goesFor(900)
        .sleepsUntil(2.5 * hour, turns)
        .goesFor(900)
        .sleepsUntil(nightSec, turns),
    stayWith({ leftBed: afterSec(240), edgeOfBed: afterSec(40) }, { stopsAtSec: 1.2 * hour + 500 }),
  ),
  // Radar and depth: breathing that stops. Allowed until midnight by the ward's clock.
  bedOf(
    5,
    ["radar-iq", "depth"],
    (night) =>
      night
        .sleepsUntil(0.5 * hour, 500)
        .does("asleep", 25, { breathes: false })
        .sleepsUntil(0.9 * hour, 500)
        .does("asleep", 100, { breathes: false })
        .does("restless", 6)
        .sleepsUntil(1.5 * hour, 500)
        .does("asleep", 40, { breathes: false })
        .sleepsUntil(4 * hour, 500)
        .does("asleep", 100, { breathes: false })
        .sleepsUntil(nightSec, 500),
    stayWith({ cannotSeeBreathing: afterSec(30) }, { hours: { fromHour: 21, toHour: 0 } }),
  ),
  // Radar alone, allowed from one to two by the ward's clock: twice an hour in autumn, never in spring.
  bedOf(
    6,
    ["radar-iq"],
    (night) =>
      night
        .sleepsUntil(3.3 * hour, 400)
        .goesFor(260)
        .sleepsUntil(4.5 * hour, 400)
        .does("asleep", 90, { breathes: false })
        .does("restless", 6)
        .sleepsUntil(5.5 * hour, 400)
        .goesFor(300)
        .sleepsUntil(nightSec, 400),
    stayWith({ leftBed: afterSec(120), cannotSeeBreathing: afterSec(20) }, { hours: { fromHour: 1, toHour: 2 } }),
  ),
];
