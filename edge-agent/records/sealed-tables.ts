import type Database from "better-sqlite3";
import type { DataKeys } from "./data-keys.ts";
import { type SealedTable, sealedTables } from "./sealed-columns.ts";
import { wholeEntry } from "./sealed-entry.ts";
import { markOf, type Place, type Plain, seal, unseal } from "./sealed-value.ts";
import { StoreError } from "./store-error.ts";

/*
 * A connection that opens what is sealed. For each table with sealed columns it has a temporary view of the same name, which hides
 * the table: a query reads open words, and only of the columns and rows that it asks for. To write, `main.` is named, and a sealed
 * column is written by `insertSealed` and `updateSealed`. The view cannot be written to, so that no open word gets in by mistake.
 */

const keysOfConnection = new WeakMap<Database.Database, DataKeys>();

/** Of an open connection (openSealed). */
export function keysOf(db: Database.Database): DataKeys {
  const keys = keysOfConnection.get(db);
  if (keys === undefined) throw new StoreError("no-key", "this connection was opened without the data key");
  return keys;
}

type Row = Readonly<Record<string, string | number | bigint | Uint8Array | null>>;

/** Before anything else is read or written. The views are made by `hideSealedTables`, once the tables are there. */
export function openSealed(db: Database.Database, keys: DataKeys): void {
  keysOfConnection.set(db, keys);
  db.function("unsealed", { deterministic: true }, (value: unknown, table: unknown, column: unknown, row: unknown) =>
    value === null
      ? null
      : unseal(keys, plainOf(value), { table: String(table), column: String(column), row: rowOf(row) }),
  );
  const whole = (data: unknown, who: unknown, idx: unknown): Uint8Array =>
    wholeEntry(keys, { data: data as Uint8Array, who: who as Uint8Array | null }, Number(idx));
  db.function("whole_entry", { deterministic: true }, whole);
  db.function("hashed_entry", { deterministic: true }, (data: unknown, who: unknown, idx: unknown) => {
    try {
      return whole(data, who, idx);
    } catch (cause) {
      if (cause instanceof StoreError && cause.code === "damaged") return data as Uint8Array;
      throw cause;
    }
  });
}

export function hideSealedTables(db: Database.Database): void {
  const there = columnsIn(db);
  const views = Object.entries(sealedTables).flatMap(([table, { key, columns, marks = {} }]) => {
    const names = (there.get(table) ?? []).filter((name) => !Object.values(marks).includes(name));
    if (names.length === 0) return [];
    const shown = names.map((name) =>
      columns.includes(name) ? `unsealed("${name}", '${table}', '${name}', "${key}") AS "${name}"` : `"${name}"`,
    );
    return [`CREATE TEMP VIEW "${table}" AS SELECT ${shown.join(", ")} FROM main."${table}";`];
  });
  // `plain` is the entry without its names: what is looked for in many entries is looked for there. `hashed` is for whoever holds
  // the bytes against their hash: where the names do not open it is no error but other bytes, so that the entry is named.
  const entry = `CREATE TEMP VIEW entry AS SELECT idx, whole_entry(data, who, idx) AS data, data AS plain,
    hashed_entry(data, who, idx) AS hashed FROM main.entry;`;
  db.exec(["BEGIN;", ...views, ...(there.get("entry")?.includes("who") === true ? [entry] : []), "COMMIT;"].join("\n"));
}

/** Of all tables at once: this is done each time that a report is asked for. */
function columnsIn(db: Database.Database): ReadonlyMap<string, readonly string[]> {
  const rows = db
    .prepare(
      `SELECT m.name, c.name FROM main.sqlite_schema AS m JOIN pragma_table_info(m.name, 'main') AS c
       WHERE m.type = 'table' ORDER BY m.name, c.cid`,
    )
    .raw()
    .all() as [string, string][];
  return new Map([...Map.groupBy(rows, ([table]) => table)].map(([table, of]) => [table, of.map(([, name]) => name)]));
}

