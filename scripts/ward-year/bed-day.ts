import { type Consents, isAllowed } from "../../edge-agent/care/consent.ts";
import { dayMs, hourMs } from "../../edge-agent/contract/consent.ts";
import type { AlarmRow, AuditAction, StoreRow } from "../../edge-agent/contract/door.ts";
import { localHour } from "../../edge-agent/contract/local-hour.ts";
import { type AlarmCondition, sensingPurposes } from "../../edge-agent/contract/words.ts";
import type { Chance } from "./chance.ts";
import { actorOf, entry, type Happening, onDashboard, onWard, type Person, system } from "./happening.ts";
import type { StayPlan } from "./stay-plan.ts";

/* One day of one made-up stay: checks in person, looks at pages, alarms, and what the sensor did. */

export interface BedDay {
  readonly stay: StayPlan;
  readonly dayUtcMs: number;
  /** Who is at work. */
  readonly onDuty: (utcMs: number) => readonly Person[];
  readonly timeZone: string;
}

export const consentsAt = ({ consents }: StayPlan, utcMs: number): Consents =>
  (consents.findLast(({ fromUtcMs }) => fromUtcMs <= utcMs) ?? consents[0]!).consents;

export const isOn = (
  stay: StayPlan,
  purpose: (typeof sensingPurposes)[number],
  utcMs: number,
  timeZone: string,
): boolean => {
  const consent = consentsAt(stay, utcMs)[purpose];
  return utcMs < (consent.untilUtcMs ?? 0) && isAllowed(consent, localHour(utcMs, timeZone));
};

const isSensed = (stay: StayPlan, utcMs: number, timeZone: string): boolean =>
  sensingPurposes.some((purpose) => isOn(stay, purpose, utcMs, timeZone));

export function bedDay(day: BedDay, chance: Chance): Happening[] {
  const { stay, dayUtcMs } = day;
  const fromUtcMs = Math.max(dayUtcMs, stay.fromUtcMs + 120_000);
  const untilUtcMs = Math.min(dayUtcMs + dayMs, stay.untilUtcMs);
  if (untilUtcMs <= fromUtcMs) return [];
  const span = { ...day, fromUtcMs, untilUtcMs };
  return [
    ...checksOf(span, chance),
    ...looksOf(span, chance),
    ...alarmsOf(span, chance),
    ...sensorOf(span, chance),
  ].filter(
    // What begins late in a day may end in the next one, though never after the stay.
    ({ atUtcMs }) => atUtcMs >= fromUtcMs && atUtcMs < stay.untilUtcMs,
  );
}

type Span = BedDay & { readonly fromUtcMs: number; readonly untilUtcMs: number };

/** A window of the order is checked in time, written down later, or missed. */
function checksOf({ stay, fromUtcMs, untilUtcMs, onDuty }: Span, chance: Chance): Happening[] {
  const { id, bed, level, everyMinutes } = stay;
  const everyMs = everyMinutes * 60_000;
  const found: Happening[] = [];
  // Windows begin with the order; the first of this day is the one that begins in it.
  const first = stay.fromUtcMs + Math.ceil((fromUtcMs - stay.fromUtcMs) / everyMs) * everyMs;
  for (let begins = first; begins < untilUtcMs && begins + everyMs <= stay.untilUtcMs; begins += everyMs) {
    const ends = begins + everyMs;
    const by = chance.pick(onDuty(begins));
    const missed = chance.is(0.05);
    if (missed)
      found.push(
        onWard(ends - 1, [
          entry(
            "check.missed",
            system("checks"),
            { bed, stay: id, level, fromUtcMs: begins, untilUtcMs: ends, before: 0 },
            4,
          ),
        ]),
      );
    if (missed && chance.is(0.5)) continue;
    const seenUtcMs = Math.round(begins + (missed ? 0.95 : 0.3 + 0.65 * chance.next()) * everyMs);
    const recordedUtcMs = missed ? ends + chance.whole(6, 40) * 60_000 : seenUtcMs;
    const check = chance.id();
    const asleep = chance.is(0.4);
    const actor = actorOf(by);
    found.push(
      ...(chance.is(0.35) ? look(stay, by, seenUtcMs - chance.whole(30, 400) * 1_000, chance) : []),
      onWard(
        recordedUtcMs,
        [
          entry("check.record", actor, {
            bed,
            stay: id,
            check,
            level,
            seenUtcMs,
            retrospective: missed,
            supersedes: null,
          }),
        ],
        [
          {
            table: "check",
            check: {
              id: check,
              stay: id,
              level,
              by: { id: by.id, name: by.name },
              seenUtcMs,
              recordedUtcMs,
              seen: {
                where: asleep ? "in-bed" : chance.pick(["bedroom", "day-area"]),
                how: asleep ? "asleep-breathing-seen" : "awake",
                engagement: asleep ? "asleep" : "talked",
                concern: null,
              },
              retrospective: missed ? "Called to another room." : null,
              supersedes: null,
            },
          },
        ],
      ),
    );
  }
  return found;
}

