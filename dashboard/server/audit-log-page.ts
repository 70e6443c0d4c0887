import type { FastifyInstance } from "fastify";
import type { LogSeen, WitnessState } from "../../edge-agent/contract/audit-policy.ts";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import type { Pages } from "./pages.ts";
import { momentWords } from "./person/moment-words.ts";
import { roleWords } from "./roles.ts";
import type { WardReports } from "./ward-reports.ts";

const stateWords: Readonly<Record<WitnessState, string>> = {
  cosigned: "Has seen it and agrees",
  unreachable: "Does not answer now",
  refused: "Does not look after this log",
  ahead: "Has seen more than is here: the log was set back",
  "other-history": "Has seen other entries than are here",
};
const logWords = { ward: "The ward's log", dashboard: "The log of who opened what" } as const;

interface AuditLogDeps {
  readonly pages: Pages;
  readonly site: SiteConfig;
  readonly reports: WardReports;
  readonly utcMs: () => number;
}

/** /governance/log: whether both logs are whole, and who outside has seen them. Shows nobody's data. */
export function auditLogPage(app: FastifyInstance, { pages, site, reports, utcMs }: AuditLogDeps): void {
  app.get("/governance/log", async (request, reply) => {
    const who = await pages.who(request, "staff");
    if (who.is === "unknown") return pages.noAnswer(reply, who.words);
    if (who.is !== "staff") return reply.redirect("/sign-in", 303);
    const opening = { page: "/governance/log", bed: null, purposeOfEvent: "HQUALIMP" } as const;
    if (who.role !== "governance-lead" && who.role !== "engineer") {
      const words = `You are signed in as ${roleWords[who.role]}. This page is for the governance lead and the engineer.`;
      const data = { title: "Not for this role", words };
      return pages.open(reply, "problem.njk", who, { ...opening, refused: "not-allowed" }, data, 403);
    }
    return pages.openWith(reply, "audit-log.njk", who, opening, 200, async () => {
      const seen = await reports.logsSeen();
      const nowUtcMs = utcMs();
      const logs = (["ward", "dashboard"] as const).map((log) => ({
        name: logWords[log],
        ...viewOf(seen?.[log] ?? null, nowUtcMs, site),
      }));
      return { person: { name: who.name, role: roleWords[who.role] }, readable: seen !== null, logs };
    });
  });
}

function viewOf(seen: LogSeen | null, nowUtcMs: number, { audit, consent }: SiteConfig) {
  const witnesses = seen?.witnesses ?? [];
  const good = witnesses.filter(({ state }) => state === "cosigned");
  const newestSec = Math.max(0, ...good.map(({ cosignedAtSec }) => cosignedAtSec ?? 0));
  const { verification = null } = seen ?? {};
  return {
    verified: verification && {
      ok: verification.ok,
      entries: verification.entries,
      words: verification.words,
      when: momentWords(verification.atUtcMs, nowUtcMs, consent.timeZone),
      tookSec: (verification.tookMs / 1_000).toFixed(1),
    },
    cosigned:
      good.length === 0 ? null : `${good.length} of ${witnesses.length}, ${agoWords(nowUtcMs / 1_000 - newestSec)}`,
    stale: isStale(witnesses, nowUtcMs, audit.witnessStaleSec),
    staleMin: Math.round(audit.witnessStaleSec / 60),
    quorum: seen?.quorum ?? null,
    witnesses: witnesses.map(({ name, state, size }) => ({
      name,
      state: stateWords[state],
      wrong: state === "ahead" || state === "other-history",
      size,
    })),
  };
}

/** Of those elsewhere, where there are any: this computer's own agrees with this computer. */
export function isStale(witnesses: LogSeen["witnesses"], nowUtcMs: number, staleSec: number): boolean {
  const elsewhere = witnesses.filter(({ name }) => !name.endsWith("/station-witness"));
  const asked = elsewhere.length > 0 ? elsewhere : witnesses;
  const agrees = asked.some(
    ({ state, cosignedAtSec }) => state === "cosigned" && nowUtcMs / 1_000 - (cosignedAtSec ?? 0) <= staleSec,
  );
  return asked.length > 0 && !agrees;
}

function agoWords(sec: number): string {
  const whole = Math.max(0, Math.round(sec));
  if (whole < 120) return `${whole} s ago`;
  return whole < 7_200 ? `${Math.round(whole / 60)} min ago` : `${Math.round(whole / 3_600)} h ago`;
}
