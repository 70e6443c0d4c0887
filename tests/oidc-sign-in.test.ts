import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { readClientAuth } from "../dashboard/server/oidc/client-auth.ts";
import { OidcConfig } from "../edge-agent/contract/oidc.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";
import {
  ada,
  nurseHeld,
  type Person,
  pem,
  siteOidc,
  startIdentityProvider,
  type TestProvider,
} from "./identity-provider.ts";
import { cookieHeader, cookiesIn, form, password, startAccount, train } from "./staff-accounts.ts";

/* Sign-in by OpenID Connect, from the button to the ward and out again, against a provider on loopback that signs and checks. */

let provider: TestProvider;
let ward: DashboardWard;
const folder = mkdtempSync(join(tmpdir(), "quietround-oidc-"));

beforeAll(async () => {
  provider = await startIdentityProvider();
  writeFileSync(join(folder, "client.pem"), pem(provider.clientKey));
  const oidc = siteOidc(provider, { keyFile: "client.pem" });
  const oidcAuth = await readClientAuth(OidcConfig.parse(oidc), folder);
  ward = await startDashboardWard({ demonstration: false, accounts: {}, oidc, oidcAuth });
});
afterAll(async () => {
  await ward.stop();
  await provider.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  provider.state.person = ada;
  provider.state.lie = {};
  provider.state.userinfo = undefined;
  provider.refusedAtToken.length = 0;
  ward.readings.length = 0;
});

let address = 0;
/** Each from an address of its own: opening is slowed down. */
const from = () => {
  address += 1;
  return `10.1.${Math.floor(address / 250)}.${address % 250}`;
};
const get = (url: string, cookie = "") =>
  ward.app.inject({ url, headers: { host: "127.0.0.1:8080", cookie }, remoteAddress: from() });

async function begin(cookie = "") {
  const began = await get("/sign-in/oidc", cookie);
  expect(began.statusCode).toBe(303);
  return { to: new URL(String(began.headers.location)), cookie: cookieHeader(cookiesIn(began)) };
}
const pathOf = (url: string): string => `${new URL(url).pathname}${new URL(url).search}`;
async function signIn(cookie = ""): Promise<LightMyRequestResponse> {
  const began = await begin(cookie);
  return get(pathOf(provider.authorize(began.to)), began.cookie);
}
const errorIn = ({ body }: { readonly body: string }) => /<a href="#badge">([^<]+)</.exec(body)?.[1];
const whyInReadings = () =>
  ward.readings.filter(({ action }) => action === "sign-in.refused").map(({ detail }) => detail.why);

describe("the button", () => {
  test("stands above the ward's own form, and leads to the provider with a challenge, a state and a nonce", async () => {
    const page = await get("/badge");
    expect(page.body.indexOf("Sign in with NHS Care Identity")).toBeGreaterThan(0);
    expect(page.body.indexOf("Sign in with NHS Care Identity")).toBeLessThan(page.body.indexOf('action="/badge"'));
    const { to } = await begin();
    expect(Object.fromEntries(to.searchParams)).toMatchObject({
      code_challenge_method: "S256",
      acr_values: "AAL2_OR_AAL3_ANY",
      max_age: "300",
      prompt: "login",
      redirect_uri: "http://127.0.0.1:8080/sign-in/oidc/callback",
      scope: "openid profile nationalrbacaccess selectedrole",
    });
    const other = await begin();
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(to.searchParams.get(name)).toMatch(/^[\w-]{43}$/);
      expect(to.searchParams.get(name)).not.toBe(other.to.searchParams.get(name));
    }
  });
});

