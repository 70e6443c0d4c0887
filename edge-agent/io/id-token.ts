import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import * as client from "openid-client";
import { z } from "zod";
import { idTokenAlgorithms } from "../contract/oidc.ts";
import {
  type IdentityProvider,
  IdentityProviderError,
  providerTimeoutSec,
  whatFailed,
} from "../platform/identity-provider.ts";

/* Tokens of the identity provider, from the dashboard, before any check: who signed them, for whom, and until when. */

/** Clocks of two well kept machines. */
const clockToleranceSec = 5;
/** A logout token is sent at once; an older one is somebody's copy. */
const logoutAgeMaxSec = 120;
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";

/** A word of a closed list, for the log. */
export type TokenFault =
  | "signature"
  | "issuer"
  | "audience"
  | "expired"
  | "nonce"
  | "auth-time"
  | "not-an-id-token"
  | "events"
  | "userinfo"
  | "malformed";
export class TokenError extends Error {
  override readonly name = "TokenError";
  readonly why: TokenFault;
  constructor(why: TokenFault) {
    super(why);
    this.why = why;
  }
}

/** CIS2 writes levels as text. */
const Level = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^[0-3]$/)
      .transform(Number),
  ])
  .optional();
const Subject = z.string().min(1).max(255);
const SessionName = z.string().min(1).max(255);
const IdClaims = z.object({
  sub: Subject,
  exp: z.number(),
  nonce: z.string(),
  auth_time: z.number(),
  azp: z.string().optional(),
  events: z.undefined().optional(),
  sid: SessionName.optional(),
  selected_roleid: z.string().max(100).optional(),
  authentication_assurance_level: Level,
  id_assurance_level: Level,
});
export type IdClaims = z.infer<typeof IdClaims>;

/** OpenID Connect Back-Channel Logout 1.0, 2.4: a sub, a sid, or both; the event; and never a nonce. */
const LogoutClaims = z
  .object({
    iat: z.number(),
    exp: z.number().optional(),
    jti: z.string().min(1).max(255),
    sub: Subject.optional(),
    sid: SessionName.optional(),
    events: z.object({ [logoutEvent]: z.object({}) }),
  })
  .refine((claims) => claims.sub !== undefined || claims.sid !== undefined);
export type LogoutClaims = z.infer<typeof LogoutClaims>;

const UserInfo = z.object({
  name: z.string().max(200).optional(),
  given_name: z.string().max(100).optional(),
  family_name: z.string().max(100).optional(),
  nhsid_nrbac_roles: z
    .array(
      z.object({ person_roleid: z.string().max(100), org_code: z.string().max(40), role_code: z.string().max(100) }),
    )
    .max(500)
    .default([]),
});
export type UserInfo = z.infer<typeof UserInfo>;

/** Checks tokens with keys that it fetched itself: what the dashboard says of them counts for nothing. */
export class TokenOffice {
  private readonly provider: IdentityProvider;
  private readonly utcMs: () => number;
  private keys: { readonly uri: string; readonly get: JWTVerifyGetKey } | undefined;

  constructor(provider: IdentityProvider, utcMs: () => number) {
    this.provider = provider;
    this.utcMs = utcMs;
  }

  /** OpenID Connect Core 1.0, 3.1.3.7. Throws TokenError, IdentityProviderError. */
  async idToken(token: string, nonce: string): Promise<IdClaims> {
    const { clientId, maxAgeSec } = this.provider.oidc;
    const payload = await this.signed(token, ["exp", "iat", "sub", "nonce", "auth_time"]);
    if ("events" in payload) throw new TokenError("not-an-id-token");
    const claims = read(IdClaims, payload);
    if (claims.nonce !== nonce) throw new TokenError("nonce");
    if (Array.isArray(payload.aud) ? payload.aud.length > 1 && claims.azp !== clientId : false)
      throw new TokenError("audience");
    if (claims.azp !== undefined && claims.azp !== clientId) throw new TokenError("audience");
    // Asked for with max_age, so that a station does not let in whoever was at it before.
    if (claims.auth_time < this.utcMs() / 1_000 - maxAgeSec - clockToleranceSec) throw new TokenError("auth-time");
    return claims;
  }

