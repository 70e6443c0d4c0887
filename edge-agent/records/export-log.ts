import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type Database from "better-sqlite3";
import { toBase64 } from "../audit/base64.ts";
import { canonical } from "../audit/canonical.ts";
import { storedHashCount } from "../audit/merkle.ts";
import { entryBundle, hashTiles, type Tile, tileWidth } from "../audit/tiles.ts";
import { checkpointSeparator, exportFiles } from "./export-files.ts";
import { openForReading } from "./open.ts";
import { asStoreError, StoreError } from "./store-error.ts";
import { readCosignatures } from "./watch-store.ts";

export interface ExportedLog {
  readonly origin: string;
  readonly entries: number;
  readonly checkpoints: number;
  /** Newer entries that no checkpoint covers yet, and that were left out. */
  readonly unsigned: number;
}

export interface ExportOptions {
  readonly personalData: "left-out" | "included";
  /** Also as tiles, below tile/ (c2sp.org/tlog-tiles). */
  readonly tiles?: boolean;
}

/**
 * Writes the log of a database into a new folder, up to its newest checkpoint, as of one moment, while a writer may go
 * on. A power cut leaves a folder whose vkey.txt, written last, is missing. Throws StoreError: "refused" where there is
 * an export already, or where nothing is signed yet.
 */
export function exportLog(path: string, dir: string, options: ExportOptions): ExportedLog {
  const db = openForReading(path);
  try {
    // One transaction: entries, hashes and checkpoints are those of one moment.
    const cosignatures = readCosignatures(path);
    return asStoreError("cannot export the log", () =>
      db.transaction(() => writeExport(db, dir, options, cosignatures))(),
    );
  } finally {
    db.close();
  }
}

function writeExport(
  db: Database.Database,
  dir: string,
  options: ExportOptions,
  cosignatures: ReadonlyMap<number, readonly string[]>,
): ExportedLog {
  const identity = db.prepare("SELECT origin, vkey FROM log_identity").get() as
    | { origin: string; vkey: string }
    | undefined;
  if (identity === undefined) throw new StoreError("log-damaged", "the database does not say whose log it is");
  const { size, signed } = db
    .prepare(
      `SELECT (SELECT coalesce(max(idx) + 1, 0) FROM entry) AS size,
              (SELECT coalesce(max(size), 0) FROM checkpoint) AS signed`,
    )
    .get() as { size: number; signed: number };
  if (signed === 0) {
    throw new StoreError("refused", "nothing of this log is signed yet: a running ward signs within a second");
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (existsSync(join(dir, exportFiles.entries))) throw new StoreError("refused", `${dir} holds an export already`);
  writeLines(
    join(dir, exportFiles.entries),
    rows(db, "SELECT data FROM entry WHERE idx < ? ORDER BY idx", signed),
    textOf,
  );
  writeLines(
    join(dir, exportFiles.hashes),
    rows(db, "SELECT h FROM hash WHERE idx < ? ORDER BY idx", storedHashCount(signed)),
    (h) => toBase64(bytesOf(h)),
  );
  const checkpoints = writeLines(
    join(dir, exportFiles.checkpoints),
    rows(db, "SELECT size, note FROM checkpoint WHERE size <= ? ORDER BY size", signed),
    (row) => {
      const { size, note } = row as { size: number; note: string };
      return `${checkpointSeparator}\n${[note, ...(cosignatures.get(size) ?? [])].join("").replace(/\n$/, "")}`;
    },
  );
  if (options.personalData === "included") {
    const sql = "SELECT seq, salt, blob FROM phi WHERE seq < ? ORDER BY seq";
    writeLines(join(dir, exportFiles.phi), rows(db, sql, signed), phiLine);
  }
  if (options.tiles === true) writeTiles(db, dir, signed);
  writeLines(join(dir, exportFiles.vkey), [identity.vkey], String);
  return {
    origin: identity.origin,
    entries: Math.min(size, signed),
    checkpoints,
    unsigned: Math.max(0, size - signed),
  };
}

function writeTiles(db: Database.Database, dir: string, signed: number): void {
  const hash = db.prepare("SELECT h FROM hash WHERE idx = ?").pluck();
  const write = ({ path, bytes }: Tile): void => {
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, bytes, { flag: "wx", mode: 0o600, flush: true });
  };
  for (const tile of hashTiles(signed, (index) => bytesOf(hash.get(index)))) write(tile);
  let bundle: Uint8Array[] = [];
  let written = 0;
  for (const data of rows(db, "SELECT data FROM entry WHERE idx < ? ORDER BY idx", signed)) {
    bundle.push(bytesOf(data));
    if (bundle.length < tileWidth) continue;
    write(entryBundle(written++, bundle));
    bundle = [];
  }
  if (bundle.length > 0) write(entryBundle(written, bundle));
}

function* rows(db: Database.Database, sql: string, below: number): Iterable<unknown> {
  const statement = db.prepare(sql);
  yield* statement.columns().length === 1 ? statement.pluck().iterate(below) : statement.iterate(below);
}

function phiLine(row: unknown): string {
  const { seq, salt, blob } = row as { seq: number; salt: Uint8Array; blob: Uint8Array };
  const phi: unknown = JSON.parse(textOf(blob));
  return canonical({ seq, salt: toBase64(salt), phi });
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new StoreError("damaged", "a column that should hold bytes does not");
}

const textOf = (value: unknown): string => Buffer.from(bytesOf(value)).toString("utf8");

/** Returns the number of items written; each may be more than one line. On the disk when it returns. */
function writeLines(path: string, items: Iterable<unknown>, lineOf: (item: unknown) => string): number {
  const file = openSync(path, "wx", 0o600);
  try {
    let count = 0;
    let waiting: string[] = [];
    for (const item of items) {
      waiting.push(`${lineOf(item)}\n`);
      count += 1;
      if (waiting.length < 500) continue;
      writeSync(file, waiting.join(""));
      waiting = [];
    }
    if (waiting.length > 0) writeSync(file, waiting.join(""));
    fsyncSync(file);
    return count;
  } finally {
    closeSync(file);
  }
}