function look(stay: StayPlan, by: Person, atUtcMs: number, chance: Chance): Happening[] {
  const { id, bed } = stay;
  const opening = chance.id();
  const openMs = Math.round(chance.about(40_000, 0.7));
  const actor = actorOf(by);
  const detail = { page: "/ward#person", bed, purposeOfEvent: "TREAT", stay: id, opening };
  return [
    onDashboard(atUtcMs, entry("page.open", actor, detail)),
    onDashboard(atUtcMs + openMs, entry("page.close", actor, { bed, stay: id, opening, openMs })),
  ];
}

/** Looks that lead to nothing, looks by the person, and some that were turned away. */
function looksOf({ stay, fromUtcMs, untilUtcMs, onDuty, timeZone }: Span, chance: Chance): Happening[] {
  const { id, bed } = stay;
  const within = (): number => Math.round(fromUtcMs + chance.next() * (untilUtcMs - fromUtcMs - 1));
  const idle = chance.whole(0, isSensed(stay, fromUtcMs, timeZone) ? 5 : 2);
  const found = Array.from({ length: idle }, () => {
    const atUtcMs = within();
    return look(stay, chance.pick(onDuty(atUtcMs)), atUtcMs, chance);
  }).flat();
  if (chance.is(0.15)) {
    const detail = { page: "/bedside/who-looked", bed, purposeOfEvent: "PATRQT", stay: id };
    found.push(onDashboard(within(), entry("page.open", { kind: "bedside", bed, stay: id }, detail)));
  }
  if (chance.is(0.02)) {
    const engineer = { kind: "staff", id: "engineer", name: "Eve Engineer", role: "engineer" } as const;
    const detail = { page: `/person/${bed}`, bed, purposeOfEvent: "TREAT", stay: id, refused: "not-allowed" };
    found.push(onDashboard(within(), entry("page.open", engineer, detail, 4)));
  }
  return found;
}

const conditions: readonly AlarmCondition[] = ["left-bed", "left-bed", "left-bed", "rate-unavailable", "on-floor"];

function alarmsOf({ stay, fromUtcMs, untilUtcMs, onDuty, timeZone }: Span, chance: Chance): Happening[] {
  const found: Happening[] = [];
  const many = chance.whole(0, 3);
  for (let number = 0; number < many; number++) {
    const raisedAt = Math.round(fromUtcMs + chance.next() * (untilUtcMs - fromUtcMs - hourMs));
    // Over before the day is, so that it stays with its stay.
    if (raisedAt < fromUtcMs || !isOn(stay, "movement-alerts", raisedAt, timeZone)) continue;
    found.push(...alarmOf(stay, raisedAt, chance.pick(onDuty(raisedAt)), chance));
  }
  return found;
}

