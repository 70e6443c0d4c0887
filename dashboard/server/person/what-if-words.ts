import { alarmCatalogue } from "../../../edge-agent/contract/alarm-catalogue.ts";
import type { CareOrder, OrderPart } from "../../../edge-agent/contract/people.ts";
import type { WhatIf, WhatIfOf } from "../../../edge-agent/contract/what-if.ts";

/** What an order would have meant, as a form shows it. */
export interface WhatIfView {
  readonly of: WhatIfOf;
  readonly title: string;
  /** Null: nothing was recorded, so nothing can be said. */
  readonly load: { readonly now: string; readonly would: string; readonly words: string } | null;
  readonly rows: readonly { readonly words: string; readonly now: number; readonly would: number }[];
  /** What was ordered and could not be counted, or not all of it. */
  readonly untold: readonly string[];
}

/** Less recorded than this (of one bed) says nothing about a night. */
const bedNightsMin = 0.1;
/** Told of nearly all of the time. */
const toldWell = 0.95;

export function whatIfView(result: WhatIf, of: WhatIfOf, order: CareOrder): WhatIfView {
  const { nights, bedNights, beds, conditions } = result;
  const told = conditions.map((one) => ({ ...one, ...alarmCatalogue[one.condition] }));
  const ordered = told.filter(({ orderPart }) => orderPart !== null && isOn(order, orderPart));
  return {
    of,
    title: titleWords(of, nights, beds),
    load: bedNights < bedNightsMin ? null : loadWords(told, bedNights),
    rows: told
      .filter(({ now, would, orderPart }) => now + would > 0 || (orderPart !== null && isOn(order, orderPart)))
      .filter(({ told: share }) => share > 0)
      .map(({ words, now, would }) => ({ words, now, would })),
    untold: ordered.flatMap(({ words, told: share }) => {
      if (share >= toldWell) return [];
      if (share === 0) return [`${words}: was not recorded, so it is not counted.`];
      return [`${words}: recorded ${percentWords(share)} of the time, and counted then.`];
    }),
  };
}

const isOn = (order: CareOrder, part: OrderPart): boolean => order[part] !== null;

function titleWords(of: WhatIfOf, nights: number, beds: number): string {
  if (nights === 0) return "If this had been on";
  const span = nights === 1 ? "the last night" : `the last ${nights} nights`;
  if (of === "stay") return `If this had been on for ${span}`;
  return `If everybody had had this for ${span} (${beds === 1 ? "1 person" : `${beds} people`})`;
}

function loadWords(told: WhatIf["conditions"], bedNights: number): NonNullable<WhatIfView["load"]> {
  const sum = (of: "now" | "would") => told.reduce((total, one) => total + one[of], 0) / bedNights;
  const [now, would] = [sum("now"), sum("would")];
  return { now: now.toFixed(1), would: would.toFixed(1), words: changeWords(now, would) };
}

function changeWords(now: number, would: number): string {
  if (now.toFixed(1) === would.toFixed(1)) return "As many as now.";
  if (would < now) return "Fewer than now.";
  const times = would / now;
  if (now > 0 && times >= 1.75) return `About ${Math.round(times)} times as many as now.`;
  return "More than now.";
}

const percentWords = (share: number): string => (share < 0.01 ? "less than 1 %" : `${Math.round(share * 100)} %`);
