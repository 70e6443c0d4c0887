import type { Ask } from "./asks.ts";

/**
 * What staff may do only with current training in this system: orders, and what turns sensing on or keeps it on. Alarms, checks and
 * turning off wait for nobody's certificate. A person at their bedside needs none.
 */
export function needsTraining(ask: Ask["ask"]): boolean {
  switch (ask.do) {
    case "what-if":
    case "characteristics":
    case "order":
    case "offer":
    case "observe":
    case "best-interests":
    case "accept-rate":
    case "sedation-watch":
    case "end-sedation-watch":
      return true;
    case "review":
      return ask.review.outcome !== "stop";
    default:
      return false;
  }
}
