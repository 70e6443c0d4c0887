import type { RoomAsk } from "../contract/asks.ts";
import type { CoreEvent, Effect } from "../contract/door.ts";
import type { RefusalReason } from "../contract/words.ts";
import { acknowledgeAlarm, applyAlarmChanges, closeAlarm } from "./alarms.ts";
import { actorName } from "./rights.ts";
import type { Room, RoomConfig } from "./room.ts";
import { alarmEffects } from "./trail.ts";

type AskEvent = CoreEvent & { readonly kind: "ask" };
type AlarmAsk = RoomAsk & { readonly do: "acknowledge" | "close" };
type Decided =
  | { readonly room: Room; readonly effects: readonly Effect[] }
  | { readonly why: RefusalReason; readonly words: string };

/** Somebody goes, or says how it ended. What may be answered is decided here, whatever a page shows. */
export function decideAlarm(config: RoomConfig, room: Room, event: AskEvent, ask: AlarmAsk): Decided {
  const name = actorName(event.actor);
  if (ask.do === "close" && (ask.outcome === "false-alarm") !== (ask.falseBecause !== null)) {
    return { why: "reason-missing", words: "A false alarm says why, and only a false alarm does." };
  }
  const change =
    ask.do === "acknowledge"
      ? acknowledgeAlarm(room.alarms, ask.alarm, name, event.utcMs)
      : closeAlarm(room.alarms, ask.alarm, {
          is: ask.outcome,
          falseBecause: ask.falseBecause,
          name,
          atUtcMs: event.utcMs,
        });
  if (change === undefined) {
    const words =
      ask.do === "acknowledge"
        ? "Somebody has acknowledged this already, or it is over."
        : "Nobody has acknowledged this yet, or it was closed already.";
    return { why: "already-done", words };
  }
  return {
    room: { ...room, alarms: applyAlarmChanges(room.alarms, [change]) },
    effects: alarmEffects(config, change, event.actor),
  };
}
