import { type ConsentAct, type Consents, dueByTime, noConsents, stepConsent } from "../../edge-agent/care/consent.ts";
import type { Characteristics } from "../../edge-agent/contract/characteristics.ts";
import type { ObservationOrder } from "../../edge-agent/contract/checks.ts";
import { type Activation, type BestInterests, dayMs, hourMs } from "../../edge-agent/contract/consent.ts";
import type { AuditAction, StoreRow } from "../../edge-agent/contract/door.ts";
import { type Actor, type CareOrder, nothingOrdered } from "../../edge-agent/contract/people.ts";
import { allowingStates, type Purpose, sensingPurposes } from "../../edge-agent/contract/words.ts";
import { setCharacteristics } from "../../edge-agent/records/characteristics.ts";
import { takeFeedback } from "../../edge-agent/records/people.ts";
import type { Chance } from "./chance.ts";
import { actorOf, entry, type Happening, onWard, type Person, system } from "./happening.ts";

/* One made-up person's stay: what they said, when it changed, and what was ordered. Consent moves by the program's own table. */

export interface ConsentSpan {
  readonly fromUtcMs: number;
  readonly consents: Consents;
}

export interface StayPlan {
  readonly id: string;
  readonly bed: string;
  readonly fromUtcMs: number;
  /** Beyond the end of the year for whoever is still there. */
  readonly untilUtcMs: number;
  /** Each change of consent, the oldest first; the first is of nobody asked yet. */
  readonly consents: readonly ConsentSpan[];
  readonly everyMinutes: number;
  readonly level: ObservationOrder["level"];
  readonly happenings: readonly Happening[];
}

const activation = (chance: Chance): Activation => ({
  concern: chance.pick(["sleep-broken-by-checks", "falls", "breathing-after-medicine", "leaves-bed-at-night"] as const),
  alternatives: [chance.pick(["checks-in-person-only", "talking-with-the-person", "fewer-hours"] as const)],
  words: null,
  reviewAfterHours: 24 * chance.pick([3, 7, 14, 28]),
  hours: chance.is(0.3) ? { fromHour: 22, toHour: 7 } : null,
  askAgainEveryHours: null,
});
const decision: BestInterests = {
  decision: "Falls at night, and cannot say what would help.",
  impairment: "An acute confusion.",
  unableTo: ["retain", "weigh"],
  helpGiven: "A picture card, twice, with family there.",
  assessor: "Dr Made Up",
  consulted: "A sister.",
  attorneyOrDeputy: null,
  noAdvanceRefusal: true,
  assessAgainAfterHours: 48,
};

type Written = Extract<StoreRow, { table: "consent" }>["record"];
type Answer = "yes" | "no" | "decided" | "never-asked";

