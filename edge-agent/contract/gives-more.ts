import type { RoomAsk } from "./asks.ts";

/** Asks that stand only if they can be recorded. Turning off, ending and acknowledging stand in any case. */
export function givesMore(ask: RoomAsk): boolean {
  switch (ask.do) {
    case "admit":
    case "order":
    case "offer":
    case "turn-on":
    case "best-interests":
    case "resume":
    case "still-yes":
    case "needs":
    case "observe":
    case "check":
    case "accept-rate":
    case "sedation-watch":
    case "end-sedation-watch":
      return true;
    case "review":
      return ask.review.outcome !== "stop";
    case "end-stay":
    case "stop-everything":
    case "pause":
    case "turn-off":
    case "acknowledge":
    case "close":
      return false;
  }
}
