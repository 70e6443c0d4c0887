import type Database from "better-sqlite3";
import { openCheckpoint } from "../audit/checkpoint.ts";
import { leafHash, rootOf, sameHash, storedHashIndex } from "../audit/merkle.ts";
import { readVkey } from "../audit/note.ts";
import type { AuditEntry } from "../contract/audit-entry.ts";
import type { AuditPeriod } from "../contract/ward-audit.ts";
import { StoreError } from "./store-error.ts";

/** A clock that steps back puts entries before their time; so far on both sides of a period they are looked for. */
const stepMs = 3_600_000;

export interface AuditedEntry {
  readonly seq: number;
  readonly atUtcMs: number;
  readonly action: string;
  readonly actor: AuditEntry["actor"];
  readonly outcome: number;
  readonly detail: AuditEntry["detail"];
}

/** Entries of a period in the order of the log. Throws StoreError "log-damaged" for one that cannot be read. */
export function* entriesIn(db: Database.Database, period: AuditPeriod): Generator<AuditedEntry> {
  const first = entriesBefore(db, period.fromUtcMs - stepMs);
  // A report counts, and names nobody.
  const rows = db.prepare("SELECT idx, plain FROM entry WHERE idx >= ? ORDER BY idx").iterate(first);
  for (const row of rows as Iterable<{ idx: number; plain: Buffer }>) {
    const { t, action, actor, outcome, detail } = bytesOf(row.idx, row.plain);
    const atUtcMs = Date.parse(t);
    if (atUtcMs >= period.untilUtcMs + stepMs) return;
    if (atUtcMs < period.fromUtcMs || atUtcMs >= period.untilUtcMs) continue;
    yield { seq: row.idx, atUtcMs, action, actor, outcome, detail };
  }
}

export interface LogCheck {
  readonly entries: number;
  /** Whose bytes are not those that were hashed when they were written. */
  readonly changed: number;
  /** Written with an earlier time than the one before. */
  readonly backwards: number;
  readonly checkpoints: number;
  /** Of those: signed by the log's own key, over the root that the stored hashes give. */
  readonly sound: number;
}

/**
 * What this database says of itself for the entries of a period. Whoever owns the disk and the key can make both agree: only an
 * export that is held elsewhere, and a witness, show that.
 */
export function checkLog(db: Database.Database, period: AuditPeriod): LogCheck {
  const readHash = db.prepare("SELECT h FROM hash WHERE idx = ?").pluck();
  const stored = (index: number): Uint8Array => {
    const hash: unknown = readHash.get(index);
    if (!(hash instanceof Uint8Array)) throw new StoreError("log-damaged", `hash ${index} is not there`);
    return new Uint8Array(hash);
  };
  const [first, last] = [entriesBefore(db, period.fromUtcMs), entriesBefore(db, period.untilUtcMs)];
  let [changed, backwards, before] = [0, 0, Number.NEGATIVE_INFINITY];
  const rows = db
    .prepare("SELECT idx, hashed AS data FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx")
    .iterate(first, last);
  for (const { idx, data } of rows as Iterable<{ idx: number; data: Buffer }>) {
    if (!sameHash(leafHash(new Uint8Array(data)), stored(storedHashIndex(0, idx)))) changed += 1;
    const at = Date.parse(bytesOf(idx, data).t);
    if (at < before) backwards += 1;
    before = at;
  }
  const vkey = readVkey(String(db.prepare("SELECT vkey FROM log_identity").pluck().get() ?? ""));
  // The first that covers each end of the period and the newest within it: between two of them nothing can have gone.
  const notes = db
    .prepare(
      `SELECT note FROM checkpoint WHERE size IN (
         (SELECT min(size) FROM checkpoint WHERE size >= :first), (SELECT min(size) FROM checkpoint WHERE size >= :last),
         (SELECT max(size) FROM checkpoint WHERE size <= :last))`,
    )
    .pluck()
    .all({ first, last }) as string[];
  const sound = notes.filter((note) => {
    const opened = openCheckpoint(note, vkey === undefined ? [] : [vkey]);
    return opened.ok && sameHash(opened.checkpoint.root, rootOf(opened.checkpoint.size, stored));
  });
  return { entries: last - first, changed, backwards, checkpoints: notes.length, sound: sound.length };
}

/** Times in the log never go back by more than a clock step tells, so that a search by halves finds the place. */
function entriesBefore(db: Database.Database, utcMs: number): number {
  const read = db.prepare("SELECT plain FROM entry WHERE idx = ?").pluck();
  let low = 0;
  let high = Number(db.prepare("SELECT coalesce(max(idx) + 1, 0) FROM entry").pluck().get());
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (Date.parse(bytesOf(middle, read.get(middle)).t) < utcMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Its form was checked when it was written, and its hash is checked beside this: a month of entries is read in a moment. */
function bytesOf(index: number, data: unknown): AuditEntry {
  try {
    const entry = JSON.parse((data as Buffer).toString()) as AuditEntry;
    if (typeof entry.t === "string" && typeof entry.action === "string" && typeof entry.detail === "object")
      return entry;
  } catch {
    // told below
  }
  throw new StoreError("log-damaged", `entry ${index} cannot be read`);
}
