import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AdvocateAsk } from "../contract/advocate.ts";
import type { Actor } from "../contract/people.ts";
import { readLooks } from "./advocate-looks.ts";
import { openForReading } from "./open.ts";
import { at, intent, logOptionsOf, scratchFolder, stay } from "./records-for-tests.ts";
import { WardRecords } from "./ward.ts";

let scratch: ReturnType<typeof scratchFolder>;
let records: WardRecords;
const hourMs = 3_600_000;
const person = { kind: "bedside", bed: "room-1", stay: "s1" } as const;

beforeEach(() => {
  scratch = scratchFolder();
  records = new WardRecords(join(scratch.path, "ward.sqlite"), logOptionsOf());
  records.start();
  records.commit([intent("stay.admit")], [stay("s1"), stay("s2", "room-2")], at(0));
});
afterEach(() => {
  records.close();
  scratch.done();
});

const decide = (ask: AdvocateAsk, by: Actor | undefined, afterMs: number) =>
  records.decideAdvocate(ask, by, at(afterMs));
const letLook = (afterMs: number, hours: 1 | 24 | 168 = 1): string => {
  const told = decide({ do: "let-look", hours }, person, afterMs);
  return typeof told === "object" && told.is === "code" ? told.code : expect.fail("no code");
};
const come = (code: string, afterMs: number) =>
  decide({ do: "advocate-in", code, name: "Lena Okafor" }, undefined, afterMs);
const tokenOf = (told: ReturnType<typeof come>): string =>
  typeof told === "object" && told.is === "advocate" ? (told.session ?? "") : expect.fail("not let in");
const whoIs = (token: string, afterMs: number) => records.whoIs(token, at(afterMs).utcMs)?.actor;
const given = (afterMs: number) => {
  const db = openForReading(join(scratch.path, "ward.sqlite"));
  try {
    return readLooks(db, "s1", at(afterMs).utcMs);
  } finally {
    db.close();
  }
};

describe("whom a person lets look", () => {
  it("comes in once with the code, for that stay and that time", () => {
    const code = letLook(0);
    expect(given(1)).toEqual([{ openUntilUtcMs: null }]);
    const token = tokenOf(come(code, 10));
    expect(whoIs(token, 11)).toEqual({ kind: "advocate", number: 1, bed: "room-1", stay: "s1" });
    expect(come(code, 12)).toBe("code-invalid");
    expect(given(13)).toEqual([{ openUntilUtcMs: at(10 + hourMs).utcMs }]);
    expect(whoIs(token, 10 + hourMs)).toBeUndefined();
    expect(given(10 + hourMs)).toEqual([]);
  });

  it("does not come in with a code of yesterday, of nobody, or one that was taken back", () => {
    const old = letLook(0);
    expect(come(old, 25 * hourMs)).toBe("code-invalid");
    expect(come("AAAA-BBBB", 1)).toBe("code-invalid");
    const code = letLook(26 * hourMs);
    expect(decide({ do: "end-looks" }, person, 26 * hourMs + 1)).toEqual({ is: "done" });
    expect(come(code, 26 * hourMs + 2)).toBe("code-invalid");
  });

  it("is out at once when the person ends it, when they leave, and when the stay ends", () => {
    const [first, second, third] = [0, 1, 2].map((ms) => tokenOf(come(letLook(ms, 168), ms + 5))) as [
      string,
      string,
      string,
    ];
    expect(records.signOut(first, at(20))).toEqual({ is: "done" });
    expect([first, second, third].map((token) => whoIs(token, 21)?.kind)).toEqual([undefined, "advocate", "advocate"]);
    decide({ do: "end-looks" }, person, 30);
    expect(whoIs(second, 31)).toBeUndefined();
    const fourth = tokenOf(come(letLook(40, 168), 41));
    records.commit([], [{ table: "stay-end", id: "s1", endedAtUtcMs: at(50).utcMs }], at(50));
    expect(whoIs(fourth, 51)).toBeUndefined();
  });

  it("is the person's to say, and nobody else's", () => {
    for (const by of [undefined, { kind: "staff", id: "n", name: "N", role: "nurse-in-charge" }] as const) {
      expect(decide({ do: "let-look", hours: 1 }, by, 1)).toBeUndefined();
      expect(decide({ do: "end-looks" }, by, 1)).toBeUndefined();
    }
    const code = letLook(2);
    tokenOf(come(code, 3));
    records.close();
    const db = new Database(join(scratch.path, "ward.sqlite"));
    try {
      const longer = "UPDATE advocate_look SET open_until = open_until + 1";
      expect(() => db.prepare(longer).run()).toThrow(/CHECK|begins once/);
      expect(() => db.prepare("UPDATE advocate_look SET stay = 's2'").run()).toThrow("begins once");
    } finally {
      db.close();
    }
  });

  it("is in the log without a name, from the code to the end", () => {
    const token = tokenOf(come(letLook(0), 1));
    records.signOut(token, at(2));
    const db = openForReading(join(scratch.path, "ward.sqlite"));
    const entries = db.prepare("SELECT CAST(data AS TEXT) FROM entry ORDER BY idx").pluck().all() as string[];
    db.close();
    const ours = entries.filter((entry) => entry.includes('"advocate.'));
    expect(ours.map((entry) => (JSON.parse(entry) as { action: string }).action)).toEqual([
      "advocate.let",
      "advocate.begin",
      "advocate.end",
    ]);
    expect(ours.join()).not.toContain("Okafor");
  });
});
