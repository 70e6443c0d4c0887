import type { FastifyInstance, FastifyReply } from "fastify";
import type { Ask } from "../../../edge-agent/contract/asks.ts";
import { RoomAsk, StationAsk } from "../../../edge-agent/contract/asks.ts";
import type { Tile } from "../../../edge-agent/contract/tile.ts";
import type { ConsentState } from "../../../edge-agent/contract/words.ts";
import { statusOf } from "../told-status.ts";
import { languageName } from "./admission-form.ts";
import { consentCard } from "./consent-card.ts";
import { bodyOf, numberOf, textOf } from "./form-body.ts";
import { timeWords } from "./moment-words.ts";
import { askAs, frameOf, type PersonDeps, receive, receiveForm, type Visit } from "./visit.ts";

/** What the agent confirmed, after a form brought the person back to the card. */
const doneWords: Readonly<Record<string, string>> = {
  offer: "Offered. The person decides on the bedside screen.",
  review: "The review is written down.",
  "best-interests": "The decision is written down, and it is on.",
  "turn-off": "The ward computer confirmed: turned off.",
  "stop-everything": "The ward computer confirmed: everything is off.",
  pause: "The ward computer confirmed: paused.",
  "revoke-bedside": "The bedside screen has no say any more. Pair another when the person wants one.",
  "pair-screen": "The screen that shows this code is this bed’s now.",
  "accept-rate": "Written down as your observation.",
  observe: "The checks are ordered. The next one is on the board.",
  "sedation-watch": "The watch after sedation has begun. The next check is on the board.",
  "end-sedation-watch": "The watch ended. What was ordered before holds again.",
  needs: "The communication needs are written down.",
  characteristics: "Written down. Nobody on the ward can read it.",
  order: "The order is written down, and it holds from now on.",
  admit: "Admitted. Nothing is on.",
  move: "Moved. Everything ended in the other bed, and nothing is on here.",
  discharge: "Discharged. Everything ended with the stay.",
};

/**
 * What a sentence says must still be so. The address with it stays in the browser: read again later, or sent by somebody, it
 * would say that everything is off while something is on.
 */
const stillSo: Readonly<Record<string, (tile: Tile | undefined) => boolean>> = {
  offer: (tile) => hasOne(tile, ["offered"]),
  "best-interests": (tile) => hasOne(tile, ["best-interests"]),
  "turn-off": (tile) => hasOne(tile, ["withdrawn", "refused"]),
  "stop-everything": (tile) => !hasOne(tile, ["granted", "best-interests", "paused", "offered"]),
  pause: (tile) => hasOne(tile, ["paused"]),
  admit: (tile) => tile?.stay != null && !hasOne(tile, ["granted", "best-interests", "paused"]),
  move: (tile) => tile?.stay != null && !hasOne(tile, ["granted", "best-interests", "paused"]),
  discharge: (tile) => tile !== undefined && tile.stay === null,
};
const hasOne = (tile: Tile | undefined, states: readonly ConsentState[]): boolean =>
  (tile?.consents ?? []).some(({ state }) => states.includes(state));

interface Shown {
  readonly said: string | null;
  readonly fault?: string;
  readonly code?: { readonly code: string; readonly until: string };
}

