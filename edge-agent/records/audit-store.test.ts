import { generateKeyPairSync } from "node:crypto";
import type Database from "better-sqlite3";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openCheckpoint } from "../audit/checkpoint.ts";
import { readEntry } from "../audit/entry.ts";
import { storedHashCount } from "../audit/merkle.ts";
import { followOrder, orderAtStart } from "../audit/order.ts";
import { AuditStore } from "./audit-store.ts";
import { dashboardMigrations } from "./dashboard-log.ts";
import { openSealedForWriting } from "./open.ts";
import { at, intent, logOptionsOf, origin, vkey } from "./records-for-tests.ts";
import { StoreError } from "./store-error.ts";

let db: Database.Database;
let store: AuditStore;
const boot = "33333333-3333-4333-8333-333333333333";
const append = (...intents: readonly ReturnType<typeof intent>[]): number[] =>
  db.transaction(() => intents.map((one, n) => store.append(one, at(n)))).immediate();

beforeEach(() => {
  db = openSealedForWriting(":memory:", dashboardMigrations);
  store = new AuditStore(db, logOptionsOf({ boot }));
  store.checkOnStart();
});
afterEach(() => {
  db.close();
});

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (cause) {
    if (cause instanceof StoreError) return `${cause.code}: ${cause.message}`;
    throw cause;
  }
  return "did not throw";
};
const entryAt = (seq: number) => {
  const read = readEntry(db.prepare("SELECT data FROM entry WHERE idx = ?").pluck().get(seq) as Buffer);
  return read.ok ? read.entry : expect.fail(read.words);
};

