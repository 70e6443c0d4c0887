import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RoomAsk } from "../contract/asks.ts";
import { type Consent, dayMs, neverOffered } from "../contract/consent.ts";
import type { Actor } from "../contract/people.ts";
import { allowingStates, ConsentState, purposes, StaffRole } from "../contract/words.ts";
import {
  type ActName,
  allowedPurposes,
  type ConsentAct,
  consentTable,
  dueByTime,
  dueOf,
  isAllowed,
  noConsents,
  stepConsent,
} from "./consent.ts";
import { mayAsk } from "./rights.ts";

const terms = { untilUtcMs: 7 * dayMs, hours: null, askAgainEveryMs: null };
const acts: readonly ConsentAct[] = [
  { act: "offer", terms },
  { act: "say-yes" },
  { act: "say-no" },
  { act: "turn-off" },
  { act: "best-interests", terms },
  { act: "review", untilUtcMs: 14 * dayMs, hours: null },
  { act: "pause", forMs: 900_000, by: "person" },
  { act: "resume" },
  { act: "still-yes" },
  { act: "expire" },
  { act: "end" },
];
const actOf = (name: ActName): ConsentAct => {
  const found = acts.find(({ act }) => act === name);
  if (found === undefined) throw new Error(name);
  return found;
};
/** From never offered, by these acts, one a second; a refused act leaves everything as it was. */
function afterActs(...names: readonly ActName[]): Consent {
  let consent = neverOffered;
  for (const [second, name] of names.entries()) {
    const step = stepConsent(consent, actOf(name), 1_000 * second);
    if (step.ok) consent = step.consent;
  }
  return consent;
}
const stepFrom = (consent: Consent, name: ActName, utcMs = 60_000) => stepConsent(consent, actOf(name), utcMs);

