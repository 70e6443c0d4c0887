import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";
import { codeFor, cookieHeader, cookiesIn, form, password, pin, startAccount, train } from "./staff-accounts.ts";

/* Signing in as a browser does it, with a real desk and real hashes behind it, and as somebody does it who is no friend. */

let ward: DashboardWard;
let sam: Readonly<Record<string, string>>;
beforeAll(async () => {
  ward = await startDashboardWard({ demonstration: false, accounts: {} });
  sam = await startAccount(ward, "Sam Reed", "RN-104");
  train(ward, "RN-104");
});
afterAll(() => ward.stop());
beforeEach(() => {
  ward.readings.length = 0;
});

const signIn = (fields: Readonly<Record<string, string>>, cookie = "") =>
  ward.app.inject({ url: "/badge", ...form(fields, cookie) });
const open = (url: string, cookies: Readonly<Record<string, string>>) =>
  ward.app.inject({ url, headers: { cookie: cookieHeader(cookies) } });

describe("signing in", () => {
  test("gives two cookies that no script reads and no other site sends, and neither stands in the page", async () => {
    const reply = await signIn({ badge: "rn-104", secret: password });
    expect([reply.statusCode, reply.headers.location]).toEqual([303, "/ward"]);
    expect(reply.cookies.map(({ name }) => name).sort()).toEqual(["qr_staff", "qr_station"]);
    for (const one of reply.cookies) {
      expect(one).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/" });
      expect(reply.body).not.toContain(one.value);
    }
    expect((await open("/ward", cookiesIn(reply))).statusCode).toBe(200);
  });

  test("makes a new token each time; the one before is dead, also one that was planted", async () => {
    const first = cookiesIn(await signIn({ badge: "RN-104", secret: password }));
    const planted = await signIn({ badge: "RN-104", secret: password }, "qr_staff=planted; qr_station=planted");
    expect(cookiesIn(planted).qr_staff).not.toBe("planted");
    expect(cookiesIn(planted).qr_station).not.toBe("planted");
    expect((await open("/ward", { qr_staff: "planted" })).headers.location).toBe("/sign-in");
    const second = cookiesIn(await signIn({ badge: "RN-104", secret: pin }, cookieHeader(first)));
    expect(second.qr_staff).not.toBe(first.qr_staff);
    expect((await open("/ward", { qr_staff: first.qr_staff ?? "" })).headers.location).toBe("/sign-in");
    expect((await open("/ward", second)).statusCode).toBe(200);
  });

  test("a PIN without the screen's own cookie is nobody's, and is told in the same words as a wrong one", async () => {
    const [without, wrong, nobody] = await Promise.all([
      signIn({ badge: "RN-104", secret: pin }),
      signIn({ badge: "RN-104", secret: "111222" }, cookieHeader(sam)),
      signIn({ badge: "RN-777", secret: pin }),
    ]);
    const errorIn = (reply: { body: string }) => /<a href="#badge">([^<]+)</.exec(reply.body)?.[1];
    expect(errorIn(without)).toContain("do not go together here");
    expect(new Set([without, wrong, nobody].map(errorIn)).size).toBe(1);
    expect(new Set([without, wrong, nobody].map(({ statusCode }) => statusCode))).toEqual(new Set([400]));
  });

  test("what was typed is neither in the log nor, beside the badge number, in the page", async () => {
    const reply = await signIn({ badge: '"><script>', secret: "hunter2 hunter2" });
    expect(reply.statusCode).toBe(400);
    expect(reply.body).not.toContain("<script>&quot;");
    expect(reply.body).not.toContain('"><script>');
    const wrong = await signIn({ badge: "RN-104", secret: "hunter2 hunter2" });
    expect(wrong.body).not.toContain("hunter2");
    expect(ward.readings.map(({ action }) => action)).toContain("sign-in.refused");
    expect(JSON.stringify(ward.readings)).not.toMatch(/hunter2|RN-104/);
  });

  test("leads only to pages of this ward", async () => {
    const to = async (back: string) => (await signIn({ badge: "RN-104", secret: password, back })).headers.location;
    expect(await to("/person/room-1")).toBe("/person/room-1");
    for (const elsewhere of ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)", "/x?y=//z"])
      expect(await to(elsewhere)).toBe("/ward");
  });

  test("from another site's form is not even asked about", async () => {
    const asked = ward.agent.asks.length;
    const evil = form({ badge: "RN-104", secret: password });
    for (const url of ["/badge", "/start-account", "/lock"])
      expect(
        (await ward.app.inject({ ...evil, url, headers: { ...evil.headers, origin: "http://evil.test" } })).statusCode,
      ).toBe(403);
    expect(ward.agent.asks.length).toBe(asked);
  });

  test("no page's script may sign in, start an account or make the first code", async () => {
    const payloads = [
      { do: "sign-in-pin", badge: "RN-104", pin, station: null },
      { do: "sign-in-password", badge: "RN-104", password, station: null },
      { do: "invite-first" },
    ];
    for (const payload of payloads) {
      const headers = {
        host: "ward.test",
        origin: "http://ward.test",
        cookie: cookieHeader(sam),
        "x-quietround": "staff",
      };
      const reply = await ward.app.inject({ method: "POST", url: "/asks", headers, payload });
      expect(reply.statusCode).toBe(403);
    }
  });

  test("a code for an account starts it with both, and is refused for what is easily guessed", async () => {
    const code = codeFor(ward, "Jo Lane", "RN-300");
    const start = (change: object) => {
      const fields = { code, badge: "RN-300", password, again: password, pin, ...change };
      return ward.app.inject({ url: "/start-account", ...form(fields) });
    };
    expect((await start({ again: "another" })).body).toContain("The two passwords differ");
    expect((await start({ password: "quietround2026", again: "quietround2026" })).body).toContain(
      "first that is tried",
    );
    expect((await start({ pin: "121212" })).body).toContain("12 characters");
    expect((await start({ pin: "123123" })).body).toContain("This PIN is too easy");
    expect((await start({})).headers.location).toBe("/ward");
    expect((await start({})).statusCode).toBe(400);
  });
});

