import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type Database from "better-sqlite3";
import { toBase64 } from "../audit/base64.ts";
import { canonical } from "../audit/canonical.ts";
import { asStoreError, StoreError } from "./store-error.ts";

/*
 * An export is a folder that a verifier needs nothing else for but the public key:
 *
 *   entries.jsonl    each entry's bytes as they were hashed, one a line (JCS has no line feed)
 *   hashes.txt       the stored hashes in the order of their index, base64, one a line: they name the entry that was changed
 *   checkpoints.txt  the signed notes, a line "=====" before each
 *   vkey.txt         the key that the database says it is: to be compared, not to be believed
 *   phi.jsonl        only with personal data: {"phi":...,"salt":base64,"seq":n}, one a line
 */
export const exportFiles = {
  entries: "entries.jsonl",
  hashes: "hashes.txt",
  checkpoints: "checkpoints.txt",
  vkey: "vkey.txt",
  phi: "phi.jsonl",
} as const;

/** No origin is this, and no line of a note begins so. */
export const checkpointSeparator = "=====";

export interface ExportedLog {
  readonly origin: string;
  readonly entries: number;
  readonly checkpoints: number;
}

/**
 * Writes the log of an open database into a new folder, as of one moment, while a writer may go on. A power cut leaves
 * a folder whose vkey.txt, written last, is missing. Throws StoreError: "refused" where there is an export already.
 */
export function exportLog(
  db: Database.Database,
  dir: string,
  options: { readonly personalData: "left-out" | "included" },
): ExportedLog {
  return asStoreError("cannot export the log", () => {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    if (existsSync(join(dir, exportFiles.entries))) throw new StoreError("refused", `${dir} holds an export already`);
    return db.transaction(() => {
      const identity = db.prepare("SELECT origin, vkey FROM log_identity").get() as
        | { origin: string; vkey: string }
        | undefined;
      if (identity === undefined) throw new StoreError("log-damaged", "the database does not say whose log it is");
      const entries = writeLines(
        join(dir, exportFiles.entries),
        rows(db, "SELECT data FROM entry ORDER BY idx"),
        textOf,
      );
      writeLines(join(dir, exportFiles.hashes), rows(db, "SELECT h FROM hash ORDER BY idx"), (h) =>
        toBase64(bytesOf(h)),
      );
      const checkpoints = writeLines(
        join(dir, exportFiles.checkpoints),
        rows(db, "SELECT note FROM checkpoint ORDER BY size"),
        (note) => `${checkpointSeparator}\n${String(note).replace(/\n$/, "")}`,
      );
      if (options.personalData === "included") {
        writeLines(join(dir, exportFiles.phi), rows(db, "SELECT seq, salt, blob FROM phi ORDER BY seq"), phiLine);
      }
      writeLines(join(dir, exportFiles.vkey), [identity.vkey], String);
      return { origin: identity.origin, entries, checkpoints };
    })();
  });
}

function* rows(db: Database.Database, sql: string): Iterable<unknown> {
  const statement = db.prepare(sql);
  yield* statement.columns().length === 1 ? statement.pluck().iterate() : statement.iterate();
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
