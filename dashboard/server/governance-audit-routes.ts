import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import { WardAudit } from "../../edge-agent/contract/ward-audit.ts";
import { outside } from "../../edge-agent/records/ward-audit-outside.ts";
import { auditCsv, auditView } from "./governance-audit-view.ts";
import { type AskedPeriod, askedPeriod } from "./governance-period.ts";
import type { Pages } from "./pages.ts";
import { roleWords } from "./roles.ts";
import type { Who } from "./sessions.ts";
import type { WardReports } from "./ward-reports.ts";

interface AuditDeps {
  readonly pages: Pages;
  readonly site: SiteConfig;
  readonly reports: WardReports;
  readonly utcMs: () => number;
}

const cannotRead = "The ward's records cannot be read now. Try again, or ask for a shorter period.";

/** /governance/audit, its files and their schema: the ward audit of a period. For the governance lead alone. */
export function governanceAuditRoutes(app: FastifyInstance, { pages, site, reports, utcMs }: AuditDeps): void {
  const { timeZone } = site.consent;
  const opening = (page: string) => ({ page, bed: null, purposeOfEvent: "HQUALIMP" }) as const;

  /** Who may read it, and of when; undefined: the answer is already given. */
  async function allowed(request: FastifyRequest, reply: FastifyReply, page: string) {
    const who = await pages.who(request, "staff");
    if (who.is === "unknown") await pages.noAnswer(reply, who.words);
    else if (who.is !== "staff") await reply.redirect("/sign-in", 303);
    else if (who.role !== "governance-lead") {
      const words = `You are signed in as ${roleWords[who.role]}. This page is for the governance lead.`;
      const data = { title: "Not for this role", words };
      await pages.open(reply, "problem.njk", who, { ...opening(page), refused: "not-allowed" }, data, 403);
    } else {
      const period = askedPeriod(request.query as Record<string, unknown>, utcMs(), timeZone);
      if (period !== undefined) return { who, period };
      const words = "Choose a first and a last day, no more than a year apart, and none that is still to come.";
      await pages.problem(reply, 400, "No such period", words);
    }
    return undefined;
  }

  app.get("/governance/audit", async (request, reply) => {
    const found = await allowed(request, reply, "/governance/audit");
    if (found === undefined) return reply;
    const { who, period } = found;
    return pages.openWith(reply, "governance-audit.njk", who, opening("/governance/audit"), 200, async () => {
      const audit = await reports.wardAudit(spanOf(period), timeZone);
      const query = new URLSearchParams({ period: "any", from: period.firstDay, until: period.lastDay }).toString();
      return {
        person: { name: who.name, role: roleWords[who.role] },
        period,
        query,
        parts: audit && auditView(audit),
      };
    });
  });

  for (const kind of ["csv", "json"] as const)
    app.get(`/governance/audit.${kind}`, async (request, reply) => {
      const page = `/governance/audit.${kind}`;
      const found = await allowed(request, reply, page);
      if (found === undefined) return reply;
      const leaves = (request.query as Record<string, unknown>).outside === "yes";
      if (leaves && !found.period.isWholeMonth)
        return pages.problem(
          reply,
          400,
          "Whole months only",
          "Figures that leave the ward are of one whole month that is over.",
        );
      return file(reply, found.who, page, found.period, kind, leaves);
    });

  app.get("/governance/audit-schema.json", async (_request, reply) =>
    reply.type("application/schema+json").send(JSON.stringify(z.toJSONSchema(WardAudit))),
  );

  async function file(
    reply: FastifyReply,
    who: Who,
    page: string,
    period: AskedPeriod,
    kind: "csv" | "json",
    leaves: boolean,
  ): Promise<FastifyReply> {
    if (!pages.noted(who, opening(page))) return pages.unaudited(reply);
    const read = await reports.wardAudit(spanOf(period), timeZone);
    if (read === null) return pages.problem(reply, 503, "This cannot be made now", cannotRead);
    const audit = leaves ? outside(read) : read;
    const name = `ward-audit-${period.firstDay}-${period.lastDay}${leaves ? "-outside" : ""}.${kind}`;
    reply.header("content-disposition", `attachment; filename="${name}"`).header("cache-control", "no-store");
    return kind === "csv"
      ? reply.type("text/csv; charset=utf-8").send(auditCsv(audit))
      : reply.type("application/json").send(`${JSON.stringify(audit, null, 2)}\n`);
  }
}

const spanOf = ({ fromUtcMs, untilUtcMs }: AskedPeriod) => ({ fromUtcMs, untilUtcMs });
