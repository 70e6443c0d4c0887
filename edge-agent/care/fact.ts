import type { Effect } from "../contract/door.ts";
import type { MonoMs } from "../contract/units.ts";
import { isGranted, type Room, type RoomConfig } from "./room.ts";
import { noRateReason, toldReason } from "./tile.ts";

/** One row of derived facts for an answer; only the parts that a grant covers, and nothing without one. */
export function factEffect(config: RoomConfig, room: Room, event: { at: MonoMs; utcMs: number }): Effect[] {
  if (room.stay === null || room.estimate === null) return [];
  const { estimate } = room.estimate;
  const breathing = isGranted(room, "breathing-rate");
  const movement = isGranted(room, "movement-alerts");
  if (!breathing && !movement) return [];
  const reason = noRateReason(config, room, event.at);
  const shown = breathing && reason === null;
  return [
    {
      kind: "store",
      row: {
        table: "fact",
        stay: room.stay.id,
        atUtcMs: event.utcMs,
        occupancy: movement ? estimate.occupancy : null,
        movement: movement ? estimate.movement : null,
        place: movement ? estimate.place : null,
        people: movement ? estimate.people : null,
        breathingPerMin: shown ? estimate.breathingPerMin : null,
        lowPerMin: shown ? estimate.lowPerMin : null,
        highPerMin: shown ? estimate.highPerMin : null,
        quality: breathing ? estimate.quality : null,
        reason: breathing ? toldReason(room, reason) : null,
      },
    },
  ];
}
