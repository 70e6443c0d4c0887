import type { Purpose } from "../../edge-agent/contract/words.ts";
import { rateLagSec } from "./answers.ts";
import { alarmPolicy, consentPolicy, limits } from "./core-ward.ts";
import { clock } from "./night-clock.ts";
import { answersAfterSec, type BedNight, isIn, type Night, nightSec, type Ordered, type Span } from "./plan.ts";
import { checksOrderedAtSec } from "./staff-of-night.ts";
import type { Expected } from "./told.ts";
import { type Doing, isInBed, type Stretch, truthAt } from "./truth.ts";

/*
 * What must be told of a night, from its script alone, second by second, with rules of its own: it knows the words of the catalogue and
 * of the orders, and nothing of how care/ comes to them.
 */

/** Whole seconds in which something was so. */
interface Run extends Span {}

/** How much earlier and later than by the script an alarm may come: cameras, models and windows take their time. */
interface Slack {
  readonly earlySec: number;
  readonly lateSec: number;
}

interface Rule {
  readonly what: keyof typeof slack;
  readonly part: keyof Ordered;
  readonly purpose: Purpose;
  readonly needs: (bed: BedNight) => boolean;
  readonly holds: (stretch: Stretch, bed: BedNight) => boolean;
  /** From the script's moment to what the sensors can know at best. */
  readonly knownAfterSec: number;
  readonly because: string;
}

const slack = {
  "on-floor": { earlySec: 2, lateSec: 8 },
  "edge-of-bed": { earlySec: 2, lateSec: 8 },
  "left-bed": { earlySec: 2, lateSec: 8 },
  "not-back": { earlySec: 2, lateSec: 8 },
  "second-person": { earlySec: 2, lateSec: 8 },
  "no-movement": { earlySec: 3, lateSec: 8 },
  "cannot-see-breathing": { earlySec: 4, lateSec: 10 },
  "breathing-out-of-range": { earlySec: 15, lateSec: 60 },
  // A turn, and learning anew, may have come just before.
  "rate-unavailable": { earlySec: 60, lateSec: 10 },
} as const satisfies Record<string, Slack>;

const seesPlaces = ({ sensors }: BedNight): boolean => sensors.includes("depth");
const hasRadar = ({ sensors }: BedNight): boolean => sensors.includes("radar-iq");
const seesBreath = ({ sensors }: BedNight): boolean => !sensors.includes("radar-targets");
/** A module knows who is in the room, others who is in the bed. */
const isOut = ({ doing }: Stretch, bed: BedNight): boolean =>
  seesPlaces(bed) || hasRadar(bed) ? !isInBed(doing) : doing === "away";
const unquiet: readonly Doing[] = ["restless", "edge", "standing", "visited"];

const rules: readonly Rule[] = [
  {
    what: "on-floor",
    part: "onFloor",
    purpose: "movement-alerts",
    needs: seesPlaces,
    holds: ({ doing }) => doing === "floor",
    knownAfterSec: 0,
    because: "lies on the floor",
  },
  {
    what: "edge-of-bed",
    part: "edgeOfBed",
    purpose: "movement-alerts",
    needs: seesPlaces,
    holds: ({ doing }) => doing === "edge",
    knownAfterSec: 0,
    because: "sits on the edge of the bed",
  },
  {
    what: "left-bed",
    part: "leftBed",
    purpose: "movement-alerts",
    needs: () => true,
    holds: isOut,
    knownAfterSec: 0,
    because: "has left the bed",
  },
  {
    what: "not-back",
    part: "notBack",
    purpose: "movement-alerts",
    needs: () => true,
    holds: isOut,
    knownAfterSec: 0,
    because: "has not come back",
  },
  {
    what: "second-person",
    part: "secondPerson",
    purpose: "movement-alerts",
    needs: seesPlaces,
    holds: ({ doing }) => doing === "visited",
    knownAfterSec: 0,
    because: "is not alone",
  },
  {
    what: "no-movement",
    part: "noMovement",
    purpose: "movement-alerts",
    needs: () => true,
    holds: ({ doing }) => doing === "asleep",
    knownAfterSec: 0,
    because: "has not moved",
  },
  {
    what: "cannot-see-breathing",
    part: "cannotSeeBreathing",
    purpose: "breathing-rate",
    needs: hasRadar,
    holds: ({ doing, breathes }) => doing === "asleep" && !breathes,
    // A pause of 19 s is none yet.
    knownAfterSec: 19,
    because: "lies there and does not breathe",
  },
  {
    what: "breathing-out-of-range",
    part: "breathing",
    purpose: "breathing-rate",
    needs: seesBreath,
    // A turn, or a breath that is held, is no breathing inside the range.
    holds: ({ perMin }, { stay }) => {
      const range = stay?.order?.parts.breathing ?? null;
      return range !== null && (perMin < range.lowPerMin || perMin > range.highPerMin);
    },
    knownAfterSec: rateLagSec,
    because: "breathes outside the ordered range",
  },
  {
    what: "rate-unavailable",
    part: "rateUnavailable",
    purpose: "breathing-rate",
    needs: seesBreath,
    holds: ({ doing }) => unquiet.includes(doing),
    knownAfterSec: 0,
    because: "is too restless for a rate",
  },
];

