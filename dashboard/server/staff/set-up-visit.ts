import type { FastifyReply, FastifyRequest } from "fastify";
import type { Ask } from "../../../edge-agent/contract/asks.ts";
import type { SiteConfig } from "../../../edge-agent/contract/config.ts";
import type { StaffRole } from "../../../edge-agent/contract/words.ts";
import type { AgentLink, Told } from "../agent-link.ts";
import type { Pages } from "../pages.ts";
import { isClinical, roleWords } from "../roles.ts";
import { isSameOrigin } from "../same-origin.ts";
import { cookieOf, type Sessions, type Who } from "../sessions.ts";
import type { WardReports } from "../ward-reports.ts";

export interface SetUpDeps {
  readonly pages: Pages;
  readonly sessions: Sessions;
  readonly agent: AgentLink;
  readonly reports: WardReports;
  readonly site: SiteConfig;
  readonly utcMs: () => number;
}

export interface SetUpVisit {
  readonly who: Extract<Who, { is: "staff" }>;
  readonly token: string;
  readonly page: string;
}

/** Undefined where the reply was given already. The agent decides again about each ask; this only spares a form that would be refused. */
export async function receiveSetUp(
  { pages }: SetUpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  roles: readonly StaffRole[],
): Promise<SetUpVisit | undefined> {
  if (request.method === "POST" && !isSameOrigin(request.headers)) {
    await pages.problem(reply, 403, "This did not work", "Use the form on this screen.");
    return undefined;
  }
  const who = await pages.who(request, "staff");
  const token = request.cookies[cookieOf.staff];
  const page = request.url.split("?")[0] ?? request.url;
  if (who.is === "unknown") await pages.noAnswer(reply, who.words);
  else if (who.is !== "staff" || token === undefined) await reply.redirect("/", 303);
  else if (roles.includes(who.role)) return { who, token, page };
  else {
    const words = `You are signed in as ${roleWords[who.role]}. This page is for the ${roles.map((role) => roleWords[role]).join(" and the ")}.`;
    const opening = { page, bed: null, purposeOfEvent: "SYSADMIN", refused: "not-allowed" } as const;
    await pages.open(reply, "problem.njk", who, opening, { title: "Not for this role", words }, 403);
  }
  return undefined;
}

export async function askSetUp({ agent, sessions }: SetUpDeps, visit: SetUpVisit, ask: Ask["ask"]): Promise<Told> {
  const told = await agent.ask(visit.token, ask);
  if (!told.ok && (told.why === "not-signed-in" || told.why === "locked")) sessions.forget(visit.token);
  return told;
}

/** What every page of setting up has beside its own content. */
export const setUpFrame = ({ site }: SetUpDeps, { who, page }: SetUpVisit) => ({
  person: { name: who.name, role: roleWords[who.role] },
  mayStaff: who.role === "nurse-in-charge",
  /** An engineer sees no patient's data, so no alarms either. */
  clinical: isClinical(who.role),
  places: site.beds.map(({ bed, name }) => ({ bed, name })),
  page,
});

export const openingOf = ({ page }: SetUpVisit) => ({ page, bed: null, purposeOfEvent: "SYSADMIN" }) as const;
