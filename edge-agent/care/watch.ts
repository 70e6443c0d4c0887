import { alarmCatalogue } from "../contract/alarm-catalogue.ts";
import type { Effect, Estimate } from "../contract/door.ts";
import { existsFor } from "../contract/intended-use.ts";
import type { CareOrder } from "../contract/people.ts";
import type { MonoMs } from "../contract/units.ts";
import type { AlarmCondition } from "../contract/words.ts";
import { settleAlarms } from "./alarms.ts";
import { breathingRange } from "./breathing-range.ts";
import { followAlarms, isUndelivered } from "./delivery.ts";
import { lasting, lastingNot } from "./lasting.ts";
import { leftBed } from "./left-bed.ts";
import { rateUnavailable } from "./rate-unavailable.ts";
import { conditionsCalm, isGranted, noConditions, type Room, type RoomConfig, sensingOf } from "./room.ts";
import { watchedOrder } from "./sedation.ts";
import { clearAfterMs, holds, nothingSeen, type Seen, seenConditions } from "./seen-conditions.ts";
import { sensorLost } from "./sensing.ts";
import { lateConditions, sensorConditions } from "./technical-conditions.ts";
import { freshEstimate, movementNow, noRateReason } from "./tile.ts";
import { alarmEffects, systemActor } from "./trail.ts";

/** An answer came: the range counts it if it was shown. */
export function conditionsAfter(room: Room, config: RoomConfig, estimate: Estimate, at: MonoMs): Room["conditions"] {
  const order = ordered(room, config, "breathing-out-of-range", "breathing");
  if (order === null) return room.conditions;
  const good = noRateReason(config, room, at) === null && estimate.quality >= order.qualityMin;
  const shown = good ? estimate.breathingPerMin : null;
  return { ...room.conditions, range: breathingRange(room.conditions.range, shown, at, order) };
}

/** What was ordered of one part, where the release knows the condition and the person allows its purpose; else null. */
function ordered<Part extends keyof CareOrder>(
  room: Room,
  config: RoomConfig,
  condition: AlarmCondition,
  part: Part,
): CareOrder[Part] | null {
  const { purpose } = alarmCatalogue[condition];
  if (!existsFor(config.alarms.intendedUse, condition)) return null;
  if (purpose !== null && !isGranted(room, purpose)) return null;
  const order = room.sedation === null ? room.order : watchedOrder(room.order, room.sedation);
  return order?.[part] ?? null;
}

/** As far as it is allowed and fresh. */
function seenNow(room: Room, config: RoomConfig, at: MonoMs): Seen {
  const estimate = freshEstimate(config, room, at);
  if (estimate === null) return nothingSeen;
  const moves = movementNow(config, room, at);
  return {
    occupancy: estimate.occupancy,
    place: estimate.place,
    people: estimate.people,
    movement: moves?.movement ?? null,
    reason: estimate.reason,
  };
}

const partOf = {
  "on-floor": "onFloor",
  "edge-of-bed": "edgeOfBed",
  "second-person": "secondPerson",
  "no-movement": "noMovement",
  "cannot-see-breathing": "cannotSeeBreathing",
  "breathing-stopped": "breathingStopped",
} as const;

/**
 * Conditions that time alone can bring about; the range moves only when an answer came. What is not allowed is not
 * watched, and what was not allowed before leaves nothing behind.
 */
export function watchConditions(room: Room, config: RoomConfig, at: MonoMs): Room {
  const { conditions } = room;
  const occupancy = movementNow(config, room, at)?.occupancy ?? "unknown";
  const seen = seenNow(room, config, at);
  const left = ordered(room, config, "left-bed", "leftBed");
  const notBack = ordered(room, config, "not-back", "notBack");
  const unavailable = ordered(room, config, "rate-unavailable", "rateUnavailable");
  const watched = { ...conditions.seen };
  for (const condition of seenConditions) {
    const order = ordered(room, config, condition, partOf[condition]);
    const limits = order && { afterMs: order.afterMs, clearAfterMs: clearAfterMs[condition] };
    watched[condition] =
      limits === null ? lastingNot : lasting(conditions.seen[condition], holds(condition, seen), at, limits);
  }
  return {
    ...room,
    conditions: {
      range: ordered(room, config, "breathing-out-of-range", "breathing") ? conditions.range : conditionsCalm.range,
      left: left ? leftBed(conditions.left, occupancy, at, left) : conditionsCalm.left,
      notBack: notBack ? leftBed(conditions.notBack, occupancy, at, notBack) : conditionsCalm.notBack,
      unavailable: unavailable
        ? rateUnavailable(conditions.unavailable, noRateReason(config, room, at), at, unavailable)
        : conditionsCalm.unavailable,
      seen: watched,
      late: lateConditions(conditions.late, room, at),
    },
  };
}

export function settleRoomAlarms(
  room: Room,
  config: RoomConfig,
  event: { at: MonoMs; utcMs: number },
): { room: Room; effects: readonly Effect[] } {
  if (room.stay === null) return { room, effects: [] };
  const { conditions } = room;
  const delivery = followAlarms(room.delivery, room.alarms, event.at);
  const holding: Record<AlarmCondition, boolean> = {
    ...noConditions,
    ...sensorConditions(room),
    "sensor-lost": sensorLost(sensingOf(room, event.at), config.limits, event.at),
    "breathing-out-of-range": conditions.range.active,
    "left-bed": conditions.left.phase === "away-too-long",
    "not-back": conditions.notBack.phase === "away-too-long",
    "rate-unavailable": conditions.unavailable.active,
    "system-late": conditions.late.active,
    "delivery-unconfirmed": isUndelivered(delivery, event.at, config.alarms.confirmWithinMs),
  };
  for (const condition of seenConditions) holding[condition] = conditions.seen[condition].active;
  let count = room.alarmCount;
  const stay = room.stay.id;
  const settled = settleAlarms(room.alarms, holding, {
    stay,
    utcMs: event.utcMs,
    audited: room.audit === "ok",
    escalation: config.alarms.escalation,
    nextId: () => {
      count += 1;
      return `${config.bed}-${count}`;
    },
  });
  const told = followAlarms(delivery, settled.alarms, event.at);
  if (settled.alarms === room.alarms && told === room.delivery) return { room, effects: [] };
  return {
    room: { ...room, alarms: settled.alarms, delivery: told, alarmCount: count },
    effects: settled.changes.flatMap((change) => alarmEffects(config, change, systemActor("conditions"))),
  };
}
