import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifyLog } from "../audit/verify.ts";
import { exportLog } from "./export-log.ts";
import { openForReading } from "./open.ts";
import { readExport } from "./read-export.ts";
import { at, intent, logOptionsOf, scratchFolder, stay, vkey } from "./records-for-tests.ts";
import { WardRecords } from "./ward.ts";

let scratch: ReturnType<typeof scratchFolder>;
let records: WardRecords;
const path = () => join(scratch.path, "ward.sqlite");
const lead = { kind: "staff", id: "lead", name: "Ben", role: "governance-lead" } as const;
const hourMs = 3_600_000;

beforeEach(() => {
  scratch = scratchFolder();
  records = new WardRecords(path(), logOptionsOf());
  records.start();
  for (const [id, bed, label] of [
    ["s1", "room-1", "A.B."],
    ["s2", "room-2", "C.D."],
  ] as const)
    records.commit([{ ...intent("stay.admit", { label }), detail: { bed, stay: id } }], [stay(id, bed)], at(0));
});
afterEach(() => {
  records.close();
  scratch.done();
});

const read = <T>(question: (db: ReturnType<typeof openForReading>) => T): T => {
  const db = openForReading(path());
  try {
    return question(db);
  } finally {
    db.close();
  }
};
const words = () => read((db) => db.prepare("SELECT CAST(blob AS TEXT) FROM phi ORDER BY seq").pluck().all()).join();
const erase = (bed: string, momentMs: number, nowMs: number) =>
  records.eraseWords({ do: "erase-words", bed, atUtcMs: at(momentMs).utcMs, reason: "they asked" }, lead, at(nowMs));
const leave = (id: string, ms: number) =>
  records.commit([], [{ table: "stay-end", id, endedAtUtcMs: at(ms).utcMs }], at(ms));

describe("words beside the log, on a person's request", () => {
  it("are gone for that person alone, and every proof stays good", () => {
    leave("s1", hourMs);
    expect(erase("room-1", 10, 2 * hourMs)).toEqual({ is: "done" });
    expect(words()).not.toContain("A.B.");
    expect(words()).toContain("C.D.");
    records.checkpointIfDirty();
    exportLog(path(), join(scratch.path, "out"), { personalData: "included" });
    const verdict = verifyLog(readExport(join(scratch.path, "out")), { vkeys: [vkey], known: [] });
    // Of the other person, and the reason for the erasure.
    expect(verdict).toMatchObject({ ok: true, entries: 3, commitmentsChecked: 2 });
  });

  it("stay while the person is here, while they are held, and where nobody was", () => {
    expect(erase("room-1", 10, hourMs)).toMatchObject({ why: "policy" });
    expect(erase("room-7", 10, hourMs)).toMatchObject({ why: "not-found" });
    const window = { bed: "room-1", fromUtcMs: at(0).utcMs, untilUtcMs: at(hourMs).utcMs, forMs: 10 * hourMs } as const;
    const hold = {
      do: "ask-access",
      kind: "hold",
      ...window,
      reason: "a fall",
      lawful: "a law",
      untold: null,
    } as const;
    records.decideAccess(hold, lead, at(hourMs));
    const second = { ...lead, id: "second", name: "Ada" };
    records.decideAccess({ do: "agree-access", number: 1 }, second, at(hourMs + 1));
    leave("s1", 2 * hourMs);
    expect(erase("room-1", 10, 3 * hourMs)).toMatchObject({ why: "policy" });
    expect(words()).toContain("A.B.");
    expect(erase("room-1", 10, 12 * hourMs)).toEqual({ is: "done" });
    expect(words()).not.toContain("A.B.");
  });
});