describe("coming back", () => {
  test("signs in by the provider's word, with a new session, and shows who it is", async () => {
    const reply = await signIn("qr_staff=planted; qr_station=planted");
    expect([reply.statusCode, reply.headers.refresh, errorIn(reply)]).toEqual([200, "0;url=/ward", undefined]);
    const cookies = cookiesIn(reply);
    expect(cookies.qr_staff).toMatch(/^[\w-]{43}$/);
    expect(cookies.qr_station).not.toBe("planted");
    for (const name of ["qr_staff", "qr_station"])
      expect(reply.cookies.find((one) => one.name === name)).toMatchObject({
        httpOnly: true,
        sameSite: "Strict",
        path: "/",
      });
    expect(cookies.qr_oidc).toBe("");
    const board = await get("/ward", cookieHeader(cookies));
    expect([board.statusCode, board.body.includes("Ada Moss")]).toEqual([200, true]);
    expect((await get("/ward", "qr_staff=planted")).headers.location).toBe("/sign-in");
  });

  test("the session of before is dead, and the same person is the same account", async () => {
    const first = cookiesIn(await signIn());
    const second = cookiesIn(await signIn(cookieHeader(first)));
    expect(second.qr_staff).not.toBe(first.qr_staff);
    expect((await get("/ward", cookieHeader(first))).headers.location).toBe("/sign-in");
    const idOf = (cookies: Readonly<Record<string, string>>) => ward.records.whoIs(cookies.qr_staff ?? "", Date.now());
    expect(idOf(second)?.actor).toMatchObject({ kind: "staff", name: "Ada Moss", role: "nurse" });
    const third = cookiesIn(await signIn());
    expect(idOf(third)?.actor).toEqual(idOf(second)?.actor);
  });

  test("with another state, without the cookie, or a second time, nobody is signed in", async () => {
    const began = await begin();
    const back = new URL(provider.authorize(began.to));
    back.searchParams.set("state", "somebody-elses");
    const wrongState = await get(pathOf(back.href), began.cookie);
    const withoutCookie = await get(pathOf(provider.authorize((await begin()).to)));
    const again = await begin();
    const url = pathOf(provider.authorize(again.to));
    expect((await get(url, again.cookie)).statusCode).toBe(200);
    const replayed = await get(url, again.cookie);
    for (const reply of [wrongState, withoutCookie, replayed]) {
      expect([reply.statusCode, errorIn(reply)]).toEqual([
        400,
        expect.stringContaining("not valid, or was used before"),
      ]);
      expect(cookiesIn(reply).qr_staff).toBeUndefined();
    }
    expect(whyInReadings()).toEqual(["not-valid", "not-valid", "not-valid"]);
  });

  test("the provider refuses a code that is used twice, another's verifier, and a key that is not ours", async () => {
    const one = await begin();
    const two = await begin();
    // The code of one flow with the verifier of another.
    const crossed = new URL(provider.authorize(one.to));
    crossed.searchParams.set("state", two.to.searchParams.get("state") ?? "");
    expect((await get(pathOf(crossed.href), two.cookie)).statusCode).toBe(400);
    expect(provider.refusedAtToken).toEqual(["pkce"]);
    const three = await begin();
    const used = new URL(crossed.href);
    used.searchParams.set("state", three.to.searchParams.get("state") ?? "");
    expect((await get(pathOf(used.href), three.cookie)).statusCode).toBe(400);
    expect(provider.refusedAtToken).toEqual(["pkce", "code"]);
    const stranger = await startIdentityProvider();
    try {
      writeFileSync(join(folder, "other.pem"), pem(stranger.clientKey));
      const oidc = siteOidc(provider, { keyFile: "other.pem" });
      const oidcAuth = await readClientAuth(OidcConfig.parse(oidc), folder);
      const other = await startDashboardWard({ demonstration: false, accounts: {}, oidc, oidcAuth });
      try {
        const began = await other.app.inject({ url: "/sign-in/oidc" });
        const url = pathOf(provider.authorize(new URL(String(began.headers.location))));
        const reply = await other.app.inject({ url, headers: { cookie: cookieHeader(cookiesIn(began)) } });
        expect([reply.statusCode, provider.refusedAtToken.at(-1)]).toEqual([400, "assertion"]);
      } finally {
        await other.stop();
      }
    } finally {
      await stranger.stop();
    }
  });

  const person = (change: Partial<Person>): Person => ({ ...ada, sub: randomUUID(), ...change });
  const refused: readonly (readonly [string, () => void, string])[] = [
    [
      "assurance too low",
      () => (provider.state.lie = { claims: { authentication_assurance_level: "1" } }),
      "not strong enough",
    ],
    [
      "no assurance told",
      () => (provider.state.lie = { leaveOut: ["authentication_assurance_level"] }),
      "not strong enough",
    ],
    [
      "identity not checked",
      () => (provider.state.lie = { claims: { id_assurance_level: "1" } }),
      "identity was not checked",
    ],
    ["no role", () => (provider.state.person = person({ nhsid_nrbac_roles: [] })), "no role on this ward"],
    [
      "a role that is none here",
      () => (provider.state.person = person({ nhsid_nrbac_roles: [{ ...nurseHeld, role_code: "S0010:G0020:R0260" }] })),
      "no role on this ward",
    ],
    [
      "the same role in another organisation",
      () => (provider.state.person = person({ nhsid_nrbac_roles: [{ ...nurseHeld, org_code: "RX2" }] })),
      "no role on this ward",
    ],
    [
      "another role chosen than the one that fits",
      () => (provider.state.lie = { claims: { selected_roleid: "555000000099" } }),
      "no role on this ward",
    ],
  ];
  test.each(refused)("%s: told as such, with the ward's own form below", async (_what, lie, words) => {
    lie();
    const reply = await signIn();
    expect([reply.statusCode, errorIn(reply)]).toEqual([403, expect.stringContaining(words)]);
    expect(reply.body).toContain('action="/badge"');
    expect(cookiesIn(reply).qr_staff).toBeUndefined();
    expect(whyInReadings()).toEqual(["not-allowed"]);
  });

  test("cancelled at the provider: told as such", async () => {
    const began = await begin();
    const state = began.to.searchParams.get("state");
    const reply = await get(`/sign-in/oidc/callback?error=access_denied&state=${state}`, began.cookie);
    expect([reply.statusCode, errorIn(reply)]).toEqual([400, expect.stringContaining("did not finish signing in")]);
    expect(whyInReadings()).toEqual(["cancelled"]);
  });

  test("neither the name nor a token stands in the dashboard's log of readings", async () => {
    provider.state.person = person({ nhsid_nrbac_roles: [], family_name: "Zephyrine" });
    const began = await begin();
    const back = provider.authorize(began.to);
    await get(pathOf(back), began.cookie);
    const written = JSON.stringify(ward.readings);
    expect(written).toContain("sign-in.refused");
    expect(written).not.toContain("Zephyrine");
    expect(written).not.toContain(new URL(back).searchParams.get("code"));
  });

  test("of several roles that fit it is the one that may do least; a chosen one is that one", async () => {
    const charge = { ...nurseHeld, person_roleid: "555000000002", role_code: "S0010:G0020:R8000" };
    provider.state.person = person({ family_name: "Both", nhsid_nrbac_roles: [charge, nurseHeld] });
    const roleIn = (reply: LightMyRequestResponse) => {
      const actor = ward.records.whoIs(cookiesIn(reply).qr_staff ?? "", Date.now())?.actor;
      return actor?.kind === "staff" ? actor.role : undefined;
    };
    expect(roleIn(await signIn())).toBe("nurse");
    provider.state.lie = { claims: { selected_roleid: charge.person_roleid } };
    expect(roleIn(await signIn())).toBe("nurse-in-charge");
  });
});

