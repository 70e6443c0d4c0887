import type Database from "better-sqlite3";
import type { CheckHistory } from "../contract/check-history.ts";
import { CheckSeen } from "../contract/checks.ts";
import { news2Breathing } from "../contract/news2.ts";
import { type CheckEntry, markChecks } from "./check-marks.ts";
import { entriesWith } from "./governance-reading.ts";

interface Made {
  readonly id: string;
  readonly bed: string;
  readonly by_id: string;
  readonly seen_at: number;
  readonly recorded_at: number;
  readonly late: number;
}

interface Row {
  readonly id: string;
  readonly by_name: string;
  readonly seen_at: number;
  readonly recorded_at: number;
  readonly seen: string;
  readonly retrospective: string | null;
  readonly supersedes: string | null;
}

/** Checks of one stay since then. The marks look at every bed: a round that was never walked shows only there. Reads only. */
export function readChecks(db: Database.Database, stay: string, sinceUtcMs: number): CheckHistory {
  const since = Math.round(sinceUtcMs);
  // Of every bed, and without a word of what was seen: nothing of it is opened.
  const all = db
    .prepare(
      `SELECT made.id, stay.bed, by_id, seen_at, recorded_at, retrospective IS NOT NULL AS late
       FROM main.person_check AS made JOIN stay ON stay.id = made.stay WHERE recorded_at >= ? ORDER BY recorded_at`,
    )
    .all(since) as Made[];
  const marks = markChecks(all.map(entryOf));
  const rows = db
    .prepare("SELECT * FROM person_check WHERE stay = ? AND recorded_at >= ? ORDER BY recorded_at")
    .all(stay, since) as Row[];
  const corrected = new Set(rows.flatMap(({ supersedes }) => supersedes ?? []));
  return {
    entries: rows
      .map((row) => ({
        id: row.id,
        seenUtcMs: row.seen_at,
        recordedUtcMs: row.recorded_at,
        by: row.by_name,
        seen: CheckSeen.parse(JSON.parse(row.seen)),
        retrospective: row.retrospective,
        corrected: corrected.has(row.id),
        corrects: row.supersedes !== null,
        marks: marks.filter(({ entries }) => entries.includes(row.id)).map(({ what }) => what),
      }))
      .toSorted((a, b) => b.seenUtcMs - a.seenUtcMs),
    missed: missedOf(db, stay, sinceUtcMs),
    rates: ratesOf(db, stay, since),
  };
}

const entryOf = (row: Made): CheckEntry => ({
  id: row.id,
  by: row.by_id,
  bed: row.bed,
  recordedUtcMs: row.recorded_at,
  seenUtcMs: row.seen_at,
  retrospective: row.late === 1,
});

function missedOf(db: Database.Database, stay: string, sinceUtcMs: number): CheckHistory["missed"] {
  const missed: CheckHistory["missed"][number][] = [];
  for (const { action, detail } of entriesWith(db, '"action":"check.missed"', sinceUtcMs)) {
    const { fromUtcMs, untilUtcMs, before } = detail;
    if (action !== "check.missed" || detail.stay !== stay) continue;
    if (typeof fromUtcMs !== "number" || typeof untilUtcMs !== "number") continue;
    missed.push({ fromUtcMs, untilUtcMs, before: typeof before === "number" ? before : 0 });
  }
  return missed;
}

function ratesOf(db: Database.Database, stay: string, since: number): CheckHistory["rates"] {
  const rows = db
    .prepare(
      "SELECT at, by_name, per_min, low_per_min, high_per_min FROM accepted_rate WHERE stay = ? AND at >= ? ORDER BY at DESC",
    )
    .all(stay, since) as { at: number; by_name: string; per_min: number; low_per_min: number; high_per_min: number }[];
  return rows.map((row) => ({
    atUtcMs: row.at,
    by: row.by_name,
    perMin: row.per_min,
    lowPerMin: row.low_per_min,
    highPerMin: row.high_per_min,
    news2: news2Breathing(row.low_per_min, row.high_per_min),
  }));
}
