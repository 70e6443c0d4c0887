import type { BedsideView } from "../../../../edge-agent/contract/live.ts";
import { type SensorState, sensingPurposes } from "../../../../edge-agent/contract/words.ts";
import type { Saying } from "../../../words/saying.ts";
import type { Shape } from "../shapes/shapes.ts";
import { isAllowed, isLate, type Wish, type Wishes } from "./wishes.ts";

/** What is on, in the two seconds that a frightened person has for it. */
export interface Glance {
  readonly shape: Extract<Shape, `ring-${string}`>;
  readonly headline: string;
  readonly more: readonly string[];
}

export interface Moment {
  /** Of the page's own clock, which the wishes are measured by. */
  readonly nowMs: number;
  /** Of the server's. */
  readonly utcMs: number;
  /** False: what is known may be old. */
  readonly live: boolean;
}

/**
 * What the person in the bed may believe: only what the agent confirmed. "Not known" is said as such, and never as off.
 *
 * @param view null: nothing is known of this stay.
 */
export function glance(view: BedsideView | null, wishes: Wishes, moment: Moment, saying: Saying): Glance {
  const cannotTell: Glance = {
    shape: "ring-unknown",
    headline: saying.say("cannotTell"),
    more: [saying.say("askStaff"), saying.say("endsAlone")],
  };
  if (view === null) return cannotTell;
  const waiting = [...wishes.values()].filter(({ refused }) => refused === null);
  if (waiting.length > 0) return whileWaiting(view, waiting, moment, saying);
  if (!moment.live) return cannotTell;
  const sensing = view.consents.filter(({ purpose }) => sensingPurposes.includes(purpose)).filter(isAllowed);
  const running = sensing.filter(({ outOfHours }) => !outOfHours);
  if (running.length === 0) return whileNothingRuns(view, moment, saying, cannotTell);
  const byStaff = running.every(({ state }) => state === "best-interests");
  return whileAllowed(view.sensor, byStaff, saying, cannotTell);
}

function whileWaiting(view: BedsideView, waiting: readonly Wish[], moment: Moment, saying: Saying): Glance {
  const late = waiting.some((wish) => isLate(wish, moment.nowMs));
  const changing = (headline: string): Glance => ({
    shape: "ring-changing",
    headline,
    more: [saying.say(late ? "notConfirmed" : "oneMoment")],
  });
  const acts = waiting.map(({ act }) => act);
  if (acts.some((act) => act.do === "stop-everything")) return changing(saying.say("turningOff"));
  if (acts.some((act) => act.do === "pause")) return changing(saying.say("pausing"));
  const going = acts.flatMap((act) => (act.do === "turn-off" ? [act.purpose] : []));
  if (going.length === 0) return changing(saying.say("turningOn"));
  // What stays on is not to be taken for going off as well.
  const rest = view.consents.some((one) => isAllowed(one) && !going.includes(one.purpose));
  const names = going.map((purpose) => `“${saying.purpose(purpose)}”`).join(", ");
  return changing(rest ? saying.say("turningOffOne", { purpose: names }) : saying.say("turningOff"));
}

function whileAllowed(sensor: SensorState, byStaff: boolean, saying: Saying, cannotTell: Glance): Glance {
  switch (sensor) {
    case "on": {
      const more = [saying.say(byStaff ? "staffDecided" : "youTurnedOn")];
      return { shape: "ring-on", headline: saying.say("sensorOn"), more };
    }
    case "starting":
      return { shape: "ring-changing", headline: saying.say("turningOn"), more: [saying.say("oneMoment")] };
    case "stopping":
    case "off":
      return { shape: "ring-off", headline: saying.say("nothingOnNow"), more: [saying.say("allowedButOff")] };
    case "ignored":
      return { shape: "ring-ignored", headline: saying.say("ignored"), more: [saying.say("ignoredOn")] };
    case "recording-ended":
      return { shape: "ring-off", headline: saying.say("nothingOnNow"), more: [saying.say("recordingEnded")] };
    case "unknown":
    case "lost":
      return cannotTell;
  }
}

function whileNothingRuns(view: BedsideView, moment: Moment, saying: Saying, cannotTell: Glance): Glance {
  switch (view.sensor) {
    case "off":
    case "recording-ended":
      return { shape: "ring-off", ...whyOff(view, moment, saying) };
    case "ignored":
      return { shape: "ring-ignored", headline: saying.say("ignored"), more: [saying.say("ignoredOff")] };
    case "on":
    case "stopping":
      return { shape: "ring-changing", headline: saying.say("turningOff"), more: [saying.say("oneMoment")] };
    case "starting":
    case "unknown":
    case "lost":
      return cannotTell;
  }
}

/** The sensor is off, as confirmed; whether it comes on again by itself is said at once. */
function whyOff({ consents }: BedsideView, { utcMs }: Moment, saying: Saying): Omit<Glance, "shape"> {
  const pausedUntil = consents.flatMap(({ pauseUntilUtcMs }) => pauseUntilUtcMs ?? []);
  if (pausedUntil.length > 0) {
    const first = Math.min(...pausedUntil);
    const more = saying.say("onAgainAt", { time: saying.time(first), left: saying.left(first - utcMs) });
    return { headline: saying.say("paused"), more: [more] };
  }
  const later = consents.find((one) => isAllowed(one) && one.outOfHours && one.hours !== null)?.hours;
  if (later !== undefined && later !== null) {
    const more = saying.say("onAgainHour", { time: saying.hour(later.fromHour) });
    return { headline: saying.say("nothingOnNow"), more: [more] };
  }
  return { headline: saying.say("nothingOn"), more: [saying.say("sensorOff")] };
}
