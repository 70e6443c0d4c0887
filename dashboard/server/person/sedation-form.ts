import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { sedationEveryMinutes } from "../../../edge-agent/contract/sedation.ts";
import { Words } from "../../../edge-agent/contract/text.ts";
import { type Body, choices, numberOf, readAs, textOf } from "./form-body.ts";
import { timeWords } from "./moment-words.ts";
import { personForm } from "./person-form.ts";
import type { PersonDeps, Visit } from "./visit.ts";

const Watch = z.object({
  everyMinutes: z.literal(sedationEveryMinutes),
  hours: z.int().min(1).max(24),
  reason: Words(200),
});
const End = z.object({ reason: Words(200) });

const usualMinutes = 15;
const hoursToChoose = [2, 4, 6, 8, 12, 24] as const;
const usualHours = 4;

const faults = {
  everyMinutes: "Choose how often somebody goes and sees.",
  hours: "Choose for how long.",
  reason: "Say in a few words what was given.",
} as const;

/** /person/<bed>/sedation: the watch after sedation, in three touches and a few words. */
export function sedationForms(app: FastifyInstance, deps: PersonDeps): void {
  const { timeZone } = deps.site.consent;
  const running = ({ tile }: Visit): string | null =>
    tile?.sedation == null ? null : `It runs until ${timeWords(tile.sedation.untilUtcMs, timeZone)}.`;

  personForm(app, deps, {
    path: "sedation",
    template: "sedation.njk",
    least: "nurse",
    did: "sedation-watch",
    refused({ tile }) {
      if (tile?.stay == null) return "Nobody is admitted to this bed.";
      return tile.checks === null ? "Order checks in person first: they go on when this ends." : null;
    },
    view: (visit, _params, body: Body) => ({
      running: running(visit),
      minutes: choices(Object.fromEntries(sedationEveryMinutes.map((every) => [String(every), `Every ${every} min`])), [
        textOf(body, "everyMinutes") || String(usualMinutes),
      ]),
      hours: choices(Object.fromEntries(hoursToChoose.map((hours) => [String(hours), `${hours} hours`])), [
        textOf(body, "hours") || String(usualHours),
      ]),
      reason: textOf(body, "reason"),
      now: visit.tile?.checks?.everyMinutes ?? null,
      breathing: visit.tile?.consents.some(
        ({ purpose, state }) => purpose === "breathing-rate" && (state === "granted" || state === "best-interests"),
      ),
    }),
    read({ bed }, _params, body) {
      const read = readAs(
        Watch,
        {
          everyMinutes: numberOf(body, "everyMinutes"),
          hours: numberOf(body, "hours"),
          reason: textOf(body, "reason"),
        },
        faults,
      );
      if (!read.ok) return read;
      return { ok: true, value: { do: "sedation-watch", bed, stay: textOf(body, "stay"), ...read.value } };
    },
  });

  personForm(app, deps, {
    path: "end-sedation",
    template: "end-sedation.njk",
    least: "nurse-in-charge",
    did: "end-sedation-watch",
    refused: ({ tile }) => (tile?.sedation == null ? "There is no watch after sedation here." : null),
    view: (visit, _params, body) => ({ running: running(visit), reason: textOf(body, "reason") }),
    read({ bed }, _params, body) {
      const read = readAs(End, { reason: textOf(body, "reason") }, { reason: "Say why it ends early." });
      if (!read.ok) return read;
      return { ok: true, value: { do: "end-sedation-watch", bed, stay: textOf(body, "stay"), ...read.value } };
    },
  });
}