/** @param answer what this person says when they are asked. */
export function planStay(
  where: { readonly bed: string; readonly fromUtcMs: number; readonly untilUtcMs: number; readonly endUtcMs: number },
  staff: readonly Person[],
  chance: Chance,
): StayPlan {
  const { bed, fromUtcMs, untilUtcMs, endUtcMs } = where;
  const id = `s-${chance.id()}`;
  const lastUtcMs = Math.min(untilUtcMs, endUtcMs);
  const inCharge = staff.filter(({ role }) => role === "nurse-in-charge");
  const nurse = (): Actor =>
    actorOf(chance.pick(staff.filter(({ role }) => role === "nurse" || role === "nurse-in-charge")));
  const lead = (): Actor => actorOf(chance.pick(inCharge));
  const bedside: Extract<Actor, { kind: "bedside" }> = { kind: "bedside", bed, stay: id };
  const happenings: Happening[] = [];
  const changes: { readonly atUtcMs: number; readonly purpose: Purpose; readonly consent: Consents[Purpose] }[] = [];
  let consents = noConsents;

  const move = (
    atUtcMs: number,
    purpose: Purpose,
    act: ConsentAct,
    told: { readonly action: AuditAction; readonly by: Actor; readonly record?: Written; readonly detail?: object },
  ): void => {
    if (atUtcMs >= lastUtcMs) return;
    const step = stepConsent(consents[purpose], act, atUtcMs);
    if (!step.ok || !step.changed) return;
    consents = { ...consents, [purpose]: step.consent };
    changes.push({ atUtcMs, purpose, consent: step.consent });
    const detail = { bed, stay: id, purpose, state: step.consent.state, ...told.detail };
    happenings.push(
      onWard(
        atUtcMs,
        [entry(told.action, told.by, detail)],
        [
          {
            table: "consent",
            stay: id,
            consent: { ...step.consent, purpose },
            atUtcMs,
            by: told.by.kind === "staff" ? told.by.name : told.by.kind === "system" ? told.by.part : "the person",
            byPerson: told.by.kind === "bedside",
            record: told.record ?? null,
          },
        ],
      ),
    );
  };
  const kill = () => ({ touchToStopMs: Math.round(Math.min(4_000, chance.about(320, 0.45))) });

  const asked: readonly Purpose[] = chance.is(0.6)
    ? ["movement-alerts", "breathing-rate", "night-report", "activity-summary"]
    : ["movement-alerts"];
  const answer: Answer = chance.is(0.14) ? "never-asked" : chance.is(0.12) ? "decided" : chance.is(0.27) ? "no" : "yes";
  const askedAt = fromUtcMs + chance.about(20, 0.6) * hourMs;
  for (const [index, purpose] of asked.entries()) {
    const atUtcMs = askedAt + index * 60_000;
    const offer = activation(chance);
    const terms = { untilUtcMs: atUtcMs + offer.reviewAfterHours * hourMs, hours: offer.hours, askAgainEveryMs: null };
    if (answer === "never-asked") continue;
    if (answer === "decided") {
      if (!sensingPurposes.includes(purpose)) continue;
      const short = { ...offer, reviewAfterHours: 24 * 7 };
      move(
        atUtcMs,
        purpose,
        { act: "best-interests", terms: { ...terms, untilUtcMs: atUtcMs + 7 * dayMs } },
        { action: "consent.best-interests", by: lead(), record: { activation: short, record: decision } },
      );
      continue;
    }
    move(atUtcMs, purpose, { act: "offer", terms }, { action: "consent.offer", by: nurse(), record: offer });
    const answeredAt = atUtcMs + chance.about(25, 0.8) * 60_000;
    if (answer === "no") {
      if (chance.is(0.85))
        move(answeredAt, purpose, { act: "say-no" }, { action: "consent.refuse", by: bedside, detail: kill() });
    } else if (chance.is(0.9)) {
      move(answeredAt, purpose, { act: "say-yes" }, { action: "consent.grant", by: bedside });
    }
  }

  const expireBefore = (utcMs: number): void => {
    for (const purpose of asked) {
      const until = consents[purpose].untilUtcMs;
      const due = dueByTime(consents[purpose], utcMs);
      if (due?.act !== "expire" || until === null) continue;
      const at = Math.max(until, changes.findLast((change) => change.purpose === purpose)?.atUtcMs ?? until);
      move(at, purpose, due, { action: "consent.expire", by: system("consent") });
    }
  };

  // Once a day: a pause, a stop, a review before the end, or the end by itself.
  for (let day = askedAt + 12 * hourMs; day < lastUtcMs; day += dayMs) {
    const atUtcMs = day + chance.next() * 6 * hourMs;
    expireBefore(atUtcMs);
    const on = asked.filter((purpose) => allowingStates.includes(consents[purpose].state));
    if (on.length > 0 && chance.is(0.05)) {
      const minutes = chance.pick([15, 30, 60]);
      const detail = { minutes, ...kill() };
      for (const purpose of on)
        move(
          atUtcMs,
          purpose,
          { act: "pause", forMs: minutes * 60_000, by: "person" },
          { action: "consent.pause", by: bedside, detail },
        );
      for (const purpose of on)
        move(
          atUtcMs + minutes * 60_000,
          purpose,
          { act: "resume" },
          { action: "consent.resume", by: system("consent") },
        );
      continue;
    }
    if (on.length > 0 && chance.is(0.015)) {
      for (const purpose of on)
        move(atUtcMs, purpose, { act: "say-no" }, { action: "consent.withdraw", by: bedside, detail: kill() });
      continue;
    }
    for (const purpose of on) {
      const left = (consents[purpose].untilUtcMs ?? Number.POSITIVE_INFINITY) - atUtcMs;
      const decided = consents[purpose].state === "best-interests";
      if (left < dayMs && left > 0 && !decided && chance.is(0.8)) {
        const outcome = chance.is(0.75) ? "keep" : chance.is(0.5) ? "fewer-hours" : "stop";
        const { hours } = consents[purpose];
        const fewer = outcome === "fewer-hours" && hours === null ? { fromHour: 22, toHour: 7 } : hours;
        const review = {
          outcome,
          words: "Slept better; kept as small as it can be.",
          reviewAfterHours: 168,
          hours: fewer,
        } as const;
        const detail = { outcome };
        if (outcome === "stop")
          move(
            atUtcMs,
            purpose,
            { act: "turn-off" },
            { action: "consent.withdraw", by: nurse(), record: review, detail },
          );
        else
          move(
            atUtcMs,
            purpose,
            { act: "review", untilUtcMs: atUtcMs + 168 * hourMs, hours: fewer },
            { action: "consent.review", by: nurse(), record: review, detail },
          );
      }
    }
  }
  expireBefore(lastUtcMs);

  const close = chance.is(0.35);
  const [level, everyMinutes] = close ? (["intermittent-high", 30] as const) : (["general", 60] as const);
  const leader = lead();
  const observation: ObservationOrder = {
    level,
    everyMinutes,
    by: "Nurse in charge",
    reason: "As agreed.",
    reviewAfterHours: 168,
  };
  const order: CareOrder = {
    ...nothingOrdered,
    leftBed: { afterMs: 300_000 },
    onFloor: { afterMs: 10_000 },
    rateUnavailable: { afterMs: 600_000 },
    by: "Nurse in charge",
    reason: "Falls at night.",
  };
  happenings.push(
    onWard(
      fromUtcMs,
      [entry("stay.admit", leader, { bed, stay: id })],
      [{ table: "stay", id, bed, label: "M.U.", demonstration: false, startedAtUtcMs: fromUtcMs }],
      chance.is(0.75)
        ? (db, append, stamp) =>
            setCharacteristics(db, append, { bed, stay: id, told: characteristicsOf(chance), by: leader }, stamp)
        : undefined,
    ),
    onWard(
      fromUtcMs + 60_000,
      [
        entry("check.order", leader, {
          bed,
          stay: id,
          level,
          everyMinutes,
          by: "Nurse in charge",
          reviewAfterHours: 168,
        }),
      ],
      [{ table: "observation-order", stay: id, order: observation, atUtcMs: fromUtcMs + 60_000 }],
    ),
  );
  if (answer === "yes" || answer === "decided")
    happenings.push(
      onWard(
        askedAt + 300_000,
        [entry("order.set", leader, { bed, stay: id, parts: ["leftBed", "onFloor", "rateUnavailable"] })],
        [{ table: "order", stay: id, order, atUtcMs: askedAt + 300_000 }],
      ),
    );
  if (chance.is(0.5)) {
    const about = chance.pick(["question", "complaint", "how-is-it"] as const);
    const feels = about === "how-is-it" ? chance.pick(["good", "okay", "not-good"] as const) : null;
    const words = chance.pick(["Is it on at night?", "The light is too bright.", "I sleep better.", null]);
    const atUtcMs = fromUtcMs + chance.next() * (lastUtcMs - fromUtcMs);
    happenings.push(
      onWard(atUtcMs, [], [], (db, append, stamp) => {
        takeFeedback(db, append, { by: bedside, about, feels, words }, stamp);
      }),
    );
  }
  const kept = happenings.filter(({ atUtcMs }) => atUtcMs < lastUtcMs);
  if (untilUtcMs < endUtcMs)
    kept.push(
      onWard(
        untilUtcMs,
        [entry("stay.end", leader, { bed, stay: id })],
        [{ table: "stay-end", id, endedAtUtcMs: untilUtcMs }],
      ),
    );
  return {
    id,
    bed,
    fromUtcMs,
    untilUtcMs,
    consents: spansOf(fromUtcMs, changes),
    everyMinutes,
    level,
    happenings: kept,
  };
}

