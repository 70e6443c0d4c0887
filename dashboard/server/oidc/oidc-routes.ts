import type { FastifyInstance, FastifyReply } from "fastify";
import * as client from "openid-client";
import { z } from "zod";
import {
  type IdentityProvider,
  IdentityProviderError,
  whatFailed,
} from "../../../edge-agent/platform/identity-provider.ts";
import type { Log } from "../../../edge-agent/platform/log.ts";
import { openRateLimit } from "../code-form.ts";
import { type BadgeDeps, homeOf, keepBadgeSession, sessionOf, stationOf } from "../staff/badge-routes.ts";
import { statusOf } from "../told-status.ts";
import { flowLastsMs, type SignInFlows } from "./sign-in-flows.ts";

export interface OidcDeps extends BadgeDeps {
  readonly provider: IdentityProvider | null;
  readonly flows: SignInFlows;
  /** Sessions were ended from elsewhere: every open screen is asked about at once. */
  readonly onSignedOut: () => void;
  readonly log: Log;
}

/** A request of the provider's server, not of a page: it has no cookie and no origin, and is believed for its signature only. */
export const logoutPath = "/sign-in/oidc/logout";
const startPath = "/sign-in/oidc";
export const callbackPath = "/sign-in/oidc/callback";
const flowCookie = "qr_oidc";
/** The end of a shift signs many out at once, from one address. */
const logoutRateLimit = { rateLimit: { max: 300, timeWindow: 60_000 } };
const LogoutForm = z.object({ logout_token: z.string().min(1).max(6_000) });

/** Why nobody is signed in, as far as the dashboard finds out; the agent has more. */
type CallbackFault = "cancelled" | "unreachable" | "not-valid";
const faultWords: Readonly<Record<CallbackFault, readonly [status: number, words: string]>> = {
  cancelled: [400, "You did not finish signing in. Start again, or use your ward password."],
  unreachable: [503, "The identity service cannot be reached. Use your ward password."],
  "not-valid": [400, "This sign-in is not valid, or was used before. Start again, or use your ward password."],
};

