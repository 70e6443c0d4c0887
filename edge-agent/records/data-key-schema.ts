import type Database from "better-sqlite3";
import type { DataKeys } from "./data-keys.ts";
import type { Migrations } from "./migrations.ts";
import { resealBatch, resealedTables } from "./reseal.ts";
import { keysOf } from "./sealed-tables.ts";
import { seal, unseal } from "./sealed-value.ts";
import { StoreError } from "./store-error.ts";

/*
 * Which key a database is sealed with, and the step that seals what an earlier release left open. `state` says what is still to be
 * done after a power cut: "scrub": open words may lie in parts of the file that nothing uses any more; "change": a change of keys
 * was begun.
 */

const schema = `
CREATE TABLE data_key (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL,
  proof TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('scrub', 'sealed', 'change'))
) STRICT;
ALTER TABLE entry ADD COLUMN who BLOB;
`;

const wardMarks = `
ALTER TABLE staff ADD COLUMN name_mark BLOB;
CREATE UNIQUE INDEX staff_name_mark ON staff (name_mark);
ALTER TABLE account ADD COLUMN badge_mark BLOB;
DROP INDEX account_badge;
CREATE UNIQUE INDEX account_badge_mark ON account (badge_mark) WHERE ended_at IS NULL;
-- Hashed without a key: of a badge number that is soon found by trying.
DELETE FROM wrong_try;
`;

const proofWord = "quietround";
const proofPlace = { table: "data_key", column: "proof", row: 1 } as const;

export const dashboardSealing: Migrations[number] = (db) => {
  db.exec(schema);
  sealAll(db);
};

export const wardSealing: Migrations[number] = (db) => {
  db.exec(schema + wardMarks);
  sealAll(db);
};

function sealAll(db: Database.Database): void {
  const keys = keysOf(db);
  for (const table of resealedTables(db)) {
    for (let after: number | null = -1; after !== null; ) {
      after = resealBatch(db, keys, table, { after, rowsMax: 5_000 }).last;
    }
  }
  const proof = seal(keys, proofWord, proofPlace);
  db.prepare("INSERT INTO data_key (one, id, proof, state) VALUES (1, ?, ?, 'scrub')").run(keys.current.id, proof);
}

export interface StoredKey {
  readonly id: string;
  readonly proof: string;
  readonly state: string;
}

/** Undefined for a database without personal data, or of a release that sealed nothing. */
export function storedKey(db: Database.Database): StoredKey | undefined {
  const there = db.prepare("SELECT 1 FROM main.sqlite_schema WHERE name = 'data_key'").get();
  if (there === undefined) return undefined;
  return db.prepare("SELECT id, proof, state FROM main.data_key").get() as StoredKey | undefined;
}

/** Throws StoreError "wrong-key": nothing was read or changed. */
export function insistOnKey(db: Database.Database, keys: DataKeys): void {
  const stored = storedKey(db);
  if (stored === undefined) return;
  if (!keys.byId.has(stored.id)) {
    const given = [...keys.byId.keys()].join(", ");
    throw new StoreError(
      "wrong-key",
      `these records are sealed with data key ${stored.id}, and the key given is ${given}. Nothing was changed. Give the key that they were sealed with; without it the sealed words are lost (docs/data-at-rest.md)`,
    );
  }
  if (unseal(keys, stored.proof, proofPlace) !== proofWord) throw new StoreError("damaged", "data_key is none");
}

/** For the one writer of a running ward. Throws StoreError "wrong-key" while a change of keys is not finished, in this file or another. */
export function insistOnWholeChange(db: Database.Database, keys: DataKeys): void {
  const stored = storedKey(db);
  const changing = stored !== undefined && (stored.state === "change" || stored.id !== keys.current.id);
  if (changing || keys.byId.size > 1) {
    throw new StoreError("wrong-key", "the change of the data key was not finished: run npm run data:rekey again");
  }
}

/** With the key that seals from now on. */
export function storeKey(db: Database.Database, keys: DataKeys, state: "scrub" | "sealed" | "change"): void {
  const proof = seal(keys, proofWord, proofPlace);
  db.prepare("UPDATE main.data_key SET id = ?, proof = ?, state = ? WHERE one = 1").run(keys.current.id, proof, state);
}

/**
 * Where open words, or what an old key sealed, may lie in free pages or in the write-ahead log: the file is written anew and the log
 * is cut to nothing. Not within a transaction. False: another process still reads the old log, or no disk has room for the file
 * once more; it is done at the next start.
 */
export function scrub(db: Database.Database, keys: DataKeys): boolean {
  if (storedKey(db)?.state !== "scrub") return true;
  // Its copy of the file is sealed already; in memory a large one could end the process.
  db.pragma("temp_store = FILE");
  try {
    db.exec("VACUUM main");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    if (/^SQLITE_(FULL|IOERR|CANTOPEN|NOMEM|BUSY|LOCKED)/.test(code)) return false;
    throw cause;
  } finally {
    db.pragma("temp_store = MEMORY");
  }
  const [cut] = db.pragma("main.wal_checkpoint(TRUNCATE)") as { busy: number }[];
  if (cut?.busy !== 0) return false;
  storeKey(db, keys, "sealed");
  return true;
}
