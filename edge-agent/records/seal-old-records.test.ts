import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { wardSealing } from "./data-key-schema.ts";
import { fillWithCanaries } from "./fill-with-canaries.ts";
import { migrate } from "./migrations.ts";
import { openForReading, openForWriting } from "./open.ts";
import { at, intent, logOptionsOf, scratchFolder, vkey } from "./records-for-tests.ts";
import { sealedTables } from "./sealed-columns.ts";
import { WardRecords } from "./ward.ts";
import { wardMigrations } from "./ward-schema.ts";
import { WatchedLog } from "./watched-log.ts";

/* Records of the last release that sealed nothing, as they lie in the folder of a ward that is updated. */

const before = wardMigrations.slice(0, wardMigrations.indexOf(wardSealing));
/** Sealed from their first day: that release had none of them, nor the word in them. */
const later = { tables: ["oidc_account"], word: /^Zqsubject/ };
const clock = { utcMs: () => at(0).utcMs, monoMs: () => 0 };
let folder: ReturnType<typeof scratchFolder>;
let path: string;
let canaries: string[];
let rules: unknown[];

const raw = <T>(work: (db: Database.Database) => T): T => {
  const db = new Database(path);
  try {
    return work(db);
  } finally {
    db.close();
  }
};
const namesOf = (db: Database.Database, sql: string, ...values: string[]): string[] =>
  db
    .prepare(sql)
    .pluck()
    .all(...values) as string[];
const rulesIn = (db: Database.Database): unknown[] =>
  db.prepare("SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name").all();

/** Every row of a new ward, open, in the tables of the old schema. */
function writeOld(newFile: string): void {
  const old = openForWriting(path);
  migrate(old, before);
  rules = rulesIn(old);
  const triggers = rules as { name: string; sql: string }[];
  for (const { name } of triggers) old.exec(`DROP TRIGGER ${name}`);
  old.pragma("foreign_keys = OFF");
  old.pragma("secure_delete = OFF");
  const reader = openForReading(newFile);
  for (const table of namesOf(
    old,
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  )) {
    const columns = namesOf(old, "SELECT name FROM pragma_table_info(?)", table).map((name) => `"${name}"`);
    const insert = old.prepare(
      `INSERT INTO "${table}" (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
    for (const row of reader
      .prepare(`SELECT ${columns.join(", ")} FROM "${table}"`)
      .raw()
      .all()) {
      insert.run(...(row as unknown[]));
    }
  }
  reader.close();
  // Words that were deleted, and that still lie in pages which nothing uses.
  for (let n = 0; n < 40; n += 1) {
    old
      .prepare("INSERT INTO feedback (stay, about, words, at) VALUES ('stay-1', 'question', ?, 1)")
      .run("ZqGoneVex".repeat(300));
  }
  old.exec("DELETE FROM feedback WHERE words LIKE 'ZqGone%'");
  for (const { sql } of triggers) old.exec(sql);
  old.close();
}

beforeEach(() => {
  folder = scratchFolder();
  const newFile = join(folder.path, "new", "ward.sqlite");
  const records = new WardRecords(newFile, logOptionsOf());
  records.start();
  canaries = [...fillWithCanaries(records, newFile), "ZqGoneVex"].filter((word) => !later.word.test(word));
  records.checkpointIfDirty();
  records.close();
  path = join(folder.path, "ward", "ward.sqlite");
  writeOld(newFile);
});
afterEach(() => folder.done());

const files = () => readdirSync(join(folder.path, "ward")).filter((name) => name.startsWith("ward.sqlite"));
const inFiles = (word: string) => files().some((name) => readFileSync(join(folder.path, "ward", name)).includes(word));
const valuesOf = (db: Database.Database) =>
  Object.entries(sealedTables)
    .filter(([table]) => !later.tables.includes(table))
    .map(([table, { key, columns }]) =>
      db
        .prepare(`SELECT "${key}", ${columns.map((column) => `"${column}"`).join(", ")} FROM "${table}" ORDER BY 1`)
        .raw()
        .all(),
    );

describe("records of an earlier release", () => {
  it("are sealed at the first start: nothing of them is left in any file, all of them is read, and every rule still holds", () => {
    expect(canaries.filter((word) => !inFiles(word))).toEqual([]);
    const was = raw(valuesOf);
    const records = new WardRecords(path, logOptionsOf());
    records.start();
    expect(files()).toContain("ward.sqlite-wal");
    expect(canaries.filter(inFiles)).toEqual([]);
    const db = openForReading(path);
    expect(valuesOf(db)).toEqual(was);
    expect(db.prepare("SELECT state FROM data_key").pluck().get()).toBe("sealed");
    db.close();
    expect(raw(rulesIn)).toEqual(rules);
    const log = new WatchedLog(path, [vkey]);
    expect(log.verify([], clock)).toMatchObject({ ok: true });
    log.close();
    records.commit([intent("page.open", { who: "ZqAfterVex" })], [], at(9_000_000));
    records.close();
    expect(canaries.filter(inFiles)).toEqual([]);
    expect(inFiles("ZqAfterVex")).toBe(false);
    raw((db) => expect(() => db.exec("UPDATE needs SET at = 1")).toThrow("append-only"));
  });

  it("that somebody still reads are sealed, and what is left in unused parts of the file is overwritten at the next start", () => {
    const reader = new Database(path, { readonly: true });
    const reading = reader.prepare("SELECT at FROM feedback").iterate();
    reading.next();
    const records = new WardRecords(path, logOptionsOf());
    records.start();
    records.close();
    reading.return?.();
    reader.close();
    expect(raw((db) => db.prepare("SELECT state FROM data_key").pluck().get())).toBe("scrub");
    const again = new WardRecords(path, logOptionsOf());
    again.start();
    expect(canaries.filter(inFiles)).toEqual([]);
    again.close();
    expect(raw((db) => db.prepare("SELECT state FROM data_key").pluck().get())).toBe("sealed");
  });

  it("stay as they are, whole, where sealing them fails half-way", () => {
    raw((db) => {
      db.exec("DROP TRIGGER phi_no_update");
      db.exec("CREATE TRIGGER phi_no_update AFTER UPDATE ON phi BEGIN SELECT RAISE(ABORT, 'the disk failed'); END");
    });
    const was = raw(valuesOf);
    expect(() => new WardRecords(path, logOptionsOf()).start()).toThrow("the disk failed");
    expect(raw(valuesOf)).toEqual(was);
    expect(raw((db) => db.pragma("user_version", { simple: true }))).toBe(before.length);
  });
});
