import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { passwordCharsMin, pinDigits } from "../../../edge-agent/contract/secret-rules.ts";
import { Badge, Secret } from "../../../edge-agent/contract/staff.ts";
import { Words } from "../../../edge-agent/contract/text.ts";
import { codeRateLimit, openRateLimit } from "../code-form.ts";
import { bodyOf, type FieldError, readAs, textOf, wordsOf } from "../person/form-body.ts";
import { isSameOrigin } from "../same-origin.ts";
import { statusOf } from "../told-status.ts";
import { type BadgeDeps, homeOf, keepBadgeSession, sessionOf, stationOf } from "./badge-routes.ts";

const Form = z.object({
  code: z.string().min(1).max(64),
  badge: Badge,
  name: Words(80).nullable(),
  password: Secret,
  pin: Secret,
});
const faults = {
  code: "Enter the one-time code.",
  badge: "Enter your badge number: 3 to 16 letters, digits or hyphens.",
  name: "Enter your name: at most 80 characters.",
  password: "Choose a password.",
  pin: `Choose a PIN of ${pinDigits} digits.`,
} as const;

/** /start-account: a one-time code becomes an account. With `?first=yes` the first of the ward, whose name nobody knows yet. */
export function startAccountRoutes(app: FastifyInstance, deps: BadgeDeps): void {
  const { pages, agent, sessions, trail } = deps;
  const opening = { page: "/start-account", bed: null, purposeOfEvent: "TREAT" } as const;
  const nobody = { is: "nobody" } as const;
  const rules = { passwordCharsMin, pinDigits };
  const view = (
    typed: { code: string; badge: string; name: string; first: boolean },
    errors: readonly FieldError[],
  ) => ({
    ...typed,
    ...rules,
    errors,
    wrong: Object.fromEntries(errors.map(({ id, words }) => [id, words])),
  });

  app.get("/start-account", { config: openRateLimit }, (request, reply) => {
    const query = request.query as { code?: unknown; first?: unknown };
    const code = typeof query.code === "string" ? query.code.slice(0, 64) : "";
    const typed = { code, badge: "", name: "", first: query.first === "yes" };
    return pages.open(reply, "start-account.njk", nobody, opening, view(typed, []));
  });

  app.post("/start-account", { config: codeRateLimit }, async (request, reply) => {
    if (!isSameOrigin(request.headers))
      return pages.problem(reply, 403, "This did not work", "Use the form on this screen.");
    const body = bodyOf(request.body);
    const first = textOf(body, "first") === "yes";
    const [code, badge] = [textOf(body, "code"), textOf(body, "badge")];
    const show = (errors: readonly FieldError[], why: string, status: number) => {
      if (!trail.signInRefused("/start-account", why)) return pages.unaudited(reply);
      const typed = {
        code: code.slice(0, 64),
        badge: badge.slice(0, 20),
        name: textOf(body, "name").slice(0, 80),
        first,
      };
      return pages.open(reply, "start-account.njk", nobody, { ...opening, refused: why }, view(typed, errors), status);
    };
    // As they were typed: spaces belong to a password.
    const given = {
      code,
      badge,
      name: first ? textOf(body, "name") : wordsOf(body, "name"),
      password: body.password,
      pin: textOf(body, "pin"),
    };
    const read = readAs(Form, given, faults);
    if (!read.ok) return show(read.errors, "malformed", 400);
    if (body.again !== body.password)
      return show([{ id: "again", words: "The two passwords differ. Type the same one twice." }], "malformed", 400);
    const told = await agent.ask(sessionOf(request), {
      do: "start-account",
      ...read.value,
      station: stationOf(request),
    });
    if (!told.ok) return show([{ id: fieldOf(told.why, told.words), words: told.words }], told.why, statusOf(told.why));
    if (!keepBadgeSession(told, sessionOf(request), reply, sessions) || told.result.is !== "staff")
      return show([{ id: "maincontent", words: "That did not work. Try again." }], "malformed", 400);
    return reply.redirect(homeOf(told.result.role), 303);
  });
}

/** Beside which field the agent's words belong. */
function fieldOf(why: string, words: string): string {
  if (why === "code-invalid") return "code";
  if (why !== "policy") return "maincontent";
  return words.includes("PIN") ? "pin" : "password";
}
