import type { BedsideView } from "../../../../edge-agent/contract/live.ts";
import type { ConsentState, Purpose, SensorState } from "../../../../edge-agent/contract/words.ts";
import { purposeNames } from "../bed-tile/bed-words.ts";
import type { Shape } from "../shapes/shapes.ts";

/** A touch that the agent has not confirmed yet. */
export interface Wish {
  readonly want: "on" | "off";
  readonly askedAtMs: number;
  /** Words of a refusal, or null while the agent has not refused. */
  readonly refused: string | null;
}
export type Wishes = ReadonlyMap<Purpose, Wish>;

export interface PurposeCard {
  readonly purpose: Purpose;
  readonly state: string;
  readonly buttons: readonly { readonly words: string; readonly want: "on" | "off"; readonly busy: boolean }[];
  readonly note: string | null;
}

export interface BedsideScreen {
  readonly shape: Extract<Shape, `ring-${string}`>;
  readonly headline: string;
  readonly more: string;
  readonly cards: readonly PurposeCard[];
}

/** After this long without the agent's word the person is told so. */
export const confirmWithinMs = 8_000;

const cannotTell = { shape: "ring-unknown", headline: "We can’t tell right now.", more: "Ask staff." } as const;
const ignored = { shape: "ring-ignored", headline: "The sensor is ignored." } as const;
const turningOff = { shape: "ring-changing", headline: "Turning off…", more: "One moment." } as const;
const turningOn = { shape: "ring-changing", headline: "Turning on…", more: "One moment." } as const;

/**
 * What the person in the bed may believe: only what the agent confirmed. "Not known" is said as such, and never as off.
 *
 * @param view null: nothing is known of this stay.
 */
export function bedsideScreen(view: BedsideView | null, live: boolean, wishes: Wishes, nowMs: number): BedsideScreen {
  if (view === null) return { ...cannotTell, cards: [] };
  const cards = view.consents
    .filter(({ state }) => state !== "never-offered" && state !== "ended")
    .map(({ purpose, state }) => card(purpose, state, live ? view.sensor : "unknown", anyGranted(view), wishes, nowMs));
  const waiting = [...wishes].flatMap(([purpose, { want, refused }]) => (refused === null ? [{ purpose, want }] : []));
  const going = waiting.filter(({ want }) => want === "off").map(({ purpose }) => purpose);
  if (going.length > 0) {
    // What stays on is not to be taken for going off as well.
    const rest = view.consents.some(({ purpose, state }) => state === "granted" && !going.includes(purpose));
    const headline = rest
      ? `Turning off ${going.map((one) => purposeNames[one].toLowerCase()).join(" and ")}…`
      : undefined;
    return { ...turningOff, ...(headline === undefined ? {} : { headline }), cards };
  }
  if (waiting.length > 0) return { ...turningOn, cards };
  if (!live) return { ...cannotTell, cards };
  return { ...(anyGranted(view) ? whileGranted(view.sensor) : whileNothingGranted(view.sensor)), cards };
}

/** A wish is over once the agent says so; `withdrawn` for "not now" as well. */
export function settleWishes(view: BedsideView, wishes: Wishes): Map<Purpose, Wish> {
  const stateOf = new Map(view.consents.map(({ purpose, state }) => [purpose, state]));
  const open = (purpose: Purpose, want: Wish["want"]): boolean => {
    const state = stateOf.get(purpose);
    return want === "on" ? state !== "granted" : state === "granted" || state === "offered";
  };
  return new Map([...wishes].filter(([purpose, { want }]) => open(purpose, want)));
}

const anyGranted = (view: BedsideView): boolean => view.consents.some(({ state }) => state === "granted");

type Headline = Omit<BedsideScreen, "cards">;

function whileGranted(sensor: SensorState): Headline {
  switch (sensor) {
    case "on":
      return { shape: "ring-on", headline: "The sensor is on.", more: "You turned it on. You can turn it off." };
    case "starting":
      return turningOn;
    case "stopping":
    case "off":
      return {
        shape: "ring-off",
        headline: "Nothing is on right now.",
        more: "You allowed it, but the sensor is off.",
      };
    case "ignored":
      return { ...ignored, more: "You allowed it, but the sensor is not read." };
    case "recording-ended":
      return { shape: "ring-off", headline: "Nothing is on right now.", more: "The recording has ended." };
    case "unknown":
    case "lost":
      return cannotTell;
  }
}

function whileNothingGranted(sensor: SensorState): Headline {
  switch (sensor) {
    case "off":
    case "recording-ended":
      return { shape: "ring-off", headline: "Nothing is on.", more: "The sensor is off." };
    case "ignored":
      return { ...ignored, more: "The sensor cannot be switched off. We do not read it." };
    case "on":
    case "stopping":
      return turningOff;
    case "starting":
    case "unknown":
    case "lost":
      return cannotTell;
  }
}

function card(
  purpose: Purpose,
  state: ConsentState,
  sensor: SensorState,
  somethingGranted: boolean,
  wishes: Wishes,
  nowMs: number,
): PurposeCard {
  const wish = wishes.get(purpose);
  const busy = wish !== undefined && wish.refused === null;
  const late = busy && nowMs - wish.askedAtMs > confirmWithinMs;
  const note = wish?.refused ?? (late ? "Not confirmed yet. Ask staff." : null);
  const off = (words: string) => ({ words, want: "off", busy: busy && wish.want === "off" }) as const;
  const on = (words: string) => ({ words, want: "on", busy: busy && wish.want === "on" }) as const;
  const changing = busy ? (wish.want === "off" ? "Turning off…" : "Turning on…") : null;
  switch (state) {
    case "offered":
      return {
        purpose,
        state: changing ?? "Off. You choose.",
        buttons: [on("Turn on"), off("Not now")],
        note,
      };
    case "granted":
    case "best-interests":
    case "paused":
      return { purpose, state: changing ?? grantedWords(sensor), buttons: [off("Turn off")], note };
    case "withdrawn":
    case "refused":
      return {
        purpose,
        state: changing ?? (somethingGranted ? "Off." : withdrawnWords(sensor)),
        buttons: [on("Turn on")],
        note,
      };
    case "never-offered":
    case "expired":
    case "ended":
      return { purpose, state: "Off.", buttons: [], note };
  }
}

function grantedWords(sensor: SensorState): string {
  switch (sensor) {
    case "on":
      return "On now.";
    case "starting":
      return "Turning on…";
    case "stopping":
    case "off":
    case "recording-ended":
      return "Allowed. The sensor is off.";
    case "ignored":
      return "Allowed. The sensor is not read.";
    case "unknown":
    case "lost":
      return "Allowed. We can’t tell if it works.";
  }
}

function withdrawnWords(sensor: SensorState): string {
  switch (sensor) {
    case "off":
    case "recording-ended":
      return "Off.";
    case "ignored":
      return "Not read.";
    case "on":
    case "stopping":
      return "Turning off…";
    case "starting":
    case "unknown":
    case "lost":
      return "You turned it off. Not confirmed yet.";
  }
}