function alarmOf({ id, bed }: StayPlan, raisedAtUtcMs: number, by: Person, chance: Chance): Happening[] {
  const condition = chance.pick(conditions);
  const begun: AlarmRow = {
    id: `${bed}-${chance.id().slice(0, 16)}`,
    stay: id,
    condition,
    priority: condition === "on-floor" ? "high" : condition === "left-bed" ? "medium" : "low",
    presence: "on",
    raisedAtUtcMs,
    clearedAtUtcMs: null,
    acknowledged: null,
    audited: true,
    escalation: 0,
    raisings: 1,
    outcome: null,
  };
  const told = (atUtcMs: number, action: AuditAction, alarm: AlarmRow, more: object = {}): Happening => {
    const actor = action === "alert.raise" || action === "alert.clear" ? system("conditions") : actorOf(by);
    const { priority, presence } = alarm;
    const detail = { bed, stay: id, alarm: alarm.id, condition, priority, presence, ...more };
    const row: StoreRow = { table: "alarm", alarm };
    return onWard(atUtcMs, [entry(action, actor, detail)], [row]);
  };
  const clearedAtUtcMs = raisedAtUtcMs + Math.round(chance.about(300_000, 0.5));
  const ackAtUtcMs = raisedAtUtcMs + Math.round(chance.about(45_000, 0.7));
  if (chance.is(0.06)) {
    const cleared: AlarmRow = { ...begun, presence: "latched", clearedAtUtcMs };
    return [told(raisedAtUtcMs, "alert.raise", begun), told(clearedAtUtcMs, "alert.clear", cleared)];
  }
  const acknowledged: AlarmRow = { ...begun, presence: "ack", acknowledged: { name: by.name, atUtcMs: ackAtUtcMs } };
  const overUtcMs = Math.max(clearedAtUtcMs, ackAtUtcMs + 60_000);
  const cleared: AlarmRow = { ...acknowledged, presence: "off", clearedAtUtcMs: overUtcMs };
  const falseAlarm = chance.is(0.3);
  const outcome = falseAlarm ? "false-alarm" : chance.pick(["all-well", "helped"] as const);
  const falseBecause = falseAlarm ? chance.pick(["visitor", "staff-in-room", "equipment"] as const) : null;
  const closed: AlarmRow = {
    ...cleared,
    outcome: { is: outcome, falseBecause, name: by.name, atUtcMs: overUtcMs + 60_000 },
  };
  return [
    told(raisedAtUtcMs, "alert.raise", begun),
    told(ackAtUtcMs, "alert.acknowledge", acknowledged, { going: true }),
    told(overUtcMs, "alert.clear", cleared),
    told(overUtcMs + 60_000, "alert.close", closed, { outcome, falseBecause }),
  ];
}

/** Leases begin and end with what is allowed, also by the hour; now and then the sensor is lost for a while. */
function sensorOf({ stay, fromUtcMs, untilUtcMs, timeZone, dayUtcMs }: Span, chance: Chance): Happening[] {
  const { id, bed } = stay;
  const edges = new Set<number>([fromUtcMs]);
  for (let hour = dayUtcMs; hour < untilUtcMs; hour += hourMs) if (hour > fromUtcMs) edges.add(hour);
  for (const { fromUtcMs: at } of stay.consents) if (at > fromUtcMs && at < untilUtcMs) edges.add(at);
  const found: Happening[] = [];
  let was = fromUtcMs > stay.fromUtcMs + 120_000 && isSensed(stay, fromUtcMs - 1, timeZone);
  const state = (atUtcMs: number, sensor: string): Happening =>
    onWard(atUtcMs, [entry("sensor.state", system("bridge"), { bed, stay: id, sensor })]);
  for (const at of [...edges].sort((a, b) => a - b)) {
    const is = isSensed(stay, at, timeZone);
    if (is === was) continue;
    was = is;
    const purposes = sensingPurposes.filter((purpose) => isOn(stay, purpose, at, timeZone));
    const detail = { bed, stay: id, purposes, number: 0 };
    found.push(
      onWard(at, [entry(is ? "lease.start" : "lease.end", system("consent"), detail)]),
      state(at + 1_500, is ? "on" : "off"),
    );
  }
  // A discharge ends what is leased.
  if (untilUtcMs === stay.untilUtcMs && was)
    found.push(
      onWard(untilUtcMs - 1, [entry("lease.end", system("consent"), { bed, stay: id, purposes: [], number: 0 })]),
    );
  if (was && found.length === 0 && chance.is(0.04)) {
    const lostAt = fromUtcMs + Math.round(chance.next() * (untilUtcMs - fromUtcMs - 3 * hourMs));
    found.push(state(lostAt, "lost"), state(lostAt + chance.whole(5, 90) * 60_000, "on"));
  }
  return found;
}
