import { createHmac, generateKeyPairSync, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readEntry } from "../edge-agent/audit/entry.ts";
import { OidcConfig } from "../edge-agent/contract/oidc.ts";
import { startDesk } from "../edge-agent/io/desk-for-tests.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { at } from "../edge-agent/records/records-for-tests.ts";
import { readStaff } from "../edge-agent/records/staff-reading.ts";
import {
  ada,
  clientId,
  nurseHeld,
  type Person,
  siteOidc,
  startIdentityProvider,
  type TestProvider,
} from "./identity-provider.ts";

/* A dashboard that lies: whatever it hands over, the agent lets in nobody whom the provider did not sign for, here and now. */

let provider: TestProvider;
let desk: ReturnType<typeof startDesk>;
beforeAll(async () => {
  provider = await startIdentityProvider();
  desk = startDesk({ oidc: OidcConfig.parse(siteOidc(provider)) });
  // The desk's clock is the test's; the provider signs by the real one.
  desk.clock.ms = Date.now() - at(0).utcMs;
});
afterAll(async () => {
  desk.stop();
  await provider.stop();
});
beforeEach(() => {
  provider.state.lie = {};
  provider.state.userinfo = undefined;
  desk.clock.ms = Date.now() - at(0).utcMs;
});

const nonce = "nonce-of-this-request";
interface Handed {
  readonly idToken: string;
  readonly accessToken: string;
  readonly nonce?: string;
}
const hand = (given: Handed, station: string | null = null, session: string | null = null) =>
  desk.page({ do: "sign-in-oidc", nonce, station, ...given }, session);
const somebody = (change: Partial<Person> = {}): Person => ({ ...ada, sub: randomUUID(), ...change });
const nowSec = (): number => Math.floor(Date.now() / 1_000);
function reading<T>(work: (db: ReturnType<typeof openForReading>) => T): T {
  const db = openForReading(desk.path);
  try {
    return work(db);
  } finally {
    db.close();
  }
}
const entries = () =>
  reading((db) => {
    const rows = db.prepare("SELECT data FROM entry ORDER BY idx").pluck().all() as Buffer[];
    return rows.map((data) => {
      const read = readEntry(data);
      if (!read.ok) throw new Error(read.why);
      return read.entry;
    });
  });
