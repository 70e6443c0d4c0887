import { describe, expect, it } from "vitest";
import { newClockWatch } from "./health-clock.ts";
import { newSensorHealth } from "./sensor-health.ts";
import { encodeTiTracking, targetTlv, tiIwr6843, vitalsTlv } from "./sensors/ti-iwr6843.ts";
import { newRandom } from "./simulator/random.ts";

/** Frames every `periodMs` of a clock that runs at `pace`, each late by up to `lateMs`: the words at each second. */
function wordsOf(pace: number, seconds: number, lateMs = 0, stalls: readonly (readonly [number, number])[] = []) {
  const watch = newClockWatch();
  const random = newRandom(7);
  const words: string[] = [];
  let heardMs = 0;
  for (let atMs = 0; atMs < 1_000 * seconds; atMs += 50) {
    const stalled = stalls.find(([from, to]) => atMs >= from && atMs < to);
    heardMs = Math.max(heardMs, stalled === undefined ? atMs + lateMs * random.uniform() : stalled[1]);
    watch.note(1_000 * (5e6 + pace * atMs), 9e7 + heardMs);
    if (atMs % 1_000 === 0) words.push(watch.told()[0]);
  }
  return words;
}

describe("the pace of a sensor's clock", () => {
  it.each([0.5, 0.8, 0.9, 0.95, 1.05, 1.1, 1.25, 1.9])(
    "%f of the bridge's is told within 6 s, before any rate",
    (pace) => {
      const words = wordsOf(pace, 60, 30);
      expect(words.slice(6)).toEqual(words.slice(6).map(() => "clock-stuck"));
    },
  );

  it.each([0.99, 0.9999, 1, 1.0001, 1.01])("%f is a crystal's, whatever the computer does", (pace) => {
    expect(new Set(wordsOf(pace, 120, 120))).toEqual(new Set(["ok"]));
  });

  it("is not told by a computer that stalls again and again", () => {
    const stalls = Array.from({ length: 20 }, (_, k) => [4_000 * k + 1_700, 4_000 * k + 3_000] as const);
    expect(new Set(wordsOf(1, 80, 20, stalls))).toEqual(new Set(["ok"]));
  });

  it("is told at once where the clock has run far ahead, and where it stands", () => {
    const watch = newClockWatch();
    watch.note(0, 0);
    watch.note(4_000_000, 1_000);
    expect(watch.told()).toEqual(["clock-stuck", "its clock is 2970 ms ahead of ours"]);
    const still = newClockWatch();
    for (let atMs = 0; atMs <= 6_000; atMs += 100) still.note(1_000_000, atMs);
    expect(still.told()[1]).toBe("its clock has stood still for 6 s");
  });

  it("of a wave in pieces is that of its pieces", () => {
    const says = { frameRateHz: 3, present: null, moving: null, movement: null, distanceMm: null } as const;
    const wave = { ...says, breathingPerMin: null, confidence: null, waveStepUs: 200_000, wave: new Float32Array(5) };
    const told = (everyMs: number) => {
      const watch = newClockWatch();
      for (let atMs = 0; atMs < 20_000; atMs += everyMs) watch.note(1_000 * atMs, atMs, wave);
      return watch.told();
    };
    expect(told(1_000)[0]).toBe("ok");
    expect(told(800)).toEqual(["clock-stuck", expect.stringContaining("its wave comes at 80 % of its pace")]);
    expect(told(1_250)[0]).toBe("clock-stuck");
  });
});

/** A chip with people tracking that was left with frames of another period: its true bytes through its driver. */
function chipOf(periodMs: number, seconds: number): { readonly words: string[]; readonly detail: string } {
  const talk = tiIwr6843.newTalk();
  const health = newSensorHealth(tiIwr6843.frameRateHz);
  const words: string[] = [];
  let detail = "";
  let lookMs = 0;
  for (let frame = 1; frame * periodMs < 1_000 * seconds; frame++) {
    const atMs = frame * periodMs;
    const breathWave = Array.from(
      { length: 15 },
      (_, k) => 0.1 * Math.sin((2 * Math.PI * 18 * (atMs + periodMs * (k - 14))) / 6e4),
    );
    const vitals = vitalsTlv({ id: 0, rangeBin: 9, deviation: 0.1, breathPerMin: 18, breathWave });
    const bytes = encodeTiTracking(frame, [targetTlv(0, [0.1, 0.8, 0.9]), ...(frame % 15 === 0 ? [vitals] : [])]);
    for (const framed of talk.framer.push(bytes, "data")) {
      const decoded = talk.decode(framed, 1_000 * atMs);
      if (decoded.ok) health.note(decoded.frame, decoded.deviceUs, atMs);
    }
    if (atMs < lookMs) continue;
    lookMs += 1_000;
    const told = health.judge({ ...talk.framer.counts, malformed: 0 }, atMs);
    words.push(told.word);
    detail = told.detail;
  }
  return { words, detail };
}

describe("an IWR6843 that somebody else configured", () => {
  it.each([72, 75, 80, 100, 110])("frames of %d ms are refused before there could be a rate", (periodMs) => {
    const { words, detail } = chipOf(periodMs, 90);
    expect(words.slice(7)).toEqual(words.slice(7).map(() => "clock-stuck"));
    expect(detail).toBe(`its clock runs at ${Math.round(9_000 / periodMs)} % of its pace: another setting or firmware`);
  });

  it("frames of 90 ms are its own", () => {
    expect(new Set(chipOf(90, 90).words)).toEqual(new Set(["ok"]));
  });
});
