import type { Tile, TileAlarm } from "../../../../edge-agent/contract/tile.ts";
import type { AlarmPriority } from "../../../../edge-agent/contract/words.ts";
import { agoWords } from "../../age-words.ts";
import { worstFirst } from "../alert-list/alarm-order.ts";
import { conditionWords } from "../alert-list/condition-words.ts";
import { type CheckNow, checkNow } from "../checks/check-now.ts";
import type { Shape } from "../shapes/shapes.ts";
import { intervalWords, movementWords, noRateWords, notMonitoredWords, sensorWords } from "./bed-words.ts";
import { dueWords, restingWords } from "./next-step.ts";

/** A bed of the ward in floor order, and what was last heard of it. */
export interface Bed {
  readonly bed: string;
  readonly name: string;
  /** Null: the agent has not spoken of it yet. `heardAtMs`: on this page's monotonic clock. */
  readonly heard: { readonly tile: Tile; readonly heardAtMs: number } | null;
}

export interface BedView {
  readonly look: "monitored" | "not-monitored" | "in-person" | "vacant";
  readonly shape: Shape;
  /** The state in one or two words. */
  readonly state: string;
  readonly rate: { readonly perMin: string; readonly interval: string } | null;
  /** Sentences, in order. */
  readonly lines: readonly string[];
  /** What somebody may do about the person's consent; null: nothing is due. */
  readonly due: string | null;
  readonly age: string | null;
  /** The next check in person; null: there is nobody to check. */
  readonly check: CheckNow | null;
  readonly marks: readonly string[];
  /** `words`: the condition, with its limit where that was ordered. */
  readonly alarm: { readonly worst: TileAlarm; readonly words: string; readonly sounding: boolean } | null;
}

/** A bed of which nothing was heard for this long is not monitored, whatever its last word was. */
export const bedSilentAfterMs = 5_000;
const inPerson = "Check in person";

/**
 * What a nurse may believe of one bed at this moment.
 *
 * @param live false: the whole screen is not live, and no number is shown.
 */
export function bedView(bed: Bed, nowMs: number, live: boolean): BedView {
  const { heard } = bed;
  const base = {
    marks: heard === null ? [] : marksOf(heard.tile),
    alarm: null,
    rate: null,
    due: null,
    age: null,
    check: checkOf(bed, nowMs, live),
  };
  if (heard === null) return { ...base, ...notMonitored("No word from the ward computer yet") };
  const { tile, heardAtMs } = heard;
  const waitedMs = Math.max(0, nowMs - heardAtMs);
  const alarm = alarmOf(tile);
  if (!live || waitedMs > bedSilentAfterMs) {
    return {
      ...base,
      alarm,
      ...notMonitored(`No word from the ward computer for ${agoWords(waitedMs).replace(" ago", "")}`),
    };
  }
  if (tile.stay === null) {
    return { ...base, look: "vacant", shape: "vacant", state: "Nobody admitted", lines: ["This bed is free"] };
  }
  if (tile.notMonitored === "no-consent") {
    const lines = [...restingWords(tile), sensorWords[tile.sensor.state]];
    const due = dueWords(tile);
    return { ...base, alarm, due, look: "in-person", shape: "in-person", state: "In-person checks only", lines };
  }
  const age = tile.dataAgeMs === null ? null : agoWords(tile.dataAgeMs + waitedMs);
  if (tile.notMonitored !== null) {
    return { ...base, alarm, age, ...notMonitored(notMonitoredWords[tile.notMonitored]) };
  }
  return { ...base, alarm, age, due: dueWords(tile), ...monitored(tile) };
}

/** Nothing newer can be had of this bed. */
export const isSilent = ({ heard }: Bed, nowMs: number, live: boolean): boolean =>
  !live || heard === null || nowMs - heard.heardAtMs > bedSilentAfterMs;

function checkOf(bed: Bed, nowMs: number, live: boolean): CheckNow | null {
  const { heard } = bed;
  if (heard === null || heard.tile.stay === null) return null;
  return checkNow(heard.tile, Math.max(0, nowMs - heard.heardAtMs), isSilent(bed, nowMs, live));
}

function notMonitored(why: string) {
  return { look: "not-monitored", shape: "not-monitored", state: "Not monitored", lines: [why, inPerson] } as const;
}

function monitored({ movement, breathing }: Tile): Pick<BedView, "look" | "shape" | "state" | "rate" | "lines"> {
  const rate = breathing.rate;
  const lines = [
    ...(rate === null && breathing.reason !== null ? [noRateWords[breathing.reason]] : []),
    ...(movement === null ? ["Movement alerts are not turned on"] : [movementWords(movement)]),
  ];
  const shown = rate === null ? null : { perMin: String(Math.round(rate.perMin)), interval: intervalWords(rate) };
  return { look: "monitored", ...stateOf(movement, breathing.reason), rate: shown, lines };
}

function stateOf(movement: Tile["movement"], reason: Tile["breathing"]["reason"]): Pick<BedView, "shape" | "state"> {
  // Where movement alerts are not granted, no shape may tell who is in the bed.
  if (movement === null || reason === "withheld") return { shape: "ring-on", state: "Sensor on" };
  if (reason === "moving") return { shape: "moving", state: "Moving" };
  switch (movement.occupancy) {
    case "in-bed":
      return (movement.movement ?? 0) >= 60
        ? { shape: "moving", state: "Moving" }
        : { shape: "lying", state: "In bed" };
    case "empty":
      return { shape: "empty-bed", state: "Bed empty" };
    case "unknown":
      return { shape: "question", state: "Can't tell" };
  }
}

function alarmOf(tile: Tile): BedView["alarm"] {
  const worst = worstFirst(tile.alarms.filter(({ presence }) => presence !== "off"))[0];
  return worst === undefined
    ? null
    : { worst, words: conditionWords(worst.condition, tile.order), sounding: worst.presence !== "ack" };
}

function marksOf(tile: Tile): string[] {
  const source = tile.source === null ? [] : [tile.source === "recording" ? "Recording" : "Simulated"];
  return tile.stay?.demonstration === true ? [...source, "Demonstration"] : source;
}

/** A mark that is read before words; IEC 60601-1-8 text prefixes. */
export function priorityMark(priority: AlarmPriority): string {
  switch (priority) {
    case "high":
      return "!!!";
    case "medium":
      return "!!";
    case "low":
      return "!";
    case "information":
      return "i";
  }
}
