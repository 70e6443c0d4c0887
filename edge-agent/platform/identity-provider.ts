import * as client from "openid-client";
import { isLoopback } from "../contract/loopback.ts";
import type { OidcConfig } from "../contract/oidc.ts";

/** For each request to the provider. An ask of the dashboard has to be answered within 5 s, whatever the provider does. */
export const providerTimeoutSec = 1.5;
const knownForMs = 3_600_000;
/** After a failure: many who press the button must not each wait for a provider that is down. */
const failedForMs = 2_000;

/** The identity provider could not be reached, or does not say of itself what it has to. */
export class IdentityProviderError extends Error {
  override readonly name = "IdentityProviderError";
}

/**
 * What the provider says of itself (OpenID Connect Discovery 1.0), asked for when it is needed first: starting waits for nobody.
 * @param auth how we show who we are; the agent only reads and needs none.
 */
export class IdentityProvider {
  readonly oidc: OidcConfig;
  private readonly auth: client.ClientAuth;
  private readonly nowMs: () => number;
  private known: { readonly asked: Promise<client.Configuration>; readonly untilMs: number } | undefined;

  constructor(oidc: OidcConfig, nowMs: () => number, auth: client.ClientAuth = client.None()) {
    this.oidc = oidc;
    this.nowMs = nowMs;
    this.auth = auth;
  }

  /** Throws IdentityProviderError. */
  async configuration(): Promise<client.Configuration> {
    if (this.known === undefined || this.nowMs() >= this.known.untilMs) {
      const asked = this.discover();
      this.known = { asked, untilMs: this.nowMs() + knownForMs };
      asked.catch(() => {
        this.known = { asked, untilMs: this.nowMs() + failedForMs };
      });
    }
    return this.known.asked;
  }

  private async discover(): Promise<client.Configuration> {
    const { issuer, clientId } = this.oidc;
    try {
      const found = await client.discovery(new URL(issuer), clientId, undefined, this.auth, {
        timeout: providerTimeoutSec,
        execute: [client.enableNonRepudiationChecks, ...(mayBePlain(issuer) ? [client.allowInsecureRequests] : [])],
      });
      const { jwks_uri, userinfo_endpoint } = found.serverMetadata();
      if (jwks_uri === undefined || userinfo_endpoint === undefined)
        throw new IdentityProviderError("it names no keys (jwks_uri) or no userinfo_endpoint");
      if (!mayBePlain(issuer) && !jwks_uri.startsWith("https:"))
        throw new IdentityProviderError("its keys are not behind https");
      return found;
    } catch (cause) {
      throw new IdentityProviderError(`the identity provider ${issuer} cannot be used: ${whatFailed(cause)}`, {
        cause,
      });
    }
  }
}

const mayBePlain = (issuer: string): boolean =>
  new URL(issuer).protocol === "http:" && isLoopback(new URL(issuer).hostname);

/** For a log line: the cause's own code and name, never what was sent or answered. */
export function whatFailed(cause: unknown): string {
  if (!(cause instanceof Error)) return "unknown";
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
  const under = cause.cause instanceof Error ? `, ${whatFailed(cause.cause)}` : "";
  return `${code}${under}`;
}
