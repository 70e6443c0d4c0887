import type { FastifyInstance } from "fastify";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import { hourMs } from "../../edge-agent/contract/consent.ts";
import type { AgentLink } from "./agent-link.ts";
import { handoverPerson } from "./handover-words.ts";
import type { PageTrail } from "./page-trail.ts";
import type { Pages } from "./pages.ts";
import { momentWords } from "./person/moment-words.ts";
import { isClinical, roleWords } from "./roles.ts";
import { trainingFirst } from "./staff/training-gate.ts";
import type { WardReports } from "./ward-reports.ts";

interface HandoverDeps {
  readonly pages: Pages;
  readonly site: SiteConfig;
  readonly reports: WardReports;
  readonly agent: AgentLink;
  readonly trail: PageTrail;
  readonly utcMs: () => number;
}

const shifts = [8, 12, 24] as const;
const usualHours = 12;

/** /handover: what happened, what is paused or acknowledged and what is due, by person, to read aloud or print. */
export function handoverRoutes(app: FastifyInstance, deps: HandoverDeps): void {
  const { pages, site, reports, agent, trail, utcMs } = deps;
  const { timeZone } = site.consent;
  app.get("/handover", async (request, reply) => {
    const who = await pages.who(request, "staff");
    if (who.is === "unknown") return pages.noAnswer(reply, who.words);
    if (who.is !== "staff") return reply.redirect("/sign-in", 303);
    const opening = { page: "/handover", bed: null, purposeOfEvent: "TREAT" } as const;
    if (!isClinical(who.role)) {
      const words = `You are signed in as ${roleWords[who.role]}. The handover is for the nurses on this ward.`;
      const data = { title: "Not for this role", words };
      return pages.open(reply, "problem.njk", who, { ...opening, refused: "not-allowed" }, data, 403);
    }
    const first = await trainingFirst(pages, reply, who, opening);
    if (first !== undefined) return first;
    const { hours: wanted } = request.query as { hours?: unknown };
    const hours = shifts.find((one) => String(one) === wanted) ?? usualHours;
    const now = { utcMs: utcMs(), timeZone };
    const stays = await reports.handover(now.utcMs - hours * hourMs);
    // Everybody on it is told that it was opened: an entry each, before anything is shown.
    const told = (stays ?? []).every(({ bed, stay }) => trail.opened(who, { ...opening, bed, stay }));
    if (!told) return pages.unaudited(reply);
    const order = site.beds.map(({ bed }) => bed);
    const nameOf = new Map(site.beds.map(({ bed, name }) => [bed, name]));
    const people = stays
      ?.toSorted((a, b) => order.indexOf(a.bed) - order.indexOf(b.bed) || a.startedAtUtcMs - b.startedAtUtcMs)
      .map((stay) => handoverPerson(stay, nameOf.get(stay.bed) ?? stay.bed, agent.tile(stay.bed)?.tile, now));
    return pages.open(reply, "handover.njk", who, opening, {
      person: { name: who.name, role: roleWords[who.role] },
      heard: agent.health().agent === "heard",
      made: momentWords(now.utcMs, now.utcMs, timeZone),
      since: momentWords(now.utcMs - hours * hourMs, now.utcMs, timeZone),
      hours,
      shifts,
      people: people ?? null,
      empty: site.beds.filter(({ bed }) => agent.tile(bed)?.tile.stay === null).map(({ name }) => name),
    });
  });
}
