import type { RoomAsk } from "../contract/asks.ts";
import { type Activation, type Consent, type ConsentPolicy, dayMs, hourMs } from "../contract/consent.ts";
import type { AuditAction, AuditIntent, CoreEvent, Effect, StoreRow } from "../contract/door.ts";
import { isFewer, isNoWider } from "../contract/local-hour.ts";
import type { MonoMs } from "../contract/units.ts";
import { type Purpose, purposes } from "../contract/words.ts";
import { type ConsentAct, type ConsentStep, dueByTime, stepConsent, type Terms, wasDecided } from "./consent.ts";
import { actorName } from "./rights.ts";
import type { Room, RoomConfig } from "./room.ts";
import { steadyEnds, steadyWord } from "./steady-ends.ts";
import { audit, systemActor } from "./trail.ts";

/* What becomes of asks about consent: the act for each purpose, its entry in the log and its row. */

type AskEvent = CoreEvent & { readonly kind: "ask" };
type Written = Extract<StoreRow, { table: "consent" }>["record"];
export type ConsentAsk = Extract<
  RoomAsk,
  {
    do:
      | "offer"
      | "best-interests"
      | "review"
      | "turn-on"
      | "turn-off"
      | "stop-everything"
      | "pause"
      | "resume"
      | "still-yes";
  }
>;

export interface ConsentDecision {
  readonly room: Room;
  readonly effects: readonly Effect[];
}
export type ConsentRefusal = Extract<ConsentStep, { ok: false }>;

interface Moment {
  readonly at: MonoMs;
  readonly utcMs: number;
}

interface Move {
  readonly purpose: Purpose;
  readonly act: ConsentAct;
  readonly action: AuditAction;
  readonly record: Written;
  readonly detail: AuditIntent["detail"];
  readonly phi: AuditIntent["phi"];
}

/** The first refusal refuses the whole ask; what concerns every purpose at once changes those that it can. */
export function decideConsent(
  config: RoomConfig,
  room: Room,
  event: AskEvent,
  ask: ConsentAsk,
): ConsentDecision | ConsentRefusal {
  const moves = movesOf(config.consent, room, event, ask);
  if (!Array.isArray(moves)) return moves;
  let next = room;
  const effects: Effect[] = [];
  for (const move of moves) {
    const step = stepConsent(next.consents[move.purpose], move.act, event.utcMs);
    if (!step.ok) return step;
    if (!step.changed) continue;
    next = withConsent(next, move.purpose, step.consent);
    effects.push(...written(config, next, event, move, step.consent));
  }
  return { room: next, effects };
}

function movesOf(policy: ConsentPolicy, room: Room, event: AskEvent, ask: ConsentAsk): Move[] | ConsentRefusal {
  const byPerson = event.actor.kind === "bedside";
  const bare = { record: null, detail: killTime(event), phi: null };
  const no = (purpose: Purpose): Move => {
    const action = room.consents[purpose].state === "offered" ? "consent.refuse" : "consent.withdraw";
    return { ...bare, purpose, act: { act: byPerson ? "say-no" : "turn-off" }, action };
  };
  switch (ask.do) {
    case "offer": {
      const { activation, purpose } = ask;
      if (activation.reviewAfterHours * hourMs > policy.reviewDaysMax * dayMs) return { ok: false, why: "policy" };
      const act: ConsentAct = { act: "offer", terms: termsOf(activation, event.utcMs) };
      return [{ purpose, act, action: "consent.offer", record: activation, ...saidOf(activation) }];
    }
    case "best-interests": {
      const { activation, purpose, record } = ask;
      const longestMs = Math.min(policy.bestInterestsDaysMax, policy.reviewDaysMax) * dayMs;
      if (activation.reviewAfterHours * hourMs > longestMs) return { ok: false, why: "policy" };
      if (record.assessAgainAfterHours > activation.reviewAfterHours) return { ok: false, why: "policy" };
      const terms = {
        ...termsOf(activation, event.utcMs),
        // Staff are told when the person's capacity has to be assessed again.
        askAgainEveryMs: record.assessAgainAfterHours * hourMs,
      };
      const said = saidOf(activation);
      const phi = { ...record, unableTo: record.unableTo.join(", "), noAdvanceRefusal: "yes" };
      const detail = { ...said.detail, unableTo: record.unableTo, attorneyOrDeputy: record.attorneyOrDeputy !== null };
      const act: ConsentAct = { act: "best-interests", terms };
      const about = { purpose, act, record: { activation, record }, detail, phi: { ...said.phi, ...phi } };
      return [{ ...about, action: "consent.best-interests" }];
    }
    case "review":
      return reviewOf(policy, room.consents[ask.purpose], event, ask);
    case "turn-on":
      return [{ ...bare, purpose: ask.purpose, act: { act: "say-yes" }, action: "consent.grant" }];
    case "turn-off":
      return [no(ask.purpose)];
    case "stop-everything":
      return purposes.map(no);
    case "pause": {
      const act: ConsentAct = { act: "pause", forMs: ask.minutes * 60_000, by: byPerson ? "person" : "staff" };
      const detail = { ...bare.detail, minutes: ask.minutes };
      return purposes.map((purpose) => ({ ...bare, purpose, act, action: "consent.pause", detail }));
    }
    case "resume":
      return purposes.map((purpose) => ({ ...bare, purpose, act: { act: "resume" }, action: "consent.resume" }));
    case "still-yes":
      return [{ ...bare, purpose: ask.purpose, act: { act: "still-yes" }, action: "consent.still-yes" }];
  }
}