const last = () => entries().at(-1);
const members = () => reading((db) => readStaff(db, at(desk.clock.ms).utcMs));

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const unsigned = (claims: JWTPayload): string => `${base64({ alg: "none", typ: "JWT" })}.${base64(claims)}.`;
function hmacWithPublicKey(claims: JWTPayload): string {
  const secret = provider.publicKey.export({ type: "spki", format: "pem" });
  const signed = `${base64({ alg: "HS256", typ: "JWT", kid: "one" })}.${base64(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
function byStranger(claims: JWTPayload): Promise<string> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "one" }).sign(privateKey);
}
/** Names its own keys in its header (RFC 7515 4.1.2, 4.1.3). */
async function withOwnKey(claims: JWTPayload): Promise<string> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = publicKey.export({ format: "jwk" }) as { kty: string; n: string; e: string };
  const header = { alg: "RS256", jwk, jku: `${provider.issuer}/../evil` };
  return new SignJWT(claims).setProtectedHeader(header).sign(privateKey);
}

describe("an ID token", () => {
  test("that is good signs in, with an account without a password; the entry names how", async () => {
    const signed = desk.signedIn(await hand(await provider.tokens(ada, nonce)));
    expect(desk.records.whoIs(signed.session, at(desk.clock.ms).utcMs)?.actor).toMatchObject({
      name: "Ada Moss",
      role: "nurse",
    });
    expect(last()).toMatchObject({ action: "sign-in", detail: { role: "nurse", how: "oidc" } });
  });

  const bad: readonly (readonly [string, () => void, string])[] = [
    ["alg none", () => (provider.state.lie = { forge: unsigned }), "signature"],
    ["HS256 with the public key as its secret", () => (provider.state.lie = { forge: hmacWithPublicKey }), "signature"],
    [
      "signed by somebody else under the same key's name",
      () => (provider.state.lie = { forge: byStranger }),
      "signature",
    ],
    ["that brings its own key", () => (provider.state.lie = { forge: withOwnKey }), "signature"],
    ["for another client", () => (provider.state.lie = { claims: { aud: "another" } }), "audience"],
    [
      "for several, and not first for us",
      () => (provider.state.lie = { claims: { aud: [clientId, "another"] } }),
      "audience",
    ],
    ["given to another party (azp)", () => (provider.state.lie = { claims: { azp: "another" } }), "audience"],
    ["of another issuer", () => (provider.state.lie = { claims: { iss: "https://evil.test" } }), "issuer"],
    ["that is over", () => (provider.state.lie = { claims: { exp: nowSec() - 60 } }), "expired"],
    ["without an end", () => (provider.state.lie = { leaveOut: ["exp"] }), "expired"],
    ["for another request", () => (provider.state.lie = { claims: { nonce: "another-request" } }), "nonce"],
    [
      "of somebody who signed in hours ago",
      () => (provider.state.lie = { claims: { auth_time: nowSec() - 3_600 } }),
      "auth-time",
    ],
    ["that does not say when", () => (provider.state.lie = { leaveOut: ["auth_time"] }), "malformed"],
  ];
  test.each(bad)("%s is refused", async (_what, lie, why) => {
    lie();
    const answer = await hand(await provider.tokens(somebody(), nonce));
    expect(answer).toMatchObject({ ok: false, why: "code-invalid" });
    expect(last()).toMatchObject({ action: "sign-in.refused", outcome: 4, detail: { kind: "oidc", why } });
  });

  test("is good once, and a logout token is none", async () => {
    const tokens = await provider.tokens(ada, nonce);
    expect((await hand(tokens)).ok).toBe(true);
    expect(await hand(tokens)).toMatchObject({ ok: false, why: "code-invalid" });
    expect(last()?.detail).toMatchObject({ why: "replayed" });
    const logout = await provider.logoutToken({ sub: ada.sub, auth_time: nowSec(), nonce });
    expect(await hand({ ...tokens, idToken: logout })).toMatchObject({ ok: false, why: "code-invalid" });
    expect(last()?.detail).toMatchObject({ why: "not-an-id-token" });
  });

  test("with somebody else's right to ask who they are is refused, and so is a word about somebody else", async () => {
    const mine = await provider.tokens(somebody(), nonce);
    const charge = somebody({ nhsid_nrbac_roles: [{ ...nurseHeld, role_code: "S0010:G0020:R8000" }] });
    const theirs = await provider.tokens(charge, nonce);
    const lies = [
      { idToken: mine.idToken, accessToken: theirs.accessToken },
      { idToken: mine.idToken, accessToken: "made-up" },
    ];
    for (const lie of lies) {
      expect(await hand(lie)).toMatchObject({ ok: false, why: "code-invalid" });
      expect(last()?.detail).toMatchObject({ why: "userinfo" });
    }
    provider.state.userinfo = charge;
    expect((await hand(await provider.tokens(somebody(), nonce))).ok).toBe(false);
    expect(last()?.detail).toMatchObject({ why: "userinfo" });
  });
});

describe("an account of the provider", () => {
  test("that the ward ended stays off, with its own words", async () => {
    const gone = somebody({ given_name: "Gale", family_name: "Gone" });
    const { id, session } = desk.signedIn(await hand(await provider.tokens(gone, nonce)));
    await desk.setUp({ do: "end-staff", staff: id });
    expect(desk.records.whoIs(session, at(desk.clock.ms).utcMs)).toBeUndefined();
    const again = await hand(await provider.tokens(gone, nonce));
    expect(again).toMatchObject({ ok: false, why: "not-allowed", words: expect.stringContaining("is closed") });
    expect(last()?.detail).toMatchObject({ why: "ended", staff: id });
  });

  test("is tied to the provider's name for the person: another of the same name is another account", async () => {
    const local = await desk.account("Jo Lane", "RN-300", "nurse-in-charge");
    const first = desk.signedIn(
      await hand(await provider.tokens(somebody({ given_name: "Jo", family_name: "Lane" }), nonce)),
    );
    const second = desk.signedIn(
      await hand(await provider.tokens(somebody({ given_name: "Jo", family_name: "Lane" }), nonce)),
    );
    expect(new Set([local.id, first.id, second.id]).size).toBe(3);
    expect(desk.records.whoIs(first.session, at(desk.clock.ms).utcMs)?.actor).toMatchObject({ role: "nurse" });
  });

  test("signs in with no password and no PIN before the ward gives it one", async () => {
    const { id, session, station } = desk.signedIn(
      await hand(await provider.tokens(somebody({ family_name: "Bare" }), nonce)),
    );
    const badge = members().find((one) => one.id === id)?.badge ?? "";
    expect(badge).toMatch(/^OIDC-\d{6}$/);
    expect((await desk.pinAt(badge, station)).ok).toBe(false);
    expect((await desk.passwordAt(badge, station)).ok).toBe(false);
    expect(desk.records.whoIs(session, at(desk.clock.ms).utcMs)).toBeDefined();
    expect(members().find((one) => one.id === id)).toMatchObject({ started: true, role: "nurse" });
  });

  test("loses the role that the provider took away, also behind a password of the ward", async () => {
    const charge = { ...nurseHeld, role_code: "S0010:G0020:R8000" };
    const person = somebody({ family_name: "Change", nhsid_nrbac_roles: [charge] });
    const { id } = desk.signedIn(await hand(await provider.tokens(person, nonce)));
    expect(members().find((one) => one.id === id)?.role).toBe("nurse-in-charge");
    await hand(await provider.tokens({ ...person, nhsid_nrbac_roles: [nurseHeld] }, nonce));
    expect(members().find((one) => one.id === id)?.role).toBe("nurse");
  });

  test("ends with the shift at the latest", async () => {
    const { session } = desk.signedIn(await hand(await provider.tokens(somebody({ family_name: "Late" }), nonce)));
    const known = desk.records.whoIs(session, at(desk.clock.ms).utcMs);
    expect(known?.shiftUntilUtcMs).toBeCloseTo(at(desk.clock.ms).utcMs + 12 * 3_600_000, -5);
    expect(desk.records.whoIs(session, at(desk.clock.ms + 25 * 3_600_000).utcMs)).toBeUndefined();
  });

  test("stands in the open part of no entry by name, and its subject nowhere in the file", async () => {
    const person = somebody({ given_name: "Quill", family_name: "Zephyrine", sub: "subject-887766" });
    desk.signedIn(await hand(await provider.tokens(person, nonce)));
    expect(JSON.stringify(entries().map(({ detail }) => detail))).not.toContain("Zephyrine");
    const files = readdirSync(dirname(desk.path)).filter((name) => name.startsWith("ward.sqlite"));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files)
      for (const word of ["Zephyrine", "subject-887766"])
        expect(readFileSync(join(dirname(desk.path), file)).includes(word)).toBe(false);
  });
});

describe("logout at the provider", () => {
  test("ends this person's sessions and what this screen knew of them, once", async () => {
    const person = somebody({ family_name: "Leaves" });
    const one = desk.signedIn(await hand(await provider.tokens(person, nonce)));
    const two = desk.signedIn(await hand(await provider.tokens(person, nonce)));
    const other = desk.signedIn(await hand(await provider.tokens(somebody({ family_name: "Stays" }), nonce)));
    const logoutToken = await provider.logoutToken({ sub: person.sub });
    expect(await desk.page({ do: "oidc-logout", logoutToken })).toMatchObject({ ok: true });
    expect(last()).toMatchObject({ action: "sign-out", detail: { backChannel: true, sessions: 2, staff: [one.id] } });
    const utcMs = at(desk.clock.ms).utcMs;
    expect([one, two, other].map(({ session }) => desk.records.whoIs(session, utcMs) !== undefined)).toEqual([
      false,
      false,
      true,
    ]);
    expect(await desk.page({ do: "oidc-logout", logoutToken })).toMatchObject({ ok: false, why: "code-invalid" });
    expect(last()?.detail).toMatchObject({ why: "replayed" });
  });

  test("of somebody nobody knows here ends nobody's session", async () => {
    const { session } = desk.signedIn(await hand(await provider.tokens(somebody({ family_name: "Remains" }), nonce)));
    await desk.page({ do: "oidc-logout", logoutToken: await provider.logoutToken({ sub: "nobody" }) });
    expect(last()).toMatchObject({ action: "sign-out", detail: { sessions: 0 } });
    expect(desk.records.whoIs(session, at(desk.clock.ms).utcMs)).toBeDefined();
  });
});