describe("a locked screen", () => {
  test("shows the board and no page of a person; unlocked it goes where it was going", async () => {
    ward.agent.tell("room-1", bedTileFixtures.calm);
    const cookies = cookiesIn(await signIn({ badge: "RN-104", secret: password }));
    expect((await open("/person/room-1", cookies)).statusCode).toBe(200);
    const locked = await ward.app.inject({ url: "/lock", ...form({}, cookieHeader(cookies)) });
    expect(locked.headers.location).toBe("/");
    for (const path of ["/person/room-1", "/person/room-1/needs", "/set-up/staff", "/governance"])
      expect((await open(path, cookies)).headers.location).toBe(`/ward?back=${encodeURIComponent(path)}`);
    const board = await open("/ward?back=%2Fperson%2Froom-1", cookies);
    expect(board.statusCode).toBe(200);
    expect(board.body).toContain('id="beds"');
    expect(board.body).toContain('name="back" value="/person/room-1"');
    const headers = {
      host: "ward.test",
      origin: "http://ward.test",
      cookie: cookieHeader(cookies),
      "x-quietround": "staff",
    };
    const payload = { do: "acknowledge", bed: "room-1", alarm: "room-1-1", going: true };
    expect((await ward.app.inject({ method: "POST", url: "/asks", headers, payload })).statusCode).toBe(423);
    const unlocked = await ward.app.inject({
      url: "/badge",
      ...form({ badge: "RN-104", secret: pin, back: "/person/room-1" }, cookieHeader(cookies)),
    });
    expect(unlocked.headers.location).toBe("/person/room-1");
  });
});

