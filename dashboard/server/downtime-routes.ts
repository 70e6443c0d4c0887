import type { FastifyInstance } from "fastify";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import type { Tile } from "../../edge-agent/contract/tile.ts";
import type { AgentLink } from "./agent-link.ts";
import type { Pages } from "./pages.ts";
import { momentWords, timeWords } from "./person/moment-words.ts";
import { isClinical, roleWords } from "./roles.ts";
import { cookieOf, type Sessions } from "./sessions.ts";
import { sentAway } from "./staff/lock-gate.ts";

interface DowntimeDeps {
  readonly pages: Pages;
  readonly site: SiteConfig;
  readonly agent: AgentLink;
  readonly sessions: Sessions;
  readonly utcMs: () => number;
}

const hours = 12;
const minuteMs = 60_000;
/** Where nobody ordered checks, paper asks for one an hour: somebody has to look until somebody orders. */
const unorderedEveryMinutes = 60;

/**
 * /downtime: twelve hours of checks on paper, from what was last known. It is there when the ward computer is not: a nurse who was
 * signed in before it fell silent gets it all the same.
 */
export function downtimeRoutes(app: FastifyInstance, { pages, site, agent, sessions, utcMs }: DowntimeDeps): void {
  const { timeZone } = site.consent;
  app.get("/downtime", async (request, reply) => {
    const now = await pages.who(request, "staff");
    const who = now.is === "unknown" ? sessions.lastKnown(request.cookies[cookieOf.staff]) : now;
    if (who.is === "unknown") return pages.noAnswer(reply, who.words);
    if (who.is !== "staff") return reply.redirect("/sign-in", 303);
    const locked = await sentAway(request, reply, who);
    if (locked !== undefined) return locked;
    const opening = { page: "/downtime", bed: null, purposeOfEvent: "TREAT" } as const;
    if (!isClinical(who.role)) {
      const words = `You are signed in as ${roleWords[who.role]}. This sheet is for the nurses on this ward.`;
      const data = { title: "Not for this role", words };
      return pages.open(reply, "problem.njk", who, { ...opening, refused: "not-allowed" }, data, 403);
    }
    const at = utcMs();
    const heard = agent.health().agent === "heard";
    return pages.open(reply, "downtime.njk", who, opening, {
      person: { name: who.name, role: roleWords[who.role] },
      heard,
      made: momentWords(at, at, timeZone),
      until: momentWords(at + hours * 3_600_000, at, timeZone),
      beds: site.beds.map(({ bed, name }) => sheetOf(name, agent.tile(bed)?.tile, at, site)),
    });
  });
}

interface Sheet {
  readonly name: string;
  readonly label: string | null;
  readonly ordered: string;
  readonly known: string;
  /** Last moments for the checks of the next hours, on the ward's clock. */
  readonly times: readonly string[];
}

function sheetOf(name: string, tile: Tile | undefined, at: number, { levels, consent }: SiteConfig): Sheet {
  const { timeZone } = consent;
  const time = (utcMs: number): string => timeWords(utcMs, timeZone);
  if (tile === undefined) {
    const times = timesFrom(at, unorderedEveryMinutes, at).map(time);
    return { name, label: null, ordered: "Not known: look who is here", known: "nothing was heard of this bed", times };
  }
  const known = `known at ${time(tile.at)}`;
  if (tile.stay === null) return { name, label: null, ordered: "Empty", known, times: [] };
  const { checks } = tile;
  const every = checks?.everyMinutes ?? unorderedEveryMinutes;
  const first = checks?.dueUtcMs ?? at + unorderedEveryMinutes * minuteMs;
  const sedation =
    tile.sedation === null ? "" : ` Watch after sedation until ${time(tile.sedation.untilUtcMs)}: alertness, breaths.`;
  const ordered =
    checks === null
      ? "No checks ordered: every 60 min until somebody orders"
      : `${levels[checks.level]}, every ${every} min`;
  return {
    name,
    label: tile.stay.label,
    ordered: `${ordered}.${sedation}`,
    known,
    times: timesFrom(first, every, at).map(time),
  };
}

/** The first may be overdue: then it is now. */
function timesFrom(firstUtcMs: number, everyMinutes: number, at: number): number[] {
  const every = everyMinutes * minuteMs;
  const missed = Math.max(0, Math.ceil((at - firstUtcMs) / every));
  const first = firstUtcMs + missed * every;
  const count = Math.floor((at + hours * 3_600_000 - first) / every) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, n) => first + n * every);
}
