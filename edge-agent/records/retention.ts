import type Database from "better-sqlite3";
import type { Stamp } from "../contract/audit-entry.ts";
import { dayMs } from "../contract/consent.ts";
import type { Purged, RetentionPolicy } from "../contract/retention.ts";
import type { Append } from "./invites.ts";

/*
 * What is kept too long is taken away, once a day and before anything of an older backup is served. A hold keeps one stay's
 * records of one window until it ends. Facts may be forgotten, and never changed.
 */

export const retentionSchema = `
CREATE TABLE hold (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  stay TEXT NOT NULL REFERENCES stay (id),
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL CHECK (until_at > from_at),
  reason TEXT NOT NULL,
  first_by TEXT NOT NULL,
  second_by TEXT NOT NULL CHECK (second_by <> first_by),
  at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL CHECK (expires_at > at)
) STRICT;
CREATE INDEX hold_of_stay ON hold (stay);
CREATE TRIGGER hold_only_ends_sooner BEFORE UPDATE ON hold
  WHEN NEW.expires_at > OLD.expires_at OR NEW.stay <> OLD.stay OR NEW.from_at <> OLD.from_at OR NEW.until_at <> OLD.until_at
    OR NEW.first_by <> OLD.first_by OR NEW.second_by <> OLD.second_by OR NEW.reason <> OLD.reason
  BEGIN SELECT RAISE(ABORT, 'a hold only ends sooner'); END;
DROP TRIGGER fact_no_update;
CREATE TRIGGER fact_is_only_forgotten BEFORE UPDATE ON fact
  WHEN NEW.stay <> OLD.stay OR NEW.at <> OLD.at
    ${[
      "occupancy",
      "movement",
      "place",
      "people",
      "breathing_per_min",
      "low_per_min",
      "high_per_min",
      "quality",
      "reason",
    ]
      .map((column) => `OR (NEW.${column} IS NOT NULL AND NEW.${column} IS NOT OLD.${column})`)
      .join("\n    ")}
  BEGIN SELECT RAISE(ABORT, 'a fact is never changed'); END;
DROP TRIGGER person_check_no_delete;
CREATE TRIGGER person_check_is_kept BEFORE DELETE ON person_check
  WHEN OLD.recorded_at > (SELECT coalesce(max(before), 0) FROM purge WHERE class = 'checks')
  BEGIN SELECT RAISE(ABORT, 'person_check is append-only'); END;
-- Up to when each class was purged: older rows may go, and none may come.
CREATE TABLE purge (class TEXT PRIMARY KEY, before INTEGER NOT NULL) STRICT;
`;

const rateColumns = ["breathing_per_min", "low_per_min", "high_per_min", "quality", "reason"] as const;
const movementColumns = ["occupancy", "movement", "place", "people"] as const;

/** Not held: `at` is the row's time. */
const free = (table: string, at: string): string =>
  `NOT EXISTS (SELECT 1 FROM hold WHERE hold.stay = ${table}.stay AND ${table}.${at} BETWEEN from_at AND until_at AND expires_at > @now)`;

/** One transaction with its entry, which is written also where nothing was old enough: that it ran is part of the proof. */
export function purge(db: Database.Database, append: Append, policy: RetentionPolicy, stamp: Stamp): Purged {
  const now = Math.round(stamp.utcMs);
  const before = (days: number): number => now - days * dayMs;
  const purged: Purged = {
    rateFacts: forget(db, rateColumns, { before: before(policy.rateFactsDays), now }),
    movementFacts: forget(db, movementColumns, { before: before(policy.movementFactsDays), now }),
    alarms: db
      .prepare(
        `DELETE FROM main.alarm WHERE raised_at < @before AND presence = 'off' AND ${free("alarm", "raised_at")}`,
      )
      .run({ before: before(policy.alarmsDays), now }).changes,
    checks: purgeChecks(db, { before: before(policy.checksDays), now }),
    auditWords: purgeWords(db, { before: before(policy.auditWordsDays), now }),
  };
  append(
    {
      action: "retention.purge",
      actor: { kind: "system", part: "retention" },
      outcome: 0,
      detail: { ...purged },
      phi: null,
    },
    stamp,
  );
  return purged;
}

type Limits = { readonly before: number; readonly now: number };

/** @returns rows that lost these columns */
function forget(db: Database.Database, columns: readonly string[], limits: Limits): number {
  const held = columns.map((column) => `${column} IS NOT NULL`).join(" OR ");
  const old = `at < @before AND (${held}) AND ${free("fact", "at")}`;
  const others = [...rateColumns, ...movementColumns].filter((column) => !columns.includes(column));
  const nothingElse = others.map((column) => `${column} IS NULL`).join(" AND ");
  const gone = db.prepare(`DELETE FROM fact WHERE ${old} AND ${nothingElse}`).run(limits).changes;
  const set = columns.map((column) => `${column} = NULL`).join(", ");
  return gone + db.prepare(`UPDATE fact SET ${set} WHERE ${old}`).run(limits).changes;
}

/** An entry that a later one corrects goes with it, never before. */
function purgeChecks(db: Database.Database, limits: Limits): number {
  db.prepare(
    "INSERT INTO purge (class, before) VALUES ('checks', @before) ON CONFLICT (class) DO UPDATE SET before = max(before, excluded.before)",
  ).run({ before: limits.before });
  let gone = 0;
  for (;;) {
    const { changes } = db
      .prepare(
        `DELETE FROM main.person_check WHERE recorded_at < @before AND ${free("person_check", "seen_at")}
         AND NOT EXISTS (SELECT 1 FROM person_check AS later WHERE later.supersedes = person_check.id)`,
      )
      .run(limits);
    if (changes === 0) return gone;
    gone += changes;
  }
}

/**
 * Names and words beside entries of the log: the entries and every proof of them stay good. While anything is held all of them
 * stay, because an entry does not say in a column whose it is.
 */
function purgeWords(db: Database.Database, { before, now }: Limits): number {
  const held = db.prepare("SELECT count(*) FROM hold WHERE expires_at > ?").pluck().get(now);
  if (held !== 0) return 0;
  // Entries are in the order of time: the first that is young enough is found by halving.
  const newest: unknown = db.prepare("SELECT max(idx) FROM entry").pluck().get();
  if (typeof newest !== "number") return 0;
  const timeOf = db.prepare("SELECT json_extract(CAST(plain AS TEXT), '$.t') FROM entry WHERE idx = ?").pluck();
  let [low, high] = [0, newest + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (Date.parse(String(timeOf.get(middle))) < before) low = middle + 1;
    else high = middle;
  }
  return db.prepare("DELETE FROM main.phi WHERE seq < ?").run(low).changes;
}