describe("appending", () => {
  it("numbers entries, stores their hashes, and signs a root that a reader can open", () => {
    expect(append(...Array.from({ length: 11 }, () => intent("page.open")))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(db.prepare("SELECT count(*) FROM hash").pluck().get()).toBe(storedHashCount(11));
    expect(store.signedSize()).toBe(0);
    const note = store.checkpoint() ?? expect.fail("nothing was signed");
    expect(openCheckpoint(note, [vkey])).toMatchObject({ ok: true, checkpoint: { origin, size: 11 } });
    expect(store.checkpoint()).toBe(note);
    expect(store.signedSize()).toBe(11);
    expect(db.prepare("SELECT count(*) FROM checkpoint").pluck().get()).toBe(1);
    store.checkOnStart();
  });

  it("keeps personal data beside the log only, with a fresh salt for each entry", () => {
    append(intent("stay.admit", { label: "A.B." }), intent("stay.admit", { label: "A.B." }), intent("page.open"));
    const rows = db.prepare("SELECT seq, salt, blob FROM phi ORDER BY seq").all() as { seq: number; salt: Buffer }[];
    expect(rows.map((row) => row.seq)).toEqual([0, 1]);
    expect(rows[0]?.salt.equals(rows[1]?.salt ?? Buffer.alloc(0))).toBe(false);
    const entries = db.prepare("SELECT data FROM entry").pluck().all() as Buffer[];
    expect(entries.some((data) => data.includes("A.B."))).toBe(false);
    expect(entryAt(0).subj).not.toBe(entryAt(1).subj);
    expect(entryAt(2).subj).toBeNull();
  });

  it.each([
    ["a lone surrogate", { ...intent("page.open"), detail: { text: "a\ud800" } }, at(1)],
    ["a lone surrogate in personal data", intent("stay.admit", { label: "\udc00" }), at(1)],
    ["a number that JSON has not", { ...intent("page.open"), detail: { n: Number.NaN } }, at(1)],
    ["too much", { ...intent("page.open"), detail: { text: "x".repeat(70_000) } }, at(1)],
    [
      "a name that no reader accepts",
      { ...intent("page.open"), actor: { kind: "setup", name: "   " } as const },
      at(1),
    ],
    ["no moment", intent("page.open"), { ...at(1), utcMs: Number.NaN }],
    ["a moment past the year 9999", intent("page.open"), { ...at(1), utcMs: Date.UTC(10_000, 1) }],
    ["a clock past 20 digits", intent("page.open"), { ...at(1), monoNs: 10n ** 20n }],
  ])("refuses %s, which no entry can hold, and goes on", (_name, unwritable, stamp) => {
    for (const first of [0, 1]) {
      expect(codeOf(() => db.transaction(() => store.append(unwritable, stamp)).immediate())).toMatch(/^refused/);
      expect(store.size()).toBe(first);
      expect(append(intent("page.open"))).toEqual([first]);
    }
    expect(db.prepare("SELECT count(*) FROM phi").pluck().get()).toBe(0);
    store.checkOnStart();
  });

  it("writes clock.step before an entry whose time goes back", () => {
    db.transaction(() => store.append(intent("page.open"), at(60_000))).immediate();
    const late = { utcMs: at(0).utcMs, monoNs: at(61_000).monoNs };
    expect(db.transaction(() => store.append(intent("sign-out"), late)).immediate()).toBe(2);
    expect([0, 1, 2].map((seq) => entryAt(seq).action)).toEqual(["page.open", "clock.step", "sign-out"]);
    expect(entryAt(1).detail).toEqual({ behindPreviousEntryMs: 60_000 });
  });

  it("gives an event that waited the time of the entry before it, and says when it happened", () => {
    for (const ms of [60_000, 50_000, 59_999, 60_001]) {
      db.transaction(() => store.append(intent("page.open"), at(ms))).immediate();
    }
    const iso = (ms: number): string => new Date(at(ms).utcMs).toISOString();
    expect([0, 1, 2, 3].map((seq) => [entryAt(seq).action, entryAt(seq).t, entryAt(seq).detail.happenedAt])).toEqual([
      ["page.open", iso(60_000), undefined],
      ["page.open", iso(60_000), iso(50_000)],
      ["page.open", iso(60_000), iso(59_999)],
      ["page.open", iso(60_001), undefined],
    ]);
  });

  it("whatever the clocks do, a verifier finds nothing wrong with the order", () => {
    const ms = fc.integer({ min: -10_000, max: 10_000 });
    const action = fc.constantFrom("page.open" as const, "clock.step" as const);
    fc.assert(
      fc.property(fc.array(fc.tuple(ms, ms, action), { maxLength: 12 }), (steps) => {
        let [utcMs, mono] = [at(1e7).utcMs, 1e7];
        db.transaction(() => {
          for (const [utcStep, monoStep, what] of steps) {
            utcMs += utcStep;
            mono += monoStep;
            store.append(intent(what), { utcMs: utcMs + 0.4, monoNs: BigInt(mono) });
          }
        }).immediate();
        let order = orderAtStart;
        for (let seq = 0; seq < store.size(); seq += 1) {
          const step = followOrder(order, entryAt(seq));
          expect(step.faults).toEqual([]);
          order = step.order;
        }
      }),
      { numRuns: 40 },
    );
  });

  it("insists on a transaction, and signs nothing inside one", () => {
    expect(() => store.append(intent("page.open"), at(0))).toThrow(/transaction/);
    append(intent("page.open"));
    expect(() => db.transaction(() => store.checkpoint())()).toThrow(/transaction/);
    expect(store.signedSize()).toBe(0);
  });

  it("leaves nothing of a transaction that fails, and the next entry takes the same number", () => {
    append(intent("page.open"));
    expect(() =>
      db.transaction(() => {
        store.append(intent("alert.raise", { who: "x" }), at(1));
        throw new Error("later in the same transaction");
      })(),
    ).toThrow("later");
    expect(store.size()).toBe(1);
    expect(append(intent("sign-out"))).toEqual([1]);
    store.checkOnStart();
  });

  it("signs nothing that its own public key would not accept", () => {
    append(intent("page.open"));
    const wrong = new AuditStore(db, logOptionsOf({ sign: () => new Uint8Array(64) }));
    expect(codeOf(() => wrong.checkpoint())).toMatch(/^log-damaged/);
    expect(store.signedSize()).toBe(0);
  });
});

describe("the tables are append-only", () => {
  beforeEach(() => {
    append(intent("page.open", { who: "x" }), intent("page.open"));
    store.checkpoint();
  });

  it.each([
    "UPDATE main.entry SET data = x'00'",
    "DELETE FROM main.entry",
    "INSERT OR REPLACE INTO main.entry (idx, data) VALUES (0, x'00')",
    "INSERT INTO main.entry (idx, data) VALUES (5, x'00')",
    "UPDATE hash SET h = zeroblob(32)",
    "DELETE FROM hash WHERE idx = 0",
    "INSERT OR REPLACE INTO hash VALUES (0, zeroblob(32))",
    "UPDATE checkpoint SET note = ''",
    "DELETE FROM checkpoint",
    "INSERT OR REPLACE INTO checkpoint VALUES (2, 'another root')",
    "INSERT INTO checkpoint VALUES (9, 'of entries to come')",
    "UPDATE main.phi SET blob = x'00'",
    "UPDATE log_identity SET vkey = ''",
  ])("%s", (sql) => {
    expect(() => db.exec(sql)).toThrow(/append-only|never changed/);
    store.checkOnStart();
  });

  it("personal data can be erased, and the log stays whole", () => {
    db.exec("DELETE FROM main.phi WHERE seq = 0");
    store.checkOnStart();
  });
});

describe("checking at the start", () => {
  beforeEach(() => {
    append(...Array.from({ length: 7 }, (_, n) => intent("page.open", { n })));
    store.checkpoint();
    append(intent("sign-out"));
    // Somebody who owns the file is not held up by triggers.
    for (const name of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all() as string[]) {
      db.exec(`DROP TRIGGER ${name}`);
    }
    db.pragma("foreign_keys = OFF");
  });

  it.each([
    [
      "UPDATE main.entry SET data = CAST(replace(CAST(data AS TEXT), 'room-1', 'room-2') AS BLOB) WHERE idx = 3",
      "entry 3 ",
    ],
    ["DELETE FROM main.entry WHERE idx = 4", "entry 4 is missing"],
    ["DELETE FROM main.entry WHERE idx = 7", "entries after 6 are missing"],
    ["DELETE FROM main.entry WHERE idx > 5; DELETE FROM hash WHERE idx > 9", "7 entries were signed, and 6 are here"],
    ["UPDATE hash SET h = zeroblob(32) WHERE idx = 2", "entry 1 "],
    ["DELETE FROM hash WHERE idx = 2", "stored hash 2 is missing"],
    ["DELETE FROM hash WHERE idx = (SELECT max(idx) FROM hash)", "hashes should be stored"],
    ["INSERT INTO hash VALUES (99, zeroblob(32))", "missing"],
    ["UPDATE checkpoint SET note = replace(note, 'audit', 'audix')", "signed by"],
    ["UPDATE checkpoint SET size = 6", "the checkpoint of 6 entries"],
    ["UPDATE checkpoint SET note = 'x'", "the checkpoint of 7 entries"],
  ])("%s", (sql, place) => {
    db.exec(sql);
    const said = codeOf(() => store.checkOnStart());
    expect(said).toMatch(/^log-damaged: /);
    expect(said).toContain(place);
  });

  it("a log that somebody added to while nobody ran says first what was not signed", () => {
    const later = new AuditStore(db, logOptionsOf());
    later.checkOnStart();
    const twice = () => {
      db.transaction(() => later.append(intent("sign-in"), at(99_000)))();
      db.transaction(() => later.append(intent("sign-out"), at(99_001)))();
    };
    expect(
      codeOf(() =>
        db.transaction(() => {
          later.append(intent("sign-in"), at(99_000));
          throw new StoreError("io", "cut off");
        })(),
      ),
    ).toContain("cut off");
    twice();
    const actions = db
      .prepare("SELECT data FROM entry WHERE idx > 7 ORDER BY idx")
      .pluck()
      .all()
      .map((data) => {
        const read = readEntry(new Uint8Array(data as Uint8Array));
        return read.ok ? [read.entry.action, read.entry.detail] : read.words;
      });
    expect(actions).toEqual([
      ["audit.unsigned", { from: 7, to: 7 }],
      ["sign-in", { bed: "room-1" }],
      ["sign-out", { bed: "room-1" }],
    ]);
  });

  it("refuses the log of another key or origin", () => {
    const otherKey = new AuditStore(db, logOptionsOf({ publicKey: generateKeyPairSync("ed25519").publicKey }));
    expect(codeOf(() => otherKey.checkOnStart())).toMatch(/^refused/);
    expect(codeOf(() => new AuditStore(db, logOptionsOf({ origin: "elsewhere" })).checkOnStart())).toMatch(/^refused/);
    store.checkOnStart();
  });

  it("never signs a second root for a size", () => {
    db.exec(
      "DELETE FROM main.entry WHERE idx = 7; DELETE FROM hash WHERE idx >= 11; UPDATE hash SET h = zeroblob(32) WHERE idx = 10",
    );
    expect(store.size()).toBe(7);
    expect(codeOf(() => store.checkpoint())).toMatch(/^log-damaged/);
  });
});

describe("whatever is appended", () => {
  it("the log checks, and commits and failures leave the same log as the commits alone", () => {
    const step = fc.constantFrom("commit", "fail", "sign");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const sizeBefore = store.size();
        let written = 0;
        for (const one of steps) {
          switch (one) {
            case "commit":
              append(intent("page.open", { n: written }));
              written += 1;
              break;
            case "fail":
              expect(() =>
                db.transaction(() => {
                  store.append(intent("alert.raise"), at(0));
                  throw new Error("power");
                })(),
              ).toThrow("power");
              break;
            case "sign":
              store.checkpoint();
              break;
          }
        }
        expect(store.size()).toBe(sizeBefore + written);
        store.checkOnStart();
      }),
      { numRuns: 25 },
    );
  });
});
