import { describe, expect, test } from "vitest";
import { type DoubtKind, doubtsOf, type SoundFacts, testHoldsMs } from "./sound-doubts.ts";
import { noTest, type SoundTest, stepTest } from "./sound-test.ts";

const nowUtcMs = Date.UTC(2026, 10, 22, 2, 14);
const sound: SoundFacts = {
  audio: "running",
  outOfSight: null,
  screen: "kept-awake",
  pictureLateMs: 16,
  stoodStillMs: null,
  live: true,
  tested: { atUtcMs: nowUtcMs - 3_600_000, heard: true },
  nowUtcMs,
};
const kinds = (change: Partial<SoundFacts>): DoubtKind[] => doubtsOf({ ...sound, ...change }).map(({ is }) => is);

describe("alarms may not sound", () => {
  test("nothing is said where nothing is known to be wrong; a browser without wake locks cannot be blamed", () => {
    expect(kinds({})).toEqual([]);
    expect(kinds({ screen: "not-offered" })).toEqual([]);
  });

  test.each<[Partial<SoundFacts>, DoubtKind]>([
    [{ audio: "blocked" }, "blocked"],
    [{ audio: "stuck" }, "stuck"],
    [{ audio: "missing" }, "missing"],
    [{ live: false }, "not-live"],
    [{ pictureLateMs: 2_001 }, "picture-late"],
    [{ outOfSight: { forMs: 4_000, now: true } }, "out-of-sight"],
    [{ outOfSight: { forMs: 4_000, now: false } }, "out-of-sight"],
    [{ stoodStillMs: 5_000 }, "stood-still"],
    [{ screen: "may-sleep" }, "may-sleep"],
    [{ tested: null }, "not-tested"],
    [{ tested: { atUtcMs: nowUtcMs - testHoldsMs, heard: true } }, "not-tested"],
    [{ tested: { atUtcMs: nowUtcMs - 60_000, heard: false } }, "not-heard"],
  ])("%j by itself", (change, kind) => {
    expect(kinds(change)).toEqual([kind]);
  });

  test("all at once, worst first", () => {
    const all: Partial<SoundFacts> = {
      audio: "blocked",
      live: false,
      pictureLateMs: 9_000,
      screen: "may-sleep",
      tested: null,
    };
    expect(kinds(all)).toEqual(["blocked", "not-live", "picture-late", "may-sleep", "not-tested"]);
  });
});

describe("the sound test", () => {
  const playing: SoundTest = { is: "playing", untilMs: 7_000 };

  test("plays, asks when it has played, and counts for nothing where nobody answers", () => {
    expect(stepTest(playing, 6_999, false)).toBe(playing);
    const asking = stepTest(playing, 7_000, false);
    expect(asking).toMatchObject({ is: "asking" });
    expect(stepTest(asking, 60_000, false)).toBe(asking);
    expect(stepTest(asking, 200_000, false)).toEqual(noTest);
  });

  test("a real alarm breaks it off, and its sound is no answer to the test", () => {
    expect(stepTest(playing, 3_000, true)).toEqual(noTest);
  });
});
