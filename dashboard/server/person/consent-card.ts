import type { ConsentPolicy } from "../../../edge-agent/contract/consent.ts";
import type { ConsentChange } from "../../../edge-agent/contract/consent-history.ts";
import type { Tile } from "../../../edge-agent/contract/tile.ts";
import { allowingStates, type Purpose, sensingPurposes } from "../../../edge-agent/contract/words.ts";
import { purposeNames } from "../../web/components/bed-tile/bed-words.ts";
import { historyLines } from "./history-words.ts";
import { everyWords, hoursWords, momentWords, timeWords } from "./moment-words.ts";

/*
 * The consent of one person as staff read it: what is on, who decided, until when, and what comes next. A no is an answer
 * like a yes, and reads as calmly.
 */

type Told = Tile["consents"][number];

export interface CardRow {
  readonly purpose: Purpose;
  readonly name: string;
  readonly look: "on" | "waiting" | "paused" | "off";
  /** In at most three words. */
  readonly state: string;
  /** Who decided, and since when; null where nobody did. */
  readonly decided: string | null;
  /** Until when, in which hours, and how often the person is asked again. */
  readonly terms: string | null;
  readonly next: string;
  /** Something is due: said in words, and never in an alarm's colour. */
  readonly due: Told["due"];
  readonly acts: readonly ("offer" | "ask-again" | "review" | "turn-off" | "take-back" | "best-interests")[];
}

export interface ConsentCard {
  readonly sensing: readonly CardRow[];
  /** What may be made of what those record: alone they run no sensor. */
  readonly uses: readonly CardRow[];
  readonly anythingOn: boolean;
  readonly anythingToStop: boolean;
  readonly history: readonly { readonly when: string; readonly what: string; readonly lines: readonly string[] }[];
  /** False: who decided and what was written down cannot be read now. */
  readonly historyReadable: boolean;
}

export interface CardMoment {
  readonly nowUtcMs: number;
  readonly policy: ConsentPolicy;
  readonly inCharge: boolean;
}

export function consentCard(tile: Tile, history: readonly ConsentChange[] | null, moment: CardMoment): ConsentCard {
  const rows = tile.consents.map((consent) => cardRow(consent, lastOf(history, consent), moment));
  const alive = tile.consents.filter(({ state }) => allowingStates.includes(state) || state === "paused");
  return {
    sensing: rows.filter(({ purpose }) => sensingPurposes.includes(purpose)),
    uses: rows.filter(({ purpose }) => !sensingPurposes.includes(purpose)),
    anythingOn: alive.length > 0,
    anythingToStop: alive.length > 0 || tile.consents.some(({ state }) => state === "offered"),
    history: historyLines(history ?? [], moment.nowUtcMs, moment.policy.timeZone),
    historyReadable: history !== null,
  };
}

/** The change that led to what is now. A later review keeps the state, so the first change of the same state counts. */
function lastOf(history: readonly ConsentChange[] | null, { purpose, state }: Told): ConsentChange | undefined {
  const changes = (history ?? []).filter((change) => change.purpose === purpose);
  const other = changes.findLastIndex((change) => change.state !== state);
  return changes[other + 1];
}

export function cardRow(consent: Told, change: ConsentChange | undefined, moment: CardMoment): CardRow {
  const { purpose, due } = consent;
  return {
    purpose,
    name: purposeNames[purpose],
    ...stateOf(consent, moment.policy.timeZone),
    decided: decidedWords(consent, change, moment),
    terms: termsWords(consent, moment),
    next: nextWords(consent, change, moment),
    due,
    acts: actsOf(consent, moment),
  };
}

function stateOf({ state, outOfHours, pause }: Told, timeZone: string): Pick<CardRow, "look" | "state"> {
  switch (state) {
    case "never-offered":
      return { look: "off", state: "Not offered yet" };
    case "offered":
      return { look: "waiting", state: "Offered" };
    case "granted":
    case "best-interests":
      return outOfHours ? { look: "paused", state: "Not at this hour" } : { look: "on", state: "On" };
    case "paused":
      return {
        look: "paused",
        state: pause === null ? "Paused" : `Paused until ${timeWords(pause.untilUtcMs, timeZone)}`,
      };
    case "withdrawn":
    case "refused":
    case "expired":
    case "ended":
      return { look: "off", state: "Off" };
  }
}

