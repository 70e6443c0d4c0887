import type Database from "better-sqlite3";
import { asStoreError, StoreError } from "./store-error.ts";

/**
 * Steps that lead from one version of a schema to the next: SQL, or what SQL cannot do. Never edited once released: a change is a
 * new one.
 */
export type Migrations = readonly (string | ((db: Database.Database) => void))[];

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
      for (const step of migrations.slice(version)) {
        if (typeof step === "string") db.exec(step);
        else step(db);
      }
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
