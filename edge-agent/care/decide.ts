import type { RoomAsk } from "../contract/asks.ts";
import type { AuditAction, CoreEvent, Effect } from "../contract/door.ts";
import { type Purpose, purposes, type RefusalReason } from "../contract/words.ts";
import { acknowledgeAlarm, applyAlarmChanges } from "./alarms.ts";
import { type ConsentAct, noConsents, stepConsent } from "./consent.ts";
import { actorName, mayAsk } from "./rights.ts";
import { conditionsCalm, forgetSensed, type Room, type RoomConfig } from "./room.ts";
import { alarmEffects, audit, systemActor } from "./trail.ts";

type AskEvent = CoreEvent & { readonly kind: "ask" };
type AnswerEffect = Effect & { readonly kind: "answer" };

export interface Decision {
  readonly room: Room;
  /** Audit entries and rows; the answer is given only after what follows from them was written too. */
  readonly effects: readonly Effect[];
  readonly answer: AnswerEffect;
}

/** What people ask of one room. A refusal is written in the log like a deed. */
export function decideAsk(config: RoomConfig, room: Room, event: AskEvent): Decision {
  const { ask, actor } = event;
  if (room.audit === "failed" && ask.do !== "turn-off") {
    return refused(
      room,
      event,
      "audit-failed",
      "The record of who did what cannot be written. Check in person and call the engineer.",
    );
  }
  if (!mayAsk(ask, actor)) return refused(room, event, "not-allowed", "This account or screen may not do that.");
  switch (ask.do) {
    case "admit":
      return admit(config, room, event, ask);
    case "end-stay":
      if (room.stay?.id !== ask.stay) return noSuchStay(room, event);
      return { ...endStay(config, room, event), answer: done(event) };
    case "order": {
      if (room.stay?.id !== ask.stay) return noSuchStay(room, event);
      // Words that a person typed may name somebody: kept beside the log, erasable.
      const by = audit("order.set", actor, { bed: config.bed, stay: ask.stay, ...orderDetail(ask) }, 0, {
        reason: ask.order.reason,
      });
      const row: Effect = {
        kind: "store",
        row: { table: "order", stay: ask.stay, order: ask.order, atUtcMs: event.utcMs },
      };
      return { room: { ...room, order: ask.order }, effects: [by, row], answer: done(event) };
    }
    case "offer":
      return consent(config, room, event, ask, "offer", "consent.offer");
    case "turn-on":
      return consent(config, room, event, ask, "turn-on", "consent.grant");
    case "turn-off":
      return consent(config, room, event, ask, "turn-off", "consent.withdraw");
    case "acknowledge": {
      const change = acknowledgeAlarm(room.alarms, ask.alarm, actorName(actor), event.utcMs);
      if (change === undefined) {
        return refused(room, event, "already-done", "Somebody has acknowledged this already, or it is over.");
      }
      return {
        room: { ...room, alarms: applyAlarmChanges(room.alarms, [change]) },
        effects: alarmEffects(config, change, actor),
        answer: done(event),
      };
    }
  }
}

function admit(config: RoomConfig, room: Room, event: AskEvent, ask: RoomAsk & { do: "admit" }): Decision {
  const before = room.stay === null ? { room, effects: [] as readonly Effect[] } : endStay(config, room, event);
  const stay = { id: event.freshId, label: ask.label, demonstration: ask.demonstration };
  // A new person inherits nothing: no consent, no order, no alarm, nothing sensed.
  const next: Room = {
    ...forgetSensed(before.room),
    stay,
    consents: noConsents,
    order: null,
    alarms: [],
    conditions: conditionsCalm,
  };
  const entry = audit(
    "stay.admit",
    event.actor,
    { bed: config.bed, stay: stay.id, demonstration: stay.demonstration },
    0,
    { label: stay.label },
  );
  const row: Effect = {
    kind: "store",
    row: { table: "stay", ...stay, bed: config.bed, startedAtUtcMs: event.utcMs },
  };
  return {
    room: next,
    effects: [...before.effects, entry, row],
    answer: { kind: "answer", request: event.request, ok: true, result: { is: "stay", stay: stay.id } },
  };
}

function endStay(config: RoomConfig, room: Room, event: AskEvent): { room: Room; effects: readonly Effect[] } {
  const stay = room.stay?.id;
  if (stay === undefined) return { room, effects: [] };
  const effects: Effect[] = [audit("stay.end", event.actor, { bed: config.bed, stay })];
  for (const purpose of purposes) {
    if (room.consents[purpose].state === "never-offered") continue;
    effects.push(audit("consent.end", systemActor("consent"), { bed: config.bed, stay, purpose }));
    effects.push(consentRow(stay, purpose, "ended", event));
  }
  for (const row of room.alarms) {
    const over = { ...row, presence: "off" as const, clearedAtUtcMs: row.clearedAtUtcMs ?? event.utcMs };
    effects.push(...alarmEffects(config, { what: "cleared", row: over }, systemActor("conditions")));
  }
  effects.push({ kind: "store", row: { table: "stay-end", id: stay, endedAtUtcMs: event.utcMs } });
  return {
    room: { ...room, stay: null, consents: noConsents, order: null, alarms: [], conditions: conditionsCalm },
    effects,
  };
}

function consent(
  config: RoomConfig,
  room: Room,
  event: AskEvent,
  ask: { readonly stay: string; readonly purpose: Purpose },
  act: ConsentAct,
  action: AuditAction,
): Decision {
  if (room.stay?.id !== ask.stay) return noSuchStay(room, event);
  const moved = stepConsent(room.consents[ask.purpose].state, act);
  if (!moved.ok) return refused(room, event, moved.why, "Staff have to offer this first.");
  if (!moved.changed) return { room, effects: [], answer: done(event) };
  const consents = { ...room.consents, [ask.purpose]: { state: moved.to, sinceUtcMs: event.utcMs } };
  return {
    room: { ...room, consents },
    effects: [
      audit(action, event.actor, { bed: config.bed, stay: ask.stay, purpose: ask.purpose, state: moved.to }),
      consentRow(ask.stay, ask.purpose, moved.to, event),
    ],
    answer: done(event),
  };
}

function consentRow(
  stay: string,
  purpose: Purpose,
  state: Room["consents"][Purpose]["state"],
  event: AskEvent,
): Effect {
  return {
    kind: "store",
    row: { table: "consent", stay, purpose, state, atUtcMs: event.utcMs, by: actorName(event.actor) },
  };
}

function orderDetail(ask: RoomAsk & { do: "order" }): Record<string, string | number | null> {
  const { order } = ask;
  return {
    lowPerMin: order.breathing?.lowPerMin ?? null,
    highPerMin: order.breathing?.highPerMin ?? null,
    outsideForMs: order.breathing?.forMs ?? null,
    leftBedAfterMs: order.leftBed?.afterMs ?? null,
    rateUnavailableAfterMs: order.rateUnavailable?.afterMs ?? null,
    by: order.by,
  };
}

const done = (event: AskEvent): AnswerEffect => ({
  kind: "answer",
  request: event.request,
  ok: true,
  result: { is: "done" },
});

const noSuchStay = (room: Room, event: AskEvent): Decision =>
  refused(room, event, "not-found", "This stay is not open in this bed. Load the page again.");

function refused(room: Room, event: AskEvent, why: RefusalReason, words: string): Decision {
  return {
    room,
    effects:
      why === "audit-failed"
        ? []
        : [audit("ask.refused", event.actor, { do: event.ask.do, bed: event.ask.bed, why }, 4)],
    answer: { kind: "answer", request: event.request, ok: false, why, words },
  };
}
