import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEntry } from "../audit/entry.ts";
import type { AskResult } from "../contract/asks.ts";
import { openForReading } from "./open.ts";
import { bedsideCodeMs, bedsideSessionMs, staffCodeMs, staffSessionMs } from "./people.ts";
import { at, inCharge, logOptionsOf, scratchFolder, stay } from "./records-for-tests.ts";
import { StoreError } from "./store-error.ts";
import { WardRecords } from "./ward.ts";

let folder: ReturnType<typeof scratchFolder>;
let records: WardRecords;
beforeEach(() => {
  folder = scratchFolder();
  records = new WardRecords(join(folder.path, "ward.sqlite"), logOptionsOf());
  records.start();
});
afterEach(() => {
  records.close();
  folder.done();
});

const ben = { name: "Ben", role: "nurse", by: inCharge } as const;
/** Action and reason of every entry. */
function trail(): string[] {
  const db = openForReading(join(folder.path, "ward.sqlite"));
  try {
    const rows = db.prepare("SELECT data FROM entry ORDER BY idx").pluck().all() as Buffer[];
    return rows.map((data) => {
      const read = readEntry(data);
      if (!read.ok) return read.why;
      const { why } = read.entry.detail;
      return typeof why === "string" ? `${read.entry.action}: ${why}` : read.entry.action;
    });
  } finally {
    db.close();
  }
}
function staffSession(result: AskResult | string): AskResult & { is: "staff"; session: string } {
  if (typeof result === "string" || result.is !== "staff" || result.session === null)
    return expect.fail(String(result));
  return { ...result, session: result.session };
}
function bedsideSession(result: AskResult | string): AskResult & { is: "bedside"; session: string } {
  if (typeof result === "string" || result.is !== "bedside" || result.session === null)
    return expect.fail(String(result));
  return { ...result, session: result.session };
}
function bedsideCode(): string {
  const invited = records.inviteBedside({ bed: "room-1", by: inCharge }, at(0));
  return typeof invited === "string" ? expect.fail(invited) : invited.code;
}

describe("staff", () => {
  it("sign in once with a code, for 12 hours, and sign out", () => {
    const { code, expiresAt } = records.inviteStaff(ben, at(0));
    expect(code).toMatch(/^[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}$/);
    expect(expiresAt).toBe(at(staffCodeMs).utcMs);
    const session = staffSession(records.signIn(code.toLowerCase().replace("-", " "), at(1_000)));
    expect(session).toMatchObject({ name: "Ben", role: "nurse", expiresAt: at(1_000 + staffSessionMs).utcMs });
    const actor = { kind: "staff", id: session.id, name: "Ben", role: "nurse" };
    expect(records.whoIs(session.session, at(2_000).utcMs)).toEqual({ actor, expiresAt: session.expiresAt });
    expect(records.signIn(code, at(3_000))).toBe("code-invalid");
    expect(records.whoIs(session.session, session.expiresAt - 1)).toBeDefined();
    expect(records.whoIs(session.session, session.expiresAt)).toBeUndefined();
    expect(records.signOut(session.session, at(4_000))).toEqual({ is: "done" });
    expect(records.whoIs(session.session, at(4_001).utcMs)).toBeUndefined();
    expect(records.signOut(session.session, at(5_000))).toBe("not-signed-in");
    expect(trail()).toEqual(["staff.invite", "sign-in", "sign-in.refused: used", "sign-out"]);
  });

  it("are the same person at the next shift, with the role of that shift, and not that of the last", () => {
    const first = staffSession(records.signIn(records.inviteStaff(ben, at(0)).code, at(0)));
    const promoted = { ...ben, role: "nurse-in-charge" } as const;
    const second = staffSession(records.signIn(records.inviteStaff(promoted, at(1)).code, at(1)));
    expect(second.id).toBe(first.id);
    expect(second.role).toBe("nurse-in-charge");
    expect(records.whoIs(first.session, at(2).utcMs)?.actor).toMatchObject({ role: "nurse" });
    const other = staffSession(records.signIn(records.inviteStaff({ ...ben, name: "Bea" }, at(3)).code, at(3)));
    expect(other.id).not.toBe(first.id);
  });

  it("are refused with an old, unknown or made-up code, and the log says why", () => {
    const { code } = records.inviteStaff(ben, at(0));
    expect(records.signIn("2222-2222", at(1))).toBe("code-invalid");
    expect(records.signIn("", at(1))).toBe("code-invalid");
    expect(records.pair(code, at(1))).toBe("code-invalid");
    expect(records.signIn(code, at(staffCodeMs))).toBe("code-invalid");
    expect(records.whoIs("made up", at(1).utcMs)).toBeUndefined();
    expect(trail()).toEqual([
      "staff.invite",
      "sign-in.refused: unknown",
      "sign-in.refused: unknown",
      "sign-in.refused: other-kind",
      "sign-in.refused: expired",
    ]);
  });

  it("neither names nor codes nor tokens lie in the file", () => {
    const { code } = records.inviteStaff(ben, at(0));
    const { session } = staffSession(records.signIn(code, at(1)));
    records.close();
    const file = readFileSync(join(folder.path, "ward.sqlite"));
    for (const secret of [code, code.replace("-", ""), session, "Ben"]) expect(file.includes(secret)).toBe(false);
  });

  it("what is over is forgotten after a day", () => {
    records.inviteStaff(ben, at(0));
    records.inviteStaff({ ...ben, name: "Bea" }, at(30 * 3_600_000));
    const db = openForReading(join(folder.path, "ward.sqlite"));
    expect(db.prepare("SELECT group_concat(name) FROM invite").pluck().get()).toBe("Bea");
    db.close();
  });
});