/** Seconds from a lease to the first word about the room. */
const settlesSec = 12;

export function expectedOf(night: Night): readonly Expected[] {
  const expected = night.beds.flatMap((bed) => expectedOfBed(night, bed));
  return expected.sort((a, b) => a.fromSec - b.fromSec);
}

function expectedOfBed(night: Night, bed: BedNight): readonly Expected[] {
  const { stay } = bed;
  if (stay === null) return [];
  const leases = leasesOf(night, bed);
  const alarms = [...orderedAlarms(bed, leases, night), ...faultAlarms(night, bed, leases)];
  const unseen = alarms.flatMap((alarm) => unseenOf(night, alarm));
  const escalated = [...alarms, ...unseen].flatMap((alarm) => escalations(night, bed, alarm));
  return [...alarms, ...unseen, ...escalated, ...entriesOf(night, bed, leases)];
}

/** Each lease that begins and ends in the log, as consent, hours and restarts of the agent have it. */
function leasesOf({ startUtcMs, agentGaps }: Night, { stay }: BedNight): readonly Run[] {
  if (stay === null || stay.purposes.length === 0) return [];
  const allowed = (sec: number): boolean => {
    if (sec < 2 || (stay.stopsAtSec !== null && sec >= stay.stopsAtSec)) return false;
    if (agentGaps.some((gap) => isIn(gap, sec))) return false;
    return stay.hours === null || isHourOf(stay.hours, startUtcMs + 1_000 * sec);
  };
  return runsOf(allowed);
}

const hourInWard = new Intl.DateTimeFormat("en-GB", {
  timeZone: consentPolicy.timeZone,
  hour: "2-digit",
  hourCycle: "h23",
});
function isHourOf({ fromHour, toHour }: { fromHour: number; toHour: number }, utcMs: number): boolean {
  const hour = Number(hourInWard.format(utcMs));
  return fromHour < toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour;
}

function runsOf(holds: (sec: number) => boolean, untilSec = nightSec): Run[] {
  const runs: Run[] = [];
  let fromSec: number | null = null;
  for (let sec = 0; sec <= untilSec; sec++) {
    const is = sec < untilSec && holds(sec);
    if (is) fromSec ??= sec;
    if (is || fromSec === null) continue;
    runs.push({ fromSec, toSec: sec });
    fromSec = null;
  }
  return runs;
}

function orderedAlarms(bed: BedNight, leases: readonly Run[], night: Night): Expected[] {
  const order = bed.stay?.order ?? null;
  if (order === null) return [];
  const sees = (sec: number): boolean =>
    leases.some((lease) => sec >= lease.fromSec + settlesSec && sec < lease.toSec) &&
    ![...bed.faults, ...night.brokerGaps].some((gap) => isIn(gap, sec));
  return rules.flatMap((rule): Expected[] => {
    const limit = order.parts[rule.part] ?? null;
    if (limit === null || !rule.needs(bed) || !(bed.stay?.purposes ?? []).includes(rule.purpose)) return [];
    const afterSec = ("forMs" in limit ? limit.forMs : limit.afterMs) / 1_000 + rule.knownAfterSec;
    const { earlySec, lateSec } = slack[rule.what];
    return runsOf((sec) => rule.holds(truthAt(bed.truth, sec), bed)).flatMap((run): Expected[] => {
      const fromSec = firstSeen(run, sees);
      if (fromSec === undefined) return [];
      const dueSec = fromSec + afterSec;
      if (dueSec >= run.toSec || dueSec >= order.untilSec || !sees(dueSec)) return [];
      // Whoever was never seen in the bed has not left it.
      if (rule.part === "leftBed" || rule.part === "notBack") {
        const seenIn = runsOf((sec) => sees(sec) && !rule.holds(truthAt(bed.truth, sec), bed), run.fromSec);
        if (seenIn.length === 0) return [];
      }
      const because = `${rule.because} since ${clock(fromSec)}`;
      return [{ bed: bed.bed, what: rule.what, fromSec: dueSec - earlySec, toSec: dueSec + lateSec, because }];
    });
  });
}

