import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDashboardLog } from "./dashboard-log.ts";
import { fillWithCanaries } from "./fill-with-canaries.ts";
import { openForReading } from "./open.ts";
import { logOptionsOf, scratchFolder, vkey } from "./records-for-tests.ts";
import { openColumns, sealedTables } from "./sealed-columns.ts";
import { WardRecords } from "./ward.ts";
import { WatchStore, watchFileOf } from "./watch-store.ts";
import { WatchedLog } from "./watched-log.ts";
import { WitnessStore } from "./witness-store.ts";

let folder: ReturnType<typeof scratchFolder>;
let path: string;
let records: WardRecords;
beforeEach(() => {
  folder = scratchFolder();
  path = join(folder.path, "ward.sqlite");
  records = new WardRecords(path, logOptionsOf(), "Europe/London");
  records.start();
});
afterEach(() => {
  records.close();
  folder.done();
});

function raw<T>(file: string, work: (db: Database.Database) => T): T {
  const db = new Database(file);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

interface Column {
  readonly table: string;
  readonly column: string;
}
/** Every column that holds text or bytes, whatever its type is called. */
const columnsIn = (file: string): Column[] =>
  raw(
    file,
    (db) =>
      db
        .prepare(
          `SELECT m.name AS "table", c.name AS "column" FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
           WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND c.type NOT IN ('INTEGER', 'REAL')`,
        )
        .all() as Column[],
  );

describe("the real schema", () => {
  it("has no column of text or bytes that is neither sealed nor said not to be personal, with a reason", () => {
    const dashboardFile = join(folder.path, "dashboard.sqlite");
    openDashboardLog(dashboardFile, logOptionsOf()).close();
    new WatchStore(watchFileOf(path)).close();
    const witnessFile = join(folder.path, "witness.sqlite");
    const witness = new WitnessStore(witnessFile);
    witness.start();
    witness.close();
    const real = [path, dashboardFile, watchFileOf(path), witnessFile].flatMap(columnsIn);
    expect(real.length).toBeGreaterThan(100);
    const sealed = (table: string, column: string) => sealedTables[table]?.columns.includes(column) === true;
    const open = (table: string, column: string) => (openColumns[table]?.[column] ?? "").length >= 5;
    const words = real.map(({ table, column }) => `${table}.${column}`);
    expect(real.filter(({ table, column }) => sealed(table, column) === open(table, column))).toEqual([]);
    // Nor does the table name what is not there.
    const named = [
      ...Object.entries(sealedTables).flatMap(([table, { columns }]) => columns.map((column) => `${table}.${column}`)),
      ...Object.entries(openColumns).flatMap(([table, of]) => Object.keys(of).map((column) => `${table}.${column}`)),
    ];
    expect(named.filter((name) => !words.includes(name))).toEqual([]);
  });
});

describe("a ward with words in every column", () => {
  it("has them sealed on the disk, all of them, and reads them as they were", () => {
    const canaries = fillWithCanaries(records, path);
    // With the write-ahead log as it lies there while the ward runs.
    const bytes = readdirSync(folder.path).map((name) => readFileSync(join(folder.path, name)));
    expect(bytes.length).toBeGreaterThanOrEqual(3);
    const found = (word: string) => bytes.some((one) => one.includes(word));
    expect(found("lease.start") || found("consent.grant") || found("stay-1")).toBe(true);
    expect(canaries.filter(found)).toEqual([]);
    expect(canaries.filter((word) => found(Buffer.from(word).toString("base64").slice(0, -4)))).toEqual([]);
    const db = openForReading(path);
    const shown: string[] = [];
    for (const [table, { columns }] of Object.entries(sealedTables)) {
      for (const column of columns) {
        const values = db.prepare(`SELECT "${column}" FROM "${table}" WHERE "${column}" IS NOT NULL`).pluck().all();
        expect(values.length, `nothing was written to ${table}.${column}`).toBeGreaterThan(0);
        shown.push(...values.map(String));
        const inFile = db
          .prepare(`SELECT "${column}" FROM main."${table}" WHERE "${column}" IS NOT NULL`)
          .pluck()
          .all();
        for (const value of inFile) expect(String(value)).toMatch(/^qr1:[0-9a-f]{8}:/);
      }
    }
    const entries = db.prepare("SELECT CAST(data AS TEXT) FROM entry").pluck().all().join("\n");
    db.close();
    expect(canaries.filter((word) => !shown.some((one) => one.includes(word)) && !entries.includes(word))).toEqual([]);
  });

  it("a value that is moved, changed or put in open is an error that names its place, never nothing", () => {
    fillWithCanaries(records, path);
    records.close();
    const reading = () => {
      const db = openForReading(path);
      try {
        return db.prepare("SELECT label FROM stay ORDER BY id").pluck().all();
      } finally {
        db.close();
      }
    };
    const change = (sql: string) => {
      const before = raw(path, (db) => db.prepare("SELECT id, label FROM stay ORDER BY id").all()) as {
        id: string;
        label: string;
      }[];
      raw(path, (db) => {
        db.exec("DROP TRIGGER stay_ends_once");
        db.exec(sql);
      });
      expect(reading).toThrow(/^damaged: stay\.label of row stay-2 /);
      raw(path, (db) => {
        for (const { id, label } of before) db.prepare("UPDATE stay SET label = ? WHERE id = ?").run(label, id);
        db.exec("CREATE TRIGGER stay_ends_once BEFORE UPDATE ON stay BEGIN SELECT 1; END");
      });
      expect(reading).not.toThrow();
    };
    change("UPDATE stay SET label = (SELECT label FROM stay WHERE id = 'stay-1') WHERE id = 'stay-2'");
    change("UPDATE stay SET label = substr(label, 1, 30) || 'AAAA' || substr(label, 35) WHERE id = 'stay-2'");
    change("UPDATE stay SET label = 'B.C.' WHERE id = 'stay-2'");
    change("UPDATE stay SET label = '' WHERE id = 'stay-2'");
  });

  it("takes no open word where a sealed one belongs", () => {
    const { db } = (records as unknown as { open: { db: Database.Database } }).open;
    expect(() => db.prepare("INSERT INTO needs (stay, needs, at) VALUES ('s', 'words', 1)").run()).toThrow(/is a view/);
    expect(() => db.prepare("UPDATE staff SET name = 'x'").run()).toThrow(/is a view/);
  });

  it("finds people by their name and badge, and knows no second one of either", () => {
    fillWithCanaries(records, path);
    records.close();
    raw(path, (db) => {
      const copy =
        "INSERT INTO staff (id, name, since, name_mark) SELECT 'other', 'x', 1, name_mark FROM staff LIMIT 1";
      expect(() => db.exec(copy)).toThrow(/UNIQUE constraint failed: staff.name_mark/);
    });
  });
});

describe("the names of an entry", () => {
  it("that were changed, or belong to another entry, are named by the verification and by the reader", () => {
    fillWithCanaries(records, path);
    records.checkpointIfDirty();
    records.close();
    const named = raw(path, (db) =>
      db.prepare("SELECT idx FROM entry WHERE who IS NOT NULL LIMIT 2").pluck().all(),
    ) as number[];
    const [one, two] = [named[0] ?? -1, named[1] ?? -1];
    raw(path, (db) => {
      db.exec("DROP TRIGGER entry_no_update");
      db.prepare("UPDATE entry SET who = (SELECT who FROM entry WHERE idx = ?) WHERE idx = ?").run(two, one);
    });
    const log = new WatchedLog(path, [vkey]);
    const { ok, words } = log.verify([], { utcMs: () => 0, monoMs: () => 0 });
    log.close();
    expect(ok).toBe(false);
    expect(words).toMatch(new RegExp(`^entry-changed: entry ${one} `));
    const db = openForReading(path);
    const data = db.prepare("SELECT data FROM entry WHERE idx = ?").pluck();
    expect(() => data.get(one)).toThrow(`damaged: entry.who of row ${one} was changed, or belongs to another row`);
    expect(() => data.get(two)).not.toThrow();
    db.close();
  });
});
