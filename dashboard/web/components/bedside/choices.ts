import { pauseMinutes } from "../../../../edge-agent/contract/consent.ts";
import type { BedsidePurpose, BedsideView } from "../../../../edge-agent/contract/live.ts";
import { type Purpose, type SensorState, sensingPurposes } from "../../../../edge-agent/contract/words.ts";
import { purposePictures } from "../../../words/idea-pictures.ts";
import { offerHere } from "../../../words/offer-here.ts";
import type { OfferSentences } from "../../../words/offer-sentences.ts";
import type { PictureName } from "../../../words/picture-paths.ts";
import type { Saying } from "../../../words/saying.ts";
import type { Moment } from "./glance.ts";
import { aboutOf, type BedsideAct, isAllowed, isLate, type Wishes } from "./wishes.ts";

export interface Touch {
  readonly words: string;
  /** Null: the words are a number. */
  readonly picture: PictureName | null;
  readonly acts: readonly BedsideAct[];
  /** Asked, and not confirmed yet. */
  readonly busy: boolean;
}

/** One purpose: what it is, how it stands, and the one touch that changes it, or yes and no where the person is asked. */
export interface PurposeCard {
  readonly purpose: Purpose;
  readonly name: string;
  readonly picture: PictureName;
  /** It is on in some hours only. */
  readonly inSomeHours: boolean;
  /** Null: it stands by itself, and nothing is asked. */
  readonly question: string | null;
  /** Null: what is asked says it. */
  readonly state: string | null;
  readonly until: string | null;
  readonly sentences: OfferSentences;
  readonly touches: readonly Touch[];
  readonly note: string | null;
}

/** What one touch does to everything at once. */
export interface WholeChoices {
  readonly stop: Touch | null;
  readonly pauses: readonly Touch[];
  readonly again: Touch | null;
  readonly note: string | null;
}

export function purposeCards(view: BedsideView, wishes: Wishes, moment: Moment, saying: Saying): PurposeCard[] {
  return view.consents
    .filter(({ state }) => state !== "never-offered" && state !== "ended")
    .map((one) => card(view, one, wishes, moment, saying));
}

function card(view: BedsideView, one: BedsidePurpose, wishes: Wishes, moment: Moment, saying: Saying): PurposeCard {
  const { purpose, state, untilUtcMs } = one;
  const wish = wishes.get(purpose);
  const touch = (words: string, picture: PictureName, act: BedsideAct): Touch => ({
    words,
    picture,
    acts: [act],
    busy: wish !== undefined && wish.refused === null && wish.act.do === act.do,
  });
  const on = (key: "turnOn" | "yesOn") =>
    touch(saying.say(key), key === "yesOn" ? "yes" : "again", { do: "turn-on", purpose });
  const off = (key: "turnOff" | "noNotNow" | "noOff") =>
    touch(saying.say(key), key === "turnOff" ? "stop" : "no", { do: "turn-off", purpose });
  const still = isAllowed(one) && one.askAgain;
  const changing =
    wish === undefined || wish.refused !== null || wish.act.do === "still-yes"
      ? null
      : saying.say(wish.act.do === "turn-off" ? "turningOff" : "turningOn");
  const late = wish !== undefined && isLate(wish, moment.nowMs);
  return {
    purpose,
    name: saying.purpose(purpose),
    picture: purposePictures[purpose],
    inSomeHours: isAllowed(one) && one.hours !== null,
    question: state === "offered" ? saying.say("offeredQuestion") : still ? saying.say("stillQuestion") : null,
    state: changing ?? stateWords(view, one, moment, saying),
    until: isAllowed(one) && untilUtcMs !== null ? saying.say("until", { day: saying.day(untilUtcMs) }) : null,
    sentences: offerHere(view.senses, purpose, saying),
    touches:
      state === "offered"
        ? [on("yesOn"), off("noNotNow")]
        : still
          ? [touch(saying.say("yesKeep"), "yes", { do: "still-yes", purpose }), off("noOff")]
          : isAllowed(one) || state === "paused"
            ? [off("turnOff")]
            : one.mayTurnOn
              ? [on("turnOn")]
              : [],
    note: wish?.refused ?? (late ? saying.say("notConfirmed") : null),
  };
}