describe("consent of one purpose", () => {
  it("has a cell for every state and act, and every state but the ended one can be left", () => {
    for (const state of ConsentState.options) {
      expect(Object.keys(consentTable[state]).sort()).toEqual(acts.map(({ act }) => act).sort());
      const leads = Object.values(consentTable[state]).filter((cell) => cell !== "as-it-is" && !cell.startsWith("("));
      expect(leads.length > 0).toBe(state !== "ended");
    }
  });

  it("comes to be allowed only by the person's touch after an offer, or by a decision for them", () => {
    for (const state of ConsentState.options) {
      for (const [act, to] of Object.entries(consentTable[state])) {
        if (to === "granted") expect([act, state !== "never-offered"]).toEqual(["say-yes", true]);
        if (to === "best-interests") expect(act).toBe("best-interests");
        if (to === "as-before") expect([state, ["say-yes", "resume"].includes(act)]).toEqual(["paused", true]);
      }
    }
    expect(stepFrom(neverOffered, "say-yes")).toEqual({ ok: false, why: "not-offered" });
    expect(afterActs("offer", "say-yes")).toMatchObject({ state: "granted", untilUtcMs: 7 * dayMs });
  });

  it("cannot be decided for a person who said no, by no way round", () => {
    const histories = fc.array(fc.constantFrom(...acts.map(({ act }) => act).filter((act) => act !== "say-yes")), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.constantFrom<ActName[]>(["offer", "say-no"], ["offer", "say-yes", "say-no"]),
        histories,
        (no, rest) => {
          expect(afterActs(...no, ...rest).state).not.toBe("best-interests");
        },
      ),
    );
    expect(stepFrom(afterActs("offer", "say-no"), "best-interests")).toEqual({ ok: false, why: "refused-by-person" });
    expect(stepFrom(afterActs("offer", "say-yes", "say-no", "offer"), "best-interests")).toEqual({
      ok: false,
      why: "refused-by-person",
    });
    // Who said yes again is not held to an earlier no; what staff turned off is nobody's no.
    expect(afterActs("offer", "say-no", "offer", "say-yes", "expire", "best-interests").state).toBe("best-interests");
    expect(afterActs("offer", "say-yes", "turn-off", "best-interests").state).toBe("best-interests");
  });

  it("a person for whom it was decided can stop it, and then nobody decides again", () => {
    expect(afterActs("best-interests", "say-no").state).toBe("withdrawn");
    expect(afterActs("best-interests", "say-no", "best-interests").state).toBe("withdrawn");
    // Whoever can be asked again is asked: off until they have answered.
    expect(afterActs("best-interests", "offer").state).toBe("offered");
  });

  it("decided for a person and then off, it needs an offer before their own yes; what was decided was never put to them", () => {
    for (const off of ["say-no", "turn-off"] as const) {
      expect(stepFrom(afterActs("best-interests", off), "say-yes")).toEqual({ ok: false, why: "not-offered" });
      expect(stepFrom(afterActs("best-interests", "pause", off), "say-yes")).toEqual({ ok: false, why: "not-offered" });
    }
    expect(afterActs("best-interests", "say-no", "offer", "say-yes").state).toBe("granted");
  });

  it("what was decided is due to be assessed again, also at night, and a review begins that time anew", () => {
    const decided = stepConsent(
      neverOffered,
      { act: "best-interests", terms: { ...terms, askAgainEveryMs: dayMs / 2 } },
      0,
    );
    if (!decided.ok) throw new Error(decided.why);
    const rules = { promptMs: dayMs, quiet: true };
    expect(dueOf(decided.consent, dayMs / 2 - 1, rules)).toBeNull();
    expect(dueOf(decided.consent, dayMs / 2, rules)).toBe("review");
    const reviewed = stepConsent(decided.consent, { act: "review", untilUtcMs: 9 * dayMs, hours: null }, dayMs);
    if (!reviewed.ok) throw new Error(reviewed.why);
    expect(dueOf(reviewed.consent, 1.4 * dayMs, rules)).toBeNull();
    expect(dueOf(reviewed.consent, 1.5 * dayMs, rules)).toBe("review");
  });

  it("an offer that staff took back is none any more; one that the person said no to can still be taken up", () => {
    expect(stepFrom(afterActs("offer", "turn-off"), "say-yes")).toEqual({ ok: false, why: "not-offered" });
    expect(afterActs("offer", "say-no", "say-yes").state).toBe("granted");
  });

  it("ends what was decided when the person is asked in a pause of it; what they had agreed to goes on", () => {
    expect(afterActs("best-interests", "pause", "offer")).toMatchObject({ state: "offered", pause: null });
    expect(afterActs("offer", "say-yes", "pause", "offer").state).toBe("paused");
  });

  it("takes the terms of a decision that is made anew", () => {
    const hours = { fromHour: 22, toHour: 7 };
    const act: ConsentAct = { act: "best-interests", terms: { ...terms, untilUtcMs: 3 * dayMs, hours } };
    const step = stepConsent(afterActs("best-interests"), act, 60_000);
    expect(step).toMatchObject({ ok: true, changed: true, consent: { hours, untilUtcMs: 3 * dayMs } });
  });

  it("a no to what has just ended by itself is a no", () => {
    for (const before of [["offer"], ["offer", "say-yes"], ["best-interests"]] as const) {
      const expired = afterActs(...before, "expire", "say-no");
      expect(expired).toMatchObject({ state: "expired", personSaidNo: true });
      expect(stepFrom(expired, "best-interests")).toEqual({ ok: false, why: "refused-by-person" });
    }
    expect(afterActs("say-no").personSaidNo).toBe(false);
  });

  it("is off at once after any no, and an ended stay never comes back", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...acts.map(({ act }) => act)), { maxLength: 30 }), (history) => {
        let consent = neverOffered;
        let ended = false;
        for (const name of history) {
          const step = stepFrom(consent, name);
          if (step.ok) consent = step.consent;
          ended ||= name === "end";
          if (ended) expect(consent.state).toBe("ended");
          if (["say-no", "turn-off", "expire", "pause"].includes(name)) expect(isAllowed(consent, 3)).toBe(false);
          if (allowingStates.includes(consent.state)) expect(consent.untilUtcMs).not.toBeNull();
          expect(consent.pause !== null).toBe(consent.state === "paused");
        }
      }),
    );
  });

  it("what was stopped can be on again with one touch while what was offered holds, and needs a new offer after it", () => {
    const stopped = afterActs("offer", "say-yes", "say-no");
    expect(stepFrom(stopped, "say-yes")).toMatchObject({
      ok: true,
      consent: { state: "granted", personSaidNo: false },
    });
    expect(stepFrom(stopped, "say-yes", 7 * dayMs)).toEqual({ ok: false, why: "not-offered" });
    expect(stepFrom(afterActs("offer", "say-yes", "expire"), "say-yes")).toEqual({ ok: false, why: "not-offered" });
  });

  it("what is not on is not paused, and changes nothing", () => {
    for (const names of [[], ["offer"], ["offer", "say-no"], ["offer", "say-yes", "say-no"]] as const) {
      expect(stepFrom(afterActs(...names), "pause")).toMatchObject({ ok: true, changed: false });
    }
    expect(stepFrom(afterActs("offer", "say-yes", "pause"), "pause")).toMatchObject({ ok: true, changed: true });
  });

  it("a pause ends by its time or a touch, as what it was before; a no in it stands", () => {
    const paused = afterActs("offer", "say-yes", "pause");
    expect(paused.pause).toEqual({ untilUtcMs: 2_000 + 900_000, from: "granted" });
    expect(dueByTime(paused, 901_999)).toBeUndefined();
    expect(dueByTime(paused, 902_000)).toEqual({ act: "resume" });
    expect(afterActs("offer", "say-yes", "pause", "resume").state).toBe("granted");
    expect(afterActs("best-interests", "pause", "pause", "resume").state).toBe("best-interests");
    expect(afterActs("offer", "say-yes", "pause", "say-no", "resume").state).toBe("withdrawn");
    expect(dueByTime(paused, 7 * dayMs)).toEqual({ act: "expire" });
  });

  it("an offer that nobody answered, a consent and a decision all end with their time", () => {
    for (const consent of [afterActs("offer"), afterActs("offer", "say-yes"), afterActs("best-interests")]) {
      expect(dueByTime(consent, 7 * dayMs - 1)).toBeUndefined();
      expect(dueByTime(consent, 7 * dayMs)).toEqual({ act: "expire" });
    }
    expect(dueByTime(afterActs("offer", "say-no"), 99 * dayMs)).toBeUndefined();
  });

  it("a review moves its end, and can make it fewer hours", () => {
    const step = stepConsent(
      afterActs("offer", "say-yes"),
      { act: "review", untilUtcMs: 9 * dayMs, hours: { fromHour: 22, toHour: 6 } },
      1,
    );
    if (!step.ok) throw new Error(step.why);
    expect(step.consent.untilUtcMs).toBe(9 * dayMs);
    expect([23, 5].map((hour) => isAllowed(step.consent, hour))).toEqual([true, true]);
    expect([6, 12, 21].map((hour) => isAllowed(step.consent, hour))).toEqual([false, false, false]);
    expect(stepFrom(afterActs("offer", "say-yes", "say-no"), "review")).toEqual({ ok: false, why: "not-offered" });
  });

  it("staff are told a day ahead, and nobody is asked anything in the quiet hours", () => {
    const rules = { promptMs: dayMs, quiet: false };
    const granted = afterActs("offer", "say-yes");
    expect(dueOf(granted, 6 * dayMs - 1, rules)).toBeNull();
    expect(dueOf(granted, 6 * dayMs, rules)).toBe("review");
    expect(dueOf(afterActs("offer"), 6 * dayMs, rules)).toBeNull();
    const asked = stepConsent(neverOffered, { act: "offer", terms: { ...terms, askAgainEveryMs: dayMs } }, 0);
    const yes = asked.ok ? stepConsent(asked.consent, { act: "say-yes" }, 0) : asked;
    if (!yes.ok) throw new Error(yes.why);
    expect(dueOf(yes.consent, dayMs, rules)).toBe("ask-again");
    expect(dueOf(yes.consent, dayMs, { ...rules, quiet: true })).toBeNull();
    const still = stepConsent(yes.consent, { act: "still-yes" }, dayMs + 5);
    expect(still.ok && still.consent.askAgain).toEqual({ atUtcMs: 2 * dayMs + 5, everyMs: dayMs });
  });

  it("a term of a day or less is due for review when half of it is over, not the moment it begins", () => {
    const rules = { promptMs: dayMs, quiet: false };
    for (const [termMs, dueMs] of [
      [dayMs / 24, dayMs / 48],
      [dayMs, dayMs / 2],
      [2 * dayMs, dayMs],
      [3 * dayMs, 2 * dayMs],
    ] as const) {
      const offered = stepConsent(neverOffered, { act: "offer", terms: { ...terms, untilUtcMs: termMs } }, 0);
      const yes = offered.ok ? stepConsent(offered.consent, { act: "say-yes" }, termMs / 10) : offered;
      if (!yes.ok) throw new Error(yes.why);
      expect(dueOf(yes.consent, dueMs - 1, rules)).toBeNull();
      expect(dueOf(yes.consent, dueMs, rules)).toBe("review");
      // A pause does not begin the term anew; a review does.
      const paused = stepConsent(yes.consent, actOf("pause"), dueMs);
      const resumed = paused.ok ? stepConsent(paused.consent, { act: "resume" }, dueMs + 1) : paused;
      if (!resumed.ok) throw new Error(resumed.why);
      expect(dueOf(resumed.consent, dueMs + 2, rules)).toBe("review");
      const act: ConsentAct = { act: "review", untilUtcMs: dueMs + termMs, hours: null };
      const reviewed = stepConsent(resumed.consent, act, dueMs);
      if (!reviewed.ok) throw new Error(reviewed.why);
      expect(dueOf(reviewed.consent, 2 * dueMs - 1, rules)).toBeNull();
    }
  });

  it("a pause of the person's is never cut short by somebody else; their own touch may", () => {
    const hour = stepConsent(afterActs("offer", "say-yes"), { act: "pause", forMs: 3_600_000, by: "person" }, 0);
    if (!hour.ok) throw new Error(hour.why);
    for (const [by, forMs, untilUtcMs] of [
      ["staff", 900_000, 3_600_000],
      ["staff", 3_600_000, 3_660_000],
      ["person", 900_000, 960_000],
    ] as const) {
      const again = stepConsent(hour.consent, { act: "pause", forMs, by }, 60_000);
      expect(again.ok && again.consent.pause).toEqual({ untilUtcMs, from: "granted" });
    }
  });

  it("no review gives an hour that was not agreed to", () => {
    const night = { fromHour: 22, toHour: 7 };
    const act: ConsentAct = { act: "offer", terms: { ...terms, hours: night } };
    const offered = stepConsent(neverOffered, act, 0);
    const yes = offered.ok ? stepConsent(offered.consent, { act: "say-yes" }, 1) : offered;
    if (!yes.ok) throw new Error(yes.why);
    for (const hours of [null, { fromHour: 21, toHour: 7 }, { fromHour: 22, toHour: 8 }, { fromHour: 8, toHour: 9 }])
      expect(stepConsent(yes.consent, { act: "review", untilUtcMs: 9 * dayMs, hours }, 2)).toEqual({
        ok: false,
        why: "policy",
      });
    const fewer = { act: "review", untilUtcMs: 9 * dayMs, hours: { fromHour: 23, toHour: 6 } } as const;
    expect(stepConsent(yes.consent, fewer, 2)).toMatchObject({ ok: true, changed: true });
  });

  it("a sensor runs only for a purpose that needs one", () => {
    const report = { ...noConsents, "night-report": afterActs("offer", "say-yes") };
    expect(allowedPurposes(report, 3)).toEqual([]);
    expect(allowedPurposes({ ...report, "breathing-rate": afterActs("offer", "say-yes") }, 3)).toEqual([
      "breathing-rate",
      "night-report",
    ]);
    expect(purposes).toHaveLength(5);
  });
});

