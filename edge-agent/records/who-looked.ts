import type Database from "better-sqlite3";
import type { Looked, WhoLooked } from "../contract/who-looked.ts";
import { entriesWith } from "./governance-reading.ts";

export const lookedMax = 300;

/** A page is read from the server, then says that it is open. */
const beginsWithinMs = 10_000;

interface Raw extends Looked {
  readonly actorId: string;
  /** It stays open, and says so. */
  readonly kept: boolean;
}

/**
 * Every time that staff opened or took away this stay's data, by the dashboard's own log. What was refused was not seen,
 * and what the person opened themselves is theirs. What one visit to the person's page read is told once.
 */
export function readWhoLooked(dashboard: Database.Database, stay: string): WhoLooked {
  const raw: Raw[] = [];
  let more = false;
  const openMsOf = new Map<string, number>();
  for (const { action, actor, outcome, detail, t } of entriesWith(dashboard, `"stay":"${stay}"`, 0)) {
    if ((actor.kind !== "staff" && actor.kind !== "advocate") || outcome !== 0 || detail.stay !== stay) continue;
    const { opening, openMs } = detail;
    if (action === "page.close" && typeof opening === "string" && typeof openMs === "number") {
      openMsOf.set(opening, openMs);
      continue;
    }
    const exported = action.endsWith(".export");
    if (action !== "page.open" && !exported) continue;
    // A law forbids it, and those who opened it said which (contract/access.ts).
    if (detail.told === false) continue;
    if (raw.length === lookedMax) {
      more = true;
      break;
    }
    raw.push({
      actorId: actor.kind === "staff" ? actor.id : `advocate-${actor.number}`,
      kept: typeof opening === "string",
      atUtcMs: Date.parse(t),
      openMs: typeof opening === "string" ? (openMsOf.get(opening) ?? null) : null,
      role: actor.kind === "staff" ? actor.role : "advocate",
      name: actor.kind === "staff" ? actor.name : null,
      page: exported ? "export" : String(detail.page ?? ""),
      purposeOfEvent: String(detail.purposeOfEvent ?? "TREAT"),
    });
  }
  const kept = raw.filter((one) => one.kept);
  const looked = raw.filter((one) => !kept.some((visit) => isPartOf(one, visit)));
  return { looked: looked.map(({ actorId: _id, kept: _kept, ...one }) => one), more };
}

function isPartOf(one: Raw, visit: Raw): boolean {
  if (one.kept || one.actorId !== visit.actorId || !one.page.startsWith("/person/")) return false;
  const sinceMs = one.atUtcMs - visit.atUtcMs;
  return sinceMs >= -beginsWithinMs && sinceMs <= Math.max(visit.openMs ?? 0, beginsWithinMs);
}
