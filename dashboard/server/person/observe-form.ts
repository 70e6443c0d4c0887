import type { FastifyInstance } from "fastify";
import {
  everyMinutesOf,
  type LevelNames,
  ObservationLevel,
  ObservationOrder,
} from "../../../edge-agent/contract/checks.ts";
import { choices, numberOf, readAs, textOf } from "./form-body.ts";
import { spanWords } from "./moment-words.ts";
import { personForm } from "./person-form.ts";
import type { PersonDeps } from "./visit.ts";

const minutesToChoose = [10, 15, 20, 30, 45, 60, 120, 240] as const;
const reviewsToChoose = [4, 8, 12, 24, 48, 72, 168] as const;
const usualReviewHours = 24;

const faults = {
  level: "Choose a level.",
  everyMinutes: "Choose how often, within what this level means.",
  reason: "Say why, in at most 200 characters.",
  reviewAfterHours: "Choose when this order is looked at again.",
} as const;

const rangeWords = (level: ObservationLevel, levels: LevelNames): string =>
  `${levels[level]} (every ${everyMinutesOf[level].min} to ${everyMinutesOf[level].max} min)`;

/** /person/<bed>/observe: how often somebody goes and sees this person. */
export function observeForm(app: FastifyInstance, deps: PersonDeps): void {
  personForm(app, deps, {
    path: "observe",
    template: "observe.njk",
    least: "nurse-in-charge",
    did: "observe",
    refused: ({ tile }) => (tile?.stay == null ? "Nobody is admitted to this bed." : null),
    view({ tile }, _params, body) {
      const now = tile?.checks ?? null;
      const chosen = (name: string, usual: string | number | undefined): string =>
        textOf(body, name) || String(usual ?? "");
      return {
        levels: choices(
          Object.fromEntries(ObservationLevel.options.map((level) => [level, rangeWords(level, deps.site.levels)])),
          [chosen("level", now?.level)],
        ),
        minutes: choices(Object.fromEntries(minutesToChoose.map((every) => [String(every), `${every} min`])), [
          chosen("everyMinutes", now?.everyMinutes),
        ]),
        reviews: choices(Object.fromEntries(reviewsToChoose.map((hours) => [String(hours), spanWords(hours)])), [
          chosen("reviewAfterHours", usualReviewHours),
        ]),
        reason: textOf(body, "reason"),
        now: now === null ? null : `${deps.site.levels[now.level]}, every ${now.everyMinutes} min`,
      };
    },
    read(visit, _params, body) {
      const read = readAs(
        ObservationOrder,
        {
          level: textOf(body, "level"),
          everyMinutes: numberOf(body, "everyMinutes"),
          by: visit.who.name,
          reason: textOf(body, "reason"),
          reviewAfterHours: numberOf(body, "reviewAfterHours"),
        },
        faults,
      );
      if (!read.ok) return read;
      return {
        ok: true,
        value: { do: "observe", bed: visit.bed, stay: textOf(body, "stay"), observation: read.value },
      };
    },
  });
}
