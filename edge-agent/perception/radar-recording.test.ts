import { beforeAll, describe, expect, test } from "vitest";
import { openBedroom, type Truth } from "../../firmware-bridge/simulator/bedroom.ts";
import { type Figures, recordingFigures } from "../../scripts/card-figures.ts";
import { bedroomFrames, openRadarModels, roomEstimatesOf } from "../../scripts/radar-run.ts";
import { haveRecordings } from "../../tests/shared-material.ts";
import type { Estimate } from "../contract/door.ts";

describe.skipIf(!haveRecordings)("the staged recording acconeer-a121/breathing-sitting", () => {
  let figures: Figures;
  beforeAll(async () => {
    const radar = await openRadarModels();
    figures = await recordingFigures((frames) => roomEstimatesOf(frames, radar, "in-bed"));
  });

  test("every rate shown is within 2 /min of the vendor's, nine of ten within 1 /min", () => {
    expect(figures.seconds).toBeGreaterThanOrEqual(12);
    expect(figures.largestDifferencePerMin).toBeLessThanOrEqual(2);
    expect(figures.within1PerMinPercent).toBeGreaterThanOrEqual(90);
  });

  test("a rate is shown for at least 70 % of the time", () => {
    expect(figures.shownPercent).toBeGreaterThanOrEqual(70);
  });
});

describe("simulated rooms, from the wire to the estimate", () => {
  const roomOf = async (scene: "demonstration" | "empty", seed: number, seconds: number) => {
    const truths: Truth[] = [];
    const frames = bedroomFrames(openBedroom(scene, seed), seconds, truths);
    const estimates = await roomEstimatesOf(frames, await openRadarModels(), null);
    return { estimates, truths };
  };

  test("demonstration: sleeps with a rate, leaves, is missed, comes back, has a rate again", async () => {
    const { estimates } = await roomOf("demonstration", 1, 150);
    const within = (from: number, to: number): readonly Estimate[] =>
      estimates.filter(({ atMs }) => atMs > from * 1000 && atMs <= to * 1000);
    const shown = (list: readonly Estimate[]): number => list.filter((one) => one.breathingPerMin !== null).length;
    expect(shown(within(16, 67))).toBeGreaterThan(40);
    expect(within(70, 74).some(({ reason }) => reason === "moving")).toBe(true);
    // From 6 s after the last of the movement on the bed is known to be empty.
    expect(within(82, 99).every(({ occupancy }) => occupancy === "empty")).toBe(true);
    expect(shown(within(71, 110))).toBe(0);
    expect(shown(within(122, 149))).toBeGreaterThan(18);
  }, 60_000);

  test("an empty room with a ceiling fan never breathes", async () => {
    for (const seed of [1, 2, 3]) {
      const { estimates } = await roomOf("empty", seed, 60);
      expect(estimates.length).toBeGreaterThan(55);
      expect(estimates.filter(({ breathingPerMin }) => breathingPerMin !== null)).toEqual([]);
    }
  }, 60_000);
});
