import { alarmCatalogue } from "../contract/alarm-catalogue.ts";
import type { RoomAsk } from "../contract/asks.ts";
import { hourMs } from "../contract/consent.ts";
import type { CoreEvent, Effect } from "../contract/door.ts";
import { existsFor } from "../contract/intended-use.ts";
import type { CareOrder } from "../contract/people.ts";
import { AlarmCondition, type RefusalReason } from "../contract/words.ts";
import { actorName } from "./rights.ts";
import type { Room, RoomConfig } from "./room.ts";
import { audit, systemActor } from "./trail.ts";

type AskEvent = CoreEvent & { readonly kind: "ask" };
type Decided =
  | { readonly room: Room; readonly effects: readonly Effect[] }
  | { readonly why: RefusalReason; readonly words: string };

/** What is watched for this person, from now on: by a named member of staff, with a reason and an end. */
export function decideOrder(config: RoomConfig, room: Room, event: AskEvent, ask: RoomAsk & { do: "order" }): Decided {
  const { actor, utcMs } = event;
  const unknown = AlarmCondition.options.find((condition) => {
    const part = alarmCatalogue[condition].orderPart;
    return part !== null && ask.order[part] !== null && !existsFor(config.alarms.intendedUse, condition);
  });
  if (unknown !== undefined) {
    const words = `This release is not made for it: ${alarmCatalogue[unknown].words.toLowerCase()}.`;
    return { why: "policy", words };
  }
  // The author is who is signed in, whatever the page says.
  const order = actor.kind === "staff" ? { ...ask.order, by: actorName(actor) } : ask.order;
  const { untilUtcMs } = order;
  const hoursMax = config.alarms.orderHoursMax;
  if (actor.kind === "staff" && untilUtcMs === null) {
    return { why: "policy", words: "An order needs an end. Say until when it holds." };
  }
  if (untilUtcMs !== null && untilUtcMs <= utcMs) return { why: "policy", words: "The end of this order is over." };
  if (untilUtcMs !== null && untilUtcMs > utcMs + hoursMax * hourMs) {
    return { why: "policy", words: `An order holds for at most ${hoursMax} hours on this ward.` };
  }
  // Words that a person typed may name somebody: kept beside the log, erasable.
  const entry = audit("order.set", actor, { bed: config.bed, stay: ask.stay, ...orderDetail(order) }, 0, {
    reason: order.reason,
  });
  const row: Effect = { kind: "store", row: { table: "order", stay: ask.stay, order, atUtcMs: utcMs } };
  return { room: { ...room, order }, effects: [entry, row] };
}

/** An order whose end is over holds no more. */
export function endOrder(
  config: RoomConfig,
  room: Room,
  utcMs: number,
): { readonly room: Room; readonly effects: readonly Effect[] } {
  const until = room.order?.untilUtcMs ?? null;
  if (until === null || utcMs < until) return { room, effects: [] };
  const detail = { bed: config.bed, stay: room.stay?.id ?? null, untilUtcMs: until };
  const effects: Effect[] = [audit("order.end", systemActor("order"), detail)];
  if (room.stay !== null) {
    effects.push({ kind: "store", row: { table: "order-end", stay: room.stay.id, atUtcMs: utcMs } });
  }
  return { room: { ...room, order: null }, effects };
}

export function orderDetail(order: CareOrder): Record<string, string | number | null> {
  return {
    lowPerMin: order.breathing?.lowPerMin ?? null,
    highPerMin: order.breathing?.highPerMin ?? null,
    outsideForMs: order.breathing?.forMs ?? null,
    qualityMin: order.breathing?.qualityMin ?? null,
    leftBedAfterMs: order.leftBed?.afterMs ?? null,
    notBackAfterMs: order.notBack?.afterMs ?? null,
    edgeOfBedAfterMs: order.edgeOfBed?.afterMs ?? null,
    onFloorAfterMs: order.onFloor?.afterMs ?? null,
    secondPersonAfterMs: order.secondPerson?.afterMs ?? null,
    noMovementAfterMs: order.noMovement?.afterMs ?? null,
    cannotSeeBreathingAfterMs: order.cannotSeeBreathing?.afterMs ?? null,
    breathingStoppedAfterMs: order.breathingStopped?.afterMs ?? null,
    rateUnavailableAfterMs: order.rateUnavailable?.afterMs ?? null,
    untilUtcMs: order.untilUtcMs,
    by: order.by,
  };
}
