import type Database from "better-sqlite3";
import type { AuditEntry } from "../contract/audit-entry.ts";
import type { AuditLine, AuditPeriod } from "../contract/ward-audit.ts";
import { ends } from "./ward-audit-people.ts";

const hourMs = 3_600_000;

interface Stay {
  readonly id: string;
  readonly bed: string;
  readonly fromUtcMs: number;
  readonly untilUtcMs: number;
}

/**
 * Of the hours for which people were there: those sensed, those in which the sensor was lost although it was allowed, and those in
 * which nothing was allowed (never asked, said no, paused, over, or outside the agreed hours).
 */
export function sensingLines(db: Database.Database, period: AuditPeriod): AuditLine[] {
  const stays = db
    .prepare(
      `SELECT id, bed, started_at AS fromUtcMs, coalesce(ended_at, :until) AS untilUtcMs FROM stay
       WHERE demonstration = 0 AND started_at < :until AND coalesce(ended_at, :until) > :from`,
    )
    .all(ends(period)) as Stay[];
  const told = changesOf(db, period.untilUtcMs);
  let [there, sensed, lost] = [0, 0, 0];
  for (const stay of stays) {
    const [from, until] = [Math.max(period.fromUtcMs, stay.fromUtcMs), Math.min(period.untilUtcMs, stay.untilUtcMs)];
    there += Math.max(0, until - from);
    let [leased, isLost, since] = [false, false, stay.fromUtcMs];
    const pass = (atUtcMs: number): void => {
      const ms = Math.max(0, Math.min(atUtcMs, until) - Math.max(since, from));
      if (leased && isLost) lost += ms;
      else if (leased) sensed += ms;
      since = atUtcMs;
    };
    for (const { action, atUtcMs, sensor } of told.get(stay.bed) ?? []) {
      if (atUtcMs < stay.fromUtcMs || atUtcMs >= stay.untilUtcMs) continue;
      pass(atUtcMs);
      if (action === "lease.start") leased = true;
      else if (action === "lease.end") leased = false;
      else isLost = sensor === "lost";
    }
    pass(until);
  }
  const line = (figure: string, ms: number): AuditLine => ({
    part: "sensing",
    figure,
    group: null,
    value: ms / hourMs,
    unit: "hours",
    of: there / hourMs,
    ofWhat: "hours",
  });
  return [line("sensed", sensed), line("sensor-lost", lost), line("not-allowed", there - sensed - lost)];
}

interface Change {
  readonly action: string;
  readonly atUtcMs: number;
  readonly sensor: unknown;
}

/** Of each bed, from the beginning of the log: a lease that began long ago may still hold. */
function changesOf(db: Database.Database, untilUtcMs: number): Map<string, Change[]> {
  const found = new Map<string, Change[]>();
  const rows = db
    .prepare(
      `SELECT data FROM entry WHERE instr(plain, CAST('"action":"lease.' AS BLOB)) > 0
         OR instr(plain, CAST('"action":"sensor.state"' AS BLOB)) > 0 ORDER BY idx`,
    )
    .pluck()
    .iterate() as Iterable<Buffer>;
  for (const data of rows) {
    const { t, action, detail } = JSON.parse(data.toString()) as AuditEntry;
    const atUtcMs = Date.parse(t);
    if (atUtcMs >= untilUtcMs || typeof detail.bed !== "string") continue;
    const ofBed = found.get(detail.bed) ?? [];
    found.set(detail.bed, ofBed);
    ofBed.push({ action, atUtcMs, sensor: detail.sensor });
  }
  return found;
}