  /** OpenID Connect Back-Channel Logout 1.0, 2.6. Throws TokenError, IdentityProviderError. */
  async logoutToken(token: string): Promise<LogoutClaims> {
    const payload = await this.signed(token, ["iat", "jti", "events"]);
    if ("nonce" in payload) throw new TokenError("nonce");
    const claims = read(LogoutClaims, payload, "events");
    const ageSec = this.utcMs() / 1_000 - claims.iat;
    if (ageSec > logoutAgeMaxSec + clockToleranceSec || ageSec < -clockToleranceSec) throw new TokenError("expired");
    return claims;
  }

  /** Until when a logout token could be used again, ms since 1970 UTC. */
  logoutUntilUtcMs({ iat }: LogoutClaims): number {
    return (iat + logoutAgeMaxSec + 2 * clockToleranceSec) * 1_000;
  }

  /** From the provider itself, for this person (Core 1.0, 5.3.2). Throws TokenError, IdentityProviderError. */
  async userInfo(accessToken: string, subject: string): Promise<UserInfo> {
    const configuration = await this.provider.configuration();
    let told: unknown;
    try {
      told = await client.fetchUserInfo(configuration, accessToken, subject);
    } catch (cause) {
      if (isAboutSomebodyElse(cause)) throw new TokenError("userinfo");
      throw new IdentityProviderError(`who somebody is cannot be asked: ${whatFailed(cause)}`, { cause });
    }
    return read(UserInfo, told);
  }

  private async signed(token: string, requiredClaims: string[]): Promise<JWTPayload> {
    const { issuer, clientId } = this.provider.oidc;
    const getKey = await this.keysOf();
    try {
      const { payload } = await jwtVerify(token, getKey, {
        issuer,
        audience: clientId,
        algorithms: [...idTokenAlgorithms],
        requiredClaims,
        clockTolerance: clockToleranceSec,
        currentDate: new Date(this.utcMs()),
      });
      return payload;
    } catch (cause) {
      throw faultOf(cause);
    }
  }

  private async keysOf(): Promise<JWTVerifyGetKey> {
    const { jwks_uri: uri = "" } = (await this.provider.configuration()).serverMetadata();
    if (this.keys?.uri !== uri)
      this.keys = { uri, get: createRemoteJWKSet(new URL(uri), { timeoutDuration: providerTimeoutSec * 1_000 }) };
    return this.keys.get;
  }
}

function read<T>(shape: z.ZodType<T>, payload: unknown, why: TokenFault = "malformed"): T {
  const told = shape.safeParse(payload);
  if (!told.success) throw new TokenError(why);
  return told.data;
}

/** The provider answered: not with this access token, or about another person than the ID token names. */
const isAboutSomebodyElse = (cause: unknown): boolean =>
  cause instanceof client.WWWAuthenticateChallengeError ||
  (cause instanceof client.ClientError && cause.code === "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED");

function faultOf(cause: unknown): TokenError | IdentityProviderError {
  if (cause instanceof errors.JWTExpired) return new TokenError("expired");
  if (cause instanceof errors.JWTClaimValidationFailed) {
    const byClaim: Readonly<Record<string, TokenFault>> = {
      iss: "issuer",
      aud: "audience",
      exp: "expired",
      iat: "expired",
    };
    return new TokenError(byClaim[cause.claim] ?? "malformed");
  }
  const ofTheToken = [
    errors.JWSSignatureVerificationFailed,
    errors.JOSEAlgNotAllowed,
    errors.JWKSNoMatchingKey,
    errors.JWKSMultipleMatchingKeys,
    errors.JOSENotSupported,
  ];
  if (ofTheToken.some((one) => cause instanceof one)) return new TokenError("signature");
  if (cause instanceof errors.JWTInvalid || cause instanceof errors.JWSInvalid) return new TokenError("malformed");
  return new IdentityProviderError(`the keys of the identity provider cannot be read: ${whatFailed(cause)}`, { cause });
}
