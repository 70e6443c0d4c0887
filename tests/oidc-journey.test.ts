import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK } from "jose";
import Provider from "oidc-provider";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readClientAuth } from "../dashboard/server/oidc/client-auth.ts";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { OidcConfig } from "../edge-agent/contract/oidc.ts";
import { freePort } from "../scripts/free-port.ts";
import { haveBrowser, launchBrowser } from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";
import { clientId, nurseHeld, organisation, pem } from "./identity-provider.ts";

/* In a browser, against a certified provider that somebody else wrote: from the button to the board, and out when the provider says so. */

const folder = mkdtempSync(join(tmpdir(), "quietround-oidc-journey-"));
let provider: Provider;
let server: Server;
let ward: DashboardWard;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const failures: string[] = [];
let issuer = "";

/** CIS2's words, over what the provider does by itself. */
const claimsOf = (sub: string) => ({
  ...{ sub, given_name: "Noor", family_name: "Field" },
  ...{ authentication_assurance_level: "3", id_assurance_level: "3", nhsid_nrbac_roles: [nurseHeld] },
});

describe.skipIf(!haveBrowser)("a nurse with an identity of the trust", () => {
  beforeAll(async () => {
    const [at, pagesPort] = [await freePort("127.0.0.1", 0), await freePort("127.0.0.1", 0)];
    if (at === undefined || pagesPort === undefined) throw new Error("no port is free");
    // Another site than the pages: cookies that are "strict" do not come along from there.
    issuer = `http://localhost:${at}`;
    const pagesAt = `http://127.0.0.1:${pagesPort}`;
    const ours = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const theirs = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(join(folder, "client.pem"), pem(ours.privateKey));
    provider = new Provider(issuer, {
      clients: [
        {
          client_id: clientId,
          redirect_uris: [`${pagesAt}/sign-in/oidc/callback`],
          grant_types: ["authorization_code"],
          response_types: ["code"],
          token_endpoint_auth_method: "private_key_jwt",
          token_endpoint_auth_signing_alg: "RS512",
          jwks: { keys: [{ ...(await exportJWK(ours.publicKey)), kid: "ward", use: "sig" }] },
          backchannel_logout_uri: `${pagesAt}/sign-in/oidc/logout`,
          backchannel_logout_session_required: true,
        },
      ],
      jwks: { keys: [{ ...(await exportJWK(theirs.privateKey)), kid: "provider", use: "sig", alg: "RS256" }] },
      clientAuthMethods: ["private_key_jwt"],
      enabledJWA: { clientAuthSigningAlgValues: ["RS512"] },
      pkce: { required: () => true },
      acrValues: ["AAL2_OR_AAL3_ANY"],
      scopes: ["openid", "profile", "nationalrbacaccess", "selectedrole"],
      claims: {
        openid: ["sub", "sid", "authentication_assurance_level", "id_assurance_level"],
        profile: ["given_name", "family_name"],
        nationalrbacaccess: ["nhsid_nrbac_roles"],
      },
      cookies: { keys: ["made-up"] },
      conformIdTokenClaims: false,
      ttl: { Session: 600, Grant: 600, AccessToken: 300, IdToken: 300, Interaction: 600 },
      // By itself it sends no logout to loopback.
      fetch: (url: string, { method, headers, body }: RequestInit) =>
        fetch(url, { method, headers, body } as RequestInit),
      features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
      findAccount: (_ctx: unknown, sub: string) => ({ accountId: sub, claims: () => claimsOf(sub) }),
    });
    for (const event of ["authorization.error", "grant.error", "server_error", "userinfo.error", "backchannel.error"])
      provider.on(event, (_ctx, cause) => void failures.push(`${event}: ${String(cause)}`));
    server = createServer(provider.callback());
    await new Promise<void>((resolve) => void server.listen(at, "127.0.0.1", resolve));
    const roles = [{ organisation, roleCode: "R8001", role: "nurse" }];
    const oidc = { issuer, clientId, pagesAt, keyFile: "client.pem", keyId: "ward", roles };
    const oidcAuth = await readClientAuth(OidcConfig.parse(oidc), folder);
    ward = await startDashboardWard({ web: true, demonstration: false, accounts: {}, oidc, oidcAuth, port: pagesPort });
    ward.agent.tell("room-1", bedTileFixtures.calm);
    browser = await launchBrowser();
    context = await browser.newContext({ viewport: { width: 1_366, height: 768 } });
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await ward?.stop();
    server?.closeAllConnections();
    server?.close();
    rmSync(folder, { recursive: true });
  });

  test("signs in with the button, and sees the board", async () => {
    await page.goto(`${ward.url}/badge`);
    await page.getByRole("link", { name: "Sign in with NHS Care Identity" }).click();
    await page.fill('input[name="login"]', "noor-1").catch((cause: unknown) => {
      throw new Error(`${page.url()} ${failures.join()} ${String(cause)}`);
    });
    await page.fill('input[name="password"]', "anything");
    await page.click('button[type="submit"]');
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(`${ward.url}/ward`);
    expect(failures).toEqual([]);
    expect(await page.textContent("body")).toContain("Noor Field");
    const cookies = await context.cookies(ward.url);
    expect(cookies.map(({ name }) => name).sort()).toEqual(["qr_staff", "qr_station"]);
  });

  test("who signs out at the provider has no board any more", async () => {
    const atProvider = await context.newPage();
    await atProvider.goto(`${issuer}/session/end`);
    await atProvider.getByRole("button", { name: "Yes, sign me out" }).click();
    await page.waitForURL(/\/(sign-in|badge)/);
    expect(await page.textContent("h1")).toBe("Sign in");
  });
});
