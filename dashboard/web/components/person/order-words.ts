import type { CareOrder } from "../../../../edge-agent/contract/people.ts";
import { orderedWords } from "../../../words/order-words.ts";
import { clockWords, dayWords } from "../../age-words.ts";

/** What the person page says of an order: each condition, until when, by whom and why. */
export function orderWords(order: CareOrder | null): string[] {
  if (order === null) return ["No alerts were ordered for this person."];
  const ordered = orderedWords(order);
  const { untilUtcMs } = order;
  const until = untilUtcMs === null ? [] : [`Until ${dayWords(untilUtcMs)}, ${clockWords(untilUtcMs)}.`];
  return [...(ordered.length === 0 ? ["All alerts are off."] : [...ordered, ...until]), `${order.by}: ${order.reason}`];
}
