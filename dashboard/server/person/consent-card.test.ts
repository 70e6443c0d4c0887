import { describe, expect, test } from "vitest";
import { ConsentPolicy } from "../../../edge-agent/contract/consent.ts";
import type { ConsentChange } from "../../../edge-agent/contract/consent-history.ts";
import type { Tile } from "../../../edge-agent/contract/tile.ts";
import { ConsentState, purposes } from "../../../edge-agent/contract/words.ts";
import { bedTileFixtures, consentFixture } from "../../web/components/bed-tile/fixtures.ts";
import { cardRow, consentCard } from "./consent-card.ts";

const policy = ConsentPolicy.parse({});
const nowUtcMs = Date.UTC(2026, 10, 22, 3, 14);
const inCharge = { nowUtcMs, policy, inCharge: true };
const nurse = { ...inCharge, inCharge: false };
const told = (state: ConsentState, change: Partial<Tile["consents"][number]> = {}) =>
  consentFixture("breathing-rate", state, change);
const change = (state: ConsentState, byPerson: boolean): ConsentChange => ({
  purpose: "breathing-rate",
  state,
  atUtcMs: nowUtcMs,
  by: byPerson ? "the person, at the bedside" : "Sam Reed",
  byPerson,
  untilUtcMs: null,
  record: null,
});

describe("one row of the consent card", () => {
  test.each(ConsentState.options)("%s has a state, a next step, and never an act that turns on", (state) => {
    for (const personSaidNo of [false, true]) {
      const row = cardRow(told(state, { personSaidNo }), undefined, inCharge);
      expect(row.state.split(" ").length).toBeLessThanOrEqual(3);
      expect(row.next).not.toBe("");
      expect(`${row.state} ${row.next}`).not.toMatch(/declin|non-compl|fail|warning|must/i);
      expect(row.acts).not.toContain("turn-on");
    }
  });

  test("after a person's no there is nothing to do, and nothing that asks for a decision over it", () => {
    for (const state of ["refused", "withdrawn"] as const) {
      const row = cardRow(told(state, { personSaidNo: true }), change(state, true), inCharge);
      expect(row).toMatchObject({ look: "off", state: "Off", due: null, acts: ["ask-again"] });
      expect(row.next).toMatch(/^Nothing to do\./);
    }
  });

  test("deciding in best interests is the nurse in charge's, where the person has not said no", () => {
    for (const state of ["never-offered", "offered", "withdrawn", "expired", "best-interests"] as const) {
      expect(cardRow(told(state), undefined, inCharge).acts).toContain("best-interests");
      expect(cardRow(told(state), undefined, nurse).acts).not.toContain("best-interests");
      expect(cardRow(told(state, { personSaidNo: true }), undefined, nurse).acts).not.toContain("best-interests");
    }
    for (const state of ["granted", "paused"] as const)
      expect(cardRow(told(state), undefined, inCharge).acts).not.toContain("best-interests");
  });

  test("says who decided, since when, until when, in which hours, and how often the person is asked again", () => {
    const row = cardRow(
      told("granted", {
        hours: { fromHour: 22, toHour: 7 },
        askAgain: { atUtcMs: nowUtcMs, everyMs: 24 * 3_600_000 },
      }),
      change("granted", true),
      nurse,
    );
    expect(row.decided).toBe("The person’s own touch, today 01:14.");
    expect(row.terms).toBe(
      "Ends by itself Sat 28 Nov, 02:14. From 22:00 to 07:00. The person is asked again every day.",
    );
    expect(cardRow(told("withdrawn"), change("withdrawn", false), nurse).decided).toBe(
      "Turned off by Sam Reed, today 01:14.",
    );
    expect(cardRow(told("withdrawn"), undefined, nurse).decided).toBe("Turned off, today 01:14.");
  });

  test("what is due is told in words, and what is agreed for other hours is not called on", () => {
    expect(
      cardRow(told("granted", { due: "review", untilUtcMs: nowUtcMs + 3_600_000 }), undefined, nurse),
    ).toMatchObject({ due: "review", next: "Review it by today 04:14: would less do? Without a review it goes off." });
    expect(cardRow(told("granted", { due: "ask-again" }), undefined, nurse).next).toMatch(/^Ask the person/);
    expect(cardRow(told("granted", { outOfHours: true }), undefined, nurse)).toMatchObject({
      state: "Not at this hour",
    });
  });
});

describe("the whole card", () => {
  const tile = (...consents: Tile["consents"]): Tile => ({ ...bedTileFixtures.calm, consents });
  const all = tile(...purposes.map((purpose) => consentFixture(purpose, "never-offered")));

  test("what runs a sensor stands apart from what may be made of it", () => {
    const card = consentCard(all, [], nurse);
    expect(card.sensing.map(({ purpose }) => purpose)).toEqual(["movement-alerts", "breathing-rate"]);
    expect(card.uses.length).toBe(3);
    expect(card).toMatchObject({ anythingOn: false, anythingToStop: false });
    expect(consentCard(tile(told("offered")), [], nurse)).toMatchObject({ anythingOn: false, anythingToStop: true });
    expect(consentCard(tile(told("paused")), [], nurse)).toMatchObject({ anythingOn: true, anythingToStop: true });
  });

  test("who decided is whoever led to the state, and not whoever reviewed it later", () => {
    const reviewed = { ...change("granted", false), by: "Ben" };
    const card = consentCard(
      tile(told("best-interests")),
      [
        change("offered", false),
        { ...change("best-interests", false), by: "Amina Khan" },
        { ...change("best-interests", false), by: "Ben" },
      ],
      nurse,
    );
    expect(card.sensing[0]?.decided).toContain("by Amina Khan");
    expect(consentCard(tile(told("granted")), [change("granted", true), reviewed], nurse).history.length).toBe(2);
  });

  test("a history that cannot be read is said, and takes nothing of the truth of now away", () => {
    const card = consentCard(tile(told("granted")), null, nurse);
    expect(card).toMatchObject({ historyReadable: false, history: [] });
    expect(card.sensing[0]?.state).toBe("On");
  });
});
