import { describe, expect, it } from "vitest";
import { Scene } from "../../edge-agent/contract/scene.ts";
import { leavingEpisode, outSec, stayingEpisode } from "./bed-episodes.ts";
import type { BedFacts } from "./bed-judge.ts";
import { bedRows } from "./bed-section.ts";

const facts = (given: Partial<BedFacts>): BedFacts => ({
  changes: [],
  edges: [],
  falseExits: 0,
  occupiedHours: 1,
  firstRatesSec: [],
  ...given,
});
const valueOfFigure = (rows: ReturnType<typeof bedRows>, words: string) =>
  rows.find(({ figure }) => figure.startsWith(words));

describe("rows of the bed", () => {
  it("count an exit that is told late as not found, and one that is never told as endlessly late", () => {
    const rows = bedRows(
      "c",
      [facts({ changes: [2, 11, null, 1].map((delaySec) => ({ to: "empty", delaySec })) })],
      true,
    );
    expect(valueOfFigure(rows, "leaving the bed")).toMatchObject({ value: 50, n: 4, met: false, enough: false });
    expect(valueOfFigure(rows, "until occupied or empty")).toMatchObject({ value: null, met: false });
  });
  it("count false exits in a day in bed, with the interval of a count", () => {
    const rows = bedRows("c", [facts({ falseExits: 1, occupiedHours: 6 }), facts({ occupiedHours: 18 })], true);
    const row = valueOfFigure(rows, "called empty");
    expect(row).toMatchObject({ value: 1, n: 1, met: false });
    expect(row!.ci95![1]).toBeCloseTo(5.57, 2);
  });
  it("hold whoever saw no rate for endlessly late", () => {
    const some = bedRows("c", [facts({ firstRatesSec: [11, 12, null] })], true);
    expect(valueOfFigure(some, "from lying still")).toMatchObject({ value: 12, met: true });
    const most = bedRows("c", [facts({ firstRatesSec: [11, null, null] })], true);
    expect(valueOfFigure(most, "from lying still")).toMatchObject({ value: null, met: false });
  });
  it("judge nothing of the radar alone, and know no edge of it", () => {
    const rows = bedRows("radar alone", [facts({ edges: [{ leadSec: null }] })], false);
    expect(rows.every(({ target }) => target === null)).toBe(true);
    expect(valueOfFigure(rows, "sitting on the edge")).toBeUndefined();
  });
});

describe("an episode", () => {
  it.each([0, 1, 2, 3, 4, 5])("number %d comes in, lies, sits up and leaves, and is a scene", (index) => {
    const { scene, lengthSec } = leavingEpisode(index, "8x8");
    expect(() => Scene.parse(scene)).not.toThrow();
    const places = scene.people[0]!.movements.flatMap(({ to }) => (to === undefined ? [] : [to]));
    expect(places.slice(0, 3)).toEqual(["edge", "bed", "edge"]);
    expect(places).toContain("standing");
    const left = scene.people[0]!.movements.find(({ to }) => to === "standing")!;
    expect(lengthSec - left.atSec).toBeGreaterThanOrEqual(outSec);
    expect(lengthSec).toBeLessThan(130);
  });
  it("of a day in bed has the day's shares in every twenty", () => {
    const names = Array.from({ length: 20 }, (_, index) => stayingEpisode(index, "8x8").scene.name);
    const count = (name: string): number => names.filter((one) => one === name).length;
    expect([count("still"), count("restless"), count("visited")]).toEqual([15, 3, 2]);
  });
});
