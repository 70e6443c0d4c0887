import { describe, expect, it } from "vitest";
import { holds, nothingSeen, type Seen, type SeenCondition, seenConditions } from "./seen-conditions.ts";

const asleep: Seen = { occupancy: "in-bed", place: "in-bed", people: "one", movement: 2, reason: null };
const told = (seen: Partial<Seen>) =>
  Object.fromEntries(seenConditions.map((condition) => [condition, holds(condition, { ...asleep, ...seen })]));
const none: Readonly<Record<SeenCondition, boolean | null>> = {
  "on-floor": false,
  "edge-of-bed": false,
  "second-person": false,
  "no-movement": true,
  "cannot-see-breathing": false,
  "breathing-stopped": false,
};

describe("what is seen, second by second", () => {
  it("somebody asleep who breathes lies still, and that is all", () => {
    expect(told({})).toEqual(none);
  });
  it("the edge of the bed, the floor and a second person", () => {
    expect(told({ place: "edge", movement: 80, reason: "moving" })).toEqual({
      ...none,
      "edge-of-bed": true,
      "no-movement": false,
    });
    expect(told({ place: "floor", occupancy: "empty", reason: "nobody-in-bed" })).toEqual({
      ...none,
      "on-floor": true,
    });
    expect(told({ people: "more", reason: "more-than-one-person" })).toEqual({ ...none, "second-person": true });
  });
  it("who lay on the floor and is out of view may lie where nothing looks: that is not over", () => {
    expect(holds("on-floor", { ...asleep, place: "empty", occupancy: "empty" })).toBeNull();
    expect(holds("on-floor", { ...asleep, place: "out", occupancy: "empty" })).toBe(false);
  });
  it("an empty room does not lie still, and nobody breathes in it", () => {
    const empty: Seen = { occupancy: "empty", place: "empty", people: "none", movement: 0, reason: "nobody-in-bed" };
    expect(told(empty)).toEqual({ ...none, "on-floor": null, "no-movement": false });
    // A radar alone.
    expect(holds("no-movement", { ...empty, place: null })).toBe(false);
  });
  it("still, the signal good enough, and no breathing", () => {
    expect(told({ reason: "not-breathing" })).toMatchObject({
      "cannot-see-breathing": true,
      "breathing-stopped": true,
    });
    expect(told({ reason: "cannot-see-breathing" })).toMatchObject({
      "cannot-see-breathing": true,
      "breathing-stopped": null,
    });
  });
  it("a weak signal, a model that learns and a lost sensor say nothing about breathing", () => {
    for (const reason of ["weak-signal", "learning", "sensor-lost", "model-failed", "stale"] as const) {
      expect(told({ reason })).toMatchObject({ "cannot-see-breathing": null, "breathing-stopped": null });
    }
  });
  it("nothing fresh: nothing is said of anything", () => {
    for (const condition of seenConditions) expect(holds(condition, nothingSeen)).toBeNull();
  });
});
