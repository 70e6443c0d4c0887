import type Database from "better-sqlite3";
import { asStoreError, StoreError } from "./store-error.ts";

/**
 * SQL statements that lead from one version of a schema to the next. Never edited once released: a change is a new one.
 */
export type Migrations = readonly string[];

/**
 * Brings a database to the newest version, all steps in one transaction: a power cut leaves the old version whole. The
 * version is SQLite's user_version. Throws StoreError "newer-schema" for a database of a newer program, which is left
 * as it is.
 */
export function migrate(db: Database.Database, migrations: Migrations): void {
  asStoreError("cannot migrate", () => {
    db.transaction(() => {
      const version = versionOf(db);
      refuseNewer(version, migrations);
      for (const sql of migrations.slice(version)) db.exec(sql);
      if (version < migrations.length) db.pragma(`user_version = ${migrations.length}`);
    }).immediate();
  });
}

function versionOf(db: Database.Database): number {
  const version: unknown = db.pragma("user_version", { simple: true });
  return typeof version === "number" ? version : 0;
}

function refuseNewer(version: number, migrations: Migrations): void {
  if (version <= migrations.length) return;
  throw new StoreError("newer-schema", `schema ${version}, and this program knows ${migrations.length}`);
}
