import type { FastifyReply, FastifyRequest } from "fastify";
import type { Ask } from "../../../edge-agent/contract/asks.ts";
import type { SiteConfig } from "../../../edge-agent/contract/config.ts";
import { consentMark } from "../../../edge-agent/contract/consent-mark.ts";
import type { Tile } from "../../../edge-agent/contract/tile.ts";
import type { StaffRole } from "../../../edge-agent/contract/words.ts";
import type { AgentLink, Told } from "../agent-link.ts";
import type { Pages } from "../pages.ts";
import { isClinical, roleWords } from "../roles.ts";
import { isSameOrigin } from "../same-origin.ts";
import type { ScreenCodes } from "../screen-codes.ts";
import { cookieOf, type Sessions, type Who } from "../sessions.ts";
import { trainingFirst } from "../staff/training-gate.ts";
import type { WardReports } from "../ward-reports.ts";

export interface PersonDeps {
  readonly pages: Pages;
  readonly sessions: Sessions;
  readonly agent: AgentLink;
  readonly reports: WardReports;
  readonly site: SiteConfig;
  readonly utcMs: () => number;
  readonly screens: ScreenCodes;
}

/** A member of staff at a page of one bed. */
export interface Visit {
  readonly who: Extract<Who, { is: "staff" }>;
  readonly token: string;
  readonly bed: string;
  readonly bedName: string;
  /** As last heard; undefined: the agent has not spoken of this bed yet. */
  readonly tile: Tile | undefined;
  readonly inCharge: boolean;
  /** The page's path, without its query. */
  readonly page: string;
}

const inChargeOnly = "nurse-in-charge";
/** How long a page waits for what follows from an ask, so that it shows the new truth and not the old one. */
const settleMs = 800;

/**
 * Who comes, to which bed; undefined where the reply was given already (sign in, no such bed, not this role). A refused
 * opening is in the log like an opening.
 */
export async function receive(
  deps: PersonDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  least: "nurse" | "nurse-in-charge" = "nurse",
): Promise<Visit | undefined> {
  const { pages, site, agent } = deps;
  const who = await pages.who(request, "staff");
  if (who.is === "unknown") return done(await pages.noAnswer(reply, who.words));
  const token = request.cookies[cookieOf.staff];
  if (who.is !== "staff" || token === undefined) return done(await reply.redirect("/sign-in", 303));
  const { bed } = request.params as { bed: string };
  const place = site.beds.find((one) => one.bed === bed);
  if (place === undefined) return done(await pages.problem(reply, 404, "There is no such bed", "Go back to the ward."));
  const page = request.url.split("?")[0] ?? request.url;
  if (!maySee(who.role, least)) {
    const words = `You are signed in as ${roleWords[who.role]}. This page is for ${least === inChargeOnly ? "the nurse in charge" : "the nurses on this ward"}.`;
    const opening = { page, bed, purposeOfEvent: "TREAT", refused: "not-allowed" } as const;
    return done(await pages.open(reply, "problem.njk", who, opening, { title: "Not for this role", words }, 403));
  }
  if ((await trainingFirst(pages, reply, who, { page, bed, purposeOfEvent: "TREAT" })) !== undefined) return undefined;
  const inCharge = who.role === inChargeOnly;
  return { who, token, bed, bedName: place.name, tile: agent.tile(bed)?.tile, inCharge, page };
}

const maySee = (role: StaffRole, least: "nurse" | "nurse-in-charge"): boolean =>
  least === inChargeOnly ? role === inChargeOnly : isClinical(role);

/** Only so that the reply is awaited before nothing is returned. */
const done = (_reply: FastifyReply): undefined => undefined;

/** As `receive`, for a form that was sent: from a page of this very server only. */
export async function receiveForm(
  deps: PersonDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  least: "nurse" | "nurse-in-charge" = "nurse",
): Promise<Visit | undefined> {
  if (isSameOrigin(request.headers)) return receive(deps, request, reply, least);
  return done(await deps.pages.problem(reply, 403, "This did not work", "Use the form on this screen."));
}

/** Asks the agent as this person, and waits until the bed's next word shows what came of it. */
export async function askAs(deps: PersonDeps, visit: Visit, ask: Ask["ask"]): Promise<Told> {
  const { agent, sessions, utcMs } = deps;
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  const forget = agent.onTile(({ tile }) => {
    if (tile.bed === visit.bed) resolve();
  });
  const before = consentMark(agent.tile(visit.bed)?.tile);
  const told = await agent.ask(visit.token, ask, utcMs());
  const changesTile = ask.do !== "what-if" && ("stay" in ask || ask.do === "admit");
  if (told.ok && changesTile && consentMark(agent.tile(visit.bed)?.tile) === before) {
    await Promise.race([heard, new Promise((settled) => setTimeout(settled, settleMs))]);
  }
  forget();
  // An ended session is known at once, not after the time for which it is believed.
  if (!told.ok && told.why === "not-signed-in") sessions.forget(visit.token);
  return told;
}

/** What every page of a bed has beside its own content. */
export function frameOf({ site, agent }: PersonDeps, { who, bed, bedName, tile, inCharge }: Visit) {
  return {
    bed,
    bedName,
    label: tile?.stay?.label ?? null,
    stay: tile?.stay?.id ?? "",
    mark: consentMark(tile),
    places: site.beds.map((place) => ({ bed: place.bed, name: place.name })),
    person: { name: who.name, role: roleWords[who.role] },
    inCharge,
    pauseSec: site.alarms.audioPauseSecMax,
    heard: agent.health(bed).agent === "heard",
  };
}
