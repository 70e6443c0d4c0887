import { describe, expect, it } from "vitest";
import { monoMs } from "../contract/units.ts";
import { breathingRange, breathingRangeCalm } from "./breathing-range.ts";
import { leftBed, leftBedNotSeen } from "./left-bed.ts";
import { rateAvailable, rateUnavailable } from "./rate-unavailable.ts";

const order = { lowPerMin: 8, highPerMin: 24, forMs: 30_000, qualityMin: 0 };

/** Feeds one value a second, beginning at second 0; null is "no rate shown". */
function watch(rates: readonly (number | null)[]) {
  return rates.reduce(
    (state, rate, second) => breathingRange(state, rate, monoMs(second * 1000), order),
    breathingRangeCalm,
  );
}
const seconds = (count: number, rate: number | null) => Array.from({ length: count }, () => rate);

describe("breathing outside the ordered range", () => {
  it("raises after 30 s of shown windows, not before", () => {
    expect(watch(seconds(30, 6)).active).toBe(false);
    expect(watch(seconds(31, 6)).active).toBe(true);
  });
  it("counts only shown windows: time without a rate neither adds nor takes away", () => {
    expect(watch([...seconds(20, 6), ...seconds(30, null), ...seconds(5, 6)]).active).toBe(false);
    expect(watch([...seconds(20, 6), ...seconds(30, null), ...seconds(11, 6)]).active).toBe(true);
  });
  it("begins again after a minute without any rate", () => {
    expect(watch([...seconds(30, 6), ...seconds(62, null), ...seconds(12, 6)]).active).toBe(false);
  });
  it("one breath back inside begins the count again; a raised one clears after 10 s inside", () => {
    expect(watch([...seconds(25, 30), 15, ...seconds(25, 30)]).active).toBe(false);
    expect(watch([...seconds(31, 30), ...seconds(9, 15)]).active).toBe(true);
    expect(watch([...seconds(31, 30), ...seconds(11, 15)]).active).toBe(false);
  });
});

describe("left the bed", () => {
  const run = (steps: readonly ("in-bed" | "empty" | "unknown")[]) =>
    steps.reduce(
      (state, occupancy, s) => leftBed(state, occupancy, monoMs(s * 1000), { afterMs: 10_000 }),
      leftBedNotSeen,
    );
  it("needs somebody to have been in bed first", () => {
    expect(run(Array.from({ length: 30 }, () => "empty" as const)).phase).toBe("not-seen");
  });
  it("tells after the ordered time, and not knowing does not stop the clock", () => {
    expect(run(["in-bed", ...Array.from({ length: 10 }, () => "empty" as const)]).phase).toBe("away");
    expect(run(["in-bed", ...Array.from({ length: 11 }, () => "empty" as const)]).phase).toBe("away-too-long");
    expect(run(["in-bed", "empty", ...Array.from({ length: 10 }, () => "unknown" as const)]).phase).toBe(
      "away-too-long",
    );
  });
  it("not knowing alone never raises, and coming back ends it", () => {
    expect(run(["in-bed", ...Array.from({ length: 60 }, () => "unknown" as const)]).phase).toBe("in-bed");
    expect(run(["in-bed", ...Array.from({ length: 20 }, () => "empty" as const), "in-bed"]).phase).toBe("in-bed");
  });
});

describe("no rate for too long", () => {
  it("counts reasons that are about sensing, not an empty bed or a person's choice", () => {
    const told = (reason: "moving" | "nobody-in-bed" | "not-consented") =>
      [0, 30, 61].reduce(
        (state, s) => rateUnavailable(state, reason, monoMs(s * 1000), { afterMs: 60_000 }),
        rateAvailable,
      );
    expect(told("moving").active).toBe(true);
    expect(told("nobody-in-bed").active).toBe(false);
    expect(told("not-consented").active).toBe(false);
  });
});
