import type Database from "better-sqlite3";
import { insistOnKey, scrub, storedKey, storeKey } from "./data-key-schema.ts";
import type { DataKeys } from "./data-keys.ts";
import { openForWriting } from "./open.ts";
import { resealBatch, resealedTables } from "./reseal.ts";
import { sealedTables } from "./sealed-columns.ts";
import { openSealed } from "./sealed-tables.ts";
import { asStoreError, StoreError } from "./store-error.ts";

const rowsMax = 1_000;

/**
 * Seals everything in a database with the first of these keys. A batch is a transaction: cut off anywhere, it is called again with
 * the same keys and goes on; until it has ended no ward starts over the file. Nobody else may have the file open. Throws StoreError.
 *
 * @param onBatch is told each batch, after its commit.
 * @returns rows that were sealed anew
 */
export function rekeyDatabase(file: string, keys: DataKeys, onBatch: (table: string) => void = () => {}): number {
  const db = openForWriting(file);
  try {
    return asStoreError(`cannot change the data key of ${file}`, () => {
      openSealed(db, keys);
      if (storedKey(db) === undefined) {
        throw new StoreError("refused", `${file} is of an earlier release: start the ward once with this one`);
      }
      insistOnKey(db, keys);
      storeKey(db, keys, "change");
      let changed = 0;
      for (const table of resealedTables(db)) {
        for (let after: number | null = -1; after !== null; ) {
          const from: number = after;
          const batch = db.transaction(() => resealBatch(db, keys, table, { after: from, rowsMax })).immediate();
          after = batch.last;
          changed += batch.changed;
          onBatch(table);
        }
      }
      insistThatAllIsSealed(db, keys);
      // What is counted by a badge number was keyed with the key before.
      if (tableIsThere(db, "wrong_try")) db.exec("DELETE FROM wrong_try");
      storeKey(db, keys, "scrub");
      if (!scrub(db, keys)) {
        throw new StoreError(
          "locked",
          `another program has ${file} open, or the disk is full: mend it, and call this again`,
        );
      }
      return changed;
    });
  } finally {
    db.close();
  }
}

/** Counted by the database itself, before the key before is given up. */
function insistThatAllIsSealed(db: Database.Database, { current }: DataKeys): void {
  const head = `qr1:${current.id}:`;
  const places = [
    ...Object.entries(sealedTables).flatMap(([table, { columns }]) => columns.map((column) => ({ table, column }))),
    { table: "entry", column: "who" },
  ];
  for (const { table, column } of places.filter((place) => tableIsThere(db, place.table))) {
    const other = db
      .prepare(
        `SELECT count(*) FROM main."${table}"
         WHERE "${column}" IS NOT NULL AND CAST(substr("${column}", 1, ${head.length}) AS TEXT) <> ?`,
      )
      .pluck()
      .get(head);
    if (other !== 0)
      throw new StoreError("damaged", `${other} values of ${table}.${column} are not sealed with the new key`);
  }
}

const tableIsThere = (db: Database.Database, table: string): boolean =>
  db.prepare("SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined;
