import type Database from "better-sqlite3";
import { toBase64 } from "../audit/base64.ts";
import type { HashReader } from "../audit/merkle.ts";
import { storedHashCount } from "../audit/merkle.ts";
import { consistencyProof } from "../audit/proof.ts";
import type { LogExport, PersonalRow } from "../audit/verify.ts";
import { writeRequest } from "../audit/witness.ts";
import { StoreError } from "./store-error.ts";

/* A log as another process reads it from its database, up to its newest checkpoint. Reads only. */

export interface NewestCheckpoint {
  readonly size: number;
  readonly note: string;
}

/** Undefined while nothing is signed. */
export const newestCheckpoint = (db: Database.Database): NewestCheckpoint | undefined =>
  db.prepare("SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1").get() as NewestCheckpoint | undefined;

/** What a witness that knows the first `old` entries is sent (c2sp.org/tlog-witness, add-checkpoint). */
export function requestFrom(db: Database.Database, old: number, { size, note }: NewestCheckpoint): string {
  return writeRequest(old, old === 0 || old === size ? [] : consistencyProof(old, size, hashesOf(db)), note);
}

export function hashesOf(db: Database.Database): HashReader {
  const statement = db.prepare("SELECT h FROM hash WHERE idx = ?").pluck();
  return (index) => {
    const hash: unknown = statement.get(index);
    if (!(hash instanceof Uint8Array)) throw new StoreError("log-damaged", `stored hash ${index} is missing`);
    return new Uint8Array(hash);
  };
}

/** The log for the verifier, without its files being written first. Read inside one transaction. */
export function readStoredLog(db: Database.Database): LogExport {
  const signed = newestCheckpoint(db)?.size ?? 0;
  const all = (sql: string, below: number) => db.prepare(sql).pluck().iterate(below);
  return {
    entries: bytesOf(all("SELECT hashed FROM entry WHERE idx < ? ORDER BY idx", signed)),
    storedHashes: textOf(all("SELECT h FROM hash WHERE idx < ? ORDER BY idx", storedHashCount(signed))),
    checkpoints: db.prepare("SELECT note FROM checkpoint ORDER BY size").pluck().all() as string[],
    phi: personalRows(db, signed),
  };
}

function* bytesOf(rows: Iterable<unknown>): Iterable<Uint8Array> {
  for (const row of rows) yield row instanceof Uint8Array ? new Uint8Array(row) : new Uint8Array(0);
}

function* textOf(rows: Iterable<unknown>): Iterable<string> {
  for (const row of bytesOf(rows)) yield toBase64(row);
}

function* personalRows(db: Database.Database, below: number): Iterable<PersonalRow> {
  const rows = db.prepare("SELECT seq, salt, blob FROM phi WHERE seq < ? ORDER BY seq").iterate(below);
  for (const row of rows) {
    const { seq, salt, blob } = row as { seq: number; salt: Uint8Array; blob: Uint8Array };
    yield { seq, salt: new Uint8Array(salt), phi: parsed(blob) };
  }
}

/** What is no JSON is not what was committed to, and the verifier says so. */
function parsed(blob: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(blob).toString("utf8"));
  } catch {
    return undefined;
  }
}
