import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { codeTriesPerMinuteMax } from "../dashboard/server/code-form.ts";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { activation } from "./core-driver.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

let ward: DashboardWard;
beforeEach(async () => {
  ward = await startDashboardWard();
});
afterEach(() => ward.stop());

const origin = { host: "ward.test", origin: "http://ward.test" };
const form = (code: string) => ({
  method: "POST" as const,
  headers: { ...origin, "content-type": "application/x-www-form-urlencoded" },
  payload: `code=${encodeURIComponent(code)}`,
});

async function signIn(): Promise<string> {
  const reply = await ward.app.inject({ url: "/sign-in", ...form("nurse-code") });
  expect(reply.statusCode).toBe(303);
  return `qr_staff=${reply.cookies[0]?.value}`;
}
async function pair(): Promise<string> {
  const reply = await ward.app.inject({ url: "/pair", ...form("bed-code") });
  expect(reply.statusCode).toBe(303);
  return `qr_bedside=${reply.cookies[0]?.value}`;
}
const ask = (cookie: string, kind: string, body: unknown, headers: Record<string, string> = {}) =>
  ward.app.inject({
    method: "POST",
    url: "/asks",
    headers: { ...origin, cookie, "content-type": "application/json", "x-quietround": kind, ...headers },
    payload: JSON.stringify(body),
  });
const turnOff = { do: "turn-off", bed: "room-1", stay: "stay-made-up", purpose: "breathing-rate" };

describe("sign-in and pairing", () => {
  test("a code gives a cookie that no script reads and no other site sends", async () => {
    const reply = await ward.app.inject({ url: "/sign-in", ...form(" nurse-code ") });
    expect(reply.headers.location).toBe("/ward");
    expect(reply.cookies[0]).toMatchObject({ name: "qr_staff", httpOnly: true, sameSite: "Strict", path: "/" });
    expect(reply.body).not.toContain("staff-session");
  });

  test("opening a link with a code signs nobody in", async () => {
    const reply = await ward.app.inject({ url: "/sign-in?code=nurse-code" });
    expect(reply.statusCode).toBe(200);
    expect(reply.body).toContain('value="nurse-code"');
    expect(reply.cookies).toEqual([]);
    expect(ward.agent.asks.filter(({ ask }) => ask.do === "sign-in")).toEqual([]);
    expect(JSON.stringify(ward.readings)).not.toContain("nurse-code");
  });

  test("a wrong code is told in words, audited, and keeps nobody's code", async () => {
    const reply = await ward.app.inject({ url: "/sign-in", ...form("guess-123") });
    expect(reply.statusCode).toBe(400);
    expect(reply.body).toContain("This code is unknown, used or too old.");
    expect(ward.readings.map(({ action, outcome }) => [action, outcome])).toEqual([
      ["sign-in.refused", 4],
      ["page.open", 4],
    ]);
    expect(JSON.stringify(ward.readings)).not.toContain("guess-123");
  });

  test("a staff code pairs no screen, and a code from another site's form is not even asked about", async () => {
    expect((await ward.app.inject({ url: "/pair", ...form("nurse-code") })).statusCode).toBe(400);
    const asked = ward.agent.asks.length;
    const foreign = form("nurse-code");
    const headers = { ...foreign.headers, origin: "http://evil.test" };
    expect((await ward.app.inject({ url: "/sign-in", ...foreign, headers })).statusCode).toBe(403);
    expect(ward.agent.asks.length).toBe(asked);
  });

  test("guessing codes is slowed down", async () => {
    for (let tries = 0; tries < codeTriesPerMinuteMax; tries++) {
      expect((await ward.app.inject({ url: "/sign-in", ...form(`guess-${tries}`) })).statusCode).toBe(400);
    }
    expect((await ward.app.inject({ url: "/sign-in", ...form("nurse-code") })).statusCode).toBe(429);
  });

  test("what is typed stays text", async () => {
    const reply = await ward.app.inject({ url: `/sign-in?code=${encodeURIComponent('"><script>alert(1)</script>')}` });
    expect(reply.body).not.toContain("<script>alert");
    expect(reply.body).toContain("&lt;script&gt;");
  });
});

