import type { FastifyInstance } from "fastify";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import { intendedUseWords } from "../../edge-agent/contract/intended-use.ts";
import type { Tile } from "../../edge-agent/contract/tile.ts";
import type { WardState } from "../../edge-agent/contract/ward-state.ts";
import { notMonitoredWords } from "../web/components/bed-tile/bed-words.ts";
import type { AgentLink } from "./agent-link.ts";
import type { Pages } from "./pages.ts";
import { momentWords, timeWords } from "./person/moment-words.ts";
import { isClinical, roleWords } from "./roles.ts";

interface ShiftDeps {
  readonly pages: Pages;
  readonly site: SiteConfig;
  readonly agent: AgentLink;
  readonly utcMs: () => number;
}

/** /shift: what a shift begins with: the sound, who is on, what is off and why. */
export function shiftRoutes(app: FastifyInstance, { pages, site, agent, utcMs }: ShiftDeps): void {
  const { timeZone } = site.consent;
  app.get("/shift", async (request, reply) => {
    const who = await pages.who(request, "staff");
    if (who.is === "unknown") return pages.noAnswer(reply, who.words);
    if (who.is !== "staff") return reply.redirect("/sign-in", 303);
    const opening = { page: "/shift", bed: null, purposeOfEvent: "TREAT" } as const;
    if (!isClinical(who.role)) {
      const words = `You are signed in as ${roleWords[who.role]}. This page is for the nurses on this ward.`;
      const data = { title: "Not for this role", words };
      return pages.open(reply, "problem.njk", who, { ...opening, refused: "not-allowed" }, data, 403);
    }
    const now = utcMs();
    const ward = agent.ward();
    const tiles = site.beds.map(({ bed, name }) => ({ name, tile: agent.tile(bed)?.tile }));
    return pages.open(reply, "shift.njk", who, opening, {
      person: { name: who.name, role: roleWords[who.role] },
      inCharge: who.role === "nurse-in-charge",
      heard: agent.health().agent === "heard",
      use: ward === undefined ? null : intendedUseWords[ward.intendedUse],
      sound: ward === undefined ? null : soundLines(ward, (at) => momentWords(at, now, timeZone)),
      soundTested: ward?.soundTest?.heard === true,
      audioOff: ward?.audio.off ?? null,
      onDuty: ward?.onDuty.map(({ name, role }) => ({ name, role: roleWords[role] })) ?? null,
      off: tiles.flatMap(({ name, tile }) => offLines(name, tile)),
      orders: tiles.flatMap(({ name, tile }) => {
        const until = tile?.order?.untilUtcMs ?? null;
        return until === null ? [] : [`${name}: order for alarms until ${timeWords(until, timeZone)}`];
      }),
    });
  });
}

function soundLines({ audio, soundTest, chainTest }: WardState, moment: (utcMs: number) => string): string[] {
  const lines: string[] = [];
  if (audio.off !== null) {
    lines.push(`Audio off since ${moment(audio.off.sinceUtcMs)}, by ${audio.off.by}: “${audio.off.reason}”`);
  }
  if (audio.paused !== null) lines.push(`Audio paused until ${moment(audio.paused.untilUtcMs)}, by ${audio.paused.by}`);
  if (soundTest === null) lines.push("Nobody has tested the sound in this shift");
  else {
    const heard = soundTest.heard ? "heard" : "NOT heard";
    lines.push(`The test sound was ${heard} ${moment(soundTest.atUtcMs)}, by ${soundTest.by}`);
  }
  const silent = chainTest?.units.filter(({ answeredAfterMs, decoded }) => answeredAfterMs === null || !decoded) ?? [];
  if (silent.length > 0) {
    lines.push(`No alarm can come from ${silent.map(({ device }) => device).join(", ")}: check these rooms in person`);
  }
  return lines;
}

/** Of a bed with a person in it that is not watched, or not wholly. */
function offLines(name: string, tile: Tile | undefined): string[] {
  if (tile === undefined) return [`${name}: nothing is heard, check in person`];
  if (tile.stay === null) return [];
  if (tile.notMonitored === "no-consent") return [`${name}: in-person checks only, the person’s choice`];
  const lines = tile.notMonitored === null ? [] : [`${name}: ${notMonitoredWords[tile.notMonitored].toLowerCase()}`];
  if (tile.checks === null) lines.push(`${name}: no checks in person are ordered`);
  return lines;
}
