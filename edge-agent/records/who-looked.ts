import type Database from "better-sqlite3";
import type { Looked, WhoLooked } from "../contract/who-looked.ts";
import { entriesWith } from "./governance-reading.ts";

export const lookedMax = 300;

/**
 * Every time that staff opened or took away this stay's data, by the dashboard's own log. What was refused was not seen,
 * and what the person opened themselves is theirs.
 */
export function readWhoLooked(dashboard: Database.Database, stay: string): WhoLooked {
  const looked: Looked[] = [];
  const openMsOf = new Map<string, number>();
  for (const { action, actor, outcome, detail, t } of entriesWith(dashboard, `"stay":"${stay}"`, 0)) {
    if (actor.kind !== "staff" || outcome !== 0 || detail.stay !== stay) continue;
    const { opening, openMs } = detail;
    if (action === "page.close" && typeof opening === "string" && typeof openMs === "number") {
      openMsOf.set(opening, openMs);
      continue;
    }
    const exported = action.endsWith(".export");
    if (action !== "page.open" && !exported) continue;
    if (looked.length === lookedMax) return { looked, more: true };
    looked.push({
      atUtcMs: Date.parse(t),
      openMs: typeof opening === "string" ? (openMsOf.get(opening) ?? null) : null,
      role: actor.role,
      name: actor.name,
      page: exported ? "export" : String(detail.page ?? ""),
      purposeOfEvent: String(detail.purposeOfEvent ?? "TREAT"),
    });
  }
  return { looked, more: false };
}
