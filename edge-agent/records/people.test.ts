import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEntry } from "../audit/entry.ts";
import type { AskResult } from "../contract/asks.ts";
import { openForReading } from "./open.ts";
import { bedsideCodeMs, bedsideSessionMs, staffCodeMs, staffSessionMs } from "./people.ts";
import { at, inCharge, logOptionsOf, scratchFolder, stay } from "./records-for-tests.ts";
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

  it("names, codes and tokens: names lie beside the log, codes and tokens nowhere", () => {
    const { code } = records.inviteStaff(ben, at(0));
    const { session } = staffSession(records.signIn(code, at(1)));
    records.close();
    const file = readFileSync(join(folder.path, "ward.sqlite"));
    for (const secret of [code, code.replace("-", ""), session]) expect(file.includes(secret)).toBe(false);
    expect(file.includes("Ben")).toBe(true);
  });

  it("what is over is forgotten after a day", () => {
    records.inviteStaff(ben, at(0));
    records.inviteStaff({ ...ben, name: "Bea" }, at(30 * 3_600_000));
    const db = openForReading(join(folder.path, "ward.sqlite"));
    expect(db.prepare("SELECT group_concat(name) FROM invite").pluck().get()).toBe("Bea");
    db.close();
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
