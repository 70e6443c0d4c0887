import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Access, type AccessAsk, accessState, mayReadAccess, reviewOverdue } from "../contract/access.ts";
import { dayMs } from "../contract/consent.ts";
import type { Actor } from "../contract/people.ts";
import type { StaffRole } from "../contract/words.ts";
import { listAccess, readAccess } from "./access.ts";
import { readAccessRecords } from "./access-reading.ts";
import { openForReading } from "./open.ts";
import { readPersonExport } from "./person-export.ts";
import { alarm, at, consent, fact, granted, intent, logOptionsOf, scratchFolder, stay } from "./records-for-tests.ts";
import { WardRecords } from "./ward.ts";

let scratch: ReturnType<typeof scratchFolder>;
let records: WardRecords;
const hourMs = 3_600_000;
const minuteMs = 60_000;
const staff = (id: string, role: StaffRole) => ({ kind: "staff", id, name: `${id}'s name`, role }) as const;
const ada = staff("ada", "nurse-in-charge");
const ben = staff("ben", "governance-lead");
const cleo = staff("cleo", "governance-lead");

beforeEach(() => {
  scratch = scratchFolder();
  records = new WardRecords(join(scratch.path, "ward.sqlite"), logOptionsOf());
  records.start();
  records.commit([intent("stay.admit")], [stay("s1"), stay("s2", "room-2")], at(0));
  records.commit([], granted("s1", "movement-alerts"), at(1));
  records.commit([], [alarm({ id: "room-1-1" }), fact("s1", { occupancy: "in-bed" })], at(2));
});
afterEach(() => {
  records.close();
  scratch.done();
});

const read = <T>(question: (db: ReturnType<typeof openForReading>) => T): T => {
  const db = openForReading(join(scratch.path, "ward.sqlite"));
  try {
    return question(db);
  } finally {
    db.close();
  }
};
const of = (number: number): Access => read((db) => readAccess(db, number)) ?? expect.fail("no such access");
/** As a program would that knows no rules. */
const write = (statement: string, ...values: readonly (string | number)[]) => {
  records.close();
  const db = new Database(join(scratch.path, "ward.sqlite"));
  try {
    return db.prepare(statement).run(...values);
  } finally {
    db.close();
  }
};
type AskAccess = Extract<AccessAsk, { do: "ask-access" }>;
const asking = (change: Partial<AskAccess> = {}): AskAccess => ({
  do: "ask-access",
  kind: "break-glass",
  bed: "room-1",
  fromUtcMs: at(0).utcMs - hourMs,
  untilUtcMs: at(0).utcMs + hourMs,
  reason: "found unwell, history needed",
  forMs: 60 * minuteMs,
  lawful: null,
  untold: null,
  ...change,
});
const hold = (change: Partial<AskAccess> = {}) =>
  asking({ kind: "hold", forMs: 30 * dayMs, lawful: "Coroners and Justice Act 2009", ...change });
const decide = (ask: AccessAsk, by: Extract<Actor, { kind: "staff" }>, afterMs: number) =>
  records.decideAccess(ask, by, at(afterMs));
const agreed = (ask: AskAccess, afterMs = hourMs): number => {
  expect(decide(ask, ada, afterMs)).toMatchObject({ is: "access" });
  const number = read(listAccess)[0]?.number ?? expect.fail("nothing was asked");
  expect(decide({ do: "agree-access", number }, ben, afterMs + 1)).toEqual({ is: "access", number });
  return number;
};
const readBy = (number: number, staffId: string, afterMs: number) =>
  read((db) => readAccessRecords(db, db, { number, staffId, nowUtcMs: at(afterMs).utcMs }));
const actions = () =>
  read((db) => db.prepare("SELECT CAST(data AS TEXT) FROM entry ORDER BY idx").pluck().all() as string[])
    .map((entry) => (JSON.parse(entry) as { action: string }).action)
    .filter((action) => action.startsWith("access."));