describe("without current training", () => {
  const ask = async (cookies: Readonly<Record<string, string>>, payload: object) => {
    const headers = {
      host: "ward.test",
      origin: "http://ward.test",
      cookie: cookieHeader(cookies),
      "x-quietround": "staff",
    };
    return (await ward.app.inject({ method: "POST", url: "/asks", headers, payload })).json();
  };
  const accept = { do: "accept-rate", bed: "room-1", stay: bedTileFixtures.calm.stay?.id, perMin: 15 };

  test("the board, alarms and checks are there; a person's page, the handover and orders are not, and the log says who was refused", async () => {
    ward.agent.tell("room-1", bedTileFixtures.calm);
    const cookies = await startAccount(ward, "Jo New", "RN-900");
    expect((await open("/ward", cookies)).body).toContain('id="beds"');
    expect((await open("/person/room-1/check", cookies)).statusCode).toBe(200);
    expect((await ask(cookies, { do: "acknowledge", bed: "room-1", alarm: "room-1-1", going: true })).ok).toBe(true);
    for (const path of ["/person/room-1", "/person/room-1/history.json", "/person/room-1/sedation", "/handover"]) {
      const refused = await open(path, cookies);
      expect([path, refused.statusCode]).toEqual([path, 403]);
      expect(refused.body).toContain("No current training in this system is written down for you");
    }
    const denied = ward.readings.filter(({ detail }) => detail.refused === "untrained");
    expect(denied.map(({ detail, outcome }) => [detail.page, outcome])).toContainEqual(["/person/room-1", 4]);
    expect(await ask(cookies, accept)).toMatchObject({ ok: false, why: "untrained" });
  });

  test("it opens with the training, and closes again the day after its last", async () => {
    const cookies = await startAccount(ward, "Jo Newer", "RN-901");
    const today = new Date().toISOString().slice(0, 10);
    train(ward, "RN-901", today);
    await vi.waitFor(async () => expect((await open("/person/room-1", cookies)).statusCode).toBe(200), {
      timeout: 15_000,
    });
    expect((await ask(cookies, accept)).why).not.toBe("untrained");
    train(ward, "RN-901", "2021-01-01");
    await vi.waitFor(async () => expect((await open("/person/room-1", cookies)).statusCode).toBe(403), {
      timeout: 15_000,
    });
  });
});

describe("who has left", () => {
  test("is cut off within a minute, on a board that was open too", async () => {
    const left = await startAccount(ward, "Al Dee", "RN-500");
    const lead = await startAccount(ward, "Ada Obi", "IC-1", "nurse-in-charge");
    expect((await open("/ward", left)).statusCode).toBe(200);
    const list = await open("/set-up/staff", lead);
    const id = /\/set-up\/staff\/([\w-]+)">Al Dee/.exec(list.body)?.[1];
    const end = (fields: Readonly<Record<string, string>>) =>
      ward.app.inject({ url: `/set-up/staff/${id}/end`, ...form(fields, cookieHeader(lead)) });
    expect((await end({})).body).toContain("Tick that this person has left");
    const begun = performance.now();
    expect((await end({ left: "yes" })).headers.location).toBe(`/set-up/staff/${id}?did=end-staff`);
    await expect
      .poll(async () => (await open("/ward", left)).headers.location, { timeout: 15_000, interval: 500 })
      .toBe("/sign-in");
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect((await open(`/set-up/staff/${id}`, lead)).body).toContain("Ended today");
  });
});

describe("setting up", () => {
  test.each([
    ["a nurse", "RN-601", "nurse", 403, 403],
    ["an engineer", "EN-601", "engineer", 403, 200],
    ["the nurse in charge", "IC-601", "nurse-in-charge", 200, 200],
  ] as const)("%s opens what is for them", async (name, badge, role, staff, beds) => {
    const cookies = await startAccount(ward, name, badge, role);
    expect((await open("/set-up/staff", cookies)).statusCode).toBe(staff);
    expect((await open("/set-up/beds", cookies)).statusCode).toBe(beds);
    const adding = form({ name: "New", badge: `N-${badge}`, role: "nurse", days: "0" }, cookieHeader(cookies));
    expect((await ward.app.inject({ url: "/set-up/staff", ...adding })).statusCode).toBe(staff);
  });

  test("the order that was set is the order of the board", async () => {
    const cookies = cookiesIn(await signIn({ badge: "IC-1", secret: password }));
    const order = async () => {
      const places = /data-places="([^"]+)"/.exec((await open("/ward", cookies)).body)?.[1] ?? "[]";
      return (JSON.parse(places.replaceAll("&quot;", '"')) as { bed: string }[]).map(({ bed }) => bed);
    };
    expect(await order()).toEqual(["room-1", "room-2", "room-3", "room-4"]);
    const move = form({ bed: "room-3", to: "earlier" }, cookieHeader(cookies));
    expect((await ward.app.inject({ url: "/set-up/beds", ...move })).headers.location).toBe(
      "/set-up/beds?moved=room-3&to=earlier",
    );
    expect(await order()).toEqual(["room-1", "room-3", "room-2", "room-4"]);
  });
});