function decidedWords(
  { state, sinceUtcMs }: Told,
  change: ConsentChange | undefined,
  moment: CardMoment,
): string | null {
  if (sinceUtcMs === null) return null;
  const when = momentWords(sinceUtcMs, moment.nowUtcMs, moment.policy.timeZone);
  const by = change === undefined ? "" : change.byPerson ? " by the person" : ` by ${change.by}`;
  switch (state) {
    case "never-offered":
      return null;
    case "offered":
      return `Offered${by}, ${when}.`;
    case "granted":
      return `The person’s own touch, ${when}.`;
    case "best-interests":
      return `Decided in the person’s best interests${by}, ${when}.`;
    case "paused":
      return `Paused${by}, ${when}.`;
    case "withdrawn":
      return `Turned off${by}, ${when}.`;
    case "refused":
      return `The person said no, ${when}.`;
    case "expired":
      return `Ended at its time, ${when}.`;
    case "ended":
      return `Ended with the stay, ${when}.`;
  }
}

function termsWords({ state, untilUtcMs, hours, askAgain }: Told, { nowUtcMs, policy }: CardMoment): string | null {
  if (untilUtcMs === null || !(allowingStates.includes(state) || state === "paused" || state === "offered"))
    return null;
  const until = `Ends by itself ${momentWords(untilUtcMs, nowUtcMs, policy.timeZone)}.`;
  const within = hours === null ? "" : ` From ${hoursWords(hours)}.`;
  const again = askAgain === null ? "" : ` The person is asked again ${everyWords(askAgain.everyMs / 3_600_000)}.`;
  return `${until}${within}${again}`;
}

/** One neutral sentence. Nobody is woken for any of it. */
function nextWords(consent: Told, change: ConsentChange | undefined, { nowUtcMs, policy }: CardMoment): string {
  const at = (utcMs: number | null | undefined) =>
    utcMs == null ? "" : ` ${momentWords(utcMs, nowUtcMs, policy.timeZone)}`;
  const notAtNight = `Nobody is asked between ${hoursWords(policy.quietHours).replace(" to ", " and ")}.`;
  switch (consent.state) {
    case "never-offered":
      return "Offer it at a calm time, where it would help.";
    case "offered":
      return "Show the person their screen. Yes and no count the same.";
    case "granted":
    case "best-interests":
      if (consent.due === "ask-again") return "Ask the person if this is still all right. They answer on their screen.";
      if (consent.due === "review")
        return `Review it by${at(consent.untilUtcMs)}: would less do? Without a review it goes off.`;
      if (consent.state === "best-interests")
        return "When the person can decide: offer it to them. That ends this decision.";
      return `Review it by${at(consent.untilUtcMs)}.`;
    case "paused":
      return `On again by itself${at(consent.pause?.untilUtcMs)}. Nothing to do.`;
    case "refused":
      return "Nothing to do. Ask again only if something has changed, at a calm time by day.";
    case "withdrawn":
      if (change !== undefined && !change.byPerson) return "Offer it again when it would help.";
      return consent.untilUtcMs !== null && consent.untilUtcMs > nowUtcMs
        ? `Nothing to do. The person can turn it on again until${at(consent.untilUtcMs)}.`
        : "Nothing to do. Offer it again only if something has changed.";
    case "expired":
      return `Offer it again if it still helps. ${notAtNight}`;
    case "ended":
      return "A new stay begins with nothing.";
  }
}

function actsOf({ state, personSaidNo }: Told, { inCharge }: CardMoment): CardRow["acts"] {
  const decide = inCharge && !personSaidNo ? (["best-interests"] as const) : [];
  switch (state) {
    case "never-offered":
      return ["offer", ...decide];
    case "withdrawn":
    case "refused":
    case "expired":
      // After a no there is nothing to do, and no button that asks for it.
      return [personSaidNo ? "ask-again" : "offer", ...decide];
    case "offered":
      return ["take-back", ...decide];
    case "granted":
    case "paused":
      return ["review", "turn-off"];
    case "best-interests":
      return ["offer", "review", "turn-off", ...(inCharge ? (["best-interests"] as const) : [])];
    case "ended":
      return [];
  }
}
