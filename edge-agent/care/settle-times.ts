import type { Effect } from "../contract/door.ts";
import { localHour } from "../contract/local-hour.ts";
import type { MonoMs } from "../contract/units.ts";
import { purposes } from "../contract/words.ts";
import { settleChecks } from "./decide-checks.ts";
import { settleConsentTimes } from "./decide-consent.ts";
import { endOrder } from "./decide-order.ts";
import { settleSedation } from "./decide-sedation.ts";
import type { Room, RoomConfig } from "./room.ts";

/** DESIGN 1.8: more than this is another time. */
const behindMs = 2_000;

/** What time alone brings about: the hour of the ward's day, consent that ends or begins again, checks that nobody made, an order that is over. */
export function settleTimes(
  config: RoomConfig,
  room: Room,
  event: { readonly at: MonoMs; readonly utcMs: number },
): { readonly room: Room; readonly effects: readonly Effect[] } {
  const hour = localHour(event.utcMs, config.consent.timeZone);
  const recorded = Math.max(room.recordedUtcMs, ...purposes.map((one) => room.consents[one].sinceUtcMs ?? 0));
  const clockBehind = recorded > event.utcMs + behindMs;
  const consented = settleConsentTimes(config, { ...room, hour, clockBehind }, event);
  const checked = settleChecks(config, consented.room, event);
  const watched = settleSedation(config, checked.room, event);
  const ordered = endOrder(config, watched.room, event.utcMs);
  const effects = [...consented.effects, ...checked.effects, ...watched.effects, ...ordered.effects];
  return { room: ordered.room, effects };
}
