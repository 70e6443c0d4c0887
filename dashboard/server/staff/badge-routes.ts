import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { pinDigits } from "../../../edge-agent/contract/secret-rules.ts";
import { Badge, Secret, type SecretAsk } from "../../../edge-agent/contract/staff.ts";
import type { StaffRole } from "../../../edge-agent/contract/words.ts";
import type { AgentLink, Told } from "../agent-link.ts";
import { keepSession, openRateLimit } from "../code-form.ts";
import type { PageTrail } from "../page-trail.ts";
import type { Pages } from "../pages.ts";
import { bodyOf, textOf } from "../person/form-body.ts";
import { isSameOrigin } from "../same-origin.ts";
import { cookieOf, type Sessions } from "../sessions.ts";
import { statusOf } from "../told-status.ts";

export interface BadgeDeps {
  readonly pages: Pages;
  readonly sessions: Sessions;
  readonly agent: AgentLink;
  readonly trail: PageTrail;
  readonly demonstration: boolean;
}

/** The agent slows down the guessing at each badge; a whole ward changes its shift at once from one address. */
export const badgeTriesPerMinuteMax = 60;
const badgeRateLimit = { rateLimit: { max: badgeTriesPerMinuteMax, timeWindow: 60_000 } };
const stationCookie = "qr_station";
const stationForSec = 24 * 3_600;

/** A path of this server, without a query. Anything else leads home. */
export const BackPath = z
  .string()
  .max(120)
  .regex(/^\/(?!\/)[A-Za-z0-9/_-]*$/);

export function homeOf(role: StaffRole): string {
  switch (role) {
    case "nurse":
    case "nurse-in-charge":
      return "/ward";
    case "governance-lead":
      return "/governance";
    case "engineer":
      return "/set-up/beds";
  }
}

/** /badge: badge number with the password, or with the PIN on a screen that saw the password in this shift. Also unlocks. */
export function badgeRoutes(app: FastifyInstance, deps: BadgeDeps): void {
  const { pages, agent, sessions, trail, demonstration } = deps;
  const opening = { page: "/badge", bed: null, purposeOfEvent: "TREAT" } as const;
  const nobody = { is: "nobody" } as const;

  app.get("/badge", { config: openRateLimit }, (request, reply) => {
    const { back } = request.query as { back?: unknown };
    return pages.open(reply, "badge.njk", nobody, opening, { demonstration, back: backOf(back), badge: "" });
  });

  app.post("/badge", { config: badgeRateLimit }, async (request, reply) => {
    if (!isSameOrigin(request.headers))
      return pages.problem(reply, 403, "This did not work", "Use the form on this screen.");
    const body = bodyOf(request.body);
    const ask = readBadge(body, request);
    const told: Told =
      ask === undefined
        ? { ok: false, why: "malformed", words: "Enter your badge number, and your password or PIN." }
        : await agent.ask(sessionOf(request), ask);
    const back = backOf(body.back);
    const inScript = wantsJson(request);
    if (told.ok && keepBadgeSession(told, sessionOf(request), reply, sessions)) {
      const to = back === "" && told.result.is === "staff" ? homeOf(told.result.role) : back;
      return inScript ? reply.send({ ok: true, to }) : reply.redirect(to, 303);
    }
    const [why, words] = told.ok ? (["malformed", "That did not work. Try again."] as const) : [told.why, told.words];
    if (!trail.signInRefused("/badge", why)) return pages.unaudited(reply);
    const status = why === "code-invalid" ? 400 : statusOf(why);
    if (inScript) return reply.code(status).send({ ok: false, words });
    const data = { demonstration, back, badge: textOf(body, "badge").slice(0, 20), error: words };
    return pages.open(reply, "badge.njk", nobody, { ...opening, refused: why }, data, status);
  });

  app.post("/lock", async (request, reply) => {
    if (!isSameOrigin(request.headers)) return pages.problem(reply, 403, "This did not work", "Use the button.");
    const token = sessionOf(request);
    if (token !== null) {
      await agent.ask(token, { do: "lock-screen" });
      sessions.forget(token);
    }
    return reply.redirect("/", 303);
  });
}

/** From a browser, before any check. */
const backOf = (path: unknown): string => BackPath.safeParse(path).data ?? "";

export const sessionOf = ({ cookies }: FastifyRequest): string | null => short(cookies[cookieOf.staff]);
export const stationOf = ({ cookies }: FastifyRequest): string | null => short(cookies[stationCookie]);
const short = (token: string | undefined): string | null =>
  token === undefined || token === "" || token.length > 64 ? null : token;

const wantsJson = ({ headers }: FastifyRequest): boolean => headers.accept === "application/json";

/** As the person who signs in, one field for both secrets: a PIN is digits, and no password is as short as that. */
function readBadge(body: ReturnType<typeof bodyOf>, request: FastifyRequest): SecretAsk | undefined {
  const badge = Badge.safeParse(textOf(body, "badge"));
  // As it was typed: spaces belong to a password.
  const secret = Secret.safeParse(body.secret);
  if (!badge.success || !secret.success) return undefined;
  const station = stationOf(request);
  return new RegExp(`^[0-9]{${pinDigits}}$`).test(secret.data.trim())
    ? { do: "sign-in-pin", badge: badge.data, pin: secret.data.trim(), station }
    : { do: "sign-in-password", badge: badge.data, password: secret.data, station };
}

/** @param before the screen's token until now. The new tokens into the browser's cookies; the old one is nobody's here too, at once. */
export function keepBadgeSession(told: Told, before: string | null, reply: FastifyReply, sessions: Sessions): boolean {
  if (!keepSession("staff", told, reply)) return false;
  if (before !== null) sessions.forget(before);
  if (told.ok && told.result.is === "staff" && told.result.station !== undefined) {
    const flags = { path: "/", httpOnly: true, sameSite: "strict", maxAge: stationForSec } as const;
    reply.setCookie(stationCookie, told.result.station, flags);
  }
  return true;
}