/** Writes a row with its sealed columns. Returns the row's key: the next number where the key is counted. */
export function insertSealed(db: Database.Database, table: string, row: Row): Place["row"] {
  const spec = specOf(table);
  const key = spec.counted === true ? nextNumber(db, table) : keyIn(row, spec);
  const whole: Row = { ...row, [spec.key]: key };
  const values = { ...whole, ...sealedPart(db, table, key, whole) };
  const names = Object.keys(values);
  db.prepare(
    `INSERT INTO main."${table}" (${names.map((name) => `"${name}"`).join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
  ).run(...Object.values(values));
  return key;
}

/** Changes columns of one row. A sealed word that stays what it is stays as it was sealed: a rule may compare them. */
export function updateSealed(db: Database.Database, table: string, key: Place["row"], change: Row): void {
  const spec = specOf(table);
  const names = Object.keys(change);
  const sealed = names.filter((name) => spec.columns.includes(name));
  const before =
    sealed.length === 0
      ? {}
      : (db
          .prepare(`SELECT ${sealed.map((name) => `"${name}"`).join(", ")} FROM "${table}" WHERE "${spec.key}" = ?`)
          .get(key) as Row | undefined);
  const changed = Object.fromEntries(
    names
      .filter((name) => !sealed.includes(name) || before?.[name] !== change[name])
      .map((name) => [name, change[name] ?? null]),
  );
  const values = { ...changed, ...sealedPart(db, table, key, changed) };
  const set = Object.keys(values);
  if (set.length === 0) return;
  db.prepare(`UPDATE main."${table}" SET ${set.map((name) => `"${name}" = ?`).join(", ")} WHERE "${spec.key}" = ?`).run(
    ...Object.values(values),
    key,
  );
}

/** SQL for the order in which rows were written, which a view does not know. */
export const orderOf = (table: string): string => {
  const key = sealedTables[table]?.key;
  if (key === undefined) return `"${table}".rowid`;
  return `(SELECT kept.rowid FROM main."${table}" AS kept WHERE kept."${key}" = "${table}"."${key}")`;
};

/** What a word is found by in the mark's column of `main.` the table. */
export const markIn = (db: Database.Database, table: string, column: string, word: string): Buffer =>
  markOf(keysOf(db), `${table}.${column}`, word);

function sealedPart(db: Database.Database, table: string, row: Place["row"], values: Row): Row {
  const { columns, marks = {} } = specOf(table);
  const keys = keysOf(db);
  return Object.fromEntries(
    Object.entries(values).flatMap(([column, value]): [string, Plain][] => {
      if (!columns.includes(column) || value === null) return [];
      const plain = plainOf(value);
      const sealed: [string, Plain][] = [[column, seal(keys, plain, { table, column, row })]];
      const mark = marks[column];
      return mark === undefined ? sealed : [...sealed, [mark, markOf(keys, `${table}.${column}`, String(plain))]];
    }),
  );
}

export function specOf(table: string): SealedTable {
  const spec = sealedTables[table];
  if (spec === undefined) throw new Error(`${table} has no sealed column`);
  return spec;
}

/** As AUTOINCREMENT counts: no number twice, also after rows were deleted. */
function nextNumber(db: Database.Database, table: string): number {
  const last: unknown = db.prepare("SELECT seq FROM main.sqlite_sequence WHERE name = ?").pluck().get(table);
  return (typeof last === "number" ? last : 0) + 1;
}

function keyIn(row: Row, { key }: SealedTable): Place["row"] {
  const value = row[key];
  if (typeof value === "string" || typeof value === "number" || value instanceof Uint8Array) return value;
  throw new Error(`a sealed row needs its ${key}`);
}

function plainOf(value: unknown): Plain {
  if (typeof value === "string" || value instanceof Uint8Array) return value;
  throw new StoreError("damaged", "a sealed column holds neither text nor bytes");
}

function rowOf(row: unknown): Place["row"] {
  if (typeof row === "string" || typeof row === "number" || row instanceof Uint8Array) return row;
  throw new StoreError("damaged", "a sealed row has no key");
}
