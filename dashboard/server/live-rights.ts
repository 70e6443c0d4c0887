import type { LiveSaid } from "../../edge-agent/contract/alarm-shown.ts";
import type { LiveMessage } from "../../edge-agent/contract/live.ts";
import { isClinical } from "./roles.ts";
import type { Who } from "./sessions.ts";

/** What a connection is for. `opening`: it says that a person's page is open, and is told nothing. */
export type Listening = "ward" | "opening" | "bedside";

/** Undefined: this session may not be connected in this way. */
export function listeningOf(who: Who, as: "staff" | "bedside", opens: boolean): Listening | undefined {
  if (who.is !== as) return undefined;
  if (who.is === "bedside") return "bedside";
  if (who.is !== "staff" || !isClinical(who.role)) return undefined;
  if (!opens) return "ward";
  // Nobody has a person's page open on a locked screen, or without training.
  return who.locked === true || who.untrained === true ? undefined : "opening";
}

/** Asked of every message at the moment it leaves. */
export function mayHear(listening: Listening, is: LiveMessage["is"]): boolean {
  switch (is) {
    case "heartbeat":
    case "signed-out":
      return true;
    case "feed":
    case "alarms":
    case "snapshot":
    case "tile":
    case "ward":
    case "shown-taken":
      return listening === "ward";
    case "bedside":
      return listening === "bedside";
  }
}

/** Asked of every message that comes in. */
export function maySay(listening: Listening, say: LiveSaid["say"]): boolean {
  switch (say) {
    case "shown":
      return listening === "ward";
  }
}

/** Whether what the agent says of the session now is what it was let in with. */
export function isStill(was: Who, now: Who): boolean {
  switch (was.is) {
    case "staff":
      return now.is === "staff" && now.id === was.id && isClinical(now.role);
    case "bedside":
      return now.is === "bedside" && now.bed === was.bed && now.stay === was.stay;
    case "advocate":
    case "nobody":
    case "unknown":
      return false;
  }
}
