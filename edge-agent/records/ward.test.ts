import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifyLog } from "../audit/verify.ts";
import { dayMs } from "../contract/consent.ts";
import type { StoreRow } from "../contract/door.ts";
import type { WardStore } from "../ports.ts";
import { exportLog } from "./export-log.ts";
import { openForReading } from "./open.ts";
import { readExport } from "./read-export.ts";
import {
  alarm,
  at,
  consent,
  fact,
  granted,
  intent,
  logOptionsOf,
  scratchFolder,
  stay,
  vkey,
} from "./records-for-tests.ts";
import { StoreError } from "./store-error.ts";
import { WardRecords } from "./ward.ts";

let folder: ReturnType<typeof scratchFolder>;
let path: string;
let records: WardRecords;
const trust = { vkeys: [vkey], known: [] };

beforeEach(() => {
  folder = scratchFolder();
  path = join(folder.path, "ward.sqlite");
  records = new WardRecords(path, logOptionsOf());
  records.start();
});
afterEach(() => {
  records.close();
  folder.done();
});

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (cause) {
    if (cause instanceof StoreError) return cause.code;
    throw cause;
  }
  return "did not throw";
};
/** What another process sees. */
function seen(sql: string): unknown {
  const db = openForReading(path);
  try {
    return db.prepare(sql).pluck().get();
  } finally {
    db.close();
  }
}
const write = (...rows: readonly StoreRow[]): void => records.commit([], rows, at(0));
describe("the file", () => {
  it("is a store of the loop, for this user only, with a write-ahead log that is synced at each commit", () => {
    const store: WardStore = records;
    store.commit([intent("process.start")], [], at(0));
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(seen("PRAGMA journal_mode")).toBe("wal");
    expect(readFileSync(path).includes("A.B.")).toBe(false);
  });

  it("is read while it is written and after it is closed, and a reader cannot write", () => {
    write(stay("s1"));
    expect(seen("SELECT count(*) FROM stay")).toBe(1);
    const reader = openForReading(path);
    expect(() => reader.exec("DELETE FROM main.stay")).toThrow(/readonly/);
    reader.close();
    records.close();
    expect(seen("SELECT count(*) FROM stay")).toBe(1);
    expect(seen("SELECT label FROM stay")).toBe("A.B.");
    expect(codeOf(() => openForReading(join(folder.path, "none.sqlite")))).toBe("io");
    expect(existsSync(join(folder.path, "none.sqlite"))).toBe(false);
  });

  it("says that it is closed, and that it is no database", () => {
    records.close();
    records.close();
    expect(codeOf(() => write(stay("s1")))).toBe("closed");
    const other = new WardRecords(join(folder.path, "records.txt"), logOptionsOf());
    const text = new Database(join(folder.path, "x.sqlite"));
    text.pragma("user_version = 99");
    text.close();
    expect(codeOf(() => new WardRecords(join(folder.path, "x.sqlite"), logOptionsOf()).start())).toBe("newer-schema");
    expect(codeOf(() => other.commit([], [], at(0)))).toBe("closed");
  });

  it("says that another process is writing", () => {
    const other = new Database(path);
    other.exec("BEGIN IMMEDIATE");
    expect(codeOf(() => write(stay("s1")))).toBe("locked");
    other.exec("ROLLBACK");
    other.close();
    write(stay("s1"));
  });
});

