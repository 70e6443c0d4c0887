import type Database from "better-sqlite3";
import type { AlarmRow } from "../contract/door.ts";
import { AlarmCondition, AlarmOutcome, AlarmPresence, AlarmPriority, FalseAlarmWhy } from "../contract/words.ts";
import { storedWord } from "./stored-word.ts";

interface StoredAlarm {
  readonly id: string;
  readonly stay: string;
  readonly condition: string;
  readonly priority: string;
  readonly presence: string;
  readonly raised_at: number;
  readonly cleared_at: number | null;
  readonly acknowledged_by: string | null;
  readonly acknowledged_at: number | null;
  readonly audited: number;
  readonly escalation: number;
  readonly raisings: number;
  readonly outcome: string | null;
  readonly false_because: string | null;
  readonly outcome_by: string | null;
  readonly outcome_at: number | null;
}

/** What is not over yet, and what is over and waits for somebody to say how it ended. */
export function openAlarmsOf(db: Database.Database, stay: string): AlarmRow[] {
  const rows = db
    .prepare(
      `SELECT * FROM alarm WHERE stay = ?
         AND (presence <> 'off' OR (acknowledged_at IS NOT NULL AND outcome IS NULL))
       ORDER BY raised_at, id`,
    )
    .all(stay) as StoredAlarm[];
  return rows.map(alarmOf);
}

function alarmOf(row: StoredAlarm): AlarmRow {
  const { acknowledged_by: acknowledgedBy, acknowledged_at: acknowledgedAt, escalation } = row;
  return {
    id: row.id,
    stay: row.stay,
    condition: storedWord(AlarmCondition, row.condition),
    priority: storedWord(AlarmPriority, row.priority),
    presence: storedWord(AlarmPresence, row.presence),
    raisedAtUtcMs: row.raised_at,
    clearedAtUtcMs: row.cleared_at,
    acknowledged:
      acknowledgedBy === null || acknowledgedAt === null ? null : { name: acknowledgedBy, atUtcMs: acknowledgedAt },
    audited: row.audited === 1,
    escalation: escalation === 2 ? 2 : escalation === 1 ? 1 : 0,
    raisings: row.raisings,
    outcome: outcomeOf(row),
  };
}

function outcomeOf({
  outcome,
  false_because: why,
  outcome_by: name,
  outcome_at: atUtcMs,
}: StoredAlarm): AlarmRow["outcome"] {
  if (outcome === null || name === null || atUtcMs === null) return null;
  const falseBecause = why === null ? null : storedWord(FalseAlarmWhy, why);
  return { is: storedWord(AlarmOutcome, outcome), falseBecause, name, atUtcMs };
}
