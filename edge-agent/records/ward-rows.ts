import type Database from "better-sqlite3";
import type { StoreRow } from "../contract/door.ts";
import { writeSedation } from "./sedation.ts";
import { StoreError } from "./store-error.ts";

/**
 * Writes one row inside the caller's transaction. A rule that refuses it throws, and takes the whole transaction with
 * it.
 */
export function writeRow(db: Database.Database, row: StoreRow): void {
  switch (row.table) {
    case "stay":
      db.prepare("INSERT INTO stay (id, bed, label, demonstration, started_at) VALUES (?, ?, ?, ?, ?)").run(
        row.id,
        row.bed,
        row.label,
        row.demonstration ? 1 : 0,
        ms(row.startedAtUtcMs),
      );
      return;
    case "stay-end": {
      const ended = db
        .prepare("UPDATE stay SET ended_at = ? WHERE id = ? AND ended_at IS NULL")
        .run(ms(row.endedAtUtcMs), row.id);
      if (ended.changes !== 1) throw new StoreError("refused", `no open stay ${row.id}`);
      return;
    }
    case "consent":
      writeConsent(db, row);
      return;
    case "observation-order":
      db.prepare("INSERT INTO observation_order (stay, observation, at) VALUES (?, ?, ?)").run(
        row.stay,
        JSON.stringify(row.order),
        ms(row.atUtcMs),
      );
      return;
    case "check": {
      const { check } = row;
      db.prepare(
        `INSERT INTO person_check (id, stay, level, by_id, by_name, seen_at, recorded_at, seen, retrospective, supersedes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        check.id,
        check.stay,
        check.level,
        check.by.id,
        check.by.name,
        ms(check.seenUtcMs),
        ms(check.recordedUtcMs),
        JSON.stringify(check.seen),
        check.retrospective,
        check.supersedes,
      );
      return;
    }
    case "sedation":
      writeSedation(db, row);
      return;
    case "needs":
      db.prepare("INSERT INTO needs (stay, needs, at) VALUES (?, ?, ?)").run(
        row.stay,
        JSON.stringify(row.needs),
        ms(row.atUtcMs),
      );
      return;
    case "order":
      db.prepare("INSERT INTO care_order (stay, care_order, at) VALUES (?, ?, ?)").run(
        row.stay,
        JSON.stringify(row.order),
        ms(row.atUtcMs),
      );
      return;
    case "order-end":
      db.prepare(
        "INSERT INTO care_order_end (care_order, at) SELECT max(number), ? FROM care_order WHERE stay = ?",
      ).run(ms(row.atUtcMs), row.stay);
      return;
    case "alarm": {
      const { alarm } = row;
      db.prepare(
        `INSERT INTO alarm (id, stay, condition, priority, presence, raised_at, cleared_at,
           acknowledged_by, acknowledged_at, audited, escalation, raisings, outcome, false_because, outcome_by, outcome_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET stay = excluded.stay, condition = excluded.condition,
           priority = excluded.priority, presence = excluded.presence, raised_at = excluded.raised_at, cleared_at = excluded.cleared_at,
           acknowledged_by = excluded.acknowledged_by, acknowledged_at = excluded.acknowledged_at,
           audited = excluded.audited, escalation = excluded.escalation, raisings = excluded.raisings,
           outcome = excluded.outcome, false_because = excluded.false_because, outcome_by = excluded.outcome_by,
           outcome_at = excluded.outcome_at`,
      ).run(
        alarm.id,
        alarm.stay,
        alarm.condition,
        alarm.priority,
        alarm.presence,
        ms(alarm.raisedAtUtcMs),
        alarm.clearedAtUtcMs === null ? null : ms(alarm.clearedAtUtcMs),
        alarm.acknowledged?.name ?? null,
        alarm.acknowledged === null ? null : ms(alarm.acknowledged.atUtcMs),
        alarm.audited ? 1 : 0,
        alarm.escalation,
        alarm.raisings,
        alarm.outcome?.is ?? null,
        alarm.outcome?.falseBecause ?? null,
        alarm.outcome?.name ?? null,
        alarm.outcome === null ? null : ms(alarm.outcome.atUtcMs),
      );
      return;
    }
    case "accepted-rate":
      db.prepare(
        `INSERT INTO accepted_rate (stay, by_id, by_name, per_min, low_per_min, high_per_min, quality, at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(row.stay, row.by.id, row.by.name, row.perMin, row.lowPerMin, row.highPerMin, row.quality, ms(row.atUtcMs));
      return;
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

function writeConsent(db: Database.Database, row: Extract<StoreRow, { table: "consent" }>): void {
  const { purpose, state, untilUtcMs, ...held } = row.consent;
  db.prepare(
    "INSERT INTO consent (stay, purpose, state, at, by, by_person, until, held, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
  ).run(
    row.stay,
    purpose,
    state,
    ms(row.atUtcMs),
    row.by,
    row.byPerson ? 1 : 0,
    untilUtcMs === null ? null : ms(untilUtcMs),
    JSON.stringify(held),
    row.record === null ? null : JSON.stringify(row.record),
  );
}

/** Whole milliseconds: the columns are INTEGER, and a clock may give fractions. */
const ms = (utcMs: number): number => Math.round(utcMs);
