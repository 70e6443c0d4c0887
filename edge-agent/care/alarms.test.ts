import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AlarmCondition } from "../contract/words.ts";
import { type Alarms, acknowledgeAlarm, applyAlarmChanges, settleAlarms } from "./alarms.ts";
import { noConditions } from "./room.ts";

const context = (utcMs: number) => ({ stay: "s", utcMs, audited: true, nextId: () => `a-${utcMs}` });
const leftBed = { ...noConditions, "left-bed": true };

describe("alarm states", () => {
  it("stays visible after the condition is over until somebody has looked", () => {
    const raised = settleAlarms([], leftBed, context(1));
    expect(raised.changes.map(({ what }) => what)).toEqual(["raised"]);
    const over = settleAlarms(raised.alarms, noConditions, context(2));
    expect(over.alarms[0]?.presence).toBe("latched");
    const looked = acknowledgeAlarm(over.alarms, "a-1", "Sam", 3);
    expect(looked?.row.presence).toBe("off");
    expect(applyAlarmChanges(over.alarms, looked === undefined ? [] : [looked])).toEqual([]);
  });

  it("keeps an acknowledged alarm in view while its condition lasts, with who is going", () => {
    const raised = settleAlarms([], leftBed, context(1));
    const change = acknowledgeAlarm(raised.alarms, "a-1", "Sam", 2);
    const acknowledged = applyAlarmChanges(raised.alarms, change === undefined ? [] : [change]);
    expect(acknowledged[0]).toMatchObject({ presence: "ack", acknowledged: { name: "Sam", atUtcMs: 2 } });
    expect(settleAlarms(acknowledged, leftBed, context(3)).alarms).toEqual(acknowledged);
    expect(settleAlarms(acknowledged, noConditions, context(4)).alarms).toEqual([]);
    expect(acknowledgeAlarm(acknowledged, "a-1", "Kim", 5)).toBeUndefined();
  });

  it("never loses a condition that holds, and never shows one that nobody raised, in any history", () => {
    const act = fc.oneof(
      fc.record({ do: fc.constant("settle" as const), holds: fc.subarray(AlarmCondition.options) }),
      fc.record({ do: fc.constant("acknowledge" as const), nth: fc.nat(3) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        let alarms: Alarms = [];
        let time = 0;
        let holding: readonly AlarmCondition[] = [];
        for (const one of acts) {
          time += 1;
          const clock = time;
          if (one.do === "settle") {
            holding = one.holds;
            const holds = { ...noConditions, ...Object.fromEntries(one.holds.map((condition) => [condition, true])) };
            let n = 0;
            alarms = settleAlarms(alarms, holds, { ...context(clock), nextId: () => `a-${clock}-${n++}` }).alarms;
          } else {
            const target = alarms[one.nth];
            const change = target === undefined ? undefined : acknowledgeAlarm(alarms, target.id, "Sam", clock);
            if (change !== undefined) alarms = applyAlarmChanges(alarms, [change]);
          }
          for (const condition of holding) {
            expect(alarms.filter((row) => row.condition === condition && row.presence !== "latched")).toHaveLength(1);
          }
          for (const row of alarms) {
            expect(holding.includes(row.condition) || row.presence === "latched").toBe(true);
          }
        }
      }),
    );
  });
});
