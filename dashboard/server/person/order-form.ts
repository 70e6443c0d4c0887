import { alarmCatalogue } from "../../../edge-agent/contract/alarm-catalogue.ts";
import type { AlarmPolicy } from "../../../edge-agent/contract/alarm-policy.ts";
import { hourMs } from "../../../edge-agent/contract/consent.ts";
import { needsPlace, orderableFor } from "../../../edge-agent/contract/orderable.ts";
import { CareOrder, nothingOrdered, type OrderPart } from "../../../edge-agent/contract/people.ts";
import type { Tile } from "../../../edge-agent/contract/tile.ts";
import { type AlarmCondition, type AlarmPriority, allowingStates } from "../../../edge-agent/contract/words.ts";
import { purposeNames } from "../../web/components/bed-tile/bed-words.ts";
import { limitWords } from "../../words/length-words.ts";
import { type Body, type Choice, type FieldError, numberOf, type Read, readAs, textOf, wordsOf } from "./form-body.ts";
import { momentWords } from "./moment-words.ts";
import { highOffered, limitOf, limitsOffered, lowOffered, usualRange } from "./order-limits.ts";

/** What one visit knows of the bed. */
export interface OrderMoment {
  readonly policy: AlarmPolicy;
  readonly tile: Tile;
  /** A sensor of the room tells where somebody is. */
  readonly tellsPlace: boolean;
  readonly nowUtcMs: number;
  readonly timeZone: string;
}

interface OrderRow {
  readonly part: OrderPart;
  readonly words: string;
  readonly toDo: string;
  readonly limits: readonly Choice[];
  /** Why it watches nothing now although it can be ordered. */
  readonly waits: string | null;
  /** Beside the limit, for breathing. */
  readonly range: { readonly low: readonly Choice[]; readonly high: readonly Choice[] } | null;
}

export interface OrderForm {
  readonly groups: readonly { readonly title: string; readonly rows: readonly OrderRow[] }[];
  readonly reason: string;
  readonly hours: readonly Choice[];
}

const groupTitles: readonly (readonly [AlarmPriority, string])[] = [
  ["high", "Go now"],
  ["medium", "Go and see"],
  ["low", "Look in"],
];
const hoursOffered = [4, 8, 12, 24, 48, 72];
const usualHours = 12;

/** In a room with a radar alone. */
function unseenWords(condition: AlarmCondition): string | null {
  if (needsPlace.includes(condition)) return "No sensor in this room can see it.";
  // A radar sees who breathes: without a breath it reads an empty bed within 20 s (docs/evaluation.md).
  if (condition === "cannot-see-breathing")
    return "This room has a radar alone: who stops breathing soon reads as out of bed. Order “left bed” as well.";
  return null;
}

/** Off until chosen; what is on now is chosen beforehand, and so is what was sent. */
export function orderForm(moment: OrderMoment, body: Body): OrderForm {
  const sent = Object.keys(body).length > 0;
  const { policy, tile, tellsPlace } = moment;
  const rows = orderableFor(policy.intendedUse).map(({ condition, part }): OrderRow & { priority: AlarmPriority } => {
    const { words, toDo, purpose, priority } = alarmCatalogue[condition];
    const allowed = purpose === null || tile.consents.some((one) => one.purpose === purpose && allows(one.state));
    const unseen = tellsPlace ? null : unseenWords(condition);
    const notOn = allowed || purpose === null ? null : `Waits: ${purposeNames[purpose]} is not on.`;
    const waits = [notOn, unseen].filter((one) => one !== null).join(" ") || null;
    const now = limitOf(tile.order, part);
    const chosen = sent ? textOf(body, part) : String(now ?? "");
    const limits = limitChoices(part, now, chosen);
    return {
      part,
      priority,
      words,
      toDo,
      limits,
      waits,
      range: part === "breathing" ? rangeChoices(tile, body) : null,
    };
  });
  return {
    groups: groupTitles.flatMap(([priority, title]) => {
      const own = rows.filter((row) => row.priority === priority);
      return own.length === 0 ? [] : [{ title, rows: own }];
    }),
    reason: textOf(body, "reason"),
    hours: hourChoices(moment, textOf(body, "hours")),
  };
}

