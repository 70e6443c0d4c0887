import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RadarIqFrame } from "../contract/frames.ts";
import { deviceUs } from "../contract/units.ts";
import {
  clearStreamChecks,
  medianStepUs,
  newStreamChecks,
  noteFrame,
  paceFits,
  type StreamChecks,
  usableShare,
  windowFault,
} from "./stream-checks.ts";

const frameOf = (seed: number, saturated = false): RadarIqFrame => ({
  sweeps: 2,
  points: 4,
  firstPointMm: 298,
  pointStepMm: 60,
  frameRateHz: 20,
  saturated,
  delayed: false,
  calibrationNeeded: false,
  temperatureC: 20,
  iq: Int16Array.from({ length: 16 }, (_, i) => Math.imul(seed + 1, 7_919 * (i + 3)) % 30_000),
});

type Slot = "new" | "same" | "lost" | "saturated";

function streamOf(slots: readonly Slot[]): StreamChecks {
  const checks = newStreamChecks();
  let last = 0;
  slots.forEach((slot, at) => {
    if (slot === "lost") return;
    if (slot !== "same") last = at;
    noteFrame(checks, frameOf(last, slot === "saturated"), at, deviceUs(at * 50_000));
  });
  return checks;
}
const times = (n: number, slot: Slot): Slot[] => Array.from({ length: n }, () => slot);
const fault = (slots: readonly Slot[], stillSince = 0) => windowFault(streamOf(slots), 0, slots.length, stillSince);

describe("what a window's frames betray", () => {
  test("each fault at its limit, and just below", () => {
    expect(fault(times(200, "new"))).toBeNull();
    expect(fault([...times(100, "new"), ...times(9, "lost"), ...times(91, "new")])).toBeNull();
    expect(fault([...times(100, "new"), ...times(10, "lost"), ...times(90, "new")])).toBe("gaps");
    const oneIn = (n: number, slot: Slot): Slot[] => times(200, "new").map((kind, at) => (at % n === 1 ? slot : kind));
    expect(fault(oneIn(5, "lost"))).toBeNull();
    expect(fault(oneIn(4, "lost"))).toBe("gaps");
    expect(fault(oneIn(10, "same"))).toBeNull();
    expect(fault(oneIn(9, "same"))).toBe("frozen");
    expect(fault(oneIn(10, "saturated"))).toBeNull();
    expect(fault(oneIn(9, "saturated"))).toBe("saturated");
    expect(fault([...times(190, "new"), ...times(10, "same")])).toBe("frozen");
  });

  test("frozen goes before saturated, saturated before gaps", () => {
    const third = (slot: Slot): Slot[] => [...times(20, "new"), ...times(20, slot)];
    expect(fault([...third("same"), ...third("saturated"), ...third("lost")])).toBe("frozen");
    expect(fault([...third("saturated"), ...third("lost")])).toBe("saturated");
  });

  test("saturation during a movement is over with it", () => {
    const turning = [...times(40, "saturated"), ...times(100, "new")];
    expect(fault(turning)).toBe("saturated");
    expect(fault(turning, 40)).toBeNull();
  });

  test("no stream without a repeated, lost or saturated frame has a fault, and no slot counts twice", () => {
    const kinds = fc.constantFrom<Slot>("new", "same", "lost", "saturated");
    fc.assert(
      fc.property(fc.array(kinds, { minLength: 1, maxLength: 300 }), (slots) => {
        const stream: Slot[] = ["new", ...slots];
        const checks = streamOf(stream);
        const fresh = stream.filter((slot) => slot === "new").length;
        // `same` after `saturated` repeats it; both are unusable.
        expect(usableShare(checks, 0, stream.length)).toBeCloseTo(fresh / stream.length, 9);
        if (fresh === stream.length) expect(windowFault(checks, 0, stream.length, 0)).toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  test("clearing forgets", () => {
    const checks = streamOf(times(100, "new"));
    expect(noteFrame(checks, frameOf(50), 100, deviceUs(5e6))).toBe("repeated");
    clearStreamChecks(checks);
    expect(checks.prints.every((print) => print === 0)).toBe(true);
    expect(usableShare(checks, 0, 100)).toBe(0);
    expect(noteFrame(checks, frameOf(50), 0, deviceUs(0))).toBe("new");
  });
});

describe("the pace of the time stamps", () => {
  const paced = (stampsUs: readonly number[]): StreamChecks => {
    const checks = newStreamChecks();
    stampsUs.forEach((us, at) => {
      noteFrame(checks, frameOf(at), Math.round(us / 50_000), deviceUs(us));
    });
    return checks;
  };
  const even = (stepUs: number, count: number): number[] => Array.from({ length: count }, (_, at) => at * stepUs);

  test("20 Hz within 3 % fits, also with lost frames and silences", () => {
    for (const stepUs of [48_700, 49_998, 50_000, 51_300]) expect(paceFits(paced(even(stepUs, 120)))).toBe(true);
    const lossy = even(50_000, 200).filter((_, at) => at % 3 !== 1 && (at < 100 || at > 150));
    expect(paceFits(paced(lossy))).toBe(true);
  });

  test("any other pace does not", () => {
    for (const stepUs of [1e6, 400_000, 100_000, 83_333, 62_500, 52_600, 47_600, 40_000, 25_000, 10_000]) {
      expect([stepUs, paceFits(paced(even(stepUs, 120)))]).toEqual([stepUs, false]);
    }
  });

  test("too few stamps say nothing; a sensor that changes its pace is seen within 5 s", () => {
    expect(paceFits(paced(even(1e5, 5)))).toBe(true);
    expect(medianStepUs(paced(even(1e5, 5)))).toBeUndefined();
    const slower = [...even(50_000, 200), ...even(1e5, 50).map((us) => 10e6 + us)];
    expect(paceFits(paced(slower))).toBe(false);
    const faster = [...even(1e5, 50), ...even(50_000, 102).map((us) => 5e6 + us)];
    expect(paceFits(paced(faster))).toBe(true);
  });
});
