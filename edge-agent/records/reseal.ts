import type Database from "better-sqlite3";
import type { DataKeys } from "./data-keys.ts";
import { sealedTables } from "./sealed-columns.ts";
import { cutEntry, wholeEntry } from "./sealed-entry.ts";
import { markOf, type Place, type Plain, seal, sealedWith, unseal } from "./sealed-value.ts";
import { StoreError } from "./store-error.ts";

/*
 * Seals what lies open, and what another key sealed, a batch of rows at a time. Rows that may never be changed are changed here,
 * and only here: their rules are taken away and put back within the transaction of the batch.
 */

/** Rows of a table from a rowid on. Returns the last rowid that was looked at; null: there are no more. In a transaction. */
export function resealBatch(
  db: Database.Database,
  keys: DataKeys,
  table: string,
  { after, rowsMax }: { readonly after: number; readonly rowsMax: number },
): { readonly last: number | null; readonly changed: number } {
  return withoutUpdateRules(db, table, () =>
    table === "entry" ? resealEntries(db, keys, after, rowsMax) : resealRows(db, keys, table, after, rowsMax),
  );
}

/** Everything that is sealed or cut, in the order in which it is done. */
export const resealedTables = (db: Database.Database): string[] => {
  const there = db.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'").pluck().all() as string[];
  return [...Object.keys(sealedTables), "entry"].filter((table) => there.includes(table));
};

function resealRows(db: Database.Database, keys: DataKeys, table: string, after: number, rowsMax: number) {
  const { key, columns, marks = {} } = sealedTables[table]!;
  const names = [key, ...columns].map((name) => `"${name}"`).join(", ");
  const rows = db
    .prepare(`SELECT rowid AS at, ${names} FROM main."${table}" WHERE rowid > ? ORDER BY rowid LIMIT ?`)
    .all(after, rowsMax) as Record<string, unknown>[];
  let changed = 0;
  for (const row of rows) {
    const place = (column: string): Place => ({ table, column, row: row[key] as Place["row"] });
    const values: Record<string, Plain> = {};
    for (const column of columns) {
      const value = row[column] as Plain | null;
      if (value === null || sealedWith(value) === keys.current.id) continue;
      const plain = sealedWith(value) === undefined ? value : unseal(keys, value, place(column));
      values[column] = seal(keys, plain, place(column));
      const mark = marks[column];
      if (mark !== undefined) values[mark] = markOf(keys, `${table}.${column}`, String(plain));
    }
    const set = Object.keys(values);
    if (set.length === 0) continue;
    const sql = `UPDATE main."${table}" SET ${set.map((name) => `"${name}" = ?`).join(", ")} WHERE rowid = ?`;
    db.prepare(sql).run(...Object.values(values), row.at);
    changed += 1;
  }
  return { last: (rows.at(-1)?.at as number | undefined) ?? null, changed };
}

function resealEntries(db: Database.Database, keys: DataKeys, after: number, rowsMax: number) {
  const rows = db
    .prepare("SELECT idx, data, who FROM main.entry WHERE idx > ? ORDER BY idx LIMIT ?")
    .all(after, rowsMax) as { idx: number; data: Buffer; who: Buffer | null }[];
  const update = db.prepare("UPDATE main.entry SET data = ?, who = ? WHERE idx = ?");
  let changed = 0;
  for (const row of rows) {
    if (row.who !== null && sealedWith(row.who) === keys.current.id) continue;
    const whole = wholeEntry(keys, row, row.idx);
    const { data, who } = cutEntry(keys, whole, row.idx);
    if (who === null) continue;
    if (!Buffer.from(wholeEntry(keys, { data, who }, row.idx)).equals(Buffer.from(whole))) {
      throw new StoreError("damaged", `entry ${row.idx} would not be what it was`);
    }
    update.run(data, who, row.idx);
    changed += 1;
  }
  return { last: rows.at(-1)?.idx ?? null, changed };
}

/** Schema changes are part of the transaction: a power cut leaves rows and rules as they were. */
function withoutUpdateRules<T>(db: Database.Database, table: string, work: () => T): T {
  if (!db.inTransaction) throw new Error("rules are taken away inside a transaction only");
  const rules = db
    .prepare(
      "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger' AND tbl_name = ? AND sql LIKE '% BEFORE UPDATE %'",
    )
    .all(table) as { name: string; sql: string }[];
  for (const { name } of rules) db.exec(`DROP TRIGGER main."${name}"`);
  const result = work();
  for (const { sql } of rules) db.exec(sql);
  return result;
}
