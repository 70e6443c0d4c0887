import { describe, expect, it } from "vitest";
import { boundOf, bucketsOf, spreadOf } from "./figures.ts";
import { judge, type WardResult } from "./judge.ts";

const spread = (ms: number) => ({ n: 100, p50: ms, p99: ms, max: ms });
const good: WardResult = {
  name: "20 rooms",
  only: null,
  rooms: 20,
  wards: 1,
  seconds: 20,
  framesPublished: 1_000,
  framesLost: 0,
  framesDropped: 0,
  droppedWhy: {},
  resultsMissing: 0,
  inferencesLate: 0,
  tilesHeldBack: 0,
  resultMs: spread(10),
  alarmMs: spread(20),
  stages: {
    coreUsPerFrame: 50,
    inferenceMs: spread(1),
    commitMsAtMost: { p50: 1, p99: 5 },
    loopLateMsAtMost: { p50: 1, p99: 5 },
    tellingMs: spread(3),
  },
  workPercentPerRoom: 0.2,
  agentPercentPerRoom: 0.5,
  dashboardPercentPerRoom: 0.1,
  agentMiB: 200,
  dashboardMiB: 100,
  agentGcMsP999AtMost: 10,
  dashboardGcMsP999AtMost: null,
  coldStartMs: 2_000,
  playerLateMs: 2,
};

describe("the benchmark's judgement", () => {
  it("finds nothing wrong with a ward that meets every target", () => {
    expect(judge(good, "everything")).toEqual([]);
  });

  const one: readonly (readonly [string, Partial<WardResult>])[] = [
    ["frames lost", { framesLost: 1 }],
    ["frames lost", { framesLost: -1 }],
    ["no result was heard", { resultMs: { ...spread(Number.NaN), n: 0 } }],
    ["no alarm was heard", { alarmMs: { ...spread(20), n: 0 } }],
  ];
  it.each(one)("always tells: %s", (words, change) => {
    for (const what of ["everything", "counts"] as const) {
      expect(judge({ ...good, ...change }, what).join("\n")).toContain(words);
    }
  });

  const times: readonly (readonly [string, Partial<WardResult>])[] = [
    ["frames dropped", { framesDropped: 1, droppedWhy: { "queue-full": 1 } }],
    ["results that never came", { resultsMissing: 1 }],
    ["frame to message", { resultMs: { ...spread(10), p99: 51 } }],
    ["frame to message", { rooms: 60, resultMs: { ...spread(10), p99: 101 } }],
    ["frame to alarm", { alarmMs: spread(251) }],
    ["cold start", { coldStartMs: 5_001 }],
    ["agent's pauses", { agentGcMsP999AtMost: 100 }],
    ["dashboard's pauses", { dashboardGcMsP999AtMost: 100 }],
    ["parsing, signal and inference", { only: "radar", workPercentPerRoom: 0.6 }],
    ["parsing, signal and inference", { only: "radar-80x60", workPercentPerRoom: 1.1 }],
  ];
  it.each(times)("tells what a machine had no time for, and not where only counts are judged: %s", (words, change) => {
    expect(judge({ ...good, ...change }, "everything")).toEqual([expect.stringContaining(words)]);
    expect(judge({ ...good, ...change }, "counts")).toEqual([]);
  });

  it("knows that more than a ward is told, not judged", () => {
    const many = { ...good, rooms: 200, wards: 4, resultMs: spread(900), framesDropped: 5 };
    expect(judge(many, "everything")).toEqual([]);
  });
});

describe("figures", () => {
  it("take the nearest rank", () => {
    expect(spreadOf(Array.from({ length: 200 }, (_, n) => n + 1))).toEqual({ n: 200, p50: 100, p99: 198, max: 200 });
  });

  it("read a histogram between two looks over all its labels", () => {
    const text = (fast: number, slow: number) =>
      ["minor", "major"]
        .flatMap((kind) => [
          `gc_bucket{le="0.01",kind="${kind}"} ${fast}`,
          `gc_bucket{le="0.1",kind="${kind}"} ${fast + slow}`,
          `gc_bucket{le="+Inf",kind="${kind}"} ${fast + slow}`,
        ])
        .join("\n");
    const [before, after] = [bucketsOf(text(10, 5), "gc"), bucketsOf(text(109, 6), "gc")];
    expect(boundOf(before, after, 0.5)).toBe(0.01);
    expect(boundOf(before, after, 0.999)).toBe(0.1);
    expect(boundOf(after, after, 0.5)).toBeNull();
  });
});