describe("rights", () => {
  const turnOn: RoomAsk = { do: "turn-on", bed: "room-1", stay: "s1", purpose: "breathing-rate" };
  const bedside: Actor = { kind: "bedside", bed: "room-1", stay: "s1" };
  const staff = StaffRole.options.map((role): Actor => ({ kind: "staff", id: "n", name: "N", role }));
  const place = { bed: "room-1", stay: "s1" };
  it("lets nobody turn on, resume or say still yes but the screen paired with this very stay", () => {
    for (const ask of [turnOn, { do: "resume", ...place }, { ...turnOn, do: "still-yes" }] as const) {
      expect(mayAsk(ask, bedside)).toBe(true);
      expect(mayAsk(ask, { ...bedside, stay: "s2" })).toBe(false);
      expect(mayAsk(ask, { ...bedside, bed: "room-2" })).toBe(false);
      for (const actor of [...staff, { kind: "setup", name: "x" } as const]) expect(mayAsk(ask, actor)).toBe(false);
    }
  });
  it("lets any staff and the person turn off, pause and stop everything, and nobody else's screen", () => {
    for (const ask of [
      { ...turnOn, do: "turn-off" },
      { do: "stop-everything", ...place },
      { do: "pause", ...place, minutes: 15 },
    ] as const) {
      for (const actor of [...staff, bedside]) expect(mayAsk(ask, actor)).toBe(true);
      expect(mayAsk(ask, { ...bedside, stay: "s2" })).toBe(false);
    }
  });
  it("lets only clinical staff acknowledge, and only the nurse in charge decide for somebody", () => {
    for (const actor of staff) {
      const clinical = actor.kind === "staff" && (actor.role === "nurse" || actor.role === "nurse-in-charge");
      expect(mayAsk({ do: "acknowledge", bed: "room-1", alarm: "a", going: true }, actor)).toBe(clinical);
      const decide = { ...turnOn, do: "best-interests" } as RoomAsk;
      expect(mayAsk(decide, actor)).toBe(actor.kind === "staff" && actor.role === "nurse-in-charge");
    }
    expect(mayAsk({ do: "acknowledge", bed: "room-1", alarm: "a", going: true }, bedside)).toBe(false);
    expect(mayAsk({ ...turnOn, do: "best-interests" } as RoomAsk, { kind: "setup", name: "x" })).toBe(false);
  });
});
