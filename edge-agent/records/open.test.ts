import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrate } from "./migrations.ts";
import { openForReading, openForWriting } from "./open.ts";
import { scratchFolder } from "./records-for-tests.ts";
import { StoreError } from "./store-error.ts";

let folder: ReturnType<typeof scratchFolder>;
let path: string;
beforeEach(() => {
  folder = scratchFolder();
  path = join(folder.path, "deep", "x.sqlite");
});
afterEach(() => folder.done());

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (cause) {
    if (cause instanceof StoreError) return cause.code;
    throw cause;
  }
  return "did not throw";
};

describe("opening", () => {
  it("sets what a crash and a thief are answered with", () => {
    const db = openForWriting(path);
    const pragma = (name: string): unknown => db.pragma(name, { simple: true });
    expect(pragma("journal_mode")).toBe("wal");
    expect(pragma("synchronous")).toBe(2); // FULL
    expect(pragma("secure_delete")).toBe(1);
    expect(pragma("foreign_keys")).toBe(1);
    expect(pragma("recursive_triggers")).toBe(1);
    expect(pragma("trusted_schema")).toBe(0);
    db.exec("CREATE TABLE t (a) STRICT".replace("(a)", "(a INTEGER)"));
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o077, file).toBe(0);
    db.close();
  });

  it("says that a file is no database", () => {
    const text = join(folder.path, "x.txt");
    writeFileSync(text, "not a database, but long enough to be looked at as one. ".repeat(40));
    expect(codeOf(() => openForWriting(text))).toBe("damaged");
  });

  it("says that a place cannot be opened", () => {
    expect(codeOf(() => openForWriting(folder.path))).toBe("io");
    expect(codeOf(() => openForReading(path))).toBe("io");
  });
});

describe("migrating", () => {
  const first = "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);";
  const second = "ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = 2;";

  it("brings any version to the newest, keeping what is there, and does nothing the second time", () => {
    const db = openForWriting(path);
    migrate(db, [first]);
    migrate(db, [first, second]);
    migrate(db, [first, second]);
    expect(db.prepare("SELECT x, y FROM a").all()).toEqual([{ x: 1, y: 2 }]);
    expect(db.pragma("user_version", { simple: true })).toBe(2);
    db.close();
  });

  it("is all or nothing", () => {
    const db = openForWriting(path);
    migrate(db, [first]);
    expect(() => migrate(db, [first, `${second} INSERT INTO nowhere VALUES (1);`])).toThrow(/nowhere/);
    expect(db.prepare("SELECT * FROM a").all()).toEqual([{ x: 1 }]);
    expect(db.pragma("user_version", { simple: true })).toBe(1);
    db.close();
  });

  it("leaves a newer database alone", () => {
    const db = openForWriting(path);
    migrate(db, [first, second]);
    expect(codeOf(() => migrate(db, [first]))).toBe("newer-schema");
    expect(db.prepare("SELECT x, y FROM a").all()).toEqual([{ x: 1, y: 2 }]);
    db.close();
  });
});
