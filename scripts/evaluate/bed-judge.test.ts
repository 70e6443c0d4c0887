import { describe, expect, it } from "vitest";
import type { Place } from "../../edge-agent/contract/scene.ts";
import type { BedPlace, Occupancy } from "../../edge-agent/contract/words.ts";
import type { Truth } from "../../firmware-bridge/simulator/stage.ts";
import { judgeBed } from "./bed-judge.ts";
import type { RoomInstant } from "./room-play.ts";

const truthsOf = (...spans: readonly (readonly [place: Place, sec: number])[]): readonly Truth[] =>
  spans.flatMap(([place, sec]) =>
    Array.from(
      { length: 20 * sec },
      (_, t): Truth => ({
        atSec: 0,
        place,
        posture: "supine",
        inBed: place === "bed",
        // The first second of each is the end of a movement.
        moving: t < 20,
        breaths: 0,
        breathing: true,
        stillChestSec: 0,
        people: 1,
        othersMoving: false,
      }),
    ),
  );

const say = (
  toldSec: number,
  occupancy: Occupancy,
  bed: BedPlace = "unknown",
  perMin: number | null = null,
): RoomInstant => ({
  toldSec,
  bed,
  radarOccupancy: "unknown",
  estimate: {
    atMs: 1_000 * toldSec,
    occupancy,
    place: bed,
    people: "unknown",
    movement: 0,
    breathingPerMin: perMin,
    lowPerMin: perMin,
    highPerMin: perMin,
    quality: 1,
    windowMs: 10_000,
    reason: perMin === null ? "moving" : null,
  },
});
const judge = (truths: readonly Truth[], told: readonly RoomInstant[]) =>
  judgeBed({ truths, told }, ({ estimate }) => estimate.occupancy);

describe("a change of the bed", () => {
  const truths = truthsOf(["bed", 20], ["standing", 20], ["bed", 20]);
  it("is found from when it is told", () => {
    const { changes, falseExits } = judge(truths, [say(5, "in-bed"), say(22, "empty"), say(43, "in-bed")]);
    expect(changes).toEqual([
      { to: "empty", delaySec: 2 },
      // Arrived a second after half way.
      { to: "in-bed", delaySec: 2 },
    ]);
    expect(falseExits).toBe(0);
  });
  it("that is told after the next one was not found", () => {
    expect(judge(truths, [say(5, "in-bed")]).changes[0]).toEqual({ to: "empty", delaySec: null });
  });
  it("that was told on the way up took no time, and is no false exit", () => {
    const facts = judge(truths, [say(5, "in-bed"), say(18, "empty"), say(21, "empty")]);
    expect(facts.changes[0]).toEqual({ to: "empty", delaySec: 0 });
    expect(facts.falseExits).toBe(0);
  });
  it("for a moment only is none", () => {
    expect(judge(truthsOf(["bed", 20], ["standing", 3], ["bed", 20]), [say(5, "in-bed")]).changes).toHaveLength(1);
  });
});

describe("a false exit", () => {
  it("is each time that an occupied bed is called empty", () => {
    const told = [
      say(2, "in-bed"),
      say(5, "empty"),
      say(6, "empty"),
      say(7, "unknown"),
      say(8, "in-bed"),
      say(9, "empty"),
    ];
    const facts = judge(truthsOf(["bed", 20]), told);
    expect(facts.falseExits).toBe(2);
    expect(facts.occupiedHours).toBeCloseTo(20 / 3_600);
  });
  it("is one on the edge as well", () => {
    expect(judge(truthsOf(["bed", 10], ["edge", 20]), [say(2, "in-bed"), say(15, "empty")]).falseExits).toBe(1);
  });
});

describe("the edge of the bed", () => {
  const truths = truthsOf(["away", 5], ["edge", 5], ["bed", 10], ["edge", 8], ["standing", 9]);
  it("is found on the way out, with the time that is left", () => {
    const told = [say(7, "in-bed", "edge"), say(15, "in-bed", "in-bed"), say(23, "in-bed", "edge")];
    expect(judge(truths, told).edges).toEqual([{ leadSec: 5 }]);
  });
  it("is not found once the person stands", () => {
    expect(judge(truths, [say(29, "in-bed", "edge")]).edges).toEqual([{ leadSec: null }]);
  });
});

describe("the first rate", () => {
  it("is waited for from the end of lying down", () => {
    const truths = truthsOf(["away", 10], ["bed", 30], ["edge", 5], ["bed", 10]);
    expect(judge(truths, [say(22, "in-bed", "in-bed", 15)]).firstRatesSec).toEqual([11, null]);
  });
});