function firstSeen({ fromSec, toSec }: Run, sees: (sec: number) => boolean): number | undefined {
  for (let sec = fromSec; sec < toSec; sec++) if (sees(sec)) return sec;
  return undefined;
}

/** A sensor that should see and does not. */
function faultAlarms(night: Night, bed: BedNight, leases: readonly Run[]): Expected[] {
  const sensing = (sec: number): boolean => leases.some((lease) => isIn(lease, sec));
  const faults = [...bed.faults, ...night.brokerGaps.map((gap) => ({ ...gap, what: "silent" as const }))];
  return faults.flatMap((fault): Expected[] => {
    if (!sensing(fault.fromSec) || !sensing(fault.toSec)) return [];
    const afterSec = fault.what === "silent" ? limits.sensorLostAfterMs / 1_000 : 0;
    if (fault.fromSec + afterSec >= fault.toSec) return [];
    return [
      {
        bed: bed.bed,
        what: fault.what === "covered" ? "sensor-covered" : "sensor-lost",
        fromSec: fault.fromSec + afterSec - 1,
        toSec: fault.fromSec + afterSec + 3,
        because: `the sensor is ${fault.what} since ${clock(fault.fromSec)}`,
      },
    ];
  });
}

/** An alarm that no screen has shown is one of its own. */
function unseenOf({ stationGaps }: Night, alarm: Expected): Expected[] {
  const waitSec = (alarmPolicy.confirmWithinMs ?? 0) / 1_000;
  if (!stationGaps.some((gap) => isIn(gap, alarm.fromSec) && alarm.toSec + waitSec < gap.toSec)) return [];
  const because = `no screen showed ${alarm.what}`;
  const [fromSec, toSec] = [alarm.fromSec + waitSec, alarm.toSec + waitSec + 2];
  return [{ bed: alarm.bed, what: "delivery-unconfirmed", fromSec, toSec, because }];
}

const high = ["on-floor"];
const low = ["edge-of-bed", "rate-unavailable", "sensor-lost", "sensor-covered", "system-late"];
/** Nobody answers, so others are called. */
function escalations(night: Night, bed: BedNight, alarm: Expected): Expected[] {
  const steps =
    alarmPolicy.escalation[high.includes(alarm.what) ? "high" : low.includes(alarm.what) ? "low" : "medium"];
  if (steps === null) return [];
  // In the dark nobody reads it before a screen shows it again.
  const dark = night.stationGaps.find((gap) => isIn(gap, alarm.fromSec));
  const readSec = dark === undefined ? alarm.toSec : dark.toSec;
  const answeredSec = readSec + answersAfterSec(bed, alarm.what as Parameters<typeof answersAfterSec>[1]) - alarm.toSec;
  return [steps.stationsAfterSec, steps.inChargeAfterSec].flatMap((afterSec): Expected[] => {
    if (answeredSec <= afterSec) return [];
    const because = `nobody answered ${alarm.what}`;
    const [fromSec, toSec] = [alarm.fromSec + afterSec, alarm.toSec + afterSec + 2];
    return [{ bed: alarm.bed, what: `escalated ${alarm.what}`, fromSec, toSec, because }];
  });
}

/** Entries that the log must hold: leases, orders that end, checks that nobody made. */
function entriesOf(night: Night, bed: BedNight, leases: readonly Run[]): Expected[] {
  const { stay } = bed;
  if (stay === null) return [];
  const entries: Expected[] = [];
  const enter = (what: string, atSec: number, because: string): void => {
    if (atSec < nightSec) entries.push({ bed: bed.bed, what, fromSec: atSec - 1, toSec: atSec + 2, because });
  };
  // Each purpose that is turned on is another lease.
  for (const _ of stay.purposes.slice(1)) {
    if (leases[0]?.fromSec !== 2) continue;
    enter("lease.start", 2, "one purpose is allowed");
    enter("lease.end", 2, "another purpose is allowed as well");
  }
  for (const lease of leases) {
    enter("lease.start", lease.fromSec, "the person allows it");
    // What a killed agent could not write is written when it is back.
    const killed = night.agentGaps.find((gap) => gap.fromSec === lease.toSec);
    enter(
      "lease.end",
      killed?.toSec ?? lease.toSec,
      killed === undefined ? "it is not allowed any more" : "the agent was killed",
    );
  }
  if (stay.order !== null) enter("order.end", stay.order.untilSec, "the order is over");
  for (const window of stay.checks.missed) {
    const endSec = checksOrderedAtSec + (window + 1) * stay.checks.everyMinutes * 60;
    enter("check.missed", endSec, `nobody came in window ${window}`);
  }
  return entries;
}