describe("a locked screen", () => {
  test("is unlocked by the provider too, for who has no PIN here", async () => {
    const cookies = cookiesIn(await signIn());
    const locked = await ward.app.inject({ url: "/lock", ...form({}, cookieHeader(cookies)) });
    expect(locked.statusCode).toBe(303);
    const board = await get("/ward", cookieHeader(cookies));
    expect(board.body).toContain('<a href="/sign-in/oidc">Sign in with NHS Care Identity</a>');
    const again = cookiesIn(await signIn(cookieHeader(cookies)));
    const who = (session = "") => ward.records.whoIs(session, Date.now())?.actor.kind;
    expect([who(again.qr_staff), who(cookies.qr_staff)]).toEqual(["staff", undefined]);
    expect((await get("/ward", cookieHeader(again))).body).toMatch(/id="lock"[^>]* hidden/);
  });
});

describe("with the provider down", () => {
  test("it is told, the ward's password works, and it is found again", async () => {
    await startAccount(ward, "Sam Reed", "RN-104");
    train(ward, "RN-104");
    const oidc = siteOidc(provider);
    await provider.stop();
    // A dashboard that starts while nobody answers starts.
    const late = await startDashboardWard({ demonstration: false, accounts: {}, oidc });
    try {
      const reply = await late.app.inject({ url: "/sign-in/oidc" });
      expect([reply.statusCode, errorIn(reply)]).toEqual([
        503,
        "The identity service cannot be reached. Use your ward password.",
      ]);
      expect(reply.body).toContain('action="/badge"');
      expect(late.readings.map(({ detail }) => detail.why)).toContain("unreachable");
      const local = await ward.app.inject({ url: "/badge", ...form({ badge: "RN-104", secret: password }) });
      expect([local.statusCode, local.headers.location]).toEqual([303, "/ward"]);
      await provider.again();
      await vi.waitFor(async () => expect((await late.app.inject({ url: "/sign-in/oidc" })).statusCode).toBe(303), {
        timeout: 15_000,
        interval: 250,
      });
    } finally {
      await late.stop();
    }
  });
});

