import type { PauseMinutes } from "../../../../edge-agent/contract/consent.ts";
import type { BedsidePurpose, BedsideView } from "../../../../edge-agent/contract/live.ts";
import { allowingStates, type Purpose } from "../../../../edge-agent/contract/words.ts";

/** What the person can do with one touch. */
export type BedsideAct =
  | { readonly do: "turn-on" | "turn-off" | "still-yes"; readonly purpose: Purpose }
  | { readonly do: "stop-everything" }
  | { readonly do: "pause"; readonly minutes: PauseMinutes }
  | { readonly do: "resume" };

/** A touch that the agent has not confirmed yet. */
export interface Wish {
  readonly act: BedsideAct;
  readonly askedAtMs: number;
  /** Words of a refusal, or null while the agent has not refused. */
  readonly refused: string | null;
  /** Nobody heard it yet, and it is asked again until somebody does. */
  readonly askedAgain?: true;
}
/** By what they are about: a purpose, or everything. The newest touch counts. */
export type Wishes = ReadonlyMap<Purpose | "everything", Wish>;

export const aboutOf = (act: BedsideAct): Purpose | "everything" => ("purpose" in act ? act.purpose : "everything");

/**
 * Less is never wrong, even late, and a pause as long as it would still last; what turns something on is not done behind the
 * person's back.
 *
 * @param sinceMs the touch
 */
export function mayComeLate(act: BedsideAct, sinceMs: number): boolean {
  switch (act.do) {
    case "turn-off":
    case "stop-everything":
      return true;
    case "pause":
      return sinceMs < act.minutes * 60_000;
    case "turn-on":
    case "still-yes":
    case "resume":
      return false;
  }
}

/** Whoever wants it on has changed their mind about a stop that nobody heard. */
export const wantsOn = ({ do: act }: BedsideAct): boolean =>
  act === "turn-on" || act === "still-yes" || act === "resume";

/** After this long without the agent's word the person is told so. */
export const confirmWithinMs = 8_000;
export const isLate = (wish: Wish, nowMs: number): boolean =>
  wish.refused === null && nowMs - wish.askedAtMs > confirmWithinMs;

export const isAllowed = ({ state }: BedsidePurpose): boolean => allowingStates.includes(state);
/** It is on, or comes on by itself, or waits for an answer: what "no" is about. */
const isOpen = (one: BedsidePurpose): boolean => isAllowed(one) || one.state === "paused" || one.state === "offered";

/** A wish is over once the agent says that it is so. */
export function settleWishes(view: BedsideView, wishes: Wishes): Map<Purpose | "everything", Wish> {
  return new Map([...wishes].filter(([, { act }]) => !isSo(view, act)));
}

function isSo({ consents }: BedsideView, act: BedsideAct): boolean {
  const its = "purpose" in act ? consents.find(({ purpose }) => purpose === act.purpose) : undefined;
  switch (act.do) {
    case "turn-on":
      return its !== undefined && isAllowed(its);
    case "turn-off":
      return its === undefined || !isOpen(its);
    case "still-yes":
      return its === undefined || !its.askAgain;
    case "stop-everything":
      return !consents.some(isOpen);
    case "pause":
      return !consents.some(isAllowed);
    case "resume":
      return !consents.some(({ state }) => state === "paused");
  }
}