describe("pages", () => {
  test("each address leads where the session belongs", async () => {
    const to = async (url: string, cookie?: string) =>
      (await ward.app.inject({ url, headers: cookie === undefined ? {} : { cookie } })).headers.location;
    expect(await to("/")).toBe("/sign-in");
    expect(await to("/ward")).toBe("/sign-in");
    expect(await to("/bedside")).toBe("/pair");
    expect(await to("/ward", "qr_staff=forged")).toBe("/sign-in");
    const bedside = await pair();
    expect(await to("/", bedside)).toBe("/bedside");
    expect(await to("/ward", bedside)).toBe("/sign-in");
    expect(await to("/ward", bedside.replace("qr_bedside", "qr_staff"))).toBe("/sign-in");
    const staff = await signIn();
    expect(await to("/", staff)).toBe("/ward");
    expect(await to("/bedside", staff)).toBe("/pair");
  });

  test("what is behind the screen at a bed is for that screen alone, and asks nothing of another page", async () => {
    ward.agent.tell("room-1", bedTileFixtures.calm);
    const [staff, bedside] = [await signIn(), await pair()];
    for (const name of ["who-looked", "about", "ask", "how", "proof", "language"]) {
      const open = async (cookie: string) => ward.app.inject({ url: `/bedside/${name}`, headers: { cookie } });
      expect((await open(staff)).headers.location).toBe("/pair");
      expect((await open(bedside)).statusCode).toBe(200);
    }
    const post = (url: string, headers: Record<string, string>, payload: string) =>
      ward.app.inject({
        method: "POST",
        url,
        headers: { ...origin, cookie: bedside, "content-type": "application/x-www-form-urlencoded", ...headers },
        payload,
      });
    for (const url of ["/bedside/ask", "/bedside/how", "/bedside/look"])
      expect((await post(url, { origin: "http://evil.test" }, "about=question&words=")).statusCode).toBe(403);
    expect((await post("/bedside/ask", {}, "about=threat&words=x")).statusCode).toBe(400);
    const look = await post("/bedside/look", {}, "largeText=yes&back=//evil.test");
    expect([look.statusCode, look.headers.location]).toEqual([303, "/bedside"]);
    expect(ward.agent.asks.filter(({ ask }) => ask.do === "feedback")).toEqual([]);
  });

  test("who opened what is in the log before the page is served", async () => {
    const cookie = await signIn();
    const bedside = await pair();
    expect((await ward.app.inject({ url: "/ward", headers: { cookie } })).statusCode).toBe(200);
    expect((await ward.app.inject({ url: "/bedside", headers: { cookie: bedside } })).statusCode).toBe(200);
    expect(ward.readings).toMatchObject([
      {
        action: "page.open",
        actor: { kind: "staff", id: "staff-1", name: "Sam Reed", role: "nurse" },
        detail: { page: "/ward", bed: null, purposeOfEvent: "TREAT" },
      },
      {
        action: "page.open",
        actor: { kind: "bedside", bed: "room-1", stay: "stay-made-up" },
        detail: { page: "/bedside", bed: "room-1", purposeOfEvent: "PATRQT" },
      },
    ]);
  });

  test("without an audit log no page opens, and the words say why", async () => {
    const cookie = await signIn();
    ward.failAudit = true;
    for (const [url, headers] of [
      ["/ward", { cookie }],
      ["/sign-in", {}],
      ["/demo/ward", {}],
    ] as const) {
      const reply = await ward.app.inject({ url, headers });
      expect(reply.statusCode).toBe(503);
      expect(reply.body).toContain("The audit log cannot be written");
      expect(reply.body).not.toContain('id="beds"');
    }
  });

  test("the ward board is for those who care for patients", async () => {
    ward.agent.sessions.set("engineer", {
      is: "staff",
      session: null,
      id: "staff-2",
      name: "Eve",
      role: "engineer",
      expiresAt: Date.now() + 1_000_000,
    });
    const reply = await ward.app.inject({ url: "/ward", headers: { cookie: "qr_staff=engineer" } });
    expect(reply.statusCode).toBe(403);
    expect(reply.body).not.toContain('id="beds"');
    expect(ward.readings[0]).toMatchObject({ action: "page.open", outcome: 4, detail: { refused: "not-allowed" } });
  });

  test("signing out ends the session at the agent and here", async () => {
    const cookie = await signIn();
    expect((await ward.app.inject({ url: "/ward", headers: { cookie } })).statusCode).toBe(200);
    const headers = { ...origin, cookie };
    expect((await ward.app.inject({ method: "POST", url: "/sign-out", headers })).headers.location).toBe("/sign-in");
    expect((await ward.app.inject({ url: "/ward", headers: { cookie } })).headers.location).toBe("/sign-in");
  });

  test("nothing may be loaded from elsewhere, framed or kept", async () => {
    const reply = await ward.app.inject({ url: "/sign-in" });
    const policy = String(reply.headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'self' 'nonce-[0-9a-f]{32}'/);
    expect(policy).not.toContain("unsafe");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(reply.headers["cache-control"]).toBe("no-store");
    expect(reply.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  test("the demonstration pages are there for a demonstration only", async () => {
    expect((await ward.app.inject({ url: "/demo" })).statusCode).toBe(200);
    const real = await startDashboardWard({ demonstration: false });
    try {
      expect((await real.app.inject({ url: "/demo" })).statusCode).toBe(404);
      expect((await real.app.inject({ url: "/sign-in" })).body).not.toContain("DEMONSTRATION");
    } finally {
      await real.stop();
    }
  });

  test("while the agent is silent a signed-in person is neither let in nor sent away", async () => {
    const cookie = await signIn();
    ward.agent.speaking = false;
    const reply = await ward.app.inject({ url: "/ward", headers: { cookie } });
    expect(reply.statusCode).toBe(503);
    expect(reply.body).toContain("did not answer");
    expect(reply.headers.refresh).toBe("5");
  });
});

describe("asks", () => {
  test("go to the agent with the session's token, and its answer comes back", async () => {
    ward.agent.tell("room-1", bedTileFixtures.calm);
    const reply = await ask(await signIn(), "staff", turnOff);
    expect([reply.statusCode, reply.json()]).toEqual([200, { ok: true, result: { is: "done" } }]);
    expect(ward.agent.asks.at(-1)).toMatchObject({ session: "staff-session", ask: turnOff });
  });

  test("a person at the bedside turns on; staff cannot", async () => {
    const turnOn = { ...turnOff, do: "turn-on" };
    expect((await ask(await signIn(), "staff", turnOn)).statusCode).toBe(403);
    expect((await ask(await pair(), "bedside", turnOn)).statusCode).toBe(200);
    expect((await ask(await pair(), "bedside", { ...turnOff, do: "offer", activation })).statusCode).toBe(403);
  });

  test.each([
    ["another origin", { origin: "http://evil.test" }, turnOff, 403],
    ["no own header", { "x-quietround": "" }, turnOff, 403],
    ["a form", { "content-type": "text/plain" }, turnOff, 415],
    ["no session of that kind", { "x-quietround": "bedside" }, turnOff, 401],
    ["a list", {}, [turnOff], 400],
    ["an unknown act", {}, { do: "erase" }, 400],
    ["an extra key", {}, { ...turnOff, actor: "somebody" }, 400],
    ["signing in past its form", {}, { do: "sign-in", code: "nurse-code" }, 403],
    ["too much", {}, { do: "invite-staff", name: "x".repeat(20_000), role: "nurse" }, 413],
  ])("are refused with %s, and the agent is not asked", async (_what, headers, body, status) => {
    const cookie = await signIn();
    const before = ward.agent.asks.length;
    const reply = await ask(cookie, "staff", body, headers);
    expect(reply.statusCode).toBe(status);
    expect(ward.agent.asks.length).toBe(before);
  });

  test("JSON that would reach into prototypes is refused", async () => {
    const cookie = await signIn();
    const headers = { ...origin, cookie, "content-type": "application/json", "x-quietround": "staff" };
    const payload = '{"__proto__":{"admin":true},"do":"sign-out"}';
    expect((await ward.app.inject({ method: "POST", url: "/asks", headers, payload })).statusCode).toBe(400);
  });

  test("an agent that does not answer is said in words, in time", async () => {
    const cookie = await signIn();
    ward.agent.speaking = false;
    const reply = await ask(cookie, "staff", turnOff);
    expect(reply.statusCode).toBe(504);
    expect(reply.json()).toMatchObject({ ok: false, why: "no-answer" });
    expect(reply.json().words).toContain("The ward computer did not answer");
  });
});

test("/healthz says whether the agent is heard, to anybody, and is no page", async () => {
  expect((await ward.app.inject({ url: "/healthz" })).json()).toEqual({ ok: true, agent: "silent" });
  ward.agent.tell("room-1", bedTileFixtures.calm);
  await expect.poll(async () => (await ward.app.inject({ url: "/healthz" })).json().agent).toBe("heard");
  expect(ward.readings).toEqual([]);
});
