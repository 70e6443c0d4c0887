import type Database from "better-sqlite3";
import { readEntry } from "../audit/entry.ts";
import type { AuditEntry } from "../contract/audit-entry.ts";
import type { KillTimes } from "../contract/consent-history.ts";

/* What the logs and the ward database tell a governance lead. Reads only; long, so never in the thread of the live feed. */

/** Entries whose bytes hold this text, the newest first, until one is older than the moment. */
export function* entriesWith(db: Database.Database, text: string, sinceUtcMs: number): Generator<AuditEntry> {
  const rows = db
    .prepare("SELECT data FROM entry WHERE instr(plain, CAST(? AS BLOB)) > 0 ORDER BY idx DESC")
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
/** A page whose end is not in the log is open now, or its screen died: it counts as open for so long at most. */
const unclosedMsMax = 60 * 60_000;

/** Of one member of staff at one bed; `looked`: begun in the time that is asked about. */
interface Open {
  readonly fromMs: number;
  readonly toMs: number;
  readonly looked: boolean;
}

/**
 * How often staff looked at the pages of this bed since then, as the dashboard's own log says. One visit counts once, however
 * many pages it opens, and however long one of them stays open.
 */
export function countOpenings(dashboard: Database.Database, bed: string, sinceUtcMs: number): number {
  const opens = new Map<string, Open[]>();
  const closed = new Set<unknown>();
  for (const { action, actor, outcome, detail, t } of entriesWith(dashboard, `"bed":"${bed}"`, sinceUtcMs)) {
    if (actor.kind !== "staff" || outcome !== 0 || detail.bed !== bed) continue;
    const at = Date.parse(t);
    const theirs = opens.get(actor.id) ?? [];
    opens.set(actor.id, theirs);
    // The newest comes first: an end before its beginning.
    if (action === "page.close" && typeof detail.openMs === "number") {
      closed.add(detail.opening);
      theirs.push({ fromMs: at - detail.openMs, toMs: at, looked: false });
    } else if (action === "page.open") {
      const stillOpen = detail.opening !== undefined && !closed.has(detail.opening);
      theirs.push({ fromMs: at, toMs: stillOpen ? at + unclosedMsMax : at, looked: true });
    }
  }
  return [...opens.values()].reduce((sum, theirs) => sum + visitsIn(theirs), 0);
}

function visitsIn(opens: readonly Open[]): number {
  let visits = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  let counted = false;
  for (const { fromMs, toMs, looked } of [...opens].sort((a, b) => a.fromMs - b.fromMs)) {
    if (fromMs - untilMs > sameLookMs) counted = false;
    untilMs = Math.max(untilMs, toMs);
    if (looked && !counted) visits += 1;
    counted ||= looked;
  }
  return visits;
}