/** /person/<bed>: the consent of the person in one bed, and what takes one touch. */
export function cardRoutes(app: FastifyInstance, deps: PersonDeps): void {
  app.get("/person/:bed", async (request, reply) => {
    const visit = await receive(deps, request, reply);
    if (visit === undefined) return reply;
    const { did } = request.query as { did?: string };
    const known = typeof did === "string" && Object.hasOwn(doneWords, did) && (stillSo[did]?.(visit.tile) ?? true);
    const said = known ? (doneWords[did] ?? null) : null;
    return showCard(deps, visit, reply, { said });
  });

  const oneTouch = (act: string, askOf: (visit: Visit, body: ReturnType<typeof bodyOf>) => unknown): void => {
    app.post(`/person/:bed/${act}`, async (request, reply) => {
      const visit = await receiveForm(deps, request, reply);
      if (visit === undefined) return reply;
      const ask = readAsk(askOf(visit, bodyOf(request.body)));
      if (ask === undefined)
        return showCard(deps, visit, reply, { said: null, fault: "That was not understood." }, 400);
      return tell(deps, visit, ask, reply);
    });
  };
  const stay = (body: ReturnType<typeof bodyOf>) => textOf(body, "stay");
  oneTouch("turn-off", ({ bed }, body) => ({
    do: "turn-off",
    bed,
    stay: stay(body),
    purpose: textOf(body, "purpose"),
  }));
  oneTouch("stop-everything", ({ bed }, body) => ({ do: "stop-everything", bed, stay: stay(body) }));
  oneTouch("pause", ({ bed }, body) => ({ do: "pause", bed, stay: stay(body), minutes: numberOf(body, "minutes") }));
  oneTouch("pair", ({ bed }) => ({ do: "invite-bedside", bed }));
  // The screen beside the bed shows a code; who types it here says whose bed it is.
  app.post("/person/:bed/pair-screen", async (request, reply) => {
    const visit = await receiveForm(deps, request, reply);
    if (visit === undefined) return reply;
    const typed = textOf(bodyOf(request.body), "code");
    // Of the person whom the card showed: somebody else may be in the bed by now.
    const of = textOf(bodyOf(request.body), "stay");
    if (of !== visit.tile?.stay?.id) {
      const fault = "Another person is in this bed now. Look who it is, and type the code again.";
      return showCard(deps, visit, reply, { said: null, fault }, 409);
    }
    const unknown = { said: null, fault: "No screen shows this code now. Look at the screen beside the bed again." };
    if (!deps.screens.isShown(typed, deps.utcMs())) return showCard(deps, visit, reply, unknown, 400);
    const told = await askAs(deps, visit, { do: "invite-bedside", bed: visit.bed });
    if (!told.ok) return showCard(deps, visit, reply, { said: null, fault: told.words }, statusOf(told.why));
    const paired = told.result.is === "code" && deps.screens.approve(typed, told.result.code, deps.utcMs());
    return paired
      ? reply.redirect(`/person/${visit.bed}?did=pair-screen`, 303)
      : showCard(deps, visit, reply, unknown, 400);
  });
  oneTouch("revoke-bedside", ({ bed }) => ({ do: "revoke-bedside", bed }));
}

function readAsk(value: unknown): Ask["ask"] | undefined {
  const room = RoomAsk.safeParse(value);
  if (room.success) return room.data;
  const station = StationAsk.safeParse(value);
  return station.success ? station.data : undefined;
}

async function tell(deps: PersonDeps, visit: Visit, ask: Ask["ask"], reply: FastifyReply) {
  const told = await askAs(deps, visit, ask);
  if (!told.ok) return showCard(deps, visit, reply, { said: null, fault: told.words }, statusOf(told.why));
  // A code is shown once and stands in no address.
  if (told.result.is === "code") {
    const { code, expiresAt } = told.result;
    const until = timeWords(expiresAt, deps.site.consent.timeZone);
    return showCard(deps, visit, reply, { said: null, code: { code, until } });
  }
  return reply.redirect(`/person/${visit.bed}?did=${ask.do}`, 303);
}

function sedationWords(tile: Visit["tile"], timeZone: string): string | null {
  if (tile?.sedation == null) return null;
  const { everyMinutes, untilUtcMs, by } = tile.sedation;
  return `A check every ${everyMinutes} min until ${timeWords(untilUtcMs, timeZone)}, ordered by ${by}.`;
}

export async function showCard(
  deps: PersonDeps,
  earlier: Visit,
  reply: FastifyReply,
  shown: Shown,
  status = 200,
): Promise<FastifyReply> {
  const { site, agent, reports, pages, utcMs } = deps;
  const visit = { ...earlier, tile: agent.tile(earlier.bed)?.tile };
  const { tile, inCharge, bed, who } = visit;
  const opening = { page: `/person/${bed}`, bed, purposeOfEvent: "TREAT" } as const;
  // The entry comes first: nothing of the person is read before it is written.
  return pages.openWith(reply, "person.njk", who, opening, status, async () => {
    const history = tile?.stay == null ? [] : await reports.history(tile.stay.id);
    const moment = { nowUtcMs: utcMs(), policy: site.consent, inCharge };
    return {
      ...frameOf(deps, visit),
      ...shown,
      card: tile?.stay == null ? null : consentCard(tile, history, moment),
      needs: tile?.stay == null ? null : { ...tile.needs, language: languageName(tile.needs.language) },
      unheard: tile === undefined,
      sedation: sedationWords(tile, site.consent.timeZone),
    };
  });
}
