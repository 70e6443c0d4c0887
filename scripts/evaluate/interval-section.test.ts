import { describe, expect, it } from "vitest";
import { intervalRows } from "./interval-section.ts";

const held = (inside: number, outside: number) => [
  ...Array.from({ length: inside }, () => ({ low: 14, high: 16, truth: 16 })),
  ...Array.from({ length: outside }, () => ({ low: 14, high: 16, truth: 16.01 })),
];

describe("rows of intervals", () => {
  it("are missed where they hold too few and where they hold too many", () => {
    expect(intervalRows("c", held(910, 90), 1_000)[0]).toMatchObject({ value: 91, met: true, enough: true });
    expect(intervalRows("c", held(860, 140), 1_000)[0]).toMatchObject({ met: false });
    expect(intervalRows("c", held(960, 40), 1_000)[0]).toMatchObject({ met: false });
  });
  it("need a thousand windows, and say how wide they are and how often there is one", () => {
    const [inside, width, coverage] = intervalRows("c", held(90, 10), 400);
    expect(inside).toMatchObject({ met: true, enough: false });
    expect(width!.value).toBe(2);
    expect(coverage!.value).toBe(25);
  });
});
