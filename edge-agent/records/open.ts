import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { dataKeysFor } from "./data-key-place.ts";
import { insistOnKey, insistOnWholeChange, scrub, storedKey } from "./data-key-schema.ts";
import { type Migrations, migrate } from "./migrations.ts";
import { hideSealedTables, openSealed } from "./sealed-tables.ts";
import { asStoreError, StoreError } from "./store-error.ts";

/** How long a statement waits for another process's lock. Short: the thread that waits is the one of the live loop. */
const lockedMsMax = 1_000;
/** The write-ahead log is cut back to this after a checkpoint of SQLite. */
const walBytesMax = 8 * 1024 * 1024;

/**
 * Opens a database for its one writer, making it (0600) where there is none. WAL with synchronous=FULL: a commit is on
 * the disk when it returns, and a power cut leaves the last one that returned. secure_delete overwrites what is erased.
 * Throws StoreError.
 */
export function openForWriting(path: string): Database.Database {
  return asStoreError(`cannot open ${path}`, () => {
    if (path !== ":memory:" && !existsSync(path)) {
      mkdirSync(dirname(path), { recursive: true });
      // Made by us and not by SQLite, so that it is never readable by others, not even for a moment.
      closeSync(openSync(path, "a", 0o600));
    }
    const db = new Database(path, { timeout: lockedMsMax });
    try {
      db.pragma("journal_mode = WAL");
      db.pragma("synchronous = FULL");
      db.pragma("foreign_keys = ON");
      db.pragma("secure_delete = ON");
      // INSERT OR REPLACE deletes without firing delete triggers unless this is on.
      db.pragma("recursive_triggers = ON");
      db.pragma("trusted_schema = OFF");
      db.pragma("temp_store = MEMORY");
      db.pragma(`journal_size_limit = ${walBytesMax}`);
      return db;
    } catch (cause) {
      db.close();
      throw cause;
    }
  });
}

/**
 * As openForWriting, for a database with personal data: with its data key, at the newest version, everything of it sealed. Throws
 * StoreError, "no-key" or "wrong-key" before anything is made or changed.
 */
export function openSealedForWriting(path: string, migrations: Migrations): Database.Database {
  const keys = dataKeysFor(path);
  const db = openForWriting(path);
  try {
    openSealed(db, keys);
    asStoreError(`cannot open ${path}`, () => {
      insistOnKey(db, keys);
      insistOnWholeChange(db, keys);
      migrate(db, migrations);
      scrub(db, keys);
      hideSealedTables(db);
    });
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

/**
 * Opens a database that another process may be writing, for reading only; what is sealed in it is read open. Throws StoreError.
 */
export const openForReading = (path: string): Database.Database => openReader(path, "open");

/** As openForReading, for who needs no word of it and may not have the key: what is sealed stays so. Throws StoreError. */
export const openSealedShut = (path: string): Database.Database => openReader(path, "shut");

function openReader(path: string, words: "open" | "shut"): Database.Database {
  return asStoreError(`cannot read ${path}`, () => {
    if (!existsSync(path)) throw new StoreError("io", `no database at ${path}`);
    const db = new Database(path, { readonly: true, fileMustExist: true, timeout: lockedMsMax });
    try {
      db.pragma("trusted_schema = OFF");
      db.pragma("temp_store = MEMORY");
      if (words === "open" && storedKey(db) !== undefined) {
        const keys = dataKeysFor(path);
        insistOnKey(db, keys);
        openSealed(db, keys);
        hideSealedTables(db);
      }
      db.pragma("query_only = ON");
      return db;
    } catch (cause) {
      db.close();
      throw cause;
    }
  });
}
