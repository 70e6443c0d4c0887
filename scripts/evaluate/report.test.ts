import { describe, expect, it } from "vitest";
import { failsRun, type KnownMiss, standingOf } from "./known-misses.ts";
import { failedSections, htmlOf, jsonOf, markdownOf, type Report } from "./report.ts";
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
      failure: null,
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
  it("of a quick run is a miss only where its interval lies beyond the target", () => {
    const chance = { ...missed, ci95: [0.4, 0.65] as const };
    expect(standingOf("s", chance, [], true)).toBe("unsure");
    expect(standingOf("s", chance, [], false)).toBe("missed");
    expect(standingOf("s", missed, [], true)).toBe("missed");
    expect(standingOf("s", { ...missed, ci95: null, enough: false }, [], true)).toBe("unsure");
    const share = { ...missed, target: { atLeast: 0.9 }, met: false };
    expect(standingOf("s", { ...share, ci95: [0.5, 0.91] }, [], true)).toBe("unsure");
    expect(standingOf("s", { ...share, ci95: [0.5, 0.89] }, [], true)).toBe("missed");
    expect([failsRun("unsure", true), failsRun("unsure", false)]).toEqual([false, true]);
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

describe("a target with two sides", () => {
  const between = (value: number, ci95: readonly [number, number] | null = null) =>
    row({ condition: "c", figure: "f", value, unit: "%", ci95, n: 2000, target: { between: [87, 95] } });
  const onFile = (value: number): KnownMiss[] => [
    { section: "s", condition: "c", figure: "f", value, reason: "too wide" },
  ];
  it("is missed on either side", () => {
    expect([between(86.9).met, between(87).met, between(95).met, between(95.1).met]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
  it("is worse farther away on the side where it is missed", () => {
    expect(standingOf("s", between(98, [97, 99]), onFile(96), false)).toBe("worse");
    expect(standingOf("s", between(98, [97, 99]), onFile(97.5), false)).toBe("known");
    expect(standingOf("s", between(80, [78, 82]), onFile(85), false)).toBe("worse");
  });
});

describe("a section that failed", () => {
  const [measured] = report().sections;
  const failed: Report = {
    ...report(),
    sections: [
      measured!,
      { name: "t", title: "Two", seconds: 1, result: { rows: [], figures: [], notes: [] }, failure: "no <model>" },
    ],
  };
  it("keeps its title and says why, beside what the others found", () => {
    expect(markdownOf(failed)).toMatch(/0 rows met, 1 missed\. FAILED, not measured: t\./);
    expect(markdownOf(failed)).toContain("## Two (t, 1 s)\n\nFAILED, nothing was measured:\n\n    no <model>");
    expect(markdownOf(failed)).toContain("| 0.6 /min |");
    expect(htmlOf(failed)).toContain("no &#60;model&#62;");
    expect(JSON.parse(jsonOf(failed)).sections[1].failure).toBe("no <model>");
    expect(failedSections(failed).map(({ name }) => name)).toEqual(["t"]);
    expect(failedSections(report())).toEqual([]);
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
