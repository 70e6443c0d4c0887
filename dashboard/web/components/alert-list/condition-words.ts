import type { CareOrder } from "../../../../edge-agent/contract/people.ts";
import type { AlarmCondition } from "../../../../edge-agent/contract/words.ts";
import { lengthWords } from "../../age-words.ts";

/**
 * What is wrong, in the words of an alert: with its limit where the order is known.
 *
 * @param order as it stands now; an order that was since taken back leaves the words without their limit.
 */
export function conditionWords(condition: AlarmCondition, order: CareOrder | null): string {
  switch (condition) {
    case "breathing-out-of-range": {
      const limits = order?.breathing ?? null;
      return limits === null
        ? "Breathing outside the ordered range"
        : `Breathing outside ${limits.lowPerMin} to ${limits.highPerMin} a minute`;
    }
    case "left-bed":
      return `Out of bed longer than ${limitWords(order?.leftBed?.afterMs)}`;
    case "rate-unavailable":
      return `No breathing rate for longer than ${limitWords(order?.rateUnavailable?.afterMs)}`;
    case "sensor-lost":
      return "Sensor lost";
  }
}

const limitWords = (afterMs: number | undefined): string => (afterMs === undefined ? "ordered" : lengthWords(afterMs));
