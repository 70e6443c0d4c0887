import { describe, expect, it } from "vitest";
import type { Tensor } from "../contract/door.ts";
import { type RadarVitalsFrame, saysNothing } from "../contract/module-frames.ts";
import { deviceUs } from "../contract/units.ts";
import { displacementOutputs } from "./displacement-rate.ts";
import { besideModule, moduleAlone } from "./module-fusion.ts";
import {
  acceptModuleAnswer,
  acceptModuleFrame,
  clearModulePerception,
  forgetModuleBreathing,
  type ModulePerception,
  newModulePerception,
  pendingModuleQuestion,
} from "./module-room.ts";

const calibration = { intervalScale: [], qualityMin: 0.9, halfWidthPerMinMax: 2 };
const says = (frame: Partial<RadarVitalsFrame>): RadarVitalsFrame => ({
  ...saysNothing(20),
  confidence: null,
  waveStepUs: 50_000,
  wave: new Float32Array(0),
  ...frame,
});
const chestMm = (ms: number, perMin: number): number => 3 * Math.sin((2 * Math.PI * perMin * ms) / 60_000);

/** A model that is sure of `perMin`. */
function outputsFor(perMin: number): readonly Tensor[] {
  return displacementOutputs.map(({ name, dims }) => {
    const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
    if (name === "rate") data[Math.round((perMin - 4) / 0.5)] = 1;
    if (name === "breaths") data.fill((perMin / 60) * 0.4);
    if (name === "quality" || name === "breathing") data.fill(1);
    return { name, data, dims };
  });
}

interface Told {
  readonly presentAt?: number;
  readonly ownPerMin?: number;
  readonly movingAt?: number;
  readonly wave?: boolean;
}

/** Seconds of a chest that rises 15 times a minute, every question answered. */
function play(p: ModulePerception, fromMs: number, toMs: number, told: Told = { presentAt: 0 }): void {
  for (let ms = fromMs; ms <= toMs; ms += 50) {
    const at = deviceUs(1_000 * ms);
    if (told.wave !== false) acceptModuleFrame(p, says({ wave: Float32Array.of(chestMm(ms, 15)) }), at);
    if (told.presentAt === ms) acceptModuleFrame(p, says({ present: true }), at);
    if (told.ownPerMin !== undefined && ms % 1_000 === 0)
      acceptModuleFrame(p, says({ breathingPerMin: told.ownPerMin }), at);
    if (told.movingAt === ms) acceptModuleFrame(p, says({ moving: true }), at);
    if (told.wave === false) acceptModuleFrame(p, says({ movement: 3 }), at);
    if (pendingModuleQuestion(p) !== undefined) acceptModuleAnswer(p, outputsFor(15));
  }
}

