import { describe, expect, it } from "vitest";
import { markChecks } from "./check-marks.ts";

const minute = 60_000;

describe("marks for review", () => {
  const entry = (id: string, change: Partial<Parameters<typeof markChecks>[0][number]>) => ({
    id,
    by: "n1",
    bed: "room-1",
    recordedUtcMs: 0,
    seenUtcMs: 0,
    retrospective: false,
    ...change,
  });
  it("several beds within a minute, several slots at once, and one filled in later", () => {
    const beds = [0, 20_000, 40_000].map((at, i) => entry(`b${i}`, { bed: `room-${i}`, recordedUtcMs: at }));
    expect(markChecks(beds)).toEqual([{ what: "several-beds-at-once", entries: ["b0", "b1", "b2"] }]);
    const slots = [17, 17.25, 17.5].map((hour, i) =>
      entry(`s${i}`, {
        seenUtcMs: hour * 60 * minute,
        recordedUtcMs: 18 * 60 * minute + 15_000 * i,
        retrospective: true,
      }),
    );
    expect(markChecks(slots)).toEqual([{ what: "several-slots-at-once", entries: ["s0", "s1", "s2"] }]);
    expect(markChecks([entry("l", { retrospective: true })])).toEqual([{ what: "filled-in-later", entries: ["l"] }]);
  });
  it("a round at walking pace, and two nurses at once, are no pattern", () => {
    const round = Array.from({ length: 10 }, (_, i) => entry(`r${i}`, { bed: `room-${i}`, recordedUtcMs: 45_000 * i }));
    expect(markChecks(round)).toEqual([]);
    const two = Array.from({ length: 4 }, (_, i) =>
      entry(`t${i}`, { by: `n${i % 2}`, bed: `room-${i}`, recordedUtcMs: 5_000 * i }),
    );
    expect(markChecks(two)).toEqual([]);
  });
});
