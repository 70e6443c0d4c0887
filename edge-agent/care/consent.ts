import { type Consent, type Hours, neverOffered } from "../contract/consent.ts";
import { isNoWider, isWithin } from "../contract/local-hour.ts";
import {
  allowingStates,
  type ConsentState,
  type Purpose,
  purposes,
  type RefusalReason,
  sensingPurposes,
} from "../contract/words.ts";

import type { SteadyWord } from "./steady-ends.ts";

/*
 * Consent of one stay, purpose by purpose. The table below is the whole of it; docs/consent.md shows the same table and a
 * test compares them.
 */

export type Consents = Readonly<Record<Purpose, Consent>>;

export const noConsents: Consents = Object.fromEntries(purposes.map((purpose) => [purpose, neverOffered])) as Consents;

/** What was agreed beside yes and no. */
export interface Terms {
  readonly untilUtcMs: number;
  readonly hours: Hours | null;
  readonly askAgainEveryMs: number | null;
}

export type ConsentAct =
  /** Staff offered it and wrote down why. */
  | { readonly act: "offer"; readonly terms: Terms }
  /** The person's own touch. */
  | { readonly act: "say-yes" }
  | { readonly act: "say-no" }
  /** Staff turned it off, or took the offer back. */
  | { readonly act: "turn-off" }
  | { readonly act: "best-interests"; readonly terms: Terms }
  /** Staff looked at it again. */
  | { readonly act: "review"; readonly untilUtcMs: number; readonly hours: Hours | null }
  | { readonly act: "pause"; readonly forMs: number; readonly by: "person" | "staff" }
  /** The pause is over: by the person's touch, or its time. */
  | { readonly act: "resume" }
  /** Asked again, the person said that it is still all right. */
  | { readonly act: "still-yes" }
  /** Nobody looked at it again in time. */
  | { readonly act: "expire" }
  /** Discharge, or another bed. */
  | { readonly act: "end" };
export type ActName = ConsentAct["act"];

/** `as-it-is`: nothing changes. `as-before`: as it was before the pause. In brackets: refused, and why. */
type Cell = ConsentState | "as-it-is" | "as-before" | `(${RefusalReason})`;

const off = {
  offer: "offered",
  "say-yes": "granted",
  "say-no": "as-it-is",
  "turn-off": "as-it-is",
  "best-interests": "best-interests",
  review: "(not-offered)",
  pause: "as-it-is",
  resume: "as-it-is",
  "still-yes": "(already-done)",
  expire: "as-it-is",
  end: "ended",
} as const satisfies Record<ActName, Cell>;

const on = {
  ...off,
  offer: "as-it-is",
  "say-yes": "as-it-is",
  "say-no": "withdrawn",
  "turn-off": "withdrawn",
  "best-interests": "(already-done)",
  review: "as-it-is",
  pause: "paused",
  "still-yes": "as-it-is",
  expire: "expired",
} as const satisfies Record<ActName, Cell>;

/** From a state, by an act. */
export const consentTable: Readonly<Record<ConsentState, Readonly<Record<ActName, Cell>>>> = {
  "never-offered": { ...off, "say-yes": "(not-offered)" },
  offered: { ...off, "say-no": "refused", "turn-off": "withdrawn", expire: "expired" },
  granted: on,
  // Whoever can be asked again is asked: an offer ends what was decided for them.
  "best-interests": { ...on, offer: "offered", "best-interests": "best-interests", "say-yes": "as-it-is" },
  paused: { ...on, "say-yes": "as-before", pause: "paused", resume: "as-before" },
  withdrawn: off,
  refused: { ...off, "best-interests": "(refused-by-person)" },
  expired: { ...off, "say-yes": "(not-offered)" },
  ended: Object.fromEntries(Object.keys(off).map((act) => [act, "(not-found)"])) as Record<ActName, Cell>,
};

export type ConsentStep =
  | { readonly ok: true; readonly consent: Consent; readonly changed: boolean }
  | { readonly ok: false; readonly why: RefusalReason };

export function stepConsent(from: Consent, act: ConsentAct, utcMs: number): ConsentStep {
  if (act.act === "best-interests" && from.personSaidNo) return { ok: false, why: "refused-by-person" };
  const cell = consentTable[from.state][act.act];
  if (cell.startsWith("(")) return { ok: false, why: cell.slice(1, -1) as RefusalReason };
  // More hours than were agreed to are an offer, and the person's to decide.
  if (act.act === "review" && !isNoWider(act.hours, from.hours)) return { ok: false, why: "policy" };
  // Whoever can be asked is asked, also in a pause of what was decided for them.
  const asked = act.act === "offer" && from.pause?.from === "best-interests";
  const to = asked ? "offered" : stateOf(cell as Exclude<Cell, `(${string})`>, from);
  // What was offered once may be turned on again by a touch, as long as what was offered still holds.
  if (act.act === "say-yes" && to === "granted" && (from.untilUtcMs ?? 0) <= utcMs)
    return { ok: false, why: "not-offered" };
  const told = detailsAfter(from, act, to, utcMs);
  const changed =
    to !== from.state || act.act === "review" || act.act === "still-yes" || (act.act === "pause" && to === "paused");
  // A decision anew, as an offer anew, has terms of its own.
  const renewed = (act.act === "offer" && to === "offered") || act.act === "best-interests";
  if (!changed && !renewed && told.personSaidNo === from.personSaidNo)
    return { ok: true, consent: from, changed: false };
  const sinceUtcMs = to === from.state && !renewed ? from.sinceUtcMs : utcMs;
  return { ok: true, consent: { ...told, state: to, sinceUtcMs }, changed: true };
}

