import { describe, expect, it } from "vitest";
import { news2Breathing, news2Words } from "./news2.ts";

const of = (perMin: number) => news2Breathing(perMin, perMin).points;

describe("the respiration component of NEWS2", () => {
  it("has its points at both ends of every band", () => {
    expect([4, 8, 9, 11, 12, 20, 21, 24, 25, 60].map((perMin) => of(perMin)[0])).toEqual([
      3, 3, 1, 1, 0, 0, 2, 2, 3, 3,
    ]);
  });
  it("counts whole breaths", () => {
    expect([8.49, 8.5, 11.4, 11.6, 20.4, 20.6].map((perMin) => of(perMin)[0])).toEqual([3, 1, 1, 0, 0, 2]);
  });
  it("tells every band that the interval reaches into, and never a total", () => {
    expect(news2Words(news2Breathing(13, 16))).toBe("NEWS2 respiration component: 0");
    expect(news2Breathing(10, 13).points).toEqual([1, 0]);
    expect(news2Words(news2Breathing(10, 13))).toBe("NEWS2 respiration component: 1 or 0, count it yourself");
    expect(news2Breathing(7, 26).points).toEqual([3, 1, 0, 2, 3]);
    expect(news2Words(news2Breathing(7, 26))).toContain("3, 1, 0 or 2");
  });
});
