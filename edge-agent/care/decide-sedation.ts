import type { RoomAsk } from "../contract/asks.ts";
import type { ObservationOrder } from "../contract/checks.ts";
import { hourMs } from "../contract/consent.ts";
import type { CoreEvent, Effect } from "../contract/door.ts";
import type { SedationWatch } from "../contract/sedation.ts";
import type { RefusalReason } from "../contract/words.ts";
import { changeOrder } from "./checks.ts";
import { actorName } from "./rights.ts";
import type { Room, RoomConfig } from "./room.ts";
import { watchedChecks } from "./sedation.ts";
import { audit, systemActor } from "./trail.ts";

type AskEvent = CoreEvent & { readonly kind: "ask" };
type SedationAsk = RoomAsk & { readonly do: "sedation-watch" | "end-sedation-watch" };
interface Decided {
  readonly room: Room;
  readonly effects: readonly Effect[];
}
type Refused = { readonly why: RefusalReason; readonly words: string };

export function decideSedation(config: RoomConfig, room: Room, event: AskEvent, ask: SedationAsk): Decided | Refused {
  switch (ask.do) {
    case "sedation-watch": {
      if (room.checks === null) {
        return { why: "policy", words: "Order checks in person first: they go on when this ends." };
      }
      const watch: SedationWatch = {
        everyMinutes: ask.everyMinutes,
        sinceUtcMs: event.utcMs,
        untilUtcMs: event.utcMs + ask.hours * hourMs,
        by: actorName(event.actor),
        standing: room.sedation?.standing ?? room.checks.clock.order,
      };
      const detail = { bed: config.bed, stay: ask.stay, everyMinutes: ask.everyMinutes, hours: ask.hours };
      const entry = audit("sedation.watch", event.actor, detail, 0, { reason: ask.reason });
      return withChecks({ ...room, sedation: watch }, watchedChecks(watch), event.utcMs, [
        entry,
        watchRow(ask.stay, watch, event.utcMs),
      ]);
    }
    case "end-sedation-watch":
      if (room.sedation === null) return { why: "already-done", words: "There is no watch after sedation here." };
      return endWatch(
        room,
        ask.stay,
        event.utcMs,
        audit("sedation.end", event.actor, { bed: config.bed, stay: ask.stay }, 0, { reason: ask.reason }),
      );
  }
}

/** It ends by itself. */
export function settleSedation(config: RoomConfig, room: Room, { utcMs }: { readonly utcMs: number }): Decided {
  const { sedation, stay } = room;
  if (sedation === null || stay === null || utcMs < sedation.untilUtcMs) return { room, effects: [] };
  const entry = audit("sedation.end", systemActor("sedation"), { bed: config.bed, stay: stay.id });
  return endWatch(room, stay.id, utcMs, entry);
}

function endWatch(room: Room, stay: string, utcMs: number, entry: Effect): Decided {
  const standing = room.sedation?.standing;
  const ended = { ...room, sedation: null };
  const effects = [entry, watchRow(stay, null, utcMs)];
  return standing === undefined ? { room: ended, effects } : withChecks(ended, standing, utcMs, effects);
}

/** The clock takes over what is ordered from now on, and the order is kept with the others. */
function withChecks(room: Room, order: ObservationOrder, utcMs: number, effects: readonly Effect[]): Decided {
  const stay = room.stay?.id;
  if (stay === undefined) return { room, effects };
  const clock = changeOrder(room.checks?.clock ?? null, order, utcMs);
  const row: Effect = { kind: "store", row: { table: "observation-order", stay, order, atUtcMs: utcMs } };
  return {
    room: { ...room, checks: { clock, orderedUtcMs: utcMs, lastMade: room.checks?.lastMade ?? null } },
    effects: [...effects, row],
  };
}

const watchRow = (stay: string, watch: SedationWatch | null, atUtcMs: number): Effect => ({
  kind: "store",
  row: { table: "sedation", stay, watch, atUtcMs },
});
