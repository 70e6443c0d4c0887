import { describe, expect, it } from "vitest";
import { readScene } from "../firmware-bridge/ports/scene-file.ts";
import { bedOf, stayWith } from "../scripts/night/cast.ts";
import { judge } from "../scripts/night/judge.ts";
import { nightOf } from "../scripts/night/nights.ts";
import { expectedOf } from "../scripts/night/observer.ts";
import type { BedNight, Night } from "../scripts/night/plan.ts";
import { playNight } from "../scripts/night/played-night.ts";
import { truthOfScene } from "../scripts/night/scene-truth.ts";

/* The night shift's own judge: it must find what is missed, late and extra, or its silence says nothing. */

const nightWith = (...beds: readonly BedNight[]): Night => ({
  ...nightOf("autumn", 1),
  beds,
  brokerGaps: [],
  stationGaps: [],
  agentGaps: [],
});
const afterSec = (sec: number) => ({ afterMs: 1_000 * sec });
const outFor = (sec: number, stay: BedNight["stay"]): BedNight =>
  bedOf(1, ["depth"], (night) => night.sleepsUntil(600, 200).goesFor(sec).sleepsUntil(28_800, 700), stay);
const alarms = (night: Night) => expectedOf(night).filter(({ what }) => !what.includes("."));

describe("what a script says has to be told", () => {
  it("out of bed for longer than ordered, once, from the moment of leaving", () => {
    const [one, ...more] = alarms(nightWith(outFor(400, stayWith({ leftBed: afterSec(300) }))));
    expect(more).toEqual([]);
    expect(one).toMatchObject({ bed: "room-1", what: "left-bed" });
    // Sits for 15 s, is out from then on.
    expect([one?.fromSec, one?.toSec]).toEqual([913, 923]);
  });
  it("nothing where it was shorter, not ordered, not allowed, over, or nobody can see it", () => {
    const ordered = { leftBed: afterSec(300) };
    for (const [sec, stay] of [
      [200, stayWith(ordered)],
      [400, stayWith({})],
      [400, stayWith(ordered, { purposes: ["breathing-rate"] })],
      [400, stayWith(ordered, { untilSec: 700 })],
      [400, stayWith(ordered, { stopsAtSec: 700 })],
      [400, null],
    ] as const) {
      expect(alarms(nightWith(outFor(sec, stay)))).toEqual([]);
    }
    const byModule = { ...outFor(400, stayWith({ onFloor: afterSec(5) })), sensors: ["radar-targets"] } as BedNight;
    expect(alarms(nightWith(byModule))).toEqual([]);
  });
  it("an alarm that no screen showed, and one that nobody answered", () => {
    const bed = { ...outFor(400, stayWith({ leftBed: afterSec(300) })), answeredAfterSec: { "left-bed": 100 } };
    expect(alarms(nightWith(bed)).map(({ what }) => what)).toEqual(["left-bed", "escalated left-bed"]);
    const dark = { ...nightWith(bed), stationGaps: [{ fromSec: 900, toSec: 960 }] };
    expect(alarms(dark).map(({ what }) => what)).toContain("delivery-unconfirmed");
  });
  it("of a scene: where somebody is by what they did last, again in each round", () => {
    const doing = truthOfScene(readScene("night-out"), 360).map(({ doing: what, fromSec }) => `${fromSec} ${what}`);
    expect(doing).toContain("106 away");
    expect(doing).toContain("286 away");
    expect(truthOfScene(readScene("night-fall"), 120).find(({ doing: what }) => what === "floor")?.fromSec).toBe(61);
  });
});

describe("the judge", () => {
  const due = { bed: "room-1", what: "left-bed", fromSec: 100, toSec: 110, because: "out" };
  const told = (atSec: number, what = "left-bed") => ({ atSec, bed: "room-1", what, detail: "" });
  it.each([
    ["right", [told(105)], ["right"]],
    ["missed", [], ["missed"]],
    ["late", [told(130)], ["late"]],
    ["early", [told(80)], ["early"]],
    ["told twice", [told(102), told(108)], ["right", "extra"]],
    ["something else", [told(105, "on-floor")], ["missed", "extra"]],
  ])("%s", (_words, heard, verdicts) => {
    expect(
      judge([due], heard)
        .map(({ is }) => is)
        .sort(),
    ).toEqual([...verdicts].sort());
  });
});

describe("a night of one bed through the agent's own loop", () => {
  it("tells what the script says, and an agent that is not told of the order misses it", () => {
    const order = { leftBed: afterSec(120), notBack: afterSec(600) };
    const story = (stay: BedNight["stay"]): Night =>
      nightWith(
        bedOf(
          1,
          ["radar-targets"],
          (night) =>
            night.sleepsUntil(900, 300).goesFor(800).sleepsUntil(2_400, 300).goesFor(60).sleepsUntil(28_800, 700),
          stay,
        ),
      );
    const upTo = <T extends { atSec?: number; fromSec?: number }>(list: readonly T[]) =>
      list.filter(({ atSec, fromSec }) => (atSec ?? fromSec ?? 0) < 3_600);
    const asked = story(stayWith(order));
    const played = playNight(asked, 1, () => {});
    const verdicts = judge(upTo(expectedOf(asked)), upTo(played.told));
    expect(verdicts.filter(({ is }) => is !== "right")).toEqual([]);
    expect(verdicts.map(({ what }) => what)).toEqual(expect.arrayContaining(["left-bed", "not-back"]));
    const silent = playNight(story(stayWith({})), 1, () => {});
    const missed = judge(upTo(alarms(asked)), upTo(silent.told)).filter(({ is }) => is === "missed");
    expect(missed.map(({ what }) => what)).toEqual(["left-bed", "not-back"]);
  }, 120_000);
});