describe("records that two people open", () => {
  it("are open to these two alone, for an hour at most, and each step is an entry", () => {
    const number = agreed(asking());
    expect(of(number)).toMatchObject({ stay: "s1", label: "A.B.", asked: { id: "ada" }, agreed: { id: "ben" } });
    expect(readBy(number, "ada", hourMs + 2)?.tables.find(({ table }) => table === "alarm")?.rows).toHaveLength(1);
    expect(readBy(number, "ben", hourMs + 2)?.facts).toBe(1);
    expect(readBy(number, "cleo", hourMs + 2)).toBeUndefined();
    expect(readBy(number, "ada", 2 * hourMs + 2)).toBeUndefined();
    expect(accessState(of(number), at(2 * hourMs + 2).utcMs)).toBe("over");
    expect(actions()).toEqual(["access.ask", "access.agree"]);
    expect(JSON.stringify(readBy(number, "ada", hourMs + 2))).not.toContain("s2");
  });

  it("need a second person, whatever writes into the database", () => {
    decide(asking(), ada, 1);
    const number = read(listAccess)[0]?.number ?? 0;
    expect(decide({ do: "agree-access", number }, ada, 2)).toMatchObject({ why: "policy" });
    expect(mayReadAccess(of(number), "ada", at(2).utcMs)).toBe(false);
    expect(decide({ do: "agree-access", number }, ben, dayMs + 2)).toMatchObject({ why: "policy" });
    expect(decide({ do: "agree-access", number: 99 }, ben, 2)).toMatchObject({ why: "not-found" });
    const agree = "UPDATE access SET agreed_by = ?, agreed_name = 'x', agreed_at = 1, open_until = ? WHERE number = ?";
    expect(() => write(agree, "ada", 2, number)).toThrow("CHECK");
    expect(() => write(agree, "ben", 2 + 61 * minuteMs, number)).toThrow("CHECK");
    write(agree, "ben", 2, number);
    expect(() => write(agree, "cleo", 2, number)).toThrow("what was decided");
    expect(() => write("DELETE FROM access")).toThrow("append-only");
  });

  it.each([
    ["longer than an hour", asking({ forMs: 61 * minuteMs })],
    ["without telling the person", asking({ untold: "a law" })],
    ["of a time to come", asking({ fromUtcMs: at(dayMs).utcMs, untilUtcMs: at(2 * dayMs).utcMs })],
    ["of a window that ends before it begins", asking({ untilUtcMs: at(0).utcMs - 2 * hourMs })],
    ["of more than a month", hold({ fromUtcMs: at(0).utcMs - 32 * dayMs })],
  ])("are not opened %s", (_what, ask) => {
    expect(decide(ask, ada, hourMs)).toMatchObject({ why: "policy" });
    expect(read(listAccess)).toEqual([]);
  });

  it("are of one person: of a bed where nobody was, or two were, nothing is opened", () => {
    expect(decide(asking({ bed: "room-9" }), ada, 1)).toMatchObject({ why: "not-found" });
    records.commit([], [{ table: "stay-end", id: "s1", endedAtUtcMs: at(10).utcMs }], at(10));
    records.commit([], [{ ...stay("s3"), startedAtUtcMs: at(20).utcMs } as ReturnType<typeof stay>], at(20));
    expect(decide(asking(), ada, hourMs)).toMatchObject({ why: "policy" });
    expect(decide(asking({ untilUtcMs: at(15).utcMs }), ada, hourMs)).toMatchObject({ is: "access" });
    expect(read(listAccess)[0]?.stay).toBe("s1");
  });

  it("are held against the purge by two people, until it is over or ended", () => {
    const policy = {
      rateFactsDays: 30,
      movementFactsDays: 30,
      alarmsDays: 365,
      checksDays: 3_650,
      auditWordsDays: 3_650,
    };
    const number = agreed(hold({ forMs: 60 * dayMs }));
    expect(records.purge(policy, at(40 * dayMs))).toMatchObject({ movementFacts: 0 });
    expect(readBy(number, "ada", 40 * dayMs)?.facts).toBe(1);
    expect(decide({ do: "end-access", number }, staff("dan", "nurse"), 41 * dayMs)).toMatchObject({
      why: "not-allowed",
    });
    expect(decide({ do: "end-access", number }, cleo, 41 * dayMs)).toEqual({ is: "done" });
    expect(readBy(number, "ada", 41 * dayMs)).toBeUndefined();
    expect(records.purge(policy, at(42 * dayMs))).toMatchObject({ movementFacts: 1 });
    expect(decide({ do: "end-access", number }, cleo, 43 * dayMs)).toMatchObject({ why: "already-done" });
  });

  it("after an incident are not opened without the person's yes to it, or a law that is named", () => {
    expect(decide(hold({ lawful: null }), ada, 1)).toMatchObject({ why: "policy" });
    const review = "incident-review" as "breathing-rate";
    records.commit([], [consent("s1", review, "offered"), consent("s1", review, "granted")], at(3));
    expect(decide(hold({ lawful: null }), ada, 4)).toMatchObject({ is: "access" });
    // Leaving the ward takes back nothing.
    records.commit([], [consent("s1", review, "ended")], at(5));
    expect(decide(hold({ lawful: null }), ada, 6)).toMatchObject({ is: "access" });
    const s2 = hold({ lawful: null, bed: "room-2" });
    records.commit([], [consent("s2", review, "offered"), consent("s2", review, "granted")], at(7));
    records.commit([], [consent("s2", review, "withdrawn")], at(8));
    expect(decide(s2, ada, 9)).toMatchObject({ why: "policy" });
  });

  it("when glass was broken, a third person says whether that was right, within a day", () => {
    const number = agreed(asking());
    expect(reviewOverdue(of(number), at(20 * hourMs).utcMs)).toBe(false);
    expect(reviewOverdue(of(number), at(26 * hourMs).utcMs)).toBe(true);
    const review = { do: "review-access", number, right: true, words: "Needed." } as const;
    expect(decide(review, ben, 26 * hourMs)).toMatchObject({ why: "policy" });
    expect(decide(review, cleo, 26 * hourMs)).toEqual({ is: "done" });
    expect(reviewOverdue(of(number), at(27 * hourMs).utcMs)).toBe(false);
    expect(decide(review, cleo, 27 * hourMs)).toMatchObject({ why: "already-done" });
    expect(of(number).review).toMatchObject({ id: "cleo", right: true });
    const held = agreed(hold(), 30 * hourMs);
    expect(decide({ ...review, number: held }, cleo, 31 * hourMs)).toMatchObject({ why: "already-done" });
  });

  it("are in what the person is given, but for a look of which a law says otherwise", () => {
    agreed(asking());
    agreed(hold({ untold: "Criminal Justice Act" }), 2 * hourMs);
    const given = read((db) => readPersonExport(db, db, "s1"))?.tables.find(({ table }) => table === "access");
    expect(given?.rows).toHaveLength(1);
    expect(JSON.stringify(given)).toContain("break-glass");
  });
});
