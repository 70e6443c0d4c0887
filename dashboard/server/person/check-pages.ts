import type { FastifyInstance } from "fastify";
import type { CheckEntryTold, CheckHistory } from "../../../edge-agent/contract/check-history.ts";
import type { LevelNames } from "../../../edge-agent/contract/checks.ts";
import { hourMs } from "../../../edge-agent/contract/consent.ts";
import { news2Breathing, news2Words } from "../../../edge-agent/contract/news2.ts";
import type { Tile } from "../../../edge-agent/contract/tile.ts";
import { seenWords } from "../../words/check-words.ts";
import { textOf } from "./form-body.ts";
import { momentWords, timeWords } from "./moment-words.ts";
import { personForm, showForm } from "./person-form.ts";
import { type PersonDeps, receive } from "./visit.ts";

const hoursBack = 24;
const lateFromMs = 5 * 60_000;

const markWords: Readonly<Record<CheckEntryTold["marks"][number], string>> = {
  "several-beds-at-once": "Several beds within a minute",
  "several-slots-at-once": "Several times written at once",
  "filled-in-later": "Filled in later",
};

/** /person/<bed>/checks: what was written down in the last day, what was missed, and what was corrected. */
export function checkPages(app: FastifyInstance, deps: PersonDeps): void {
  const { timeZone } = deps.site.consent;
  app.get("/person/:bed/checks", async (request, reply) => {
    const visit = await receive(deps, request, reply);
    if (visit === undefined) return reply;
    const stay = visit.tile?.stay ?? null;
    return showForm(deps, visit, reply, "checks.njk", {
      refused: stay === null ? "Nobody is admitted to this bed." : null,
      errors: [],
      view: async () => {
        const now = deps.utcMs();
        const history = stay === null ? null : await deps.reports.checks(stay.id, now - hoursBack * hourMs);
        return {
          ordered: orderedWords(visit.tile, deps.site.levels),
          lines: history === null ? null : historyOf(history, { now, timeZone, marks: visit.inCharge }),
          rate: rateWords(visit.tile),
        };
      },
    });
  });

  personForm(app, deps, {
    path: "accept-rate",
    template: "accept-rate.njk",
    least: "nurse",
    did: "accept-rate",
    refused: ({ tile }) =>
      tile?.stay == null || tile.breathing.rate === null ? "No rate is shown now. Count the breathing yourself." : null,
    view: ({ tile }) => ({ rate: rateWords(tile), perMin: tile?.breathing.rate?.perMin ?? "" }),
    read: (visit, _params, body) => {
      const perMin = Number(textOf(body, "perMin") || Number.NaN);
      if (!Number.isFinite(perMin)) return { ok: false, errors: [{ id: "maincontent", words: "That was no rate." }] };
      return { ok: true, value: { do: "accept-rate", bed: visit.bed, stay: textOf(body, "stay"), perMin } };
    },
  });
}

function orderedWords(tile: Tile | undefined, levels: LevelNames): string {
  if (tile?.checks == null) return "No checks in person are ordered.";
  const { level, everyMinutes, reviewDue } = tile.checks;
  return `${levels[level]}, every ${everyMinutes} min.${reviewDue ? " This order is due to be looked at again." : ""}`;
}

function rateWords(tile: Tile | undefined) {
  const rate = tile?.breathing.rate ?? null;
  if (rate === null) return null;
  const { perMin, lowPerMin, highPerMin } = rate;
  return {
    words: `${Math.round(perMin)} a minute, between ${Math.floor(lowPerMin)} and ${Math.ceil(highPerMin)}`,
    news2: news2Words(news2Breathing(lowPerMin, highPerMin)),
  };
}

interface Line {
  readonly at: number;
  readonly when: string;
  readonly what: string;
  readonly notes: readonly string[];
  readonly look: "made" | "late" | "missed" | "rate";
  /** Which entry a correction would name; null: it cannot be corrected. */
  readonly id: string | null;
}

function historyOf(
  { entries, missed, rates }: CheckHistory,
  { now, timeZone, marks }: { readonly now: number; readonly timeZone: string; readonly marks: boolean },
): Line[] {
  const when = (utcMs: number): string => momentWords(utcMs, now, timeZone);
  const time = (utcMs: number): string => timeWords(utcMs, timeZone);
  const made = entries.map((entry): Line => {
    const notes: string[] = [];
    if (entry.seen.concern !== null) notes.push(`Concern: “${entry.seen.concern}”`);
    if (entry.retrospective !== null)
      notes.push(`Written down at ${time(entry.recordedUtcMs)}: “${entry.retrospective}”`);
    if (entry.corrects) notes.push("Corrects an earlier entry");
    if (entry.corrected) notes.push("Corrected by a later entry");
    if (marks) notes.push(...entry.marks.map((mark) => `To be looked at: ${markWords[mark].toLowerCase()}`));
    const late = entry.retrospective !== null || entry.recordedUtcMs - entry.seenUtcMs > lateFromMs;
    return {
      at: entry.seenUtcMs,
      when: when(entry.seenUtcMs),
      what: `${seenWords(entry.seen)}. ${entry.by}`,
      notes,
      look: late ? "late" : "made",
      id: entry.corrected ? null : entry.id,
    };
  });
  const gone = missed.map(
    ({ fromUtcMs, untilUtcMs, before }): Line => ({
      at: untilUtcMs,
      when: when(untilUtcMs),
      what: `Missed: nobody between ${time(fromUtcMs)} and ${time(untilUtcMs)}`,
      notes: before > 0 ? [`And ${before} more before it`] : [],
      look: "missed",
      id: null,
    }),
  );
  const taken = rates.map(
    ({ atUtcMs, by, perMin, lowPerMin, highPerMin, news2 }): Line => ({
      at: atUtcMs,
      when: when(atUtcMs),
      what: `Breathing ${Math.round(perMin)} a minute (${Math.floor(lowPerMin)} to ${Math.ceil(highPerMin)}) taken over by ${by}`,
      notes: [news2Words(news2)],
      look: "rate",
      id: null,
    }),
  );
  return [...made, ...gone, ...taken].toSorted((a, b) => b.at - a.at);
}
