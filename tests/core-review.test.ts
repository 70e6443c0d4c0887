import { describe, expect, it } from "vitest";
import type { BestInterests, Review } from "../edge-agent/contract/consent.ts";
import type { Actor } from "../edge-agent/contract/people.ts";
import { activation, answerOf, answerOk, auditActions, Driver, nurse, setup } from "./core-driver.ts";

const inCharge: Actor = { kind: "staff", id: "c1", name: "Ada Obi", role: "nurse-in-charge" };
const place = { bed: "room-1", stay: "stay1" };
const purpose = "breathing-rate";
const record: BestInterests = {
  decision: "So that he sleeps.",
  impairment: "Delirium.",
  unableTo: ["weigh"],
  helpGiven: "Pictures.",
  assessor: "Dr Ade",
  consulted: "His sister.",
  attorneyOrDeputy: null,
  noAdvanceRefusal: true,
  assessAgainAfterHours: 24,
};
const night = { fromHour: 22, toHour: 7 };
const review = (of: Partial<Review>) =>
  ({
    do: "review",
    ...place,
    purpose,
    review: { outcome: "keep", words: "Slept.", reviewAfterHours: 48, hours: null, ...of },
  }) as const;

describe("a review by staff", () => {
  it("gives no hour that the person did not agree to, and says what it does", () => {
    const driver = new Driver().granted();
    expect(answerOk(driver.ask(nurse, review({ outcome: "fewer-hours", hours: night })))).toBe(true);
    for (const wrong of [
      review({ hours: null }),
      review({ outcome: "fewer-hours", hours: null }),
      review({ outcome: "fewer-hours", hours: night }),
      review({ hours: { fromHour: 23, toHour: 7 } }),
    ]) {
      expect(answerOf(driver.ask(nurse, wrong))).toMatchObject({ ok: false, why: "policy" });
    }
    expect(driver.core.room.consents[purpose].hours).toEqual(night);
    expect(answerOk(driver.ask(nurse, review({ hours: night })))).toBe(true);
  });

  it("does not prolong what was decided for a person; another decision does", () => {
    const driver = new Driver().granted();
    driver.ask(setup, {
      do: "admit",
      bed: "room-1",
      label: "Q",
      demonstration: true,
      adult: true,
      needs: driver.core.room.needs,
    });
    const stay = driver.core.room.stay?.id ?? "";
    const decide = {
      do: "best-interests",
      ...place,
      stay,
      purpose,
      activation: { ...activation, reviewAfterHours: 72 },
      record,
    } as const;
    const decided = driver.ask(inCharge, decide);
    expect(answerOk(decided)).toBe(true);
    const rows = decided.flatMap((effect) => (effect.kind === "store" ? [effect.row] : []));
    expect(rows.find(({ table }) => table === "consent")).toMatchObject({
      record: { activation: { concern: activation.concern, alternatives: activation.alternatives }, record },
    });
    const endsUtcMs = driver.core.room.consents[purpose].untilUtcMs;
    driver.now += 3_600_000;
    const effects = driver.ask(nurse, { ...review({ reviewAfterHours: 24 * 28 }), stay });
    expect(answerOk(effects)).toBe(true);
    expect(driver.core.room.consents[purpose].untilUtcMs).toBe(endsUtcMs);
    const entry = effects.find((effect) => effect.kind === "audit" && effect.intent.action === "consent.review");
    expect(entry).toMatchObject({ intent: { detail: { untilUtcMs: endsUtcMs } } });
    driver.ask(nurse, { ...review({ reviewAfterHours: 24 }), stay });
    expect(driver.core.room.consents[purpose].untilUtcMs).toBe(driver.stamp().utcMs + 24 * 3_600_000);
    expect(answerOk(driver.ask(inCharge, decide))).toBe(true);
    expect(driver.core.room.consents[purpose].untilUtcMs).toBe(driver.stamp().utcMs + 72 * 3_600_000);
  });

  it("that stops is done whatever is written beside it, whatever the disk does, with its kill time", () => {
    const driver = new Driver().granted();
    driver.feed({ kind: "audit-failed", ...driver.stamp(), unwritten: [] });
    const effects = driver.feed({
      kind: "ask",
      ...driver.stamp(),
      request: "r",
      actor: nurse,
      ask: review({ outcome: "stop", reviewAfterHours: 2_160 }),
      freshId: "x",
      touchedAtUtcMs: driver.stamp().utcMs - 90,
    });
    expect(auditActions(effects)).toContain("consent.withdraw");
    expect(effects.find((effect) => effect.kind === "audit")).toMatchObject({
      intent: { detail: { outcome: "stop", touchToStopMs: 90 } },
    });
    expect(driver.core.room.consents[purpose].state).toBe("withdrawn");
  });
});