function reviewOf(
  policy: ConsentPolicy,
  now: Consent,
  event: AskEvent,
  { review, purpose }: ConsentAsk & { do: "review" },
): Move[] | ConsentRefusal {
  const about = { purpose, record: review, phi: { words: review.words } };
  const { outcome, hours } = review;
  // A stop is never refused for what was written beside it.
  if (outcome === "stop") {
    const detail = { outcome, ...killTime(event) };
    return [{ ...about, detail, act: { act: "turn-off" }, action: "consent.withdraw" }];
  }
  if (review.reviewAfterHours * hourMs > policy.reviewDaysMax * dayMs) return { ok: false, why: "policy" };
  const isAsSaid = outcome === "keep" ? isNoWider(now.hours, hours) : isFewer(hours, now.hours);
  if (!isAsSaid) return { ok: false, why: "policy" };
  const askedUtcMs = event.utcMs + review.reviewAfterHours * hourMs;
  // What was decided for a person goes on after its end only by another decision, with the whole test.
  const untilUtcMs = wasDecided(now) ? Math.min(askedUtcMs, now.untilUtcMs ?? askedUtcMs) : askedUtcMs;
  const detail = { outcome, untilUtcMs: Math.round(untilUtcMs) };
  return [{ ...about, detail, act: { act: "review", untilUtcMs, hours }, action: "consent.review" }];
}

const termsOf = ({ reviewAfterHours, hours, askAgainEveryHours }: Activation, utcMs: number): Terms => ({
  untilUtcMs: utcMs + reviewAfterHours * hourMs,
  hours,
  askAgainEveryMs: askAgainEveryHours === null ? null : askAgainEveryHours * hourMs,
});

/** Choices go into the log in clear; words that a person typed may name somebody, and are kept beside it, erasable. */
const saidOf = ({ concern, alternatives, words, reviewAfterHours, hours }: Activation) => ({
  detail: {
    concern,
    alternatives,
    reviewAfterHours,
    hours: hours === null ? null : `${hours.fromHour}-${hours.toHour}`,
  } satisfies AuditIntent["detail"],
  phi: words === null ? null : { words },
});

/** From the touch to this decision, after which no sample is accepted. */
function killTime(event: AskEvent): AuditIntent["detail"] {
  if (event.touchedAtUtcMs === null) return {};
  return { touchToStopMs: Math.max(0, Math.round(event.utcMs - event.touchedAtUtcMs)) };
}

function withConsent(room: Room, purpose: Purpose, consent: Consent): Room {
  return { ...room, consents: { ...room.consents, [purpose]: consent } };
}

function written(
  config: RoomConfig,
  room: Room,
  event: AskEvent,
  { purpose, action, record, detail, phi, act }: Move,
  consent: Consent,
): readonly Effect[] {
  const stay = room.stay?.id ?? "";
  // A kill time is told where something stopped.
  const told = act.act === "say-yes" || act.act === "resume" || act.act === "still-yes" ? {} : detail;
  return [
    audit(action, event.actor, { bed: config.bed, stay, purpose, state: consent.state, ...told }, 0, phi),
    consentRow(stay, purpose, consent, {
      utcMs: event.utcMs,
      by: actorName(event.actor),
      byPerson: event.actor.kind === "bedside",
      record,
    }),
  ];
}

export function consentRow(
  stay: string,
  purpose: Purpose,
  consent: Consent,
  told: { readonly utcMs: number; readonly by: string; readonly byPerson: boolean; readonly record: Written },
): Effect {
  const { utcMs, by, byPerson, record } = told;
  return {
    kind: "store",
    row: { table: "consent", stay, consent: { purpose, ...consent }, atUtcMs: utcMs, by, byPerson, record },
  };
}

/** What ends or begins again by its time alone. */
export function settleConsentTimes(config: RoomConfig, room: Room, event: Moment): ConsentDecision {
  const ends = steadyEnds(room.ends, room.consents, event);
  let next = { ...room, ends };
  const effects: Effect[] = [];
  const stay = room.stay?.id;
  if (stay === undefined) return { room: next, effects };
  for (const purpose of purposes) {
    const due = dueByTime(next.consents[purpose], event.utcMs, steadyWord(ends, purpose, event.at));
    const step = due === undefined ? undefined : stepConsent(next.consents[purpose], due, event.utcMs);
    if (due === undefined || step?.ok !== true || !step.changed) continue;
    const action = due.act === "expire" ? "consent.expire" : "consent.resume";
    next = withConsent(next, purpose, step.consent);
    effects.push(
      audit(action, systemActor("consent"), { bed: config.bed, stay, purpose, state: step.consent.state }),
      consentRow(stay, purpose, step.consent, { utcMs: event.utcMs, by: "consent", byPerson: false, record: null }),
    );
  }
  return { room: next, effects };
}
