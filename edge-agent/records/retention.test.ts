import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifyLog } from "../audit/verify.ts";
import { dayMs } from "../contract/consent.ts";
import { RetentionPolicy } from "../contract/retention.ts";
import { exportLog } from "./export-log.ts";
import { readExport } from "./read-export.ts";
import { at, fact, granted, intent, logOptionsOf, scratchFolder, stay, vkey } from "./records-for-tests.ts";
import { WardRecords } from "./ward.ts";

let folder: ReturnType<typeof scratchFolder>;
let path: string;
let records: WardRecords;
const policy = RetentionPolicy.parse({});
const both = {
  occupancy: "in-bed",
  movement: 3,
  breathingPerMin: 14,
  lowPerMin: 13,
  highPerMin: 15,
  quality: 0.9,
} as const;

beforeEach(() => {
  folder = scratchFolder();
  path = join(folder.path, "ward.sqlite");
  records = new WardRecords(path, logOptionsOf());
  records.start();
  records.commit([], [stay("s1"), ...granted("s1", "movement-alerts"), ...granted("s1", "breathing-rate")], at(0));
});
afterEach(() => {
  records.close();
  folder.done();
});

/** What a hand at the file can do, and what it cannot. */
function sql<T>(work: (db: Database.Database) => T): T {
  const db = new Database(path);
  try {
    return work(db);
  } finally {
    db.close();
  }
}
const count = (what: string): unknown => sql((db) => db.prepare(`SELECT count(${what}) FROM fact`).pluck().get());
const write = (ms: number): void => records.commit([], [fact("s1", { ...both, atUtcMs: at(ms).utcMs })], at(ms));
const hold = (change: { from?: number; until?: number; expires?: number; second?: string } = {}): void =>
  sql((db) => {
    db.prepare(
      "INSERT INTO hold (stay, from_at, until_at, reason, first_by, second_by, at, expires_at) VALUES ('s1', ?, ?, 'fall', 'Ada', ?, ?, ?)",
    ).run(
      at(change.from ?? 0).utcMs,
      at(change.until ?? dayMs).utcMs,
      change.second ?? "Kim",
      at(0).utcMs,
      at(change.expires ?? 60 * dayMs).utcMs,
    );
  });

describe("what is kept too long", () => {
  it("rates and movement go each in their own time, and the row with the last of them", () => {
    write(1_000);
    write(5 * dayMs);
    const shorter = { ...policy, rateFactsDays: 10 };
    expect(records.purge(shorter, at(12 * dayMs))).toMatchObject({ rateFacts: 1, movementFacts: 0 });
    expect([count("*"), count("breathing_per_min"), count("occupancy")]).toEqual([2, 1, 2]);
    expect(records.purge(shorter, at(31 * dayMs))).toMatchObject({ rateFacts: 1, movementFacts: 1 });
    expect(count("*")).toBe(1);
    expect(records.purge(shorter, at(36 * dayMs))).toMatchObject({ movementFacts: 1 });
    expect(count("*")).toBe(0);
  });
  it("a hold by two people keeps its window until it ends, and can only end sooner", () => {
    write(1_000);
    write(3 * dayMs);
    hold();
    expect(records.purge(policy, at(40 * dayMs))).toMatchObject({ rateFacts: 1 });
    expect(count("*")).toBe(1);
    expect(() => hold({ second: "Ada" })).toThrow("CHECK");
    expect(() => sql((db) => db.prepare("UPDATE hold SET expires_at = expires_at + 1").run())).toThrow(
      "only ends sooner",
    );
    expect(records.purge(policy, at(61 * dayMs))).toMatchObject({ rateFacts: 1 });
    expect(count("*")).toBe(0);
  });
  it("forgets, and never changes: a fact that is written over is refused", () => {
    write(1_000);
    expect(() => sql((db) => db.prepare("UPDATE fact SET breathing_per_min = 12").run())).toThrow("never changed");
    expect(() => sql((db) => db.prepare("DELETE FROM person_check").run())).not.toThrow();
  });
  it("names beside the log go, and every proof of it stays good", () => {
    records.commit([intent("stay.admit", { label: "A.B." })], [], at(0));
    records.commit([intent("stay.admit", { label: "C.D." })], [], at(400 * dayMs));
    records.checkpointIfDirty();
    const before = { ...policy, auditWordsDays: 365 };
    expect(records.purge(before, at(500 * dayMs))).toMatchObject({ auditWords: 1 });
    records.checkpointIfDirty();
    exportLog(path, join(folder.path, "out"), { personalData: "included" });
    const verdict = verifyLog(readExport(join(folder.path, "out")), { vkeys: [vkey], known: [] });
    expect(verdict).toMatchObject({ ok: true, commitmentsChecked: 1 });
    hold({ expires: 900 * dayMs });
    expect(records.purge({ ...before }, at(800 * dayMs))).toMatchObject({ auditWords: 0 });
  });
  it("says in the log that it ran, and how much went", () => {
    records.purge(policy, at(dayMs));
    const last = sql((db) =>
      db.prepare("SELECT CAST(data AS TEXT) FROM entry ORDER BY idx DESC LIMIT 1").pluck().get(),
    );
    expect(String(last)).toContain("retention.purge");
  });
});
