import type { RoomAsk } from "../contract/asks.ts";
import type { Actor } from "../contract/people.ts";

/**
 * Who may ask what of a room (DESIGN 7): turning on is the person's alone, on the screen paired with this stay; turning
 * off is anyone's; offering, reviewing and acknowledging are clinical staff's; stays, orders and decisions for a person who
 * lacks capacity are the nurse in charge's.
 */
export function mayAsk(ask: RoomAsk, actor: Actor): boolean {
  switch (ask.do) {
    case "turn-on":
    case "resume":
    case "still-yes":
      return ownBedside(ask, actor);
    case "turn-off":
    case "stop-everything":
    case "pause":
      return actor.kind === "staff" || actor.kind === "setup" || ownBedside(ask, actor);
    case "offer":
    case "needs":
      return actor.kind === "setup" || clinical(actor);
    case "review":
    case "check":
    case "accept-rate":
    case "sedation-watch":
    case "acknowledge":
    case "close":
      return clinical(actor);
    case "best-interests":
    case "end-sedation-watch":
      return actor.kind === "staff" && actor.role === "nurse-in-charge";
    case "admit":
    case "end-stay":
    case "observe":
    case "order":
      return actor.kind === "setup" || (actor.kind === "staff" && actor.role === "nurse-in-charge");
  }
}

function ownBedside(ask: { readonly bed: string; readonly stay: string }, actor: Actor): boolean {
  return actor.kind === "bedside" && actor.bed === ask.bed && actor.stay === ask.stay;
}

function clinical(actor: Actor): boolean {
  return actor.kind === "staff" && (actor.role === "nurse" || actor.role === "nurse-in-charge");
}

export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case "staff":
      return actor.name;
    case "setup":
      return actor.name;
    case "bedside":
      return "the person, at the bedside";
    case "advocate":
      return "whom the person let look";
    case "system":
      return actor.part;
  }
}