/** /sign-in/oidc: to the trust's identity provider and back (authorization code with PKCE), and its word that somebody left. */
export function oidcRoutes(app: FastifyInstance, deps: OidcDeps): void {
  const { provider, flows, pages, agent, sessions, trail, demonstration, log } = deps;
  const nobody = { is: "nobody" } as const;
  const opening = { page: startPath, bed: null, purposeOfEvent: "TREAT" } as const;

  /** The page of the ward's own passwords, with what went wrong above it. */
  const refuse = async (reply: FastifyReply, why: string, status: number, words: string): Promise<FastifyReply> => {
    if (!trail.signInRefused(startPath, why)) return pages.unaudited(reply);
    const data = { demonstration, back: "", badge: "", error: words };
    return pages.open(reply, "badge.njk", nobody, { ...opening, refused: why }, data, status);
  };
  const refuseFault = (reply: FastifyReply, fault: CallbackFault) => refuse(reply, fault, ...faultWords[fault]);
  const notHere = (reply: FastifyReply) =>
    pages.problem(reply, 404, "There is no such page", "This ward has no sign-in by an identity service.");

  app.get(startPath, { config: openRateLimit }, async (request, reply) => {
    if (provider === null) return notHere(reply);
    const { oidc } = provider;
    let configuration: client.Configuration;
    try {
      configuration = await provider.configuration();
    } catch (cause) {
      return refuseFault(reply, faultOf(cause, log));
    }
    const flow = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      codeVerifier: client.randomPKCECodeVerifier(),
      session: sessionOf(request),
      station: stationOf(request),
    };
    const to = client.buildAuthorizationUrl(configuration, {
      redirect_uri: new URL(callbackPath, oidc.pagesAt).href,
      scope: oidc.scope,
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(flow.codeVerifier),
      code_challenge_method: "S256",
      acr_values: oidc.acrValues,
      // A station is shared: whoever was signed in at the provider before is not let in unasked.
      prompt: "login",
      max_age: String(oidc.maxAgeSec),
    });
    // "lax": it has to come along when the provider sends the browser back.
    const flags = { path: "/", httpOnly: true, sameSite: "lax", maxAge: flowLastsMs / 1_000 } as const;
    return reply.setCookie(flowCookie, flows.begin(flow), flags).redirect(to.href, 303);
  });

  // From the provider, over the person's browser, before any check.
  app.get(callbackPath, { config: openRateLimit }, async (request, reply) => {
    if (provider === null) return notHere(reply);
    reply.clearCookie(flowCookie, { path: "/" });
    const flow = flows.take(request.cookies[flowCookie]);
    if (flow === undefined) return refuseFault(reply, "not-valid");
    let tokens: { readonly id_token?: string; readonly access_token: string };
    try {
      tokens = await client.authorizationCodeGrant(
        await provider.configuration(),
        new URL(request.url, provider.oidc.pagesAt),
        {
          pkceCodeVerifier: flow.codeVerifier,
          expectedState: flow.state,
          expectedNonce: flow.nonce,
          maxAge: provider.oidc.maxAgeSec,
        },
      );
    } catch (cause) {
      return refuseFault(reply, faultOf(cause, log));
    }
    const { id_token: idToken = "", access_token: accessToken } = tokens;
    const { nonce, station, session } = flow;
    const told = await agent.ask(session, { do: "sign-in-oidc", idToken, accessToken, nonce, station });
    if (!told.ok) return refuse(reply, told.why, told.why === "code-invalid" ? 400 : statusOf(told.why), told.words);
    if (!keepBadgeSession(told, session, reply, sessions) || told.result.is !== "staff")
      return refuseFault(reply, "not-valid");
    // Not a redirect: the browser comes from another site, and would leave the new cookie behind once more.
    const home = homeOf(told.result.role);
    reply.header("refresh", `0;url=${home}`);
    return pages.render(reply, "signed-in.njk", { home }, 200);
  });

  // OpenID Connect Back-Channel Logout 1.0, 2.5 and 2.8.
  app.post(logoutPath, { config: logoutRateLimit }, async (request, reply) => {
    if (provider === null) return notHere(reply);
    const form = LogoutForm.safeParse(request.body);
    if (!form.success) return reply.code(400).send({ error: "invalid_request" });
    const told = await agent.ask(null, { do: "oidc-logout", logoutToken: form.data.logout_token });
    if (told.ok) {
      deps.onSignedOut();
      return reply.code(200).send();
    }
    if (!trail.signInRefused(logoutPath, told.why)) return reply.code(503).send({ error: "temporarily_unavailable" });
    if (told.why !== "no-answer" && told.why !== "unavailable" && told.why !== "audit-failed")
      return reply.code(400).send({ error: "invalid_request" });
    log.warn({ why: told.why }, "the identity provider signed somebody out, and the agent could not be told");
    return reply.code(503).send({ error: "temporarily_unavailable" });
  });
}

/** The log line has the kind of what failed: no code, no token, no name. */
function faultOf(cause: unknown, log: Log): CallbackFault {
  if (cause instanceof client.AuthorizationResponseError && cause.error === "access_denied") return "cancelled";
  const code = whatFailed(cause);
  const unreachable =
    cause instanceof IdentityProviderError ||
    (cause instanceof TypeError && !("code" in cause)) ||
    (cause instanceof client.ClientError &&
      ["OAUTH_TIMEOUT", "OAUTH_RESPONSE_IS_NOT_CONFORM"].includes(cause.code ?? ""));
  const told = cause instanceof IdentityProviderError ? cause.message : code;
  if (unreachable) log.warn({ cause: told }, "the identity provider cannot be reached; passwords of the ward work");
  else log.warn({ cause: told }, "a sign-in by the identity provider was refused");
  return unreachable ? "unreachable" : "not-valid";
}
