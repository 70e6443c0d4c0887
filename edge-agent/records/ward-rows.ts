import type Database from "better-sqlite3";
import type { AlarmRow, StoreRow } from "../contract/door.ts";
import { insertSealed, updateSealed } from "./sealed-tables.ts";
import { writeSedation } from "./sedation.ts";
import { StoreError } from "./store-error.ts";

/**
 * Writes one row inside the caller's transaction. A rule that refuses it throws, and takes the whole transaction with
 * it.
 */
export function writeRow(db: Database.Database, row: StoreRow): void {
  switch (row.table) {
    case "stay":
      insertSealed(db, "stay", {
        id: row.id,
        bed: row.bed,
        label: row.label,
        demonstration: row.demonstration ? 1 : 0,
        started_at: ms(row.startedAtUtcMs),
      });
      return;
    case "stay-end": {
      const ended = db
        .prepare("UPDATE main.stay SET ended_at = ? WHERE id = ? AND ended_at IS NULL")
        .run(ms(row.endedAtUtcMs), row.id);
      if (ended.changes !== 1) throw new StoreError("refused", `no open stay ${row.id}`);
      return;
    }
    case "consent":
      writeConsent(db, row);
      return;
    case "observation-order": {
      const { stay, order, atUtcMs } = row;
      insertSealed(db, "observation_order", { stay, observation: JSON.stringify(order), at: ms(atUtcMs) });
      return;
    }
    case "check": {
      const { check } = row;
      insertSealed(db, "person_check", {
        id: check.id,
        stay: check.stay,
        level: check.level,
        by_id: check.by.id,
        by_name: check.by.name,
        seen_at: ms(check.seenUtcMs),
        recorded_at: ms(check.recordedUtcMs),
        seen: JSON.stringify(check.seen),
        retrospective: check.retrospective,
        supersedes: check.supersedes,
      });
      return;
    }
    case "sedation":
      writeSedation(db, row);
      return;
    case "needs":
      insertSealed(db, "needs", { stay: row.stay, needs: JSON.stringify(row.needs), at: ms(row.atUtcMs) });
      return;
    case "order":
      insertSealed(db, "care_order", { stay: row.stay, care_order: JSON.stringify(row.order), at: ms(row.atUtcMs) });
      return;
    case "order-end":
      db.prepare(
        "INSERT INTO care_order_end (care_order, at) SELECT max(number), ? FROM main.care_order WHERE stay = ?",
      ).run(ms(row.atUtcMs), row.stay);
      return;
    case "alarm":
      writeAlarm(db, row.alarm);
      return;
    case "accepted-rate": {
      const { stay, by, perMin, lowPerMin, highPerMin, quality, atUtcMs } = row;
      const rate = { per_min: perMin, low_per_min: lowPerMin, high_per_min: highPerMin, quality };
      insertSealed(db, "accepted_rate", { stay, by_id: by.id, by_name: by.name, ...rate, at: ms(atUtcMs) });
      return;
    }
    case "lease-number":
      db.prepare(
        `INSERT INTO lease_number (bed, number, stay) VALUES (?, ?, ?)
         ON CONFLICT (bed) DO UPDATE SET number = excluded.number, stay = excluded.stay`,
      ).run(row.bed, row.number, row.stay);
      return;
    case "fact":
      db.prepare(
        `INSERT INTO fact
           (stay, at, occupancy, movement, place, people, breathing_per_min, low_per_min, high_per_min, quality, reason)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        row.stay,
        ms(row.atUtcMs),
        row.occupancy,
        row.movement,
        row.place,
        row.people,
        row.breathingPerMin,
        row.lowPerMin,
        row.highPerMin,
        row.quality,
        row.reason,
      );
      return;
  }
}

function writeAlarm(db: Database.Database, alarm: AlarmRow): void {
  const change = {
    stay: alarm.stay,
    condition: alarm.condition,
    priority: alarm.priority,
    presence: alarm.presence,
    raised_at: ms(alarm.raisedAtUtcMs),
    cleared_at: alarm.clearedAtUtcMs === null ? null : ms(alarm.clearedAtUtcMs),
    acknowledged_by: alarm.acknowledged?.name ?? null,
    acknowledged_at: alarm.acknowledged === null ? null : ms(alarm.acknowledged.atUtcMs),
    audited: alarm.audited ? 1 : 0,
    escalation: alarm.escalation,
    raisings: alarm.raisings,
    outcome: alarm.outcome?.is ?? null,
    false_because: alarm.outcome?.falseBecause ?? null,
    outcome_by: alarm.outcome?.name ?? null,
    outcome_at: alarm.outcome === null ? null : ms(alarm.outcome.atUtcMs),
  };
  const there = db.prepare("SELECT 1 FROM main.alarm WHERE id = ?").get(alarm.id) !== undefined;
  if (there) updateSealed(db, "alarm", alarm.id, change);
  else insertSealed(db, "alarm", { id: alarm.id, ...change });
}

function writeConsent(db: Database.Database, row: Extract<StoreRow, { table: "consent" }>): void {
  const { purpose, state, untilUtcMs, ...held } = row.consent;
  insertSealed(db, "consent", {
    stay: row.stay,
    purpose,
    state,
    at: ms(row.atUtcMs),
    by: row.by,
    by_person: row.byPerson ? 1 : 0,
    until: untilUtcMs === null ? null : ms(untilUtcMs),
    held: JSON.stringify(held),
    record: row.record === null ? null : JSON.stringify(row.record),
  });
}

/** Whole milliseconds: the columns are INTEGER, and a clock may give fractions. */
const ms = (utcMs: number): number => Math.round(utcMs);
