import { describe, expect, test } from "vitest";
import { type CareOrder, nothingOrdered } from "../../../edge-agent/contract/people.ts";
import type { WhatIf } from "../../../edge-agent/contract/what-if.ts";
import { whatIfView } from "./what-if-words.ts";

const order: CareOrder = {
  ...nothingOrdered,
  leftBed: { afterMs: 30_000 },
  onFloor: { afterMs: 5_000 },
  by: "A",
  reason: "B",
};
const result = (now: number, would: number, change: Partial<WhatIf> = {}): WhatIf => ({
  nights: 30,
  bedNights: 20,
  beds: 1,
  conditions: [
    { condition: "on-floor", now: 0, would: 0, told: 0.4 },
    { condition: "no-movement", now: 0, would: 0, told: 1 },
    { condition: "left-bed", now, would, told: 1 },
  ],
  ...change,
});

describe("what an order would have meant, in words", () => {
  test("is alarms a night of what was recorded, and how that compares with now", () => {
    const words = (now: number, would: number) => whatIfView(result(now, would), "stay", order).load;
    expect(words(10, 40)).toEqual({ now: "0.5", would: "2.0", words: "About 4 times as many as now." });
    expect(words(10, 12)?.words).toBe("More than now.");
    expect(words(0, 12)?.words).toBe("More than now.");
    expect(words(12, 2)?.words).toBe("Fewer than now.");
    expect(words(12, 12)?.words).toBe("As many as now.");
  });

  test("says what was recorded in part, and leaves out what is off and raised nothing", () => {
    const { rows, untold } = whatIfView(result(1, 2), "stay", order);
    expect(rows.map(({ words }) => words)).toEqual(["On the floor, or very low", "Out of bed"]);
    expect(untold).toEqual(["On the floor, or very low: recorded 40 % of the time, and counted then."]);
  });

  test("says that nothing can be said where nothing was recorded", () => {
    expect(whatIfView(result(0, 0, { bedNights: 0.01 }), "stay", order).load).toBeNull();
    expect(whatIfView(result(0, 0, { nights: 1, beds: 12 }), "ward", order).title).toBe(
      "If everybody had had this for the last night (12 people)",
    );
  });
});