describe("whatever strings are given", () => {
  const strings = fc.oneof(
    fc.constantFrom("", "   ", "\t\n", "a\ud800", "\udc00", "\u0000", "__proto__", "x".repeat(81), "y".repeat(70_000)),
    fc.string({ unit: "binary", maxLength: 100 }),
    // Lone surrogates and all.
    fc.array(fc.nat({ max: 0xffff }), { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
  );
  const refused = (work: () => unknown): boolean => {
    try {
      work();
      return false;
    } catch (cause) {
      if (cause instanceof StoreError && cause.code === "refused") return true;
      throw cause;
    }
  };

  it("a name is refused at the invitation or signs in, and the log stays whole", () => {
    let [good, bad] = [0, 0];
    fc.assert(
      fc.property(fc.oneof(strings, fc.string({ minLength: 1, maxLength: 9 })), (name) => {
        let code = "";
        const before = trail().length;
        if (refused(() => (code = records.inviteStaff({ ...ben, name }, at(0)).code))) {
          bad += 1;
          expect(trail()).toHaveLength(before);
          return;
        }
        good += 1;
        const session = staffSession(records.signIn(code, at(1)));
        expect(session.name).toBe(name.trim());
        expect(records.whoIs(session.session, at(2).utcMs)?.actor).toMatchObject({ name: name.trim() });
      }),
      { numRuns: 60, examples: [["   "], ["a\ud800"], [" Ben "]] },
    );
    expect(Math.min(good, bad)).toBeGreaterThan(0);
    expect(trail()).not.toContain("not-an-entry");
    records.close();
    expect(() => records.start()).not.toThrow();
  });

  it("beds, codes and tokens are refused or answered, and nothing else is thrown", () => {
    records.commit([], [stay("s1")], at(0));
    fc.assert(
      fc.property(strings, (text) => {
        if (!refused(() => expect(records.inviteBedside({ bed: text, by: inCharge }, at(0))).toBe("not-found"))) {
          expect(trail().at(-1)).toBe("ask.refused: not-found");
        }
        const by = { kind: "setup", name: text } as const;
        refused(() => records.inviteStaff({ ...ben, by }, at(0)));
        refused(() => records.inviteBedside({ bed: "room-1", by }, at(0)));
        expect(records.signIn(text, at(1))).toBe("code-invalid");
        expect(records.pair(text, at(1))).toBe("code-invalid");
        expect(records.whoIs(text, at(1).utcMs)).toBeUndefined();
        expect(records.signOut(text, at(1))).toBe("not-signed-in");
      }),
      { numRuns: 40, examples: [["   "], ["a\ud800"], ["y".repeat(70_000)]] },
    );
    records.close();
    expect(() => records.start()).not.toThrow();
  });
});

describe("bedside screens", () => {
  it("need a stay, and belong to it", () => {
    expect(records.inviteBedside({ bed: "room-1", by: inCharge }, at(0))).toBe("not-found");
    records.commit([], [stay("s1")], at(0));
    const invited = records.inviteBedside({ bed: "room-1", by: inCharge }, at(0));
    expect(invited).toMatchObject({ expiresAt: at(bedsideCodeMs).utcMs });
    if (typeof invited === "string") return;
    const paired = bedsideSession(records.pair(invited.code, at(1)));
    expect(paired).toMatchObject({ bed: "room-1", stay: "s1", expiresAt: at(1 + bedsideSessionMs).utcMs });
    expect(records.pair(invited.code, at(2))).toBe("code-invalid");
    expect(records.whoIs(paired.session, at(3).utcMs)?.actor).toEqual({ kind: "bedside", bed: "room-1", stay: "s1" });
    expect(trail()).toEqual(["ask.refused: not-found", "bedside.invite", "bedside.pair", "sign-in.refused: used"]);
  });

  it("are over with the stay, and so are codes that were not used", () => {
    records.commit([], [stay("s1")], at(0));
    const paired = bedsideSession(records.pair(bedsideCode(), at(1)));
    const unused = bedsideCode();
    records.commit([], [{ table: "stay-end", id: "s1", endedAtUtcMs: at(5).utcMs }, stay("s2")], at(5));
    expect(records.whoIs(paired.session, at(6).utcMs)).toBeUndefined();
    expect(records.pair(unused, at(6))).toBe("code-invalid");
    expect(trail().at(-1)).toBe("sign-in.refused: stay-ended");
  });

  it("a bedside code signs nobody in as staff", () => {
    records.commit([], [stay("s1")], at(0));
    const code = bedsideCode();
    expect(records.signIn(code, at(1))).toBe("code-invalid");
    expect(bedsideSession(records.pair(code, at(2))).stay).toBe("s1");
  });
});
