import type { Effect, Estimate } from "../contract/door.ts";
import type { MonoMs } from "../contract/units.ts";
import type { AlarmCondition } from "../contract/words.ts";
import { settleAlarms } from "./alarms.ts";
import { breathingRange } from "./breathing-range.ts";
import { leftBed } from "./left-bed.ts";
import { rateUnavailable } from "./rate-unavailable.ts";
import { conditionsCalm, isGranted, noConditions, type Room, type RoomConfig, sensingOf } from "./room.ts";
import { sensorLost } from "./sensing.ts";
import { movementNow, noRateReason } from "./tile.ts";
import { alarmEffects, systemActor } from "./trail.ts";

/** An answer came: the range counts it if it was shown. */
export function conditionsAfter(room: Room, config: RoomConfig, estimate: Estimate, at: MonoMs): Room["conditions"] {
  const { order } = room;
  const shown = noRateReason(config, room, at) === null ? estimate.breathingPerMin : null;
  return {
    ...room.conditions,
    range: order?.breathing ? breathingRange(room.conditions.range, shown, at, order.breathing) : room.conditions.range,
  };
}

/**
 * Conditions that time alone can bring about; the range moves only when an answer came. What is not allowed is not
 * watched, and what was not allowed before leaves nothing behind.
 */
export function watchConditions(room: Room, config: RoomConfig, at: MonoMs): Room {
  const { order, conditions } = room;
  const breathing = isGranted(room, "breathing-rate");
  const occupancy = movementNow(config, room, at)?.occupancy ?? "unknown";
  return {
    ...room,
    conditions: {
      range: breathing && order?.breathing ? conditions.range : conditionsCalm.range,
      left:
        isGranted(room, "movement-alerts") && order?.leftBed
          ? leftBed(conditions.left, occupancy, at, order.leftBed)
          : conditionsCalm.left,
      unavailable:
        breathing && order?.rateUnavailable
          ? rateUnavailable(conditions.unavailable, noRateReason(config, room, at), at, order.rateUnavailable)
          : conditionsCalm.unavailable,
    },
  };
}

export function settleRoomAlarms(
  room: Room,
  config: RoomConfig,
  event: { at: MonoMs; utcMs: number },
): { room: Room; effects: readonly Effect[] } {
  if (room.stay === null) return { room, effects: [] };
  const holds: Record<AlarmCondition, boolean> = {
    ...noConditions,
    "sensor-lost": sensorLost(sensingOf(room, event.at), config.limits, event.at),
    "breathing-out-of-range": room.conditions.range.active,
    "left-bed": room.conditions.left.phase === "away-too-long",
    "rate-unavailable": room.conditions.unavailable.active,
  };
  let count = room.alarmCount;
  const stay = room.stay.id;
  const settled = settleAlarms(room.alarms, holds, {
    stay,
    utcMs: event.utcMs,
    audited: room.audit === "ok",
    nextId: () => {
      count += 1;
      return `${config.bed}-${count}`;
    },
  });
  if (settled.changes.length === 0) return { room, effects: [] };
  return {
    room: { ...room, alarms: settled.alarms, alarmCount: count },
    effects: settled.changes.flatMap((change) => alarmEffects(config, change, systemActor("conditions"))),
  };
}
