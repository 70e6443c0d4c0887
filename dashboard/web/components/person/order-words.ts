import type { CareOrder } from "../../../../edge-agent/contract/people.ts";
import { lengthWords } from "../../age-words.ts";

/** One sentence for each thing that was ordered for this person. */
export function orderWords(order: CareOrder | null): string[] {
  if (order === null) return ["No alerts were ordered for this person."];
  const { breathing, leftBed, rateUnavailable } = order;
  const orders = [
    breathing === null
      ? null
      : `Breathing below ${breathing.lowPerMin} or above ${breathing.highPerMin} a minute for ${lengthWords(breathing.forMs)}.`,
    leftBed === null ? null : `Out of bed for ${lengthWords(leftBed.afterMs)}.`,
    rateUnavailable === null ? null : `No breathing rate for ${lengthWords(rateUnavailable.afterMs)}.`,
  ].filter((one) => one !== null);
  return [...(orders.length === 0 ? ["All alerts are off."] : orders), `Ordered by ${order.by}: ${order.reason}`];
}
