import type Database from "better-sqlite3";
import type { StoreRow } from "../contract/door.ts";
import { SedationWatch } from "../contract/sedation.ts";
import { insertSealed } from "./sealed-tables.ts";
import { StoreError } from "./store-error.ts";

/** Watches after sedation; a row without one says that it ended. */
export const sedationSchema = `
CREATE TABLE sedation_watch (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  stay TEXT NOT NULL REFERENCES stay (id),
  watch TEXT,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX sedation_watch_latest ON sedation_watch (stay, number);
CREATE TRIGGER sedation_watch_no_update BEFORE UPDATE ON sedation_watch
  BEGIN SELECT RAISE(ABORT, 'sedation_watch is append-only'); END;
CREATE TRIGGER sedation_watch_no_delete BEFORE DELETE ON sedation_watch
  BEGIN SELECT RAISE(ABORT, 'sedation_watch is append-only'); END;
`;

export function writeSedation(db: Database.Database, row: Extract<StoreRow, { table: "sedation" }>): void {
  insertSealed(db, "sedation_watch", {
    stay: row.stay,
    watch: row.watch === null ? null : JSON.stringify(row.watch),
    at: Math.round(row.atUtcMs),
  });
}

/** The one that runs; it may be over by now, which the core finds. */
export function sedationOf(db: Database.Database, stay: string): SedationWatch | null {
  const text: unknown = db
    .prepare("SELECT watch FROM sedation_watch WHERE stay = ? ORDER BY number DESC LIMIT 1")
    .pluck()
    .get(stay);
  if (typeof text !== "string") return null;
  const watch = SedationWatch.safeParse(JSON.parse(text));
  if (!watch.success) throw new StoreError("damaged", `the watch after sedation of stay ${stay} is none`, watch.error);
  return watch.data;
}
