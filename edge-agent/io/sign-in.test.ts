import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readEntry } from "../audit/entry.ts";
import { openForReading } from "../records/open.ts";
import { at } from "../records/records-for-tests.ts";
import { hourMs, idleLockMs, password, pin, shiftMs, startDesk } from "./desk-for-tests.ts";

let desk: ReturnType<typeof startDesk>;
beforeEach(() => {
  desk = startDesk();
});
afterEach(() => desk.stop());

const going = { do: "acknowledge", bed: "room-1", alarm: "room-1-1", going: true } as const;
/** Action and reason of the entries, without those that only prepared the test. */
function trail(): string[] {
  const db = openForReading(desk.path);
  const rows = db.prepare("SELECT data FROM entry ORDER BY idx").pluck().all() as Buffer[];
  db.close();
  return rows.map((data) => {
    const read = readEntry(data);
    if (!read.ok) return read.why;
    const { why, how } = read.entry.detail;
    return [read.entry.action, how, why].filter((one) => one !== undefined).join(" ");
  });
}

describe("an account", () => {
  test("starts with a code, and then signs in with badge number and password, whatever the case of the badge", async () => {
    const { session } = await desk.account("Sam Reed", "RN-104");
    expect((await desk.page(going, session)).ok).toBe(true);
    expect(desk.reachedRooms).toEqual(["Sam Reed"]);
    const again = await desk.passwordAt(" rn-104 ");
    expect(again).toMatchObject({ ok: true, result: { is: "staff", name: "Sam Reed", role: "nurse" } });
    expect(trail()).toEqual(["staff.add", "sign-in code", "sign-in password"]);
  });

  test("keeps its password and PIN as argon2id only, and tokens nowhere", async () => {
    const { session, station } = await desk.account("Sam Reed", "RN-104");
    const db = openForReading(desk.path);
    const kept = db.prepare("SELECT password, pin FROM account").get() as { password: string; pin: string };
    db.close();
    expect(kept.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(kept.pin).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    desk.records.close();
    const file = readFileSync(desk.path);
    for (const secret of [password, pin, session, station]) expect(file.includes(secret)).toBe(false);
  });

  test("is not started with another badge number, twice, too late, or with what is easily guessed", async () => {
    const made = await desk.setUp({
      do: "add-staff",
      badge: "RN-104",
      name: "Sam Reed",
      role: "nurse",
      agency: false,
      untilUtcMs: null,
    });
    const code = made.is === "code" ? made.code : "";
    const start = (change: object) =>
      desk.page({
        do: "start-account",
        code,
        badge: "RN-104",
        name: null,
        password,
        pin,
        station: null,
        ...change,
      });
    expect(await start({ badge: "RN-105" })).toMatchObject({ ok: false, why: "code-invalid" });
    expect(await start({ password: "short" })).toMatchObject({ ok: false, why: "policy" });
    expect(await start({ password: "Sam Reed RN-104 2026" })).toMatchObject({ ok: false, why: "policy" });
    expect(await start({ pin: "123456" })).toMatchObject({ ok: false, why: "policy" });
    expect(await start({})).toMatchObject({ ok: true });
    expect(await start({})).toMatchObject({ ok: false, why: "code-invalid" });
    // A code of an account is no code that signs in by itself.
    expect(await desk.page({ do: "sign-in", code })).toMatchObject({ ok: false });
    const renewed = await desk.setUp({ do: "renew-staff", staff: desk.signedIn(await desk.passwordAt("RN-104")).id });
    desk.clock.ms += hourMs;
    expect(await start({ code: renewed.is === "code" ? renewed.code : "" })).toMatchObject({ why: "code-invalid" });
  });

  test("the first of a ward comes from the console, and once there is one no more", async () => {
    const first = async () => {
      const invited = await desk.setUp({ do: "invite-first" });
      return invited.is === "code" ? invited.code : "";
    };
    const [old, code] = [await first(), await first()];
    const start = (with_: string) =>
      desk.page({ do: "start-account", code: with_, badge: "IC-1", name: "Ada Obi", password, pin, station: null });
    expect(await start(old)).toMatchObject({ ok: false, why: "code-invalid" });
    expect(await start(code)).toMatchObject({ ok: true, result: { name: "Ada Obi", role: "nurse-in-charge" } });
    await expect(desk.setUp({ do: "invite-first" })).rejects.toThrow("This ward has accounts");
    expect(await desk.page({ do: "invite-first" }, desk.signedIn(await desk.passwordAt("IC-1")).session)).toMatchObject(
      { ok: false, why: "not-allowed" },
    );
  });
});

describe("within a shift", () => {
  test("the PIN is enough on the screen that saw the password, and on no other", async () => {
    const { station } = await desk.account("Sam Reed", "RN-104");
    expect((await desk.pinAt("RN-104", station)).ok).toBe(true);
    for (const other of [null, "made-up-station"])
      expect(await desk.pinAt("RN-104", other)).toMatchObject({ ok: false, why: "code-invalid" });
    desk.clock.ms += shiftMs;
    expect(await desk.pinAt("RN-104", station)).toMatchObject({ ok: false, why: "code-invalid" });
    expect((await desk.passwordAt("RN-104", station)).ok).toBe(true);
  });

  test("two people take turns at one screen; each has a token of their own, and the one before is dead", async () => {
    const sam = await desk.account("Sam Reed", "RN-104");
    await desk.account("Amina Khan", "RN-200");
    const amina = desk.signedIn(
      await desk.page({ do: "sign-in-password", badge: "RN-200", password, station: sam.station }, sam.session),
    );
    expect(amina.station).toBe(sam.station);
    expect(await desk.page({ do: "who-am-i" }, sam.session)).toMatchObject({ ok: false, why: "not-signed-in" });
    const back = desk.signedIn(await desk.pinAt("RN-104", sam.station, pin, amina.session));
    expect(new Set([sam.session, amina.session, back.session]).size).toBe(3);
    expect(await desk.page({ do: "who-am-i" }, amina.session)).toMatchObject({ ok: false, why: "not-signed-in" });
    expect((await desk.page(going, back.session)).ok).toBe(true);
    expect(desk.reachedRooms).toEqual(["Sam Reed"]);
  });

  test("a station's token that was put into the browser is not taken over", async () => {
    await desk.account("Sam Reed", "RN-104");
    const { station } = desk.signedIn(await desk.passwordAt("RN-104", "planted"));
    expect(station).not.toBe("planted");
    expect(await desk.pinAt("RN-104", "planted")).toMatchObject({ ok: false, why: "code-invalid" });
  });
});

describe("a locked screen", () => {
  test("says who it was and shows on, and nobody acts on it until badge number and PIN", async () => {
    const { session, station } = await desk.account("Sam Reed", "RN-104");
    desk.clock.ms += idleLockMs + 1;
    expect(await desk.page(going, session)).toMatchObject({ ok: false, why: "locked" });
    expect(await desk.page({ do: "who-am-i" }, session)).toMatchObject({ ok: true, result: { locked: true } });
    expect(desk.reachedRooms).toEqual([]);
    const open = desk.signedIn(await desk.pinAt("RN-104", station, pin, session));
    expect((await desk.page(going, open.session)).ok).toBe(true);
  });

  test("asking who is there keeps no screen open; touching does", async () => {
    const { session } = await desk.account("Sam Reed", "RN-104");
    for (let minute = 0; minute < 12; minute++) {
      desk.clock.ms += 60_000;
      expect((await desk.page({ do: "still-here" }, session)).ok).toBe(true);
    }
    for (let minute = 0; minute < 6; minute++) {
      desk.clock.ms += 60_000;
      await desk.page({ do: "who-am-i" }, session);
    }
    expect(await desk.page({ do: "still-here" }, session)).toMatchObject({ ok: false, why: "locked" });
  });

  test("is locked by hand, after a restart of the agent, and when the shift is over; the board stays", async () => {
    const { session, station } = await desk.account("Sam Reed", "RN-104");
    await desk.page({ do: "lock-screen" }, session);
    expect(await desk.page(going, session)).toMatchObject({ why: "locked" });
    const next = desk.signedIn(await desk.pinAt("RN-104", station));
    desk.restart();
    expect(await desk.page(going, next.session)).toMatchObject({ why: "locked" });
    const last = desk.signedIn(await desk.pinAt("RN-104", station));
    for (; desk.clock.ms < shiftMs; desk.clock.ms += idleLockMs) await desk.page({ do: "still-here" }, last.session);
    expect(await desk.page(going, last.session)).toMatchObject({ why: "locked" });
    expect(await desk.page({ do: "who-am-i" }, last.session)).toMatchObject({ ok: true, result: { locked: true } });
  });
});

describe("wrong tries", () => {
  test("after five the badge waits, longer each time; the right password does not end it, the nurse in charge does", async () => {
    const { id } = await desk.account("Sam Reed", "RN-104");
    for (let tries = 0; tries < 4; tries++)
      expect(await desk.passwordAt("RN-104", null, "wrong wrong wrong")).toMatchObject({ why: "code-invalid" });
    for (const minutes of [1, 2, 4, 8, 15, 15]) {
      const words = `Wait ${minutes} minute`;
      const told = await desk.passwordAt("RN-104", null, "wrong wrong wrong");
      expect(told).toMatchObject({ why: "too-many-tries" });
      expect(told.ok ? "" : told.words).toContain(words);
      expect(await desk.passwordAt("RN-104")).toMatchObject({ ok: false, why: "too-many-tries" });
      desk.clock.ms += minutes * 60_000;
    }
    expect(await desk.passwordAt("RN-104", null, "wrong wrong wrong")).toMatchObject({ why: "too-many-tries" });
    await desk.setUp({ do: "unlock-staff", staff: id });
    expect((await desk.passwordAt("RN-104")).ok).toBe(true);
    expect(trail()).toEqual(
      expect.arrayContaining([
        "sign-in.refused password wrong",
        "sign-in.refused password locked-out",
        "sign-in.refused password waiting",
        "staff.unlock",
      ]),
    );
  });

  test("many at once count like one after the other", async () => {
    await desk.account("Sam Reed", "RN-104");
    const told = await Promise.all(Array.from({ length: 12 }, () => desk.passwordAt("RN-104", null, "wrong wrong")));
    expect(told.filter((one) => !one.ok && one.why === "code-invalid")).toHaveLength(4);
    expect(told.filter((one) => !one.ok && one.why === "too-many-tries")).toHaveLength(8);
  });

  test("a badge that nobody has is answered with the same words, waits and times as one that somebody has", async () => {
    await desk.account("Sam Reed", "RN-104");
    const wordsFor = async (badge: string): Promise<string[]> => {
      const told = [];
      for (let tries = 0; tries < 7; tries++) told.push(await desk.passwordAt(badge, null, "wrong wrong wrong"));
      return told.map((one) => (one.ok ? "ok" : `${one.why}: ${one.words}`));
    };
    expect(await wordsFor("RN-999")).toEqual(await wordsFor("RN-104"));
    const took: Record<string, number[]> = { "RN-104": [], "RN-998": [] };
    // By turns, so that whatever else the machine does slows both alike.
    for (let tries = 0; tries < 24; tries++) {
      const badge = tries % 2 === 0 ? "RN-104" : "RN-998";
      desk.clock.ms += 13 * hourMs;
      const begun = performance.now();
      await desk.passwordAt(badge, null, "wrong wrong wrong");
      took[badge]?.push(performance.now() - begun);
    }
    const median = (badge: string): number => took[badge]?.sort((a, b) => a - b)[6] ?? 0;
    const [somebodys, nobodys] = [median("RN-104"), median("RN-998")];
    expect(Math.abs(somebodys - nobodys)).toBeLessThan(0.5 * Math.max(somebodys, nobodys));
    // Otherwise the comparison says nothing: the hash was not computed.
    expect(nobodys).toBeGreaterThan(5);
  });

  test("the log names the account that was tried, and never what was typed in the badge's place", async () => {
    await desk.account("Sam Reed", "RN-104");
    await desk.passwordAt("TEAPOT-LANTERN", null, "RN-104 RN-104");
    desk.records.close();
    expect(readFileSync(desk.path).includes("TEAPOT-LANTERN")).toBe(false);
  });
});

test("while secrets are hashed the agent's loop goes on turning", async () => {
  await desk.account("Sam Reed", "RN-104");
  let [turns, done] = [0, false];
  const turn = (): void => {
    turns += 1;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  await Promise.all([desk.passwordAt("RN-104"), desk.passwordAt("RN-104")]);
  done = true;
  // A hash that is computed in the loop lets it turn some ten times in all.
  expect(turns).toBeGreaterThan(200);
});

describe("who leaves", () => {
  test("is signed out everywhere at once, and comes back neither with password, PIN nor an old code", async () => {
    const lead = await desk.account("Ada Obi", "IC-1", "nurse-in-charge");
    const sam = await desk.account("Sam Reed", "RN-104");
    expect(await desk.page({ do: "end-staff", staff: sam.id }, sam.session)).toMatchObject({ why: "not-allowed" });
    expect((await desk.page({ do: "end-staff", staff: sam.id }, lead.session)).ok).toBe(true);
    expect(await desk.page(going, sam.session)).toMatchObject({ ok: false, why: "not-signed-in" });
    expect(await desk.passwordAt("RN-104")).toMatchObject({ why: "code-invalid" });
    expect(await desk.pinAt("RN-104", sam.station)).toMatchObject({ why: "code-invalid" });
    expect(await desk.page({ do: "end-staff", staff: lead.id }, lead.session)).toMatchObject({ why: "policy" });
  });

  test("an agency account ends by itself, to the minute, and is never for longer than 14 days", async () => {
    const add = (untilUtcMs: number | null) =>
      desk.setUp({ do: "add-staff", badge: "AG-7", name: "Jo Lane", role: "nurse", agency: true, untilUtcMs });
    await expect(add(null)).rejects.toThrow("14 days");
    await expect(add(at(15 * 24 * hourMs).utcMs)).rejects.toThrow("14 days");
    const made = await add(at(10 * hourMs).utcMs);
    const code = made.is === "code" ? made.code : "";
    const jo = desk.signedIn(
      await desk.page({ do: "start-account", code, badge: "AG-7", name: null, password, pin, station: null }),
    );
    desk.clock.ms = 10 * hourMs - 1;
    expect((await desk.page({ do: "who-am-i" }, jo.session)).ok).toBe(true);
    desk.clock.ms = 10 * hourMs;
    expect(await desk.page({ do: "who-am-i" }, jo.session)).toMatchObject({ why: "not-signed-in" });
    expect(await desk.passwordAt("AG-7")).toMatchObject({ why: "code-invalid" });
  });
});

describe("what a role may change", () => {
  test.each([
    ["nurse", "RN-1", [false, false]],
    ["engineer", "EN-1", [false, true]],
    ["nurse-in-charge", "IC-1", [true, true]],
  ] as const)("a %s", async (role, badge, [staffToo, order]) => {
    const { session, id } = await desk.account("Somebody", badge, role);
    const asks = [
      { do: "add-staff", badge: "X-9", name: "New", role: "nurse", agency: false, untilUtcMs: null },
      { do: "record-training", staff: id, doneOn: "2026-11-20", validUntil: "2027-11-20" },
      { do: "unlock-staff", staff: id },
    ] as const;
    for (const ask of asks) expect((await desk.page(ask, session)).ok).toBe(staffToo);
    expect((await desk.page({ do: "floor-order", beds: ["room-2", "room-1"] }, session)).ok).toBe(order);
    expect((await desk.page({ do: "floor-order", beds: ["room-2"] }, session)).ok).toBe(false);
  });
});
