import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { OidcConfig } from "../contract/oidc.ts";
import { IdentityProvider, IdentityProviderError, whatFailed } from "./identity-provider.ts";

let stop: () => void = () => {};
afterEach(() => stop());

/** A provider that says of itself what the test wants, and counts how often it was asked. */
async function providerThatSays(metadata: (issuer: string) => object | null) {
  const asked = { times: 0 };
  const server = createServer((_request, response) => {
    asked.times += 1;
    const said = metadata(issuer);
    // Null: it takes the question and never answers.
    if (said !== null) response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(said));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  stop = () => {
    server.closeAllConnections();
    server.close();
  };
  const roles = [{ organisation: "RX1", roleCode: "R8001", role: "nurse" }];
  const oidc = OidcConfig.parse({ issuer, clientId: "us", pagesAt: "http://127.0.0.1:8080", roles });
  const clock = { ms: 0 };
  return { asked, clock, provider: new IdentityProvider(oidc, () => clock.ms) };
}
const good = (issuer: string) => ({ issuer, jwks_uri: `${issuer}/jwks`, userinfo_endpoint: `${issuer}/userinfo` });

describe("the identity provider", () => {
  test("is asked when it is needed first, once for many, and again after an hour", async () => {
    const { asked, clock, provider } = await providerThatSays(good);
    expect(asked.times).toBe(0);
    await Promise.all([provider.configuration(), provider.configuration(), provider.configuration()]);
    expect(asked.times).toBe(1);
    clock.ms = 3_600_000;
    await provider.configuration();
    expect(asked.times).toBe(2);
  });

  test.each([
    ["that calls itself something else", (issuer: string) => ({ ...good(issuer), issuer: "https://evil.test" })],
    ["without keys", (issuer: string) => ({ issuer, userinfo_endpoint: `${issuer}/userinfo` })],
    ["that never answers", () => null],
  ])("%s cannot be used, and is asked again a moment later", async (_what, says) => {
    const { asked, clock, provider } = await providerThatSays(says);
    await expect(provider.configuration()).rejects.toThrow(IdentityProviderError);
    // Who asks at once is told what is known: each would wait otherwise.
    await expect(provider.configuration()).rejects.toThrow(IdentityProviderError);
    expect(asked.times).toBe(1);
    clock.ms += 2_000;
    await expect(provider.configuration()).rejects.toThrow(IdentityProviderError);
    expect(asked.times).toBe(2);
  });

  test("what failed is told by its kind, never by what was sent", () => {
    const under = Object.assign(new Error("token eyJhbGciOi of Ada Moss"), { code: "ECONNREFUSED" });
    const words = whatFailed(new TypeError("fetch of https://id.example/?code=secret failed", { cause: under }));
    expect(words).toBe("TypeError, ECONNREFUSED");
    expect(whatFailed("secret")).toBe("unknown");
  });
});