/** Changes of one purpose are in order; those of several lie between one another. */
function spansOf(
  fromUtcMs: number,
  changes: readonly { readonly atUtcMs: number; readonly purpose: Purpose; readonly consent: Consents[Purpose] }[],
): ConsentSpan[] {
  const spans: ConsentSpan[] = [{ fromUtcMs, consents: noConsents }];
  let consents = noConsents;
  for (const { atUtcMs, purpose, consent } of changes.toSorted((a, b) => a.atUtcMs - b.atUtcMs)) {
    consents = { ...consents, [purpose]: consent };
    spans.push({ fromUtcMs: atUtcMs, consents });
  }
  return spans;
}

function characteristicsOf(chance: Chance): Characteristics {
  return {
    age: chance.pick(["18-to-24", "25-to-44", "25-to-44", "45-to-64", "45-to-64", "65-and-older"]),
    sex: chance.pick(["female", "male"]),
    ...(chance.is(0.8)
      ? { race: chance.pick(["asian", "black", "mixed", "white", "white", "white", "white", "other"]) }
      : {}),
    ...(chance.is(0.6)
      ? { religion: chance.pick(["none", "none", "christian", "christian", "muslim", "another"]) }
      : {}),
    ...(chance.is(0.7) ? { disability: chance.pick(["yes", "no", "no"]) } : {}),
  };
}
