import { z } from "zod";
import { isLoopback } from "./loopback.ts";
import { onceSound } from "./once-sound.ts";
import { StationToken } from "./station-token.ts";
import { StaffRole } from "./words.ts";

/*
 * Staff sign-in by OpenID Connect, as NHS Care Identity (CIS2) does it: what a site says about its identity provider, and what the
 * dashboard hands to the agent.
 */

/** Signatures that only the provider can make (RFC 7518 3.1): no "none", and no secret that both sides have (HS256). */
export const idTokenAlgorithms: readonly string[] = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"];

/** TLS, or this very machine. */
const ProviderUrl = z
  .url({ protocol: /^https?$/ })
  .max(300)
  .refine((text) => new URL(text).protocol === "https:" || isLoopback(new URL(text).hostname), {
    error: "an address with https:// (http:// only for this machine itself)",
  });

/** One line of who is who here: without one that fits, nobody is let in. */
const RoleOfCode = z.strictObject({
  /** ODS code of the organisation in which the person has the role. */
  organisation: z.string().regex(/^[A-Z0-9]{2,12}$/, { error: "an ODS code, such as RX1" }),
  /** National role code: the whole one (S0010:G0020:R8001), or its last part (R8001). */
  roleCode: z.string().regex(/^[A-Z0-9:]{2,40}$/, { error: "a role code, such as S0010:G0020:R8001 or R8001" }),
  role: StaffRole,
});

const AssuranceLevel = z.int().min(0).max(3);

export const OidcConfig = z.strictObject({
  /** As the provider writes it, to the letter. */
  issuer: ProviderUrl,
  clientId: z.string().min(1).max(200),
  /** The key that signs what the provider knows us by (private_key_jwt, RFC 7523); PKCS#8 PEM. Null: PKCE only. */
  keyFile: z.string().min(1).max(500).nullable().default(null),
  keyAlgorithm: z.enum(["RS256", "RS512", "PS256", "ES256"]).default("RS512"),
  keyId: z.string().min(1).max(200).nullable().default(null),
  /** Where screens open the pages, without a path: the way back from the provider begins with it. */
  pagesAt: ProviderUrl.refine((text) => new URL(text).pathname === "/", { error: "without a path" }),
  label: z.string().min(1).max(60).default("Sign in with NHS Care Identity"),
  scope: z
    .string()
    .max(200)
    .regex(/(^| )openid( |$)/, { error: "has to contain openid" })
    .default("openid profile nationalrbacaccess selectedrole"),
  acrValues: z.string().max(200).default("AAL2_OR_AAL3_ANY"),
  /** How surely it was this person (authentication_assurance_level), and who they are (id_assurance_level). 0: not asked. */
  authenticationAssuranceMin: AssuranceLevel.default(2),
  identityAssuranceMin: AssuranceLevel.default(3),
  /** A station is shared: whoever signs in has shown the provider within this time that they are there. */
  maxAgeSec: z.int().min(30).max(3_600).default(300),
  roles: z.array(RoleOfCode).min(1).max(200),
});
export type OidcConfig = z.infer<typeof OidcConfig>;

interface SiteWithOidc {
  readonly demonstration: boolean;
  readonly development: boolean;
  readonly dashboard: { readonly oidc: OidcConfig | null };
}
/** A rule over the whole site: whether real people sign in here is said elsewhere in it. */
export const oidcOverTls = [
  ({ demonstration, development, dashboard: { oidc } }: SiteWithOidc): boolean =>
    demonstration ||
    development ||
    oidc === null ||
    [oidc.issuer, oidc.pagesAt].every((url) => url.startsWith("https:")),
  {
    path: ["dashboard", "oidc", "issuer"] as PropertyKey[],
    error: "https:// only, also for pagesAt: without TLS a provider is for a demonstration or for development",
    ...onceSound(
      z.object({
        demonstration: z.boolean(),
        development: z.boolean(),
        dashboard: z.object({ oidc: OidcConfig.nullable() }),
      }),
    ),
  },
] as const;

/** A compact JWS or an access token; larger ones are nobody's that we know. */
const Token = z.string().min(1).max(6_000);

/** Decided by the station after it asked the provider itself, so in their own time. */
export const oidcAsks = [
  /** What the provider gave the dashboard, unread: the agent checks it for itself. `nonce`: that of the request. */
  z.strictObject({
    do: z.literal("sign-in-oidc"),
    idToken: Token,
    accessToken: Token,
    nonce: z.string().min(1).max(128),
    station: StationToken.nullable(),
  }),
  /** The provider says that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0). */
  z.strictObject({ do: z.literal("oidc-logout"), logoutToken: Token }),
] as const;
export const OidcAsk = z.discriminatedUnion("do", oidcAsks);
export type OidcAsk = z.infer<typeof OidcAsk>;
