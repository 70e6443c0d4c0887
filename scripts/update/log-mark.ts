import { existsSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "../../edge-agent/audit/checkpoint.ts";
import { readEntry } from "../../edge-agent/audit/entry.ts";
import { emptyRoot, leafHash, nodeHash, sameHash } from "../../edge-agent/audit/merkle.ts";
import { currentKey } from "../../edge-agent/records/key-rotation.ts";
import { openForReading } from "../../edge-agent/records/open.ts";
import { newestCheckpoint } from "../../edge-agent/records/stored-log.ts";
import type { LogMark } from "./journal.ts";

/* Whether an audit log goes on from where it was: told from its entries alone, not from the hashes that are stored beside them. */

/** Databases with a log. */
const logs = ["ward.sqlite", "dashboard.sqlite"] as const;

/** Of the first n entries, for each n that is asked for and not beyond the end; and of all. */
function rootsOf(
  entries: Iterable<Uint8Array>,
  wanted: ReadonlySet<number>,
): { size: number; at: Map<number, Uint8Array> } {
  const peaks: Uint8Array[] = [];
  const at = new Map<number, Uint8Array>();
  const root = (): Uint8Array =>
    peaks.length === 0 ? emptyRoot : peaks.reduceRight((right, left) => nodeHash(left, right));
  let size = 0;
  if (wanted.has(0)) at.set(0, root());
  for (const entry of entries) {
    let hash = leafHash(entry);
    // RFC 9162 2.1.2: as many whole subtrees end here as the number has ones at its end.
    for (let n = size; n % 2 === 1; n = (n - 1) / 2) hash = nodeHash(peaks.pop() ?? emptyRoot, hash);
    peaks.push(hash);
    size += 1;
    if (wanted.has(size)) at.set(size, root());
  }
  at.set(size, root());
  return { size, at };
}

function* hashedEntries(rows: Iterable<unknown>): Iterable<Uint8Array> {
  for (const row of rows) yield row instanceof Uint8Array ? new Uint8Array(row) : new Uint8Array(0);
}

/** Of each log of a data folder. Throws StoreError. */
export function markLogs(dataDir: string): Record<string, LogMark> {
  return Object.fromEntries(
    logs
      .filter((name) => existsSync(join(dataDir, name)))
      .map((name) => {
        const db = openForReading(join(dataDir, name));
        try {
          const { size, at } = rootsOf(
            hashedEntries(db.prepare("SELECT hashed FROM entry ORDER BY idx").pluck().iterate()),
            new Set(),
          );
          return [name, { size, root: Buffer.from(at.get(size) ?? emptyRoot).toString("base64") }];
        } finally {
          db.close();
        }
      }),
  );
}

/**
 * What is wrong with a log since it was marked, in words; none: every entry of then is as it was, later ones follow, and its newest
 * checkpoint is signed by this station and true. Throws StoreError.
 */
export function logFaults(dataDir: string, marks: Readonly<Record<string, LogMark>>): string[] {
  return Object.entries(marks).flatMap(([name, mark]) => {
    const db = openForReading(join(dataDir, name));
    try {
      const newest = newestCheckpoint(db);
      const wanted = new Set([mark.size, newest?.size ?? mark.size]);
      const { size, at } = db.transaction(() =>
        rootsOf(hashedEntries(db.prepare("SELECT hashed FROM entry ORDER BY idx").pluck().iterate()), wanted),
      )();
      if (size < mark.size) return [`${name}: ${mark.size - size} entries of the audit log are missing`];
      const then = at.get(mark.size);
      if (then === undefined || Buffer.from(then).toString("base64") !== mark.root)
        return [`${name}: entries of the audit log are not what they were before the update`];
      return newest === undefined ? [] : checkpointFaults(name, newest, at, dataDir);
    } finally {
      db.close();
    }
  });
}

function checkpointFaults(
  name: string,
  { size, note }: { readonly size: number; readonly note: string },
  at: ReadonlyMap<number, Uint8Array>,
  dataDir: string,
): string[] {
  const opened = openCheckpoint(note, [currentKey(join(dataDir, name))]);
  if (!opened.ok) return [`${name}: the newest checkpoint is not signed with the key of this log (${opened.why})`];
  const root = at.get(size);
  const same = opened.checkpoint.size === size && root !== undefined && sameHash(root, opened.checkpoint.root);
  return same ? [] : [`${name}: the newest checkpoint was signed for other entries`];
}

/** Actions of the entries that the ward's log got since then. Throws StoreError. */
export function actionsSince(dataDir: string, size: number): string[] {
  const db = openForReading(join(dataDir, "ward.sqlite"));
  try {
    const rows = db.prepare("SELECT data FROM entry WHERE idx >= ? ORDER BY idx").pluck().all(size) as Uint8Array[];
    return rows.map((row) => {
      const read = readEntry(new Uint8Array(row));
      return read.ok ? read.entry.action : "unreadable";
    });
  } finally {
    db.close();
  }
}