describe("a commit", () => {
  it("is all or nothing", () => {
    write(stay("s1"));
    const before = seen("SELECT count(*) FROM entry");
    const rows = [consent("s1", "movement-alerts", "offered"), fact("s1", { movement: 3 })];
    expect(codeOf(() => records.commit([intent("consent.offer", { who: "x" })], rows, at(1)))).toBe("refused");
    expect(seen("SELECT count(*) FROM entry")).toBe(before);
    expect(seen("SELECT count(*) FROM phi")).toBe(0);
    expect(seen("SELECT count(*) FROM consent")).toBe(0);
  });

  it("leaves nothing behind on a full disk, and works again when there is room", () => {
    const db = new Database(path);
    const pages = Number(db.pragma("page_count", { simple: true }));
    db.close();
    records.close();
    records = new WardRecords(path, logOptionsOf());
    records.start();
    // The limit belongs to the connection that writes.
    const connection = (records as unknown as { open: { db: Database.Database } }).open.db;
    connection.pragma(`max_page_count = ${pages + 4}`);
    let committed = 0;
    const big = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, "x".repeat(100)]));
    const once = (): void =>
      records.commit(
        [intent("stay.admit", big), intent("page.open", big)],
        [stay(`s${committed}`, `b${committed}`)],
        at(0),
      );
    let code = "";
    while (code === "" && committed < 500) {
      try {
        once();
        committed += 1;
      } catch (cause) {
        code = cause instanceof StoreError ? cause.code : String(cause);
      }
    }
    expect(code).toBe("disk-full");
    expect(committed).toBeGreaterThan(0);
    expect(seen("SELECT count(*) FROM entry")).toBe(2 * committed);
    expect(seen("SELECT count(*) FROM phi")).toBe(2 * committed);
    expect(seen("SELECT count(*) FROM stay")).toBe(committed);
    connection.pragma("max_page_count = 100000");
    once();
    expect(seen("SELECT count(*) FROM stay")).toBe(committed + 1);
    records.checkpointIfDirty();
    exportLog(path, join(folder.path, "out"), { personalData: "left-out" });
    expect(verifyLog(readExport(join(folder.path, "out")), trust).faults).toEqual([]);
  });

  it("is signed at once for alarms and consent, otherwise by checkpointIfDirty, and once", () => {
    records.commit([intent("page.open")], [], at(0));
    expect(seen("SELECT max(size) FROM checkpoint")).toBeNull();
    records.checkpointIfDirty();
    records.checkpointIfDirty();
    expect(seen("SELECT count(*) FROM checkpoint")).toBe(1);
    records.commit([intent("consent.offer")], [], at(1));
    expect(seen("SELECT max(size) FROM checkpoint")).toBe(2);
    records.commit([intent("alert.raise"), intent("page.open")], [], at(2));
    expect(seen("SELECT max(size) FROM checkpoint")).toBe(4);
  });
});

describe("facts are refused without a grant", () => {
  const movement = fact("s1", { occupancy: "in-bed", movement: 3 });
  const rate = fact("s1", { breathingPerMin: 14, lowPerMin: 13, highPerMin: 15, quality: 0.9 });

  it("in a fresh database, for a stay of nobody", () => {
    expect(codeOf(() => write(movement))).toBe("refused");
    expect(seen("SELECT count(*) FROM fact")).toBe(0);
  });

  it.each(["offered", "withdrawn", "ended"] as const)("while %s", (state) => {
    write(stay("s1"), consent("s1", "movement-alerts", state), consent("s1", "breathing-rate", state));
    for (const row of [movement, rate]) expect(codeOf(() => write(row))).toBe("refused");
  });

  it("for the purpose that was not granted, column by column", () => {
    write(stay("s1"), ...granted("s1", "movement-alerts"));
    write(movement);
    for (const part of [
      { breathingPerMin: 14 },
      { lowPerMin: 13 },
      { highPerMin: 15 },
      { quality: 1 },
      { reason: "moving" as const },
    ]) {
      expect(
        codeOf(() => write(fact("s1", { movement: 3, ...part }))),
        JSON.stringify(part),
      ).toBe("refused");
    }
    write(...granted("s1", "breathing-rate"), consent("s1", "movement-alerts", "withdrawn"), rate);
    for (const part of [
      { occupancy: "empty" as const },
      { movement: 0 },
      { place: "floor" as const },
      { people: "one" as const },
    ]) {
      expect(codeOf(() => write(fact("s1", { quality: 1, ...part })))).toBe("refused");
    }
    expect(seen("SELECT count(*) FROM fact")).toBe(2);
  });

  it("after the stay ended, and for the next person in the same bed", () => {
    const grant = [...granted("s1", "movement-alerts"), ...granted("s1", "breathing-rate")];
    write(stay("s1"), ...grant, movement, rate);
    write({ table: "stay-end", id: "s1", endedAtUtcMs: at(5).utcMs }, stay("s2"));
    for (const row of [movement, rate, fact("s2", { movement: 3 })]) expect(codeOf(() => write(row))).toBe("refused");
    for (const row of grant) expect(codeOf(() => write(row))).toBe("refused");
  });

  it("after its end, although nobody wrote that it ended", () => {
    write(stay("s1"), ...granted("s1", "movement-alerts"));
    const until = at(7 * dayMs).utcMs;
    write(fact("s1", { movement: 3, atUtcMs: until - 1 }));
    expect(codeOf(() => write(fact("s1", { movement: 3, atUtcMs: until })))).toBe("refused");
  });

  it("while paused, refused or expired", () => {
    for (const state of ["paused", "refused", "expired"] as const) {
      write(stay(state, state), ...granted(state, "movement-alerts"), consent(state, "movement-alerts", state));
      expect(codeOf(() => write(fact(state, { movement: 3 })))).toBe("refused");
    }
  });

  it("and a fact of nothing is no fact", () => {
    write(stay("s1"));
    expect(codeOf(() => write(fact("s1", {})))).toBe("refused");
  });
});

