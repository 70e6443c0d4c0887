import type { RoomAsk } from "../contract/asks.ts";
import type { CoreEvent, Effect } from "../contract/door.ts";
import type { RefusalReason } from "../contract/words.ts";
import type { Room, RoomConfig } from "./room.ts";
import { shownRateNow } from "./tile.ts";
import { audit } from "./trail.ts";

type AskEvent = CoreEvent & { readonly kind: "ask" };
type Decided =
  | { readonly room: Room; readonly effects: readonly Effect[] }
  | { readonly why: RefusalReason; readonly words: string };

/** What the page showed may be a few seconds old: it is the same rate while it lies this near. */
const sameWithinPerMin = 1;

/** A named nurse takes the shown rate over as an observation: the agent's own numbers of this moment, not the page's. */
export function decideRate(
  config: RoomConfig,
  room: Room,
  event: AskEvent,
  ask: RoomAsk & { do: "accept-rate" },
): Decided {
  const { actor, at, utcMs } = event;
  if (actor.kind !== "staff") return { why: "not-allowed", words: "Only a member of staff can take a rate over." };
  const rate = shownRateNow(config, room, at);
  if (rate === null) return { why: "not-found", words: "No rate is shown any more. Count the breathing yourself." };
  if (Math.abs(rate.perMin - ask.perMin) > sameWithinPerMin) {
    return { why: "not-found", words: "The rate has changed since this page was loaded. Look again." };
  }
  const detail = { bed: config.bed, stay: ask.stay };
  const numbers = { perMin: rate.perMin, lowPerMin: rate.lowPerMin, highPerMin: rate.highPerMin };
  return {
    room,
    effects: [
      audit("rate.accept", actor, detail, 0, numbers),
      {
        kind: "store",
        row: {
          table: "accepted-rate",
          stay: ask.stay,
          by: { id: actor.id, name: actor.name },
          ...numbers,
          quality: rate.quality,
          atUtcMs: utcMs,
        },
      },
    ],
  };
}
