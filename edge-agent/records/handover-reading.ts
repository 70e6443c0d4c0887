import type Database from "better-sqlite3";
import { CheckSeen, ObservationOrder } from "../contract/checks.ts";
import type { HandedAlarm, HandedStay } from "../contract/handover.ts";
import { SedationWatch } from "../contract/sedation.ts";
import {
  AlarmCondition,
  AlarmOutcome,
  AlarmPriority,
  ConsentState,
  FalseAlarmWhy,
  Purpose,
} from "../contract/words.ts";
import { entriesWith } from "./governance-reading.ts";
import { storedWord } from "./stored-word.ts";

/** Everybody who was on the ward since then, in no order of beds. Reads only. Throws StoreError for a row that is none. */
export function readHandover(db: Database.Database, sinceUtcMs: number): HandedStay[] {
  const since = Math.round(sinceUtcMs);
  const missed = missedSince(db, sinceUtcMs);
  const stays = db
    .prepare(
      "SELECT id, bed, label, started_at, ended_at FROM stay WHERE ended_at IS NULL OR ended_at >= ? ORDER BY started_at",
    )
    .all(since) as { id: string; bed: string; label: string; started_at: number; ended_at: number | null }[];
  return stays.map((stay) => ({
    stay: stay.id,
    bed: stay.bed,
    label: stay.label,
    startedAtUtcMs: stay.started_at,
    endedAtUtcMs: stay.ended_at,
    alarms: alarmsSince(db, stay.id, since),
    checks: { ...checksSince(db, stay.id, since), missed: missed.get(stay.id) ?? 0 },
    consents: consentsSince(db, stay.id, since),
    sedations: sedationsSince(db, stay.id, since),
  }));
}

/** Windows, not entries: one entry speaks for all that were missed while the agent was off. */
function missedSince(db: Database.Database, sinceUtcMs: number): Map<string, number> {
  const missed = new Map<string, number>();
  for (const { action, detail } of entriesWith(db, '"action":"check.missed"', sinceUtcMs)) {
    if (action !== "check.missed" || typeof detail.stay !== "string") continue;
    const before = typeof detail.before === "number" ? detail.before : 0;
    missed.set(detail.stay, (missed.get(detail.stay) ?? 0) + 1 + before);
  }
  return missed;
}

interface AlarmFound {
  readonly condition: string;
  readonly priority: string;
  readonly raised_at: number;
  readonly cleared_at: number | null;
  readonly raisings: number;
  readonly acknowledged_by: string | null;
  readonly acknowledged_at: number | null;
  readonly outcome: string | null;
  readonly false_because: string | null;
  readonly escalation: number;
}

function alarmsSince(db: Database.Database, stay: string, since: number): HandedAlarm[] {
  const rows = db
    .prepare("SELECT * FROM alarm WHERE stay = ? AND (raised_at >= ? OR presence <> 'off') ORDER BY raised_at")
    .all(stay, since) as AlarmFound[];
  return rows.map((row) => ({
    condition: storedWord(AlarmCondition, row.condition),
    priority: storedWord(AlarmPriority, row.priority),
    raisedAtUtcMs: row.raised_at,
    clearedAtUtcMs: row.cleared_at,
    raisings: row.raisings,
    acknowledgedBy: row.acknowledged_by,
    acknowledgedAtUtcMs: row.acknowledged_at,
    outcome: row.outcome === null ? null : storedWord(AlarmOutcome, row.outcome),
    falseBecause: row.false_because === null ? null : storedWord(FalseAlarmWhy, row.false_because),
    escalation: row.escalation,
  }));
}

function checksSince(db: Database.Database, stay: string, since: number): Omit<HandedStay["checks"], "missed"> {
  const rows = db
    .prepare(
      `SELECT id, by_name, seen_at, seen, retrospective, supersedes FROM person_check
       WHERE stay = ? AND seen_at >= ? ORDER BY seen_at`,
    )
    .all(stay, since) as {
    id: string;
    by_name: string;
    seen_at: number;
    seen: string;
    retrospective: string | null;
    supersedes: string | null;
  }[];
  const corrected = new Set(rows.flatMap(({ supersedes }) => supersedes ?? []));
  const made = rows
    .filter(({ id }) => !corrected.has(id))
    .map((row) => ({
      atUtcMs: row.seen_at,
      by: row.by_name,
      seen: CheckSeen.parse(JSON.parse(row.seen)),
      late: row.retrospective !== null,
    }));
  const last = made.at(-1);
  const order: unknown = db
    .prepare("SELECT observation FROM observation_order WHERE stay = ? ORDER BY number DESC LIMIT 1")
    .pluck()
    .get(stay);
  return {
    made: made.filter(({ late }) => !late).length,
    late: made.filter(({ late }) => late).length,
    last: last === undefined ? null : { atUtcMs: last.atUtcMs, by: last.by, seen: last.seen },
    concerns: made.flatMap(({ atUtcMs, by, seen }) =>
      seen.concern === null ? [] : [{ atUtcMs, by, words: seen.concern }],
    ),
    level: typeof order === "string" ? ObservationOrder.parse(JSON.parse(order)).level : null,
  };
}

function consentsSince(db: Database.Database, stay: string, since: number): HandedStay["consents"] {
  const rows = db
    .prepare("SELECT purpose, state, at, by_person FROM consent WHERE stay = ? AND at >= ? ORDER BY transition DESC")
    .all(stay, since) as { purpose: string; state: string; at: number; by_person: number }[];
  return rows.map((row) => ({
    purpose: storedWord(Purpose, row.purpose),
    state: storedWord(ConsentState, row.state),
    atUtcMs: row.at,
    byPerson: row.by_person === 1,
  }));
}

function sedationsSince(db: Database.Database, stay: string, since: number): HandedStay["sedations"] {
  const rows = db
    .prepare("SELECT watch FROM sedation_watch WHERE stay = ? AND at >= ? AND watch IS NOT NULL ORDER BY number")
    .pluck()
    .all(stay, since) as string[];
  const watches = rows.map((text) => SedationWatch.parse(JSON.parse(text)));
  // Each change of the checks meanwhile is a row: one line for each watch.
  return [
    ...new Map(
      watches.map(({ sinceUtcMs, by, untilUtcMs }) => [sinceUtcMs, { atUtcMs: sinceUtcMs, by, untilUtcMs }]),
    ).values(),
  ];
}
