import { alarmCatalogue } from "../../edge-agent/contract/alarm-catalogue.ts";
import { orderableFor } from "../../edge-agent/contract/orderable.ts";
import type { CareOrder } from "../../edge-agent/contract/people.ts";
import { limitWords } from "./length-words.ts";

/** One sentence for each condition that was ordered, the most urgent first. */
export function orderedWords(order: CareOrder): string[] {
  // Whatever stands in an order is told, also what another release would not have taken.
  return orderableFor("alarm").flatMap(({ condition, part }) => {
    const { words } = alarmCatalogue[condition];
    if (part === "breathing") {
      const range = order.breathing;
      if (range === null) return [];
      return [`Breathing below ${range.lowPerMin} or above ${range.highPerMin} a minute, ${limitWords(range.forMs)}.`];
    }
    const limit = order[part];
    return limit === null ? [] : [`${words}, ${limitWords(limit.afterMs)}.`];
  });
}
