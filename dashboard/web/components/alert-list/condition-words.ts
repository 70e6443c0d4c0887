import { alarmCatalogue } from "../../../../edge-agent/contract/alarm-catalogue.ts";
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
    case "not-back":
      return `Not back in bed for longer than ${limitWords(order?.notBack?.afterMs)}`;
    case "no-movement":
      return `No movement for longer than ${limitWords(order?.noMovement?.afterMs)}`;
    case "rate-unavailable":
      return `No breathing rate for longer than ${limitWords(order?.rateUnavailable?.afterMs)}`;
    case "on-floor":
    case "breathing-stopped":
    case "cannot-see-breathing":
    case "second-person":
    case "edge-of-bed":
    case "delivery-unconfirmed":
    case "system-late":
    case "sensor-lost":
    case "sensor-covered":
    case "sensor-moved":
    case "sensor-frozen":
      return alarmCatalogue[condition].words;
  }
}

const limitWords = (afterMs: number | undefined): string => (afterMs === undefined ? "ordered" : lengthWords(afterMs));
