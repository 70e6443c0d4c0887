import type Database from "better-sqlite3";
import { openCheckpoint, readCheckpoint } from "../audit/checkpoint.ts";
import { readEntry } from "../audit/entry.ts";
import { HashList } from "../audit/hash-list.ts";
import { hashesToAppend, leafHash, rootOf, sameHash, storedHashCount, storedHashIndex } from "../audit/merkle.ts";
import type { Vkey } from "../audit/note.ts";
import { StoreError } from "./store-error.ts";

const damaged = (words: string): StoreError => new StoreError("log-damaged", words);

/**
 * Reads the whole log: entries without a gap, each with the hashes stored for it and no others; every checkpoint with
 * the root of that many entries; the newest with its signature (older ones are checked by the export's verifier).
 * Throws StoreError "log-damaged" that names the first place. Holds 64 bytes an entry in memory while it runs.
 */
export function checkStoredLog(db: Database.Database, vkeys: readonly Vkey[]): void {
  const quick: unknown = db.pragma("quick_check(1)", { simple: true });
  if (quick !== "ok") throw new StoreError("damaged", String(quick));
  const tree = new HashList();
  let count = 0;
  for (const row of db.prepare("SELECT idx, data FROM entry ORDER BY idx").iterate()) {
    const { idx, data } = row as { idx: number; data: Uint8Array };
    if (idx !== count) throw damaged(`entry ${count} is missing`);
    for (const hash of hashesToAppend(idx, leafHash(data), tree.read)) tree.push(hash);
    count += 1;
  }
  let at = 0;
  for (const row of db.prepare("SELECT idx, h FROM hash ORDER BY idx").iterate()) {
    const { idx, h } = row as { idx: number; h: Uint8Array };
    if (idx !== at) throw damaged(`stored hash ${at} is missing`);
    if (at >= tree.length)
      throw damaged(`stored hash ${at} belongs to no entry: entries after ${count - 1} are missing`);
    if (!sameHash(h, tree.read(at)))
      throw damaged(`entry ${entryOf(at, count)} does not have the hash that was stored`);
    at += 1;
  }
  if (at !== tree.length) throw damaged(`${storedHashCount(count)} hashes should be stored, and ${at} are`);
  checkLast(db, count);
  let newest: string | undefined;
  for (const row of db.prepare("SELECT size, note FROM checkpoint ORDER BY size").iterate()) {
    const { size, note } = row as { size: number; note: string };
    if (size > count) throw damaged(`${size} entries were signed, and ${count} are here: entry ${count} is missing`);
    const checkpoint = readCheckpoint(note.slice(0, note.indexOf("\n\n") + 1));
    if (checkpoint?.size !== size || !sameHash(checkpoint.root, rootOf(size, tree.read))) {
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
