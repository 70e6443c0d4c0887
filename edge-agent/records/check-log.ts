import type Database from "better-sqlite3";
import { openCheckpoint, readCheckpoint } from "../audit/checkpoint.ts";
import { readEntry } from "../audit/entry.ts";
import { HashList } from "../audit/hash-list.ts";
import {
  type HashReader,
  hashesToAppend,
  leafHash,
  rootOf,
  sameHash,
  storedHashCount,
  storedHashIndex,
} from "../audit/merkle.ts";
import type { Vkey } from "../audit/note.ts";
import { StoreError } from "./store-error.ts";

const damaged = (words: string): StoreError => new StoreError("log-damaged", words);

/**
 * The entries at the end that a start reads. All of them would take a log of years minutes, while nobody is watched over; the
 * full verification goes on beside the ward and is shown (watched-log.ts).
 */
export const tailEntries = 10_000;

/**
 * Reads the end of the log: entries without a gap, each with the hashes stored for it and no others; their checkpoints with the
 * root of that many entries; the newest with its signature, whose root stands on the stored hashes of all that comes before.
 * Throws StoreError "log-damaged" that names the first place.
 */
export function checkStoredLog(db: Database.Database, vkeys: readonly Vkey[], tail = tailEntries): void {
  const quick: unknown = db.pragma("quick_check(1)", { simple: true });
  if (quick !== "ok") throw new StoreError("damaged", String(quick));
  const end = db.prepare("SELECT coalesce(max(idx) + 1, 0) FROM entry").pluck().get() as number;
  const from = Math.max(0, end - tail);
  const base = storedHashCount(from);
  const fresh = new HashList();
  const stored = db.prepare("SELECT h FROM hash WHERE idx = ?").pluck();
  const read: HashReader = (index) => {
    if (index >= base) return fresh.read(index - base);
    const hash: unknown = stored.get(index);
    if (!(hash instanceof Uint8Array)) throw damaged(`stored hash ${index} is missing`);
    return hash;
  };
  let count = from;
  for (const row of db.prepare("SELECT idx, hashed AS data FROM entry WHERE idx >= ? ORDER BY idx").iterate(from)) {
    const { idx, data } = row as { idx: number; data: Uint8Array };
    if (idx !== count) throw damaged(`entry ${count} is missing`);
    for (const hash of hashesToAppend(idx, leafHash(data), read)) fresh.push(hash);
    count += 1;
  }
  const hashes = base + fresh.length;
  let at = base;
  for (const row of db.prepare("SELECT idx, h FROM hash WHERE idx >= ? ORDER BY idx").iterate(base)) {
    const { idx, h } = row as { idx: number; h: Uint8Array };
    if (idx !== at) throw damaged(`stored hash ${at} is missing`);
    if (at >= hashes) throw damaged(`stored hash ${at} belongs to no entry: entries after ${count - 1} are missing`);
    if (!sameHash(h, read(at))) throw damaged(`entry ${entryOf(at, count)} does not have the hash that was stored`);
    at += 1;
  }
  if (at !== hashes) throw damaged(`${storedHashCount(count)} hashes should be stored, and ${at} are`);
  checkLast(db, count);
  let newest: string | undefined;
  const checkpoints = db.prepare(
    "SELECT size, note FROM checkpoint WHERE size >= min(?, (SELECT max(size) FROM checkpoint)) ORDER BY size",
  );
  for (const row of checkpoints.all(from)) {
    const { size, note } = row as { size: number; note: string };
    if (size > count) throw damaged(`${size} entries were signed, and ${count} are here: entry ${count} is missing`);
    const checkpoint = readCheckpoint(note.slice(0, note.indexOf("\n\n") + 1));
    if (checkpoint?.size !== size || !sameHash(checkpoint.root, rootOf(size, read))) {
      throw damaged(`the checkpoint of ${size} entries is not that of the entries up to ${size - 1}`);
    }
    newest = note;
  }
  const opened = newest === undefined ? undefined : openCheckpoint(newest, vkeys);
  if (opened?.ok === false) throw damaged(`the newest checkpoint is not signed by ${vkeys[0]?.name}: ${opened.why}`);
}

/** The next entry is stamped after the last one, so that one has to be readable and be itself. */
function checkLast(db: Database.Database, count: number): void {
  if (count === 0) return;
  const data: unknown = db
    .prepare("SELECT data FROM entry WHERE idx = ?")
    .pluck()
    .get(count - 1);
  const read = data instanceof Uint8Array ? readEntry(data) : undefined;
  if (read?.ok !== true || read.entry.seq !== count - 1)
    throw damaged(`entry ${count - 1} is not an entry of its number`);
}

/** The entry with which the stored hash at this index was written. */
function entryOf(storedIndex: number, count: number): number {
  let [low, high] = [0, count - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (storedHashIndex(0, middle) <= storedIndex) low = middle;
    else high = middle - 1;
  }
  return low;
}
