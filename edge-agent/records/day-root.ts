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
  const before = entriesBefore(ward, beforeUtcMs);
  const found = (ward
    .prepare("SELECT size, note FROM checkpoint WHERE size <= ? ORDER BY size DESC LIMIT 1")
    .get(before) ?? ward.prepare("SELECT size, note FROM checkpoint ORDER BY size LIMIT 1").get()) as
    | { size: number; note: string }
    | undefined;
  if (found === undefined) return null;
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