function stateWords(view: BedsideView, one: BedsidePurpose, { live }: Moment, saying: Saying): string | null {
  const sensor = live ? view.sensor : "unknown";
  switch (one.state) {
    case "offered":
      return null;
    case "granted":
    case "best-interests":
      if (one.outOfHours && one.hours !== null) {
        const [from, to] = [saying.hour(one.hours.fromHour), saying.hour(one.hours.toHour)];
        return saying.say("stateOutOfHours", { from, to });
      }
      // A report is no sensor: it is on once it is allowed.
      if (!sensingPurposes.includes(one.purpose))
        return saying.say(one.state === "granted" ? "stateOn" : "stateOnStaff");
      return allowedWords(sensor, one.state === "best-interests", saying);
    case "paused":
      return saying.say("statePaused", { time: saying.time(one.pauseUntilUtcMs ?? 0) });
    case "withdrawn":
    case "refused":
      return view.consents.some(isAllowed) || !sensingPurposes.includes(one.purpose)
        ? saying.say("stateOff")
        : offWords(sensor, saying);
    case "expired":
      return saying.say("stateExpired");
    case "never-offered":
    case "ended":
      return saying.say("stateOff");
  }
}

function allowedWords(sensor: SensorState, byStaff: boolean, saying: Saying): string {
  switch (sensor) {
    case "on":
      return saying.say(byStaff ? "stateOnStaff" : "stateOn");
    case "starting":
      return saying.say("turningOn");
    case "stopping":
    case "off":
    case "recording-ended":
      return saying.say("stateAllowedOff");
    case "ignored":
      return saying.say("stateAllowedIgnored");
    case "unknown":
    case "lost":
      return saying.say("stateAllowedUnknown");
  }
}

function offWords(sensor: SensorState, saying: Saying): string {
  switch (sensor) {
    case "off":
    case "recording-ended":
      return saying.say("stateOff");
    case "ignored":
      return saying.say("stateNotRead");
    case "on":
    case "stopping":
      return saying.say("turningOff");
    case "starting":
    case "unknown":
    case "lost":
      return saying.say("stateOffUnconfirmed");
  }
}

/** Stopping and pausing are there whenever something is on, whatever else is known. */
export function wholeChoices(view: BedsideView, wishes: Wishes, moment: Moment, saying: Saying): WholeChoices {
  const wish = wishes.get("everything");
  const waits = wish !== undefined && wish.refused === null;
  const touch = (words: string, picture: PictureName | null, acts: readonly BedsideAct[]): Touch => ({
    words,
    picture,
    acts,
    busy:
      waits && acts.some((act) => aboutOf(act) === "everything" && JSON.stringify(act) === JSON.stringify(wish.act)),
  });
  const on = view.consents.some(isAllowed);
  const paused = view.consents.some(({ state }) => state === "paused");
  const stopped = on || paused ? [] : stoppedTogether(view.consents);
  const again: readonly BedsideAct[] = paused
    ? [{ do: "resume" }]
    : stopped.map((purpose) => ({ do: "turn-on", purpose }) as const);
  const late = wish !== undefined && isLate(wish, moment.nowMs);
  return {
    stop: on || paused ? touch(saying.say("stopEverything"), "stop", [{ do: "stop-everything" }]) : null,
    pauses: on
      ? pauseMinutes.map((minutes) => touch(saying.left(minutes * 60_000), null, [{ do: "pause", minutes }]))
      : [],
    again: again.length === 0 ? null : touch(saying.say("onAgain"), "again", again),
    note: wish?.refused ?? (late ? saying.say("notConfirmed") : null),
  };
}

/** What the newest stop ended, which all have its time: one touch brings back what one touch took. */
function stoppedTogether(consents: readonly BedsidePurpose[]): Purpose[] {
  const stopped = consents.filter(({ state, mayTurnOn }) => state === "withdrawn" && mayTurnOn);
  const newest = Math.max(...stopped.map(({ sinceUtcMs }) => sinceUtcMs ?? 0));
  return stopped.filter(({ sinceUtcMs }) => sinceUtcMs === newest).map(({ purpose }) => purpose);
}
