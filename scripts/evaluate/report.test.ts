import { describe, expect, it } from "vitest";
import { failsRun, type KnownMiss, standingOf } from "./known-misses.ts";
import { htmlOf, jsonOf, markdownOf, type Report } from "./report.ts";
import { row } from "./section.ts";

const missed = row({
  condition: "awake <30 s>",
  figure: "RMSE",
  value: 0.6,
  unit: "/min",
  ci95: [0.55, 0.65],
  n: 900,
  target: { atMost: 0.45 },
});
const known = (value: number | null): KnownMiss[] => [
  { section: "s", condition: missed.condition, figure: "RMSE", value, reason: "too few breaths" },
];
const report = (quick = false): Report => ({
  quick,
  seed: 1,
  known: known(0.6),
  sections: [
    {
      name: "s",
      title: "One",
      seconds: 2,
      result: {
        rows: [missed],
        figures: [
          {
            kind: "line",
            title: "Curve",
            x: "a",
            y: "b",
            series: [
              {
                name: "<ours>",
                points: [
                  [0, 1],
                  [1, 2],
                ],
              },
            ],
          },
          { kind: "cells", title: "Cells", columns: ["c"], rows: ["r"], values: [[null], [0.25]] },
        ],
        notes: ["a note"],
      },
    },
  ],
});

describe("a row", () => {
  it("without a value is never met", () => {
    const absent = row({ condition: "c", figure: "f", value: Number.NaN, unit: "%", n: 0, target: { atMost: 1 } });
    expect([absent.value, absent.met]).toEqual([null, false]);
  });
  it("that is reported only is not judged", () => {
    const plain = row({ condition: "c", figure: "f", value: 3, unit: "%", n: 1 });
    expect(standingOf("s", plain, [], false)).toBe("reported");
  });
  it("with too few samples is missed in the full run only", () => {
    const few = row({ condition: "c", figure: "f", value: 0, unit: "%", n: 10, nMin: 3000, target: { atMost: 0.1 } });
    expect(standingOf("s", few, [], false)).toBe("missed");
    expect(standingOf("s", few, [], true)).toBe("met");
  });
});

describe("a miss", () => {
  it("that nobody knows of fails the run whatever is allowed", () => {
    const standing = standingOf("s", missed, [], false);
    expect(standing).toBe("missed");
    expect(failsRun(standing, true)).toBe(true);
  });
  it("that is on file fails the run unless that is allowed", () => {
    const standing = standingOf("s", missed, known(0.6), false);
    expect(standing).toBe("known");
    expect([failsRun(standing, false), failsRun(standing, true)]).toEqual([true, false]);
  });
  it("that got worse by more than its interval fails the run", () => {
    expect(standingOf("s", missed, known(0.56), false)).toBe("known");
    const standing = standingOf("s", missed, known(0.5), false);
    expect(standing).toBe("worse");
    expect(failsRun(standing, true)).toBe(true);
  });
  it("is worse downwards where the target is a least", () => {
    const low = row({ ...missed, target: { atLeast: 0.9 }, ci95: missed.ci95 });
    expect(standingOf("s", low, known(0.7), false)).toBe("worse");
    expect(standingOf("s", low, known(0.5), false)).toBe("known");
  });
  it("without a value is worse than a figure on file, and known where none was on file", () => {
    const absent = row({ ...missed, value: null, ci95: null, target: { atMost: 0.45 } });
    expect(standingOf("s", absent, known(0.6), false)).toBe("worse");
    expect(standingOf("s", absent, known(null), false)).toBe("known");
  });
  it("of another section is not this one's", () => {
    expect(standingOf("t", missed, known(0.6), false)).toBe("missed");
  });
});

describe("the report", () => {
  it("says MISSED in words, in all three files", () => {
    expect(markdownOf(report())).toContain("| 0.6 /min | 0.55 to 0.65 | 900 | at most 0.45 | MISSED (known) |");
    expect(htmlOf(report())).toContain('<tr class="missed">');
    expect(JSON.parse(jsonOf(report())).sections[0].rows[0].standing).toBe("known");
  });
  it("draws its figures inline and escapes every name", () => {
    const html = htmlOf(report());
    expect(html).toContain("<svg");
    expect(html).not.toContain("<ours>");
    expect(html).not.toContain("<30 s>");
    expect(html).not.toMatch(/<script|https?:/);
  });
});
