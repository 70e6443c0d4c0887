import type { RoomAsk } from "../contract/asks.ts";
import { type CommunicationNeeds, commonNeeds } from "../contract/consent.ts";
import type { CoreEvent, Effect } from "../contract/door.ts";
import { purposes, type RefusalReason } from "../contract/words.ts";
import { isOpen } from "./alarms.ts";
import { noConsents, stepConsent } from "./consent.ts";
import { decideAlarm } from "./decide-alarm.ts";
import { decideCheck, decideObservation } from "./decide-checks.ts";
import { consentRow, decideConsent } from "./decide-consent.ts";
import { decideOrder } from "./decide-order.ts";
import { decideRate } from "./decide-rate.ts";
import { decideSedation } from "./decide-sedation.ts";
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

/** These can only ever make a room more private: they are done whatever the disk does. */
const isOnlyLess = (ask: RoomAsk): boolean =>
  ["turn-off", "stop-everything", "pause"].includes(ask.do) || (ask.do === "review" && ask.review.outcome === "stop");

const consentRefusals: Readonly<Partial<Record<RefusalReason, string>>> = {
  "not-offered": "Staff have to offer this first.",
  "refused-by-person": "The person said no to this. Nobody can decide otherwise for them.",
  policy: "This is longer than the ward's rules or the agreed hours allow.",
  "already-done": "There is nothing to do here.",
};

/** What people ask of one room. A refusal is written in the log like a deed. */
export function decideAsk(config: RoomConfig, room: Room, event: AskEvent): Decision {
  const { ask, actor } = event;
  if (room.audit === "failed" && !isOnlyLess(ask)) {
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
      if (room.stay.label !== ask.label) {
        return refused(room, event, "not-found", "Another person is in this bed. Look who it is, and begin again.");
      }
      return { ...endStay(config, room, event), answer: done(event) };
    case "order": {
      if (room.stay?.id !== ask.stay) return noSuchStay(room, event);
      const decided = decideOrder(config, room, event, ask);
      if ("why" in decided) return refused(room, event, decided.why, decided.words);
      return { ...decided, answer: done(event) };
    }
    case "observe":
      if (room.stay?.id !== ask.stay) return noSuchStay(room, event);
      return { ...decideObservation(config, room, event, ask), answer: done(event) };
    case "sedation-watch":
    case "end-sedation-watch": {
      if (room.stay?.id !== ask.stay) return noSuchStay(room, event);
      const decided = decideSedation(config, room, event, ask);
      if ("why" in decided) return refused(room, event, decided.why, decided.words);
      return { ...decided, answer: done(event) };
    }
    case "check": {
      if (room.stay?.id !== ask.stay) return noSuchStay(room, event);
      const decided = decideCheck(config, room, event, ask);
      if ("why" in decided) return refused(room, event, decided.why, decided.words);
      return { ...decided, answer: done(event) };
    }
    case "needs": {
      if (room.stay?.id !== ask.stay) return noSuchStay(room, event);
      const row: Effect = {
        kind: "store",
        row: { table: "needs", stay: ask.stay, needs: ask.needs, atUtcMs: event.utcMs },
      };
      const entry = audit("needs.set", actor, { bed: config.bed, stay: ask.stay }, 0, phiOfNeeds(ask.needs));
      return { room: { ...room, needs: ask.needs }, effects: [entry, row], answer: done(event) };
    }
    case "offer":
    case "best-interests":
    case "review":
    case "turn-on":
    case "turn-off":
    case "stop-everything":
    case "pause":
    case "resume":
    case "still-yes": {
      if (room.stay?.id !== ask.stay) return noSuchStay(room, event);
      const decided = decideConsent(config, room, event, ask);
      if ("why" in decided)
        return refused(room, event, decided.why, consentRefusals[decided.why] ?? "That cannot be done now.");
      return { ...decided, answer: done(event) };
    }
    case "accept-rate": {
      if (room.stay?.id !== ask.stay) return noSuchStay(room, event);
      const decided = decideRate(config, room, event, ask);
      if ("why" in decided) return refused(room, event, decided.why, decided.words);
      return { ...decided, answer: done(event) };
    }
    case "acknowledge":
    case "close": {
      const decided = decideAlarm(config, room, event, ask);
      if ("why" in decided) return refused(room, event, decided.why, decided.words);
      return { ...decided, answer: done(event) };
    }
  }
}

function admit(config: RoomConfig, room: Room, event: AskEvent, ask: RoomAsk & { do: "admit" }): Decision {
  if (!ask.adult && !config.consent.childrenToo) {
    return refused(room, event, "policy", "This ward's rules are for adults only.");
  }
  const before = room.stay === null ? { room, effects: [] as readonly Effect[] } : endStay(config, room, event);
  const stay = { id: event.freshId, label: ask.label, demonstration: ask.demonstration };
  // A new person inherits nothing: no consent, no order, no alarm, nothing sensed.
  const next: Room = {
    ...forgetSensed(before.room),
    stay,
    recordedUtcMs: 0,
    needs: ask.needs,
    checks: null,
    sedation: null,
    consents: noConsents,
    order: null,
    alarms: [],
    conditions: conditionsCalm,
  };
  const entry = audit(
    "stay.admit",
    event.actor,
    { bed: config.bed, stay: stay.id, demonstration: stay.demonstration, adult: ask.adult },
    0,
    { label: stay.label, ...phiOfNeeds(ask.needs) },
  );
  const rows: readonly Effect[] = [
    { kind: "store", row: { table: "stay", ...stay, bed: config.bed, startedAtUtcMs: event.utcMs } },
    { kind: "store", row: { table: "needs", stay: stay.id, needs: ask.needs, atUtcMs: event.utcMs } },
  ];
  return {
    room: next,
    effects: [...before.effects, entry, ...rows],
    answer: { kind: "answer", request: event.request, ok: true, result: { is: "stay", stay: stay.id } },
  };
}

function endStay(config: RoomConfig, room: Room, event: AskEvent): { room: Room; effects: readonly Effect[] } {
  const stay = room.stay?.id;
  if (stay === undefined) return { room, effects: [] };
  const effects: Effect[] = [audit("stay.end", event.actor, { bed: config.bed, stay })];
  for (const purpose of purposes) {
    if (room.consents[purpose].state === "never-offered") continue;
    const step = stepConsent(room.consents[purpose], { act: "end" }, event.utcMs);
    if (!step.ok) continue;
    effects.push(audit("consent.end", systemActor("consent"), { bed: config.bed, stay, purpose }));
    const told = { utcMs: event.utcMs, by: actorName(event.actor), byPerson: false, record: null };
    effects.push(consentRow(stay, purpose, step.consent, told));
  }
  for (const row of room.alarms.filter(isOpen)) {
    const over = { ...row, presence: "off" as const, clearedAtUtcMs: row.clearedAtUtcMs ?? event.utcMs };
    effects.push(...alarmEffects(config, { what: "cleared", row: over }, systemActor("conditions")));
  }
  effects.push({ kind: "store", row: { table: "stay-end", id: stay, endedAtUtcMs: event.utcMs } });
  return {
    room: {
      ...room,
      stay: null,
      needs: commonNeeds,
      checks: null,
      sedation: null,
      consents: noConsents,
      order: null,
      alarms: [],
      conditions: conditionsCalm,
    },
    effects,
  };
}

const phiOfNeeds = ({ language, words }: CommunicationNeeds) => ({ language, needs: words });

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
