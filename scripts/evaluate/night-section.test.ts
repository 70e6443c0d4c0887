import { describe, expect, it } from "vitest";
import { night, nightFigures } from "./night-section.ts";
import { newTally, type Tally } from "./tally.ts";

const tally = (instants: number, errors: readonly number[]): Tally => {
  const one = newTally();
  one.instants = instants;
  one.shown = errors.length;
  one.errors.push(...errors);
  return one;
};

describe("the reference night", () => {
  it("is whole", () => {
    expect(night.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(night.map(({ name }) => name)).toEqual(["asleep", "awake", "restless", "absent", "visited"]);
  });
  it("weighs each part by how much of the night it takes, not by how often it was played", () => {
    const parts = [
      { share: 0.9, tallies: [tally(10, new Array(10).fill(0.1))] },
      { share: 0.1, tallies: [tally(500, [...new Array(100).fill(0), ...new Array(100).fill(3)])] },
    ];
    const { shown, wrong } = nightFigures(parts);
    expect(shown).toBeCloseTo(0.9 + 0.1 * 0.4);
    expect(wrong).toBeCloseTo((0.1 * 0.2) / 0.94);
  });
  it("holds a rate of nobody for wrong", () => {
    expect(nightFigures([{ share: 1, tallies: [tally(2, [Number.NaN, 0])] }]).wrong).toBe(0.5);
  });
  it("can draw scenes of each part anew", () => {
    const parts = [{ share: 1, tallies: [tally(1, [0]), tally(1, [9])] }];
    expect(nightFigures(parts, [[1, 1]]).wrong).toBe(1);
    expect(nightFigures(parts, [[0, 0]]).wrong).toBe(0);
  });
});
