import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { monoMs, utcMs } from "../contract/units.ts";
import { type Clock, type ClockFault, judgeClock, watchClock } from "./clock.ts";
import { nodeVersionProblem } from "./node-version.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  [1_000, 1_000, undefined],
  [1_000, 2_900, undefined],
  [1_000, 3_100, { why: "stepped", steppedMs: 2_100 }],
  [1_000, -1_500, { why: "stepped", steppedMs: -2_500 }],
  [1_000, -200, { why: "backwards", steppedMs: -1_200 }],
  [60_000, 60_030, undefined],
  [1_000, Number.NaN, { why: "unreadable", steppedMs: 0 }],
])("%i ms of monotonic time and %i ms of wall time", (monoPassed, utcPassed, fault) => {
  expect(judgeClock({ monoMs: 5, utcMs: 1e12 }, { monoMs: 5 + monoPassed, utcMs: 1e12 + utcPassed })).toEqual(fault);
});

function watched() {
  const at = { mono: 0, utc: 1e12 };
  const clock: Clock = {
    monoMs: () => monoMs(at.mono),
    utcMs: () => utcMs(at.utc),
    monoNs: () => BigInt(at.mono) * 1_000_000n,
  };
  const faults: ClockFault[] = [];
  const controller = new AbortController();
  watchClock(clock, (fault) => faults.push(fault), controller.signal);
  const pass = (seconds: number, utcPerSecond = 1_000): void => {
    for (let n = 0; n < seconds; n++) {
      at.mono += 1_000;
      at.utc += utcPerSecond;
      vi.advanceTimersByTime(1_000);
    }
  };
  return { at, faults, pass, stop: () => controller.abort() };
}

test("a step is told once, and a steady clock never", () => {
  const { at, faults, pass } = watched();
  pass(120);
  expect(faults).toEqual([]);
  at.utc += 3_600_000;
  pass(120);
  expect(faults).toEqual([{ why: "stepped", steppedMs: 3_600_000 }]);
});

test("many small steps one way are told as well", () => {
  const { faults, pass } = watched();
  pass(10, 1_400);
  expect(faults.map(({ why }) => why)).toEqual(["stepped"]);
});

test("nothing is told after the stop", () => {
  const { at, faults, pass, stop } = watched();
  stop();
  at.utc = 0;
  pass(3);
  expect(faults).toEqual([]);
});

test.each([
  ["20.20.2", true],
  ["22.13.9", true],
  ["22.14.0", false],
  ["24.21.0", false],
])("Node %s: a problem is %s", (version, problem) => {
  expect(nodeVersionProblem(version) !== undefined).toBe(problem);
});
