import type Database from "better-sqlite3";
import { readEntry } from "../audit/entry.ts";
import type { AuditEntry } from "../contract/audit-entry.ts";
import type { Feedback, KillTimes } from "../contract/consent-history.ts";

/* What the logs and the ward database tell a governance lead. Reads only; long, so never in the thread of the live feed. */

const feedbackMax = 200;

/** Entries whose bytes hold this text, the newest first, until one is older than the moment. */
export function* entriesWith(db: Database.Database, text: string, sinceUtcMs: number): Generator<AuditEntry> {
  const rows = db
    .prepare("SELECT data FROM entry WHERE instr(data, CAST(? AS BLOB)) > 0 ORDER BY idx DESC")
    .pluck()
    .iterate(text);
  for (const data of rows) {
    const read = data instanceof Uint8Array ? readEntry(new Uint8Array(data)) : undefined;
    if (read?.ok !== true) continue;
    if (Date.parse(read.entry.t) < sinceUtcMs) return;
    yield read.entry;
  }
}

/** How long each stop took, from the touch to the last accepted sample, as the entries of withdrawals, refusals and pauses say. */
export function readKillTimes(ward: Database.Database, sinceUtcMs: number): KillTimes {
  const took: number[] = [];
  for (const { action, detail } of entriesWith(ward, '"touchToStopMs"', sinceUtcMs)) {
    const { touchToStopMs } = detail;
    if (/^consent\.(withdraw|refuse|pause)$/.test(action) && typeof touchToStopMs === "number")
      took.push(touchToStopMs);
  }
  took.sort((a, b) => a - b);
  return {
    sinceUtcMs,
    stops: took.length,
    p50Ms: quantile(took, 0.5),
    p99Ms: quantile(took, 0.99),
    longestMs: took.at(-1) ?? null,
  };
}

/** The nearest rank, so that a quantile is a stop that happened. @param sorted ascending. */
export function quantile(sorted: readonly number[], part: number): number | null {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? null;
}

/** Pages that one person opens within this time of one another are one look. */
const sameLookMs = 5 * 60_000;

/** How often staff looked at the pages of this bed since then, as the dashboard's own log says. */
export function countOpenings(dashboard: Database.Database, bed: string, sinceUtcMs: number): number {
  const last = new Map<string, number>();
  let looks = 0;
  for (const { action, actor, outcome, detail, t } of entriesWith(dashboard, `"bed":"${bed}"`, sinceUtcMs)) {
    if (action !== "page.open" || actor.kind !== "staff" || outcome !== 0 || detail.bed !== bed) continue;
    const at = Date.parse(t);
    // The newest comes first.
    if ((last.get(actor.id) ?? Number.POSITIVE_INFINITY) - at > sameLookMs) looks += 1;
    last.set(actor.id, at);
  }
  return looks;
}

/** The newest first. */
export function readFeedback(ward: Database.Database): Feedback[] {
  return ward
    .prepare("SELECT at AS atUtcMs, about, feels, words FROM feedback ORDER BY number DESC LIMIT ?")
    .all(feedbackMax) as Feedback[];
}
