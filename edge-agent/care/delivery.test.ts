import { describe, expect, it } from "vitest";
import type { AlarmRow } from "../contract/door.ts";
import { monoMs } from "../contract/units.ts";
import { confirmShown, followAlarms, isUndelivered, nothingToDeliver } from "./delivery.ts";

const row = (change: Partial<AlarmRow> = {}): AlarmRow => ({
  id: "a",
  stay: "s",
  condition: "left-bed",
  priority: "medium",
  presence: "on",
  raisedAtUtcMs: 5,
  clearedAtUtcMs: null,
  acknowledged: null,
  audited: true,
  escalation: 0,
  raisings: 1,
  outcome: null,
  ...change,
});
const sec = (seconds: number) => monoMs(seconds * 1_000);

describe("whether a screen has shown an alarm", () => {
  it("is undelivered two seconds after it was raised, until a station confirms that raising", () => {
    const open = followAlarms(nothingToDeliver, [row()], sec(10));
    expect(isUndelivered(open, sec(11.9), 2_000)).toBe(false);
    expect(isUndelivered(open, sec(12), 2_000)).toBe(true);
    const other = confirmShown(open, [{ id: "a", raisedAtUtcMs: 4 }]);
    expect(isUndelivered(other, sec(12), 2_000)).toBe(true);
    const shown = confirmShown(open, [{ id: "a", raisedAtUtcMs: 5 }]);
    expect(isUndelivered(shown, sec(60), 2_000)).toBe(false);
  });
  it("an alarm that is raised again is shown again", () => {
    const shown = confirmShown(followAlarms(nothingToDeliver, [row()], sec(0)), [{ id: "a", raisedAtUtcMs: 5 }]);
    const again = followAlarms(shown, [row({ raisedAtUtcMs: 9 })], sec(20));
    expect(isUndelivered(again, sec(21), 2_000)).toBe(false);
    expect(isUndelivered(again, sec(22), 2_000)).toBe(true);
  });
  it("one that nobody saw before it was over still has to be shown", () => {
    const open = followAlarms(nothingToDeliver, [row()], sec(0));
    expect(isUndelivered(followAlarms(open, [row({ presence: "latched" })], sec(3)), sec(3), 2_000)).toBe(true);
  });
  it("what was acknowledged was seen, and the alarm about delivery waits for no screen", () => {
    const open = followAlarms(nothingToDeliver, [row()], sec(0));
    expect(followAlarms(open, [row({ presence: "ack" })], sec(3))).toEqual([]);
    expect(followAlarms(open, [row({ condition: "delivery-unconfirmed" })], sec(3))).toEqual([]);
  });
});
