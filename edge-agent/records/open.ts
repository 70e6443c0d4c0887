import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
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

/** Opens a database that another process may be writing, for reading only. Throws StoreError. */
export function openForReading(path: string): Database.Database {
  return asStoreError(`cannot read ${path}`, () => {
    if (!existsSync(path)) throw new StoreError("io", `no database at ${path}`);
    const db = new Database(path, { readonly: true, fileMustExist: true, timeout: lockedMsMax });
    db.pragma("query_only = ON");
    db.pragma("trusted_schema = OFF");
    db.pragma("temp_store = MEMORY");
    return db;
  });
}
