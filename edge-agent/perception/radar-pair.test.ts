import { describe, expect, it } from "vitest";
import { frameAt } from "../../tests/radar-script.ts";
import { sureOutputs } from "../../tests/sure-radar.ts";
import type { Estimate, Tensor } from "../contract/door.ts";
import { deviceUs } from "../contract/units.ts";
import { longRadar, shortRadar } from "./radar-breathing.ts";
import {
  clearRadarPair,
  dropQuestion,
  newRadarPair,
  nextQuestion,
  type RadarPair,
  takeAnswer,
  takeFrame,
} from "./radar-pair.ts";

/* Two models that say what a test wants them to, over a chest that swings 15 times a minute. */

type Says = (model: string) => readonly Tensor[];

const without = (outputs: readonly Tensor[], name: string, value: number): readonly Tensor[] =>
  outputs.map((one) => (one.name === name ? { ...one, data: one.data.map(() => value) } : one));
const saying =
  (longPerMin: number, shortPerMin: number, longQuality = 1, shortQuality = 1): Says =>
  (model) =>
    model === longRadar.name
      ? without(sureOutputs(model, longPerMin), "quality", longQuality)
      : without(sureOutputs(model, shortPerMin), "quality", shortQuality);

function answerAll(pair: RadarPair, says: Says): Estimate[] {
  const estimates: Estimate[] = [];
  for (let asked = nextQuestion(pair); asked !== undefined; asked = nextQuestion(pair)) {
    const estimate = takeAnswer(pair, asked.model, says(asked.model));
    if (estimate !== undefined) estimates.push(estimate);
  }
  return estimates;
}

/** 40 s; the newest estimate. */
function after40Sec(says: Says): Estimate | undefined {
  const pair = newRadarPair("in-bed");
  let newest: Estimate | undefined;
  for (let ms = 0; ms <= 40_000; ms += 50) {
    takeFrame(pair, frameAt(ms), deviceUs(1_000 * ms));
    newest = answerAll(pair, says).at(-1) ?? newest;
  }
  return newest;
}

describe("two models over one radar", () => {
  it("asks the long one first, then the short one of the same second; one estimate a second", () => {
    const pair = newRadarPair("in-bed");
    const asked: string[] = [];
    const seconds: number[] = [];
    for (let ms = 0; ms <= 20_000; ms += 50) {
      takeFrame(pair, frameAt(ms), deviceUs(1_000 * ms));
      for (let one = nextQuestion(pair); one !== undefined; one = nextQuestion(pair)) {
        asked.push(one.model);
        expect(nextQuestion(pair)).toBeUndefined();
        const estimate = takeAnswer(pair, one.model, sureOutputs(one.model));
        if (estimate !== undefined) seconds.push(estimate.atMs / 1_000);
      }
    }
    expect(asked.slice(0, 4)).toEqual([longRadar.name, shortRadar.name, longRadar.name, shortRadar.name]);
    expect(seconds).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it("shows the long one's rate where it is sure", () => {
    const shown = after40Sec(saying(15, 15));
    expect(shown?.breathingPerMin).toBeCloseTo(15, 1);
    expect(shown?.windowMs).toBe(30_000);
  });

  it("shows the short one's where the long one doubts but believes the same", () => {
    const shown = after40Sec(saying(15.5, 15, 0.7));
    expect(shown?.breathingPerMin).toBeCloseTo(15, 1);
    expect(shown?.windowMs).toBe(20_000);
  });

  it.each([
    ["the long one doubts and believes another rate", saying(18, 15, 0.7), "sources-disagree"],
    ["both are sure of different rates", saying(21, 15), "sources-disagree"],
    ["both doubt", saying(15, 15, 0.7, 0.7), "weak-signal"],
  ] as const)("%s: shows nothing", (_, says, reason) => {
    expect(after40Sec(says)).toMatchObject({ breathingPerMin: null, lowPerMin: null, highPerMin: null, reason });
  });

  it("irregular breathing may differ between their windows", () => {
    expect(after40Sec(saying(18, 15))?.breathingPerMin).toBeCloseTo(18, 1);
  });

  it("shows nothing where the long one sees somebody else", () => {
    const says: Says = (model) => without(saying(15, 15)(model), "others", 1);
    expect(after40Sec(says)).toMatchObject({ breathingPerMin: null, reason: "more-than-one-person" });
  });

  it("shows nothing of a second of which the long one said nothing", () => {
    const pair = newRadarPair("in-bed");
    let newest: Estimate | undefined;
    for (let ms = 0; ms <= 40_000; ms += 50) {
      takeFrame(pair, frameAt(ms), deviceUs(1_000 * ms));
      for (let one = nextQuestion(pair); one !== undefined; one = nextQuestion(pair)) {
        if (one.model === longRadar.name && ms > 39_000) dropQuestion(pair);
        else newest = takeAnswer(pair, one.model, sureOutputs(one.model)) ?? newest;
      }
    }
    expect(newest).toMatchObject({ atMs: 40_000, breathingPerMin: null, reason: "model-failed" });
  });

  it("forgets all when cleared", () => {
    const pair = newRadarPair("in-bed");
    for (let ms = 0; ms <= 12_000; ms += 50) {
      takeFrame(pair, frameAt(ms), deviceUs(1_000 * ms));
      answerAll(pair, sureOutputs);
    }
    expect(pair.rate).not.toBeNull();
    clearRadarPair(pair);
    expect(pair.rate).toBeNull();
    expect([pair.long, pair.short].every(({ ring }) => ring.re.every((x) => x === 0))).toBe(true);
    expect(nextQuestion(pair)).toBeUndefined();
  });
});