function stateOf(cell: ConsentState | "as-it-is" | "as-before", from: Consent): ConsentState {
  if (cell === "as-it-is") return from.state;
  return cell === "as-before" ? (from.pause?.from ?? "withdrawn") : cell;
}

function detailsAfter(
  from: Consent,
  act: ConsentAct,
  to: ConsentState,
  utcMs: number,
): Omit<Consent, "state" | "sinceUtcMs"> {
  const { state: _state, sinceUtcMs: _since, ...held } = from;
  const { askAgain, personSaidNo } = held;
  const same = { ...held, pause: to === "paused" ? from.pause : null };
  switch (act.act) {
    case "offer":
      return to === "offered" ? { ...same, ...fromTerms(act.terms, utcMs) } : same;
    case "best-interests":
      return { ...same, ...fromTerms(act.terms, utcMs) };
    case "review":
      return { ...same, ...termOf(act.untilUtcMs, utcMs), hours: act.hours, askAgain: assessedAgain(from, utcMs) };
    case "pause": {
      if (to !== "paused") return same;
      const before = from.state === "best-interests" ? "best-interests" : (from.pause?.from ?? "granted");
      // Nobody else cuts a person's pause short: their own touch may, and a longer one counts.
      const pausedUntil = act.by === "staff" ? (from.pause?.untilUtcMs ?? 0) : 0;
      return { ...same, pause: { untilUtcMs: Math.max(pausedUntil, utcMs + act.forMs), from: before } };
    }
    case "say-yes":
      return { ...same, personSaidNo: false };
    case "say-no":
      // Also to what has ended by itself meanwhile; only of what was never put to them nobody has an answer.
      return { ...same, ...termsLeft(from, to), personSaidNo: personSaidNo || from.state !== "never-offered" };
    case "still-yes":
      return { ...same, askAgain: askAgain === null ? null : { ...askAgain, atUtcMs: utcMs + askAgain.everyMs } };
    case "turn-off":
      return { ...same, ...termsLeft(from, to) };
    case "resume":
    case "expire":
    case "end":
      return same;
  }
}

/**
 * What was decided for a person was never offered to them, and an offer that staff took back is none any more: the person's yes needs
 * an offer first.
 */
function termsLeft(from: Consent, to: ConsentState): Partial<Consent> {
  const notTheirs = from.state === "offered" || wasDecided(from);
  return notTheirs && to === "withdrawn" ? { untilUtcMs: null, hours: null } : {};
}

/** Decided for a person who lacks capacity, also while it is paused. */
export const wasDecided = ({ state, pause }: Consent): boolean =>
  state === "best-interests" || pause?.from === "best-interests";

function assessedAgain(from: Consent, utcMs: number): Consent["askAgain"] {
  const { askAgain } = from;
  return askAgain === null || !wasDecided(from) ? askAgain : { ...askAgain, atUtcMs: utcMs + askAgain.everyMs };
}

function fromTerms({ untilUtcMs, hours, askAgainEveryMs }: Terms, utcMs: number) {
  const askAgain = askAgainEveryMs === null ? null : { atUtcMs: utcMs + askAgainEveryMs, everyMs: askAgainEveryMs };
  return { ...termOf(untilUtcMs, utcMs), hours, askAgain };
}

const termOf = (untilUtcMs: number, utcMs: number) => ({ untilUtcMs, termSinceUtcMs: utcMs });

/** What time alone brings about now; undefined: nothing. `steady`: what the clock that never steps says of it. */
export function dueByTime(
  consent: Consent,
  utcMs: number,
  steady: SteadyWord = { ended: false, pauseOver: true },
): ConsentAct | undefined {
  const alive = allowingStates.includes(consent.state) || consent.state === "paused" || consent.state === "offered";
  if (alive && consent.untilUtcMs !== null && (steady.ended || utcMs >= consent.untilUtcMs)) return { act: "expire" };
  if (consent.state === "paused" && steady.pauseOver && utcMs >= (consent.pause?.untilUtcMs ?? utcMs))
    return { act: "resume" };
  return undefined;
}

/** May this purpose be served in this hour of the ward's day? */
export const isAllowed = ({ state, hours }: Consent, hour: number): boolean =>
  allowingStates.includes(state) && (hours === null || isWithin(hours, hour));

/** The purposes that may be served now, in the order of the list; none where none of them needs a sensor. */
export function allowedPurposes(consents: Consents, hour: number): Purpose[] {
  const allowed = purposes.filter((purpose) => isAllowed(consents[purpose], hour));
  return allowed.some((purpose) => sensingPurposes.includes(purpose)) ? allowed : [];
}

/** What somebody has to do about it. Staff are told ahead; the person is asked only outside the quiet hours. */
export function dueOf(
  consent: Consent,
  utcMs: number,
  rules: { readonly promptMs: number; readonly quiet: boolean },
): "review" | "ask-again" | null {
  const alive = allowingStates.includes(consent.state) || consent.state === "paused";
  if (!alive) return null;
  if (consent.askAgain !== null && utcMs >= consent.askAgain.atUtcMs) {
    // Who cannot decide is assessed again, by staff; who can is asked, by their screen.
    if (wasDecided(consent)) return "review";
    if (!rules.quiet) return "ask-again";
  }
  return consent.untilUtcMs !== null && consent.untilUtcMs - utcMs <= promptMsOf(consent, rules.promptMs)
    ? "review"
    : null;
}

/** A term of a day is not due the moment it begins: never before half of it is over. */
function promptMsOf({ untilUtcMs, termSinceUtcMs }: Consent, promptMs: number): number {
  if (untilUtcMs === null || termSinceUtcMs === undefined) return promptMs;
  return Math.min(promptMs, (untilUtcMs - termSinceUtcMs) / 2);
}
