import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import { localMidnight } from "../../edge-agent/contract/local-hour.ts";
import { Words } from "../../edge-agent/contract/text.ts";
import type { AgentLink } from "./agent-link.ts";
import { codeRateLimit, keepSession, openRateLimit } from "./code-form.ts";
import type { PageTrail } from "./page-trail.ts";
import type { Pages } from "./pages.ts";
import { momentWords } from "./person/moment-words.ts";
import { recordParts } from "./person/record-parts.ts";
import { proofOf } from "./proof-page.ts";
import { isSameOrigin } from "./same-origin.ts";
import { cookieOf, type Sessions, type Who } from "./sessions.ts";
import type { WardReports } from "./ward-reports.ts";

const page = "/advocate";
const nobody = { is: "nobody" } as const;
const Form = z.object({ code: z.string().trim().min(1).max(64), name: Words(80) });

/** What the person told of themselves and what they said to governance stays with them. */
const isShown = ({ table }: { readonly table: string }): boolean => table !== "characteristics" && table !== "feedback";

interface AdvocateDeps {
  readonly pages: Pages;
  readonly agent: AgentLink;
  readonly sessions: Sessions;
  readonly trail: PageTrail;
  readonly reports: WardReports;
  readonly site: SiteConfig;
  readonly utcMs: () => number;
}

/**
 * /advocate: for whom a person let look (contract/advocate.ts). One person, for a time, nothing to change, and each opening is told to
 * the person.
 */
export function advocateRoutes(app: FastifyInstance, deps: AdvocateDeps): void {
  const { pages, agent, sessions, trail, reports, site, utcMs } = deps;
  const { timeZone } = site.consent;

  const showForm = (reply: FastifyReply, error: string | null, status: number, name = "") => {
    const refused = error === null ? {} : { refused: "code-invalid" };
    const opening = { page, bed: null, purposeOfEvent: "PATRQT", ...refused } as const;
    return pages.open(reply, "advocate-in.njk", nobody, opening, { error, name }, status);
  };

  app.get(page, { config: openRateLimit }, async (request, reply) => {
    const who = await pages.who(request, "advocate");
    if (who.is === "unknown") return pages.noAnswer(reply, who.words);
    return who.is === "advocate" ? showRecords(reply, who) : showForm(reply, null, 200);
  });

  app.post(page, { config: codeRateLimit }, async (request, reply) => {
    if (!isSameOrigin(request.headers))
      return pages.problem(reply, 403, "This did not work", "Use the form on this screen.");
    const form = Form.safeParse(request.body);
    if (!form.success) return showForm(reply, "Write down the code and your name.", 400);
    const told = await agent.ask(null, { do: "advocate-in", ...form.data });
    if (keepSession("advocate", told, reply)) return reply.redirect(page, 303);
    const [why, words] = told.ok ? (["malformed", "Try again."] as const) : [told.why, told.words];
    if (!trail.signInRefused(page, why)) return pages.unaudited(reply);
    return showForm(reply, words, why === "no-answer" ? 503 : 400, form.data.name);
  });

  app.post("/advocate/leave", async (request, reply) => {
    if (!isSameOrigin(request.headers))
      return pages.problem(reply, 403, "This did not work", "Use the form on this screen.");
    const token = request.cookies[cookieOf.advocate];
    if (token !== undefined) {
      await agent.ask(token, { do: "sign-out" });
      sessions.forget(token);
    }
    reply.clearCookie(cookieOf.advocate, { path: "/" });
    return reply.redirect(page, 303);
  });

  function showRecords(reply: FastifyReply, who: Extract<Who, { is: "advocate" }>): Promise<FastifyReply> {
    const { bed, stay, expiresAt } = who;
    const opening = { page, bed, stay, purposeOfEvent: "PATRQT" } as const;
    return pages.openWith(reply, "advocate.njk", who, opening, 200, async () => {
      const nowUtcMs = utcMs();
      const [read, root] = await Promise.all([
        reports.personExport(stay),
        reports.dayRoot(localMidnight(nowUtcMs, timeZone)),
      ]);
      return {
        label: read === null ? null : String(read.stay.label),
        bedName: site.beds.find((one) => one.bed === bed)?.name ?? bed,
        until: momentWords(expiresAt, nowUtcMs, timeZone),
        parts:
          read &&
          recordParts({ ...read, tables: read.tables.filter(isShown) }, nowUtcMs, timeZone, site.consent.whoLooked),
        words: root === null ? null : proofOf(root).words,
      };
    });
  }
}
