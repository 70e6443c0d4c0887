import { describe, expect, it } from "vitest";
import { costLeft, secondsLeft } from "./time-left.ts";

describe("the time left", () => {
  it("is that of the longer lane, not half of the whole", () => {
    expect(costLeft({ running: [100], waiting: [10, 10] }, 2)).toBe(100);
  });
  it("gives each waiting section to the lane that is free first", () => {
    expect(costLeft({ running: [30, 10], waiting: [25, 5, 5] }, 2)).toBe(40);
  });
  it("is nothing when all is done", () => {
    expect(costLeft({ running: [], waiting: [] }, 2)).toBe(0);
  });
  it("goes at the pace of the work so far", () => {
    const toDo = { running: [50, 50], waiting: [] };
    expect(secondsLeft(toDo, 2, 40, 20)).toBe(100);
    expect(secondsLeft(toDo, 2, 40, 0.5)).toBeUndefined();
  });
});