const allows = (state: Tile["consents"][number]["state"]): boolean => allowingStates.includes(state);

/** A limit that no form offers (a template's, an earlier release's) stays among them while it is on. */
function limitChoices(part: OrderPart, now: number | null, chosen: string): Choice[] {
  const limits = [...new Set([...limitsOffered[part], ...(now === null ? [] : [now])])].sort((a, b) => a - b);
  return [
    { value: "", words: "Off", chosen: chosen === "" },
    ...limits.map((limit) => ({
      value: String(limit),
      words: `After ${limitWords(limit)}`,
      chosen: chosen === String(limit),
    })),
  ];
}

function rangeChoices({ order }: Tile, body: Body): NonNullable<OrderRow["range"]> {
  const now = order?.breathing ?? usualRange;
  const among = (offered: readonly number[], current: number, name: string): Choice[] => {
    const chosen = textOf(body, name) || String(current);
    const all = [...new Set([...offered, current])].sort((a, b) => a - b);
    return all.map((rate) => ({ value: String(rate), words: String(rate), chosen: chosen === String(rate) }));
  };
  return {
    low: among(lowOffered, now.lowPerMin, "breathingLow"),
    high: among(highOffered, now.highPerMin, "breathingHigh"),
  };
}

function hourChoices({ policy, nowUtcMs, timeZone }: OrderMoment, chosen: string): Choice[] {
  const most = policy.orderHoursMax;
  const hours = [...new Set([...hoursOffered.filter((one) => one < most), most])];
  const usual = hours.findLast((one) => one <= usualHours) ?? most;
  const now = hours.map(String).includes(chosen) ? chosen : String(usual);
  return hours.map((one) => ({
    value: String(one),
    words: `${one} h, until ${momentWords(nowUtcMs + one * hourMs, nowUtcMs, timeZone)}`,
    chosen: String(one) === now,
  }));
}

const faults = {
  reason: "Say in a few words why: at most 200 characters.",
  untilUtcMs: "Choose until when it holds.",
  breathing: "Choose a lower limit below the upper one.",
  ...Object.fromEntries(Object.keys(limitsOffered).map((part) => [part, "Choose one of the times."])),
} as const;

/** @param by the agent writes down who is signed in, whatever stands here. */
export function readOrder(policy: AlarmPolicy, by: string, body: Body, nowUtcMs: number): Read<CareOrder> {
  const parts = orderableFor(policy.intendedUse).map(({ part }) => [part, partOf(part, body)] as const);
  const read = readAs(
    CareOrder,
    {
      ...nothingOrdered,
      ...Object.fromEntries(parts),
      untilUtcMs: nowUtcMs + numberOf(body, "hours") * hourMs,
      by,
      reason: wordsOf(body, "reason"),
    },
    faults,
  );
  if (!read.ok) return { ok: false, errors: read.errors.map(onItsControl) };
  const { leftBed, notBack } = read.value;
  if (leftBed !== null && notBack !== null && notBack.afterMs <= leftBed.afterMs) {
    return { ok: false, errors: [{ id: "notBack", words: "Not back in bed: choose longer than “Out of bed”." }] };
  }
  return read;
}

function partOf(part: OrderPart, body: Body): unknown {
  if (textOf(body, part) === "") return null;
  const ms = numberOf(body, part);
  if (part !== "breathing") return { afterMs: ms };
  return { lowPerMin: numberOf(body, "breathingLow"), highPerMin: numberOf(body, "breathingHigh"), forMs: ms };
}

const onItsControl = ({ id, words }: FieldError): FieldError => ({ id: id === "untilUtcMs" ? "hours" : id, words });
