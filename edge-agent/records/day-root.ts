import type Database from "better-sqlite3";
import { readCheckpoint } from "../audit/checkpoint.ts";
import { readEntry } from "../audit/entry.ts";
import type { DayRoot } from "../contract/who-looked.ts";
import { StoreError } from "./store-error.ts";

/**
 * The newest checkpoint all of whose entries were written before a moment (midnight); where there is none yet, the
 * first one. Null for a log that nothing signs yet. Throws StoreError "log-damaged".
 */
export function readDayRoot(ward: Database.Database, beforeUtcMs: number): DayRoot | null {
  const first = "SELECT size, note FROM checkpoint ORDER BY size LIMIT 1";
  const found = newestBefore(ward, beforeUtcMs) ?? (ward.prepare(first).get() as Signed | undefined);
  return found === undefined ? null : rootOf(ward, found);
}

/** As `readDayRoot`, and null where nothing was signed before that moment. */
export function readRootBefore(log: Database.Database, beforeUtcMs: number): DayRoot | null {
  const found = newestBefore(log, beforeUtcMs);
  return found === undefined ? null : rootOf(log, found);
}

interface Signed {
  readonly size: number;
  readonly note: string;
}

function newestBefore(log: Database.Database, beforeUtcMs: number): Signed | undefined {
  const newest = "SELECT size, note FROM checkpoint WHERE size > 0 AND size <= ? ORDER BY size DESC LIMIT 1";
  return log.prepare(newest).get(entriesBefore(log, beforeUtcMs)) as Signed | undefined;
}

function rootOf(ward: Database.Database, found: Signed): DayRoot {
  // c2sp.org/signed-note: the text ends before an empty line; the signatures follow it.
  const checkpoint = readCheckpoint(found.note.slice(0, found.note.indexOf("\n\n") + 1));
  if (checkpoint === undefined) throw new StoreError("log-damaged", `the checkpoint of ${found.size} entries is none`);
  return {
    rootSha256: Buffer.from(checkpoint.root).toString("hex"),
    entries: found.size,
    note: found.note,
    lastEntryUtcMs: timeOf(ward, found.size - 1),
  };
}

/** Times in the log never go back by more than a clock step tells, so that a search by halves finds the place. */
function entriesBefore(ward: Database.Database, beforeUtcMs: number): number {
  let low = 0;
  let high = Number(ward.prepare("SELECT coalesce(max(idx) + 1, 0) FROM entry").pluck().get());
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (timeOf(ward, middle) < beforeUtcMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function timeOf(ward: Database.Database, index: number): number {
  const data: unknown = ward.prepare("SELECT data FROM entry WHERE idx = ?").pluck().get(index);
  const read = data instanceof Uint8Array ? readEntry(new Uint8Array(data)) : undefined;
  if (read?.ok !== true) throw new StoreError("log-damaged", `entry ${index} cannot be read`);
  return Date.parse(read.entry.t);
}