describe("a module that estimates by itself", () => {
  it("has a rate from its wave once somebody lay still for 10 s", () => {
    const p = newModulePerception(calibration);
    play(p, 0, 9_500);
    expect(p.latest).toMatchObject({ occupancy: "in-bed", breathing: null, reason: "learning" });
    play(p, 9_550, 12_000);
    expect(p.latest).toMatchObject({ atMs: 12_000, reason: null });
    expect(p.latest?.breathing?.perMin).toBeCloseTo(15, 5);
  });

  it.each([
    [16, "somebody counts nearly the same", null],
    [24, "another rate", "sources-disagree"],
    [0, "it says that it has none", null],
  ] as const)("its own %d /min (%s) never becomes ours", (ownPerMin, _, reason) => {
    const p = newModulePerception(calibration);
    play(p, 0, 14_000, { presentAt: 0, ownPerMin });
    expect(p.latest).toMatchObject({ ownPerMin, reason });
    expect(p.latest?.breathing?.perMin ?? null).toEqual(reason === null ? 15 : null);
  });

  it("says that no sensor tells who is there, where it does not", () => {
    const p = newModulePerception(calibration);
    play(p, 0, 20_000, {});
    expect(p.latest).toMatchObject({ occupancy: "unknown", breathing: null, reason: "no-occupancy-sensor" });
  });

  it("says that no sensor measures breathing, where no wave comes", () => {
    const p = newModulePerception(calibration);
    play(p, 0, 20_000, { presentAt: 0, wave: false });
    expect(p.latest).toMatchObject({ occupancy: "in-bed", reason: "no-breathing-sensor" });
    const never = newModulePerception(null);
    play(never, 0, 3_000, { presentAt: 0 });
    expect(never.latest?.reason).toBe("no-breathing-sensor");
  });

  it("begins anew after a movement, and when somebody else may have come", () => {
    const p = newModulePerception(calibration);
    play(p, 0, 14_000, { presentAt: 0, movingAt: 13_900 });
    expect(p.latest).toMatchObject({ reason: "moving", breathing: null });
    expect(p.latest?.movement).toBeGreaterThanOrEqual(50);
    play(p, 14_050, 20_000);
    expect(p.latest?.reason).toBe("learning");
    play(p, 20_050, 26_000);
    expect(p.latest?.reason).toBeNull();
    acceptModuleFrame(p, says({ present: false }), deviceUs(26_010_000));
    play(p, 26_050, 28_000, {});
    expect(p.latest).toMatchObject({ occupancy: "empty", reason: "nobody-in-bed", breathing: null });
    acceptModuleFrame(p, says({ present: true }), deviceUs(28_010_000));
    play(p, 28_050, 30_000, {});
    expect(p.latest).toMatchObject({ occupancy: "in-bed", reason: "learning" });
  });

  it("follows the wave over a change of range bin, which begins another path", () => {
    const p = newModulePerception(calibration);
    acceptModuleFrame(p, says({ present: true }), deviceUs(0));
    for (let ms = 0; ms <= 12_000; ms += 50) {
      const far = ms >= 6_000;
      const frame = says({ wave: Float32Array.of(chestMm(ms, 15) + (far ? 400 : 0)), distanceMm: far ? 735 : 690 });
      acceptModuleFrame(p, frame, deviceUs(1_000 * ms));
      if (pendingModuleQuestion(p) !== undefined) acceptModuleAnswer(p, outputsFor(15));
    }
    const newest = p.wave.mm.subarray(0, p.wave.count);
    for (let i = 1; i < newest.length; i++) expect(Math.abs(newest[i]! - newest[i - 1]!)).toBeLessThan(1);
    expect(p.latest?.reason).toBeNull();
  });

  it("bridges no gap and no clock that begins anew", () => {
    const p = newModulePerception(calibration);
    play(p, 0, 14_000);
    play(p, 20_000, 22_000, {});
    expect(p.latest?.reason).toBe("learning");
    const again = newModulePerception(calibration);
    play(again, 100_000, 114_000, { presentAt: 100_000 });
    play(again, 0, 2_000, {});
    expect(again.latest).toMatchObject({ atMs: 16_000, reason: "learning" });
  });

  it.each([
    ["somebody", true, { breathingPerMin: 0 }],
    ["nobody", false, { breathingPerMin: 12 }],
  ])("a single word that %s is there does not hold for ever", (_, present, then) => {
    const p = newModulePerception(calibration);
    acceptModuleFrame(p, says({ present }), deviceUs(0));
    for (let sec = 1; sec <= 90; sec++) {
      acceptModuleFrame(p, says(then), deviceUs(1e6 * sec));
      pendingModuleQuestion(p);
      if (sec === 59) expect(p.latest?.occupancy).toBe(present ? "in-bed" : "empty");
    }
    expect(p.latest).toMatchObject({ occupancy: "unknown", reason: "no-breathing-sensor" });
  });

  it("a module that says so at a change only is believed as long as its other words go with it", () => {
    const p = newModulePerception(null);
    acceptModuleFrame(p, says({ present: true }), deviceUs(0));
    for (let sec = 5; sec <= 600; sec += 5)
      acceptModuleFrame(p, says({ frameRateHz: 0.2, movement: 1 }), deviceUs(1e6 * sec));
    expect(p.present).toBe(true);
    acceptModuleFrame(p, says({ present: false }), deviceUs(601e6));
    for (let sec = 605; sec <= 1_200; sec += 5)
      acceptModuleFrame(p, says({ frameRateHz: 0.2, movement: 0 }), deviceUs(1e6 * sec));
    expect(p.present).toBe(false);
  });

  it("knows nothing of who is there behind a gap", () => {
    const p = newModulePerception(calibration);
    play(p, 0, 14_000);
    play(p, 614_000, 616_000, {});
    expect(p.latest).toMatchObject({ occupancy: "unknown", reason: "learning" });
  });

  it("forgets what was breathed, and all of it when cleared", () => {
    const p = newModulePerception(calibration);
    play(p, 0, 14_000);
    forgetModuleBreathing(p);
    expect(p.wave.mm.every((mm) => mm === 0)).toBe(true);
    play(p, 14_050, 16_000, {});
    expect(p.latest).toMatchObject({ occupancy: "in-bed", reason: "learning" });
    clearModulePerception(p);
    expect(p).toMatchObject({ latest: null, present: null, originUs: null });
    expect(p.wave.mm.every((mm) => mm === 0)).toBe(true);
  });
});

describe("a module beside other sensors", () => {
  const estimate = {
    atMs: 30_000,
    occupancy: "in-bed",
    place: null,
    people: "one",
    movement: 1,
    breathingPerMin: 15,
    lowPerMin: 14,
    highPerMin: 16,
    quality: 0.99,
    windowMs: 30_000,
    reason: null,
  } as const;
  const told = {
    atMs: 30_000,
    occupancy: "in-bed",
    movement: 0,
    breathing: null,
    ownPerMin: null,
    reason: null,
  } as const;

  it("holds a rate back that it contradicts, and adds none", () => {
    expect(besideModule(estimate, null)).toEqual(estimate);
    expect(besideModule(estimate, { ...told, ownPerMin: 17 })).toEqual(estimate);
    expect(besideModule(estimate, { ...told, ownPerMin: 0 })).toEqual(estimate);
    const withheld = { breathingPerMin: null, lowPerMin: null, highPerMin: null, reason: "sources-disagree" };
    expect(besideModule(estimate, { ...told, ownPerMin: 22 })).toMatchObject(withheld);
    expect(besideModule(estimate, { ...told, occupancy: "empty" })).toMatchObject(withheld);
    const none = { ...estimate, breathingPerMin: null, lowPerMin: null, highPerMin: null, reason: "moving" } as const;
    expect(besideModule(none, { ...told, ownPerMin: 22 })).toEqual(none);
  });

  it("alone tells what it knows; a staged recording's bed is as stated", () => {
    expect(moduleAlone({ ...told, reason: "learning" }, "empty")).toMatchObject({
      occupancy: "empty",
      breathingPerMin: null,
      reason: "learning",
    });
  });
});