describe("rules of the rows", () => {
  it("one open stay a bed; a stay ends once", () => {
    write(stay("s1"));
    expect(codeOf(() => write(stay("s2")))).toBe("refused");
    write({ table: "stay-end", id: "s1", endedAtUtcMs: at(5).utcMs });
    expect(codeOf(() => write({ table: "stay-end", id: "s1", endedAtUtcMs: at(6).utcMs }))).toBe("refused");
  });

  it("lease numbers only rise", () => {
    write({ table: "lease-number", bed: "room-1", number: 5, stay: null });
    write({ table: "lease-number", bed: "room-1", number: 6, stay: null });
    expect(codeOf(() => write({ table: "lease-number", bed: "room-1", number: 4, stay: null }))).toBe("refused");
    expect(records.restoreRoom("room-1").leaseNumber).toBe(6);
  });

  it("an alarm keeps its stay", () => {
    write(stay("s1"), stay("s2", "room-2"), alarm());
    expect(codeOf(() => write(alarm({ stay: "s2" })))).toBe("refused");
    expect(codeOf(() => write(alarm({ id: "other", stay: "nobody" })))).toBe("refused");
  });
});

describe("exporting", () => {
  const leftOut = { personalData: "left-out" } as const;
  it("gives what the verifier needs, no personal data, and never mixes two exports", () => {
    records.commit([intent("stay.admit", { label: "Very Secret" }), intent("consent.grant")], [], at(0));
    const out = join(folder.path, "out");
    expect(exportLog(path, out, leftOut)).toMatchObject({ entries: 2, checkpoints: 1, unsigned: 0 });
    expect(verifyLog(readExport(out), trust)).toMatchObject({ ok: true, entries: 2, signedEntries: 2 });
    expect(readdirSync(out).toSorted()).toEqual(["checkpoints.txt", "entries.jsonl", "hashes.txt", "vkey.txt"]);
    for (const file of readdirSync(out)) expect(readFileSync(join(out, file)).includes("Very Secret")).toBe(false);
    expect(codeOf(() => exportLog(path, out, leftOut))).toBe("refused");
    expect(codeOf(() => exportLog(path, join(path, "below-a-file"), leftOut))).toBe("io");
  });

  it("ends with the newest checkpoint, says what it left out, and exports nothing that nobody signed", () => {
    const out = join(folder.path, "out");
    records.commit([intent("page.open", { label: "first" })], [], at(0));
    expect(codeOf(() => exportLog(path, out, { personalData: "included" }))).toBe("refused");
    expect(existsSync(out)).toBe(false);
    records.checkpointIfDirty();
    records.commit([intent("page.open"), intent("page.open", { label: "third" })], [], at(1));
    const exported = exportLog(path, out, { personalData: "included" });
    expect(exported).toMatchObject({ entries: 1, checkpoints: 1, unsigned: 2 });
    const verdict = verifyLog(readExport(out), trust);
    expect(verdict).toMatchObject({ ok: true, entries: 1, signedEntries: 1, commitmentsChecked: 1 });
    expect(readFileSync(join(out, "phi.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(1);
  });
});
