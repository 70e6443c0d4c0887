import { join } from "node:path";
import type Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { storedHashCount } from "../audit/merkle.ts";
import { AuditStore } from "./audit-store.ts";
import { checkStoredLog } from "./check-log.ts";
import { openSealedForWriting } from "./open.ts";
import { at, intent, logOptionsOf, scratchFolder, vkey } from "./records-for-tests.ts";
import { wardMigrations } from "./ward-schema.ts";
import { readLogSeen } from "./watch-store.ts";
import { WatchedLog } from "./watched-log.ts";

/* A log of 40 entries, of which a start reads the last 8; its checkpoints sign 25 and 40. */

const tail = 8;
const clock = { utcMs: () => at(0).utcMs, monoMs: () => 0 };
let folder: ReturnType<typeof scratchFolder>;
let file: string;
let db: Database.Database;

beforeEach(() => {
  folder = scratchFolder();
  file = join(folder.path, "ward.sqlite");
  db = openSealedForWriting(file, wardMigrations);
  const store = new AuditStore(db, logOptionsOf());
  store.checkOnStart();
  for (let n = 0; n < 40; n += 1) {
    db.transaction(() => store.append(intent("page.open"), at(n))).immediate();
    if (n === 24 || n === 39) store.checkpoint();
  }
  for (const name of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all()) {
    db.exec(`DROP TRIGGER ${String(name)}`);
  }
});
afterEach(() => {
  db.close();
  folder.done();
});

const edit = (seq: number) =>
  db
    .prepare("UPDATE main.entry SET data = CAST(replace(data, 'page.open', 'page.shut') AS BLOB) WHERE idx = ?")
    .run(seq);
const start = () => checkStoredLog(db, [vkey], tail);

describe("a start, which reads the end of a log only", () => {
  it.each([1, 2, 7, 8, 9, 39, 40, 41])("goes on with an honest log, whose last %i entries it reads", (length) => {
    expect(() => checkStoredLog(db, [vkey], length)).not.toThrow();
  });

  it.each([32, 35, 39])("refuses where entry %i, of its end, was changed", (seq) => {
    edit(seq);
    expect(start).toThrow(`log-damaged: entry ${seq} does not have the hash that was stored`);
  });

  it("refuses where the end was cut off, with its hashes and without", () => {
    db.exec("DELETE FROM main.entry WHERE idx >= 36");
    expect(start).toThrow("belongs to no entry: entries after 35 are missing");
    db.prepare("DELETE FROM hash WHERE idx >= ?").run(storedHashCount(36));
    expect(start).toThrow("log-damaged: 40 entries were signed, and 36 are here: entry 36 is missing");
  });

  it("refuses where a stored hash that the newest checkpoint stands on is another or missing", () => {
    // Of all 32 entries before the end: level 5, number 0.
    db.prepare("UPDATE hash SET h = zeroblob(32) WHERE idx = 62").run();
    expect(start).toThrow("log-damaged: the checkpoint of 40 entries is not that of the entries up to 39");
    db.prepare("DELETE FROM hash WHERE idx = 62").run();
    expect(start).toThrow("log-damaged: stored hash 62 is missing");
  });

  it("goes on where an entry long before was changed, and the verification beside the ward names it and keeps that", () => {
    edit(3);
    expect(start).not.toThrow();
    const watched = new WatchedLog(file, [vkey]);
    const found = watched.verify([], clock);
    watched.close();
    expect(found).toMatchObject({ ok: false, words: expect.stringMatching(/^entry-changed: entry 3 is not the one/) });
    expect(readLogSeen(file)?.verification).toMatchObject({ ok: false, words: found.words });
  });
});
