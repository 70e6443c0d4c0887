import type { Tile } from "../../../../edge-agent/contract/tile.ts";
import type { ConsentState, Purpose } from "../../../../edge-agent/contract/words.ts";
import { clockWords } from "../../age-words.ts";

/*
 * What comes next with a person's consent, in one neutral line on the ward board. A no is an answer, and no task.
 */

type Told = Tile["consents"][number];

// Written out: the contract's own lists would bring its whole parser into the browser. The test compares them.
export const sensing: readonly Purpose[] = ["movement-alerts", "breathing-rate"];
export const alive: readonly ConsentState[] = ["granted", "best-interests", "paused"];

/** Of a bed that nothing senses: why, and what somebody may do. */
export function restingWords({ consents }: Tile): string[] {
  const asked = consents.filter(({ purpose }) => sensing.includes(purpose));
  const one = (state: ConsentState): Told | undefined => asked.find((consent) => consent.state === state);
  const paused = one("paused");
  if (paused !== undefined) {
    const until = paused.pause === null ? "" : ` until ${clockWords(paused.pause.untilUtcMs)}`;
    return [`Paused${until}, then on again by itself`];
  }
  const outside = asked.find(({ outOfHours }) => outOfHours);
  if (outside !== undefined) {
    const from = outside.hours === null ? "" : ` from ${String(outside.hours.fromHour).padStart(2, "0")}:00`;
    return [`Agreed for other hours: on again${from}`];
  }
  if (one("offered") !== undefined) return ["Offered: the person decides"];
  if (asked.some(({ personSaidNo }) => personSaidNo)) return ["The person’s choice. Nothing to do"];
  if (one("expired") !== undefined) return ["Ended at its time. Offer it again by day, if it helps"];
  if (one("withdrawn") !== undefined) return ["Turned off. Offer it again when it helps"];
  return ["Nothing offered yet"];
}

/** Of anything that is due, whether sensed or not; null: nothing. */
export function dueWords({ consents }: Tile): string | null {
  const on = consents.filter(({ state }) => alive.includes(state));
  if (on.some(({ due }) => due === "ask-again")) return "Ask the person if it is still all right";
  const ends = on.flatMap(({ due, untilUtcMs }) => (due === "review" && untilUtcMs !== null ? [untilUtcMs] : []));
  return ends.length === 0 ? null : `Review consent by ${clockWords(Math.min(...ends))}`;
}
