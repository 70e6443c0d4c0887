import type Database from "better-sqlite3";
import { type AlarmLoad, floodAbove, floodWithinMs } from "../contract/alarm-load.ts";
import type { Night } from "../contract/nights.ts";
import { AlarmCondition, type FalseAlarmWhy } from "../contract/words.ts";
import { entriesWith, quantile } from "./governance-reading.ts";

interface Span {
  readonly fromUtcMs: number;
  readonly untilUtcMs: number;
}

/** What became of alarms in these nights and the days between them. @param nights the newest first. */
export function readAlarmLoad(ward: Database.Database, nights: readonly Night[], nowUtcMs: number): AlarmLoad {
  const since = nights.at(-1)?.fromUtcMs ?? nowUtcMs;
  // The one that goes on and those in which the clock changes are not as long as the others.
  const nightMs =
    quantile(
      nights.map(lengthMs).toSorted((a, b) => a - b),
      0.5,
    ) ?? 1;
  const told = entriesOf(ward, since);
  const raised = told.filter(({ action }) => action === "alert.raise");
  const closed = told.filter(({ action }) => action === "alert.close");
  const falseOnes = closed.filter(({ outcome }) => outcome === "false-alarm");
  const answers = answersOf(told);
  const atNight = raised.filter(({ atUtcMs }) => nights.some((night) => isIn(night, atUtcMs)));
  const bedMs = staysSince(ward, since, nowUtcMs).flatMap((stay) => nights.map((night) => overlapMs(stay, night)));
  const took = answers.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const many = floodsOf(raised.map(({ atUtcMs }) => atUtcMs));
  return {
    nights,
    raised: raised.length,
    raisedAtNight: atNight.length,
    bedNights: sum(bedMs) / nightMs,
    nurseHours: nurseMs(ward, since, nowUtcMs) / 3_600_000,
    ...many,
    closed: closed.length,
    falseAlarms: falseOnes.length,
    falseBecause: countBy(falseOnes.flatMap(({ falseBecause }) => falseBecause ?? [])),
    answerP50Ms: quantile(took, 0.5),
    answerP90Ms: quantile(took, 0.9),
    conditions: AlarmCondition.options.flatMap((condition) => {
      const of = <T extends { readonly condition: string }>(all: readonly T[]) =>
        all.filter((one) => one.condition === condition).length;
      if (of(raised) === 0) return [];
      return [{ condition, raised: of(raised), answered: of(answers), falseAlarms: of(falseOnes) }];
    }),
  };
}

interface Told {
  readonly action: string;
  readonly atUtcMs: number;
  readonly alarm: string;
  readonly condition: string;
  readonly outcome: string | null;
  readonly falseBecause: FalseAlarmWhy | null;
}

/** The oldest first. The log tells every time that an alarm came up; its row only the last one. */
function entriesOf(ward: Database.Database, sinceUtcMs: number): Told[] {
  const told = [...entriesWith(ward, '"action":"alert.', sinceUtcMs)].flatMap(({ action, detail, t }): Told[] => {
    const { alarm, condition, outcome, falseBecause } = detail;
    if (typeof alarm !== "string" || typeof condition !== "string") return [];
    return [
      {
        action,
        atUtcMs: Date.parse(t),
        alarm,
        condition,
        outcome: typeof outcome === "string" ? outcome : null,
        falseBecause: typeof falseBecause === "string" ? (falseBecause as FalseAlarmWhy) : null,
      },
    ];
  });
  return told.reverse();
}

/** How long each alarm waited from when it first came up. One that was raised before the period has no beginning in it. */
function answersOf(told: readonly Told[]): { readonly condition: string; readonly tookMs: number }[] {
  const first = new Map<string, number>();
  return told.flatMap(({ action, alarm, condition, atUtcMs }) => {
    if (action === "alert.raise" && !first.has(alarm)) first.set(alarm, atUtcMs);
    const raisedAt = first.get(alarm);
    return action === "alert.acknowledge" && raisedAt !== undefined ? [{ condition, tookMs: atUtcMs - raisedAt }] : [];
  });
}

/** @param times ascending. A flood lasts as long as there are more than so many in the ten minutes before. */
export function floodsOf(times: readonly number[]): { readonly floods: number; readonly mostWithin: number } {
  let [floods, mostWithin, from, flooded] = [0, 0, 0, false];
  for (const [index, at] of times.entries()) {
    while (at - (times[from] ?? at) > floodWithinMs) from += 1;
    const within = index - from + 1;
    mostWithin = Math.max(mostWithin, within);
    if (within > floodAbove && !flooded) floods += 1;
    flooded = within > floodAbove;
  }
  return { floods, mostWithin };
}

function staysSince(ward: Database.Database, sinceUtcMs: number, nowUtcMs: number): Span[] {
  return ward
    .prepare(
      `SELECT started_at AS fromUtcMs, coalesce(ended_at, :now) AS untilUtcMs FROM stay
       WHERE ended_at IS NULL OR ended_at > :since`,
    )
    .all({ since: Math.round(sinceUtcMs), now: Math.round(nowUtcMs) }) as Span[];
}

/** Signed in at two stations at once is one nurse. */
function nurseMs(ward: Database.Database, sinceUtcMs: number, nowUtcMs: number): number {
  const sessions = ward
    .prepare(
      `SELECT staff, max(started_at, :since) AS fromUtcMs, min(coalesce(ended_at, expires_at), :now) AS untilUtcMs
       FROM session WHERE role IN ('nurse', 'nurse-in-charge') AND coalesce(ended_at, expires_at) > :since
       ORDER BY staff, started_at`,
    )
    .all({ since: Math.round(sinceUtcMs), now: Math.round(nowUtcMs) }) as (Span & { readonly staff: string })[];
  const until = new Map<string, number>();
  return sum(
    sessions.map(({ staff, fromUtcMs, untilUtcMs }) => {
      const from = Math.max(fromUtcMs, until.get(staff) ?? fromUtcMs);
      until.set(staff, Math.max(untilUtcMs, until.get(staff) ?? untilUtcMs));
      return Math.max(0, untilUtcMs - from);
    }),
  );
}

const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0);
const lengthMs = ({ fromUtcMs, untilUtcMs }: Span): number => untilUtcMs - fromUtcMs;
const isIn = ({ fromUtcMs, untilUtcMs }: Span, utcMs: number): boolean => utcMs >= fromUtcMs && utcMs < untilUtcMs;
const overlapMs = (a: Span, b: Span): number =>
  Math.max(0, Math.min(a.untilUtcMs, b.untilUtcMs) - Math.max(a.fromUtcMs, b.fromUtcMs));

function countBy<Word extends string>(words: readonly Word[]): Partial<Record<Word, number>> {
  const counts: Partial<Record<Word, number>> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
