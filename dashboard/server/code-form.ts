import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { AgentLink, Told } from "./agent-link.ts";
import { markAtBed } from "./bedside-device.ts";
import type { PageTrail } from "./page-trail.ts";
import type { Pages } from "./pages.ts";
import { isSameOrigin } from "./same-origin.ts";
import { cookieOf, type SessionKind } from "./sessions.ts";

/** The two pages that take a one-time code: signing in, and pairing a touch screen with a stay. */
export interface CodePage {
  readonly path: "/sign-in" | "/pair";
  readonly template: string;
  readonly kind: SessionKind;
  readonly nextPath: string;
}

/** A person mistypes; a machine guesses. */
export const codeTriesPerMinuteMax = 10;
export const codeRateLimit = { rateLimit: { max: codeTriesPerMinuteMax, timeWindow: 60_000 } };
/** Each opening is an entry in the audit log, and nobody is signed in yet. */
export const openRateLimit = { rateLimit: { max: 60, timeWindow: 60_000 } };

const CodeForm = z.object({ code: z.string().trim().min(1).max(64) });

export function showCodeForm(
  page: CodePage,
  pages: Pages,
  request: FastifyRequest,
  reply: FastifyReply,
  more: Readonly<Record<string, unknown>> = {},
) {
  const query = CodeForm.safeParse(request.query);
  const opening = { page: page.path, bed: null, purposeOfEvent: purposeOf(page.kind) } as const;
  return pages.open(reply, page.template, { is: "nobody" }, opening, {
    code: query.success ? query.data.code : "",
    ...more,
  });
}

export interface CodeFormDeps {
  readonly pages: Pages;
  readonly agent: AgentLink;
  readonly trail: PageTrail;
}

/** The session's token goes into the browser's cookie, and nowhere else. False: there is none of this kind. */
export function keepSession(kind: SessionKind, told: Told, reply: FastifyReply): boolean {
  if (!told.ok || told.result.is !== kind || told.result.session === null) return false;
  const maxAge = Math.max(1, Math.round((told.result.expiresAt - Date.now()) / 1_000));
  reply.setCookie(cookieOf[kind], told.result.session, { path: "/", httpOnly: true, sameSite: "strict", maxAge });
  if (kind === "bedside") markAtBed(reply);
  return true;
}

/** From any browser, before any check. */
export async function takeCode(
  page: CodePage,
  deps: CodeFormDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  more: () => Readonly<Record<string, unknown>> = () => ({}),
) {
  const { pages, agent, trail } = deps;
  if (!isSameOrigin(request.headers))
    return pages.problem(reply, 403, "This did not work", "Use the form on this screen.");
  const form = CodeForm.safeParse(request.body);
  const told: Told = form.success
    ? await agent.ask(null, { do: page.kind === "staff" ? "sign-in" : "pair", code: form.data.code })
    : { ok: false, why: "malformed", words: "Enter the code." };
  if (keepSession(page.kind, told, reply)) return reply.redirect(page.nextPath, 303);
  const [why, words] = told.ok
    ? (["malformed", "This code is for another kind of screen."] as const)
    : [told.why, told.words];
  if (!trail.signInRefused(page.path, why)) return pages.unaudited(reply);
  const status = why === "no-answer" ? 503 : 400;
  const opening = { page: page.path, bed: null, purposeOfEvent: purposeOf(page.kind), refused: why } as const;
  return pages.open(reply, page.template, { is: "nobody" }, opening, { code: "", error: words, ...more() }, status);
}

const purposeOf = (kind: SessionKind): "TREAT" | "PATRQT" => (kind === "staff" ? "TREAT" : "PATRQT");