describe("back-channel logout", () => {
  const logOut = (logout_token: string, headers: Readonly<Record<string, string>> = {}) =>
    ward.app.inject({
      method: "POST",
      url: "/sign-in/oidc/logout",
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      payload: new URLSearchParams({ logout_token }).toString(),
    });

  test("ends the session and its open live feed at once, and says so in the log", async () => {
    const sub = randomUUID();
    provider.state.person = { ...ada, sub, family_name: "Away" };
    provider.state.sid = "sid-away";
    const cookie = cookieHeader(cookiesIn(await signIn()));
    provider.state.person = { ...ada, sub: randomUUID(), family_name: "Stays" };
    provider.state.sid = "sid-stays";
    const stays = cookieHeader(cookiesIn(await signIn()));
    const socket = new WebSocket(`${ward.url.replace("http", "ws")}/live?as=staff`, {
      headers: { cookie, origin: ward.url },
    });
    const closed = new Promise<number>((resolve) => socket.on("close", resolve));
    await new Promise((resolve, reject) => socket.on("message", resolve).on("error", reject));
    const reply = await logOut(await provider.logoutToken({ sub, sid: "sid-away" }));
    expect(reply.statusCode).toBe(200);
    expect(reply.headers["cache-control"]).toBe("no-store");
    // Not believed for one moment more, though it was asked about just now.
    expect((await get("/ward", cookie)).headers.location).toBe("/sign-in");
    expect((await get("/ward", stays)).statusCode).toBe(200);
    expect(await closed).toBe(4401);
    const again = await logOut(await provider.logoutToken({ sid: "sid-stays" }));
    expect(again.statusCode).toBe(200);
    expect((await get("/ward", stays)).headers.location).toBe("/sign-in");
  });

  test("a token that was used, is old, has a nonce, no event, or is for somebody else changes nothing", async () => {
    provider.state.sid = "sid-kept";
    const cookie = cookieHeader(cookiesIn(await signIn()));
    const sub = ada.sub;
    const nowSec = Math.floor(Date.now() / 1_000);
    const bad = [
      await provider.logoutToken({ sub, nonce: "n".repeat(20) }),
      await provider.logoutToken({ sub, iat: nowSec - 600, exp: nowSec + 60 }),
      await provider.logoutToken({ sub, iat: nowSec + 600 }),
      await provider.logoutToken({ sub, events: {} }),
      await provider.logoutToken({ sub, aud: "somebody-else" }),
      await provider.logoutToken({ sub, iss: "https://evil.test" }),
      await provider.logoutToken({}),
      (await provider.tokens(ada, "n".repeat(20))).idToken,
      "not.a.token",
      "",
    ];
    for (const token of bad) expect([(await logOut(token)).statusCode, token]).toEqual([400, token]);
    expect((await get("/ward", cookie)).statusCode).toBe(200);
    const good = await provider.logoutToken({ sid: "sid-nobody" });
    expect((await logOut(good)).statusCode).toBe(200);
    expect((await logOut(good)).statusCode).toBe(400);
    expect((await get("/ward", cookie)).statusCode).toBe(200);
  });

  test("a page of another site can do no more there than the token it brings", async () => {
    const reply = await logOut("not.a.token", { origin: "http://evil.test", "sec-fetch-site": "cross-site" });
    expect([reply.statusCode, reply.json()]).toEqual([400, { error: "invalid_request" }]);
    const elsewhere = await ward.app.inject({
      method: "POST",
      url: "/sign-in/oidc",
      headers: { origin: "http://evil.test" },
    });
    expect(elsewhere.statusCode).not.toBe(200);
  });
});
