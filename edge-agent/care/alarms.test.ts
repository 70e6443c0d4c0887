import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AlarmPolicy } from "../contract/alarm-policy.ts";
import { AlarmCondition } from "../contract/words.ts";
import {
  type Alarms,
  acknowledgeAlarm,
  applyAlarmChanges,
  askOutcomeForMs,
  closeAlarm,
  isOpen,
  settleAlarms,
  wantsOutcome,
} from "./alarms.ts";
import { noConditions } from "./room.ts";

const { escalation } = AlarmPolicy.parse({});
const context = (utcMs: number) => ({ stay: "s", utcMs, audited: true, escalation, nextId: () => `a-${utcMs}` });
const leftBed = { ...noConditions, "left-bed": true };

describe("alarm states", () => {
  it("stays visible after the condition is over until somebody has looked", () => {
    const raised = settleAlarms([], leftBed, context(1));
    expect(raised.changes.map(({ what }) => what)).toEqual(["raised"]);
    const over = settleAlarms(raised.alarms, noConditions, context(2));
    expect(over.alarms[0]?.presence).toBe("latched");
    const looked = acknowledgeAlarm(over.alarms, "a-1", "Sam", 3);
    expect(looked?.row.presence).toBe("off");
    const after = applyAlarmChanges(over.alarms, looked === undefined ? [] : [looked]);
    expect(after.filter(isOpen)).toEqual([]);
    expect(after.map(wantsOutcome)).toEqual([true]);
  });

  it("keeps an acknowledged alarm in view while its condition lasts, with who is going", () => {
    const raised = settleAlarms([], leftBed, context(1));
    const change = acknowledgeAlarm(raised.alarms, "a-1", "Sam", 2);
    const acknowledged = applyAlarmChanges(raised.alarms, change === undefined ? [] : [change]);
    expect(acknowledged[0]).toMatchObject({ presence: "ack", acknowledged: { name: "Sam", atUtcMs: 2 } });
    expect(settleAlarms(acknowledged, leftBed, context(3)).alarms).toEqual(acknowledged);
    expect(settleAlarms(acknowledged, noConditions, context(4)).alarms.filter(isOpen)).toEqual([]);
    expect(acknowledgeAlarm(acknowledged, "a-1", "Kim", 5)).toBeUndefined();
  });

  it("asks once how an alarm about the person ended, of nobody before somebody went, and for twelve hours", () => {
    const raised = settleAlarms([], leftBed, context(1));
    const outcome = { is: "helped", falseBecause: null, name: "Sam", atUtcMs: 5 } as const;
    expect(closeAlarm(raised.alarms, "a-1", outcome)).toBeUndefined();
    const went = acknowledgeAlarm(raised.alarms, "a-1", "Sam", 2);
    const acknowledged = applyAlarmChanges(raised.alarms, went === undefined ? [] : [went]);
    // While it lasts it stays in view, closed or not.
    const early = closeAlarm(acknowledged, "a-1", outcome);
    const closedEarly = applyAlarmChanges(acknowledged, early === undefined ? [] : [early]);
    expect(closedEarly[0]).toMatchObject({ presence: "ack", outcome: { is: "helped" } });
    expect(settleAlarms(closedEarly, noConditions, context(6)).alarms).toEqual([]);
    const over = settleAlarms(acknowledged, noConditions, context(4)).alarms;
    expect(over.map(wantsOutcome)).toEqual([true]);
    const closed = closeAlarm(over, "a-1", outcome);
    expect(applyAlarmChanges(over, closed === undefined ? [] : [closed])).toEqual([]);
    expect(settleAlarms(over, noConditions, context(4 + askOutcomeForMs)).alarms).toHaveLength(1);
    expect(settleAlarms(over, noConditions, context(5 + askOutcomeForMs)).alarms).toEqual([]);
  });

  it("a technical alarm that was seen and is over is over: nobody is asked about it", () => {
    const raised = settleAlarms([], { ...noConditions, "sensor-lost": true }, context(1));
    const seen = acknowledgeAlarm(raised.alarms, "a-1", "Sam", 2);
    const acknowledged = applyAlarmChanges(raised.alarms, seen === undefined ? [] : [seen]);
    expect(settleAlarms(acknowledged, noConditions, context(3)).alarms).toEqual([]);
  });

  it("calls the other stations, then the nurse in charge, once each, until somebody goes", () => {
    const { stationsAfterSec, inChargeAfterSec } = escalation.medium ?? { stationsAfterSec: 0, inChargeAfterSec: 0 };
    let { alarms } = settleAlarms([], leftBed, context(0));
    const told: string[] = [];
    for (let sec = 1; sec <= 400; sec++) {
      const settled = settleAlarms(alarms, leftBed, context(sec * 1_000));
      alarms = settled.alarms;
      for (const { what, row } of settled.changes) told.push(`${sec} ${what} ${row.escalation}`);
    }
    expect(told).toEqual([`${stationsAfterSec} escalated 1`, `${inChargeAfterSec} escalated 2`]);
    const raised = settleAlarms([], leftBed, context(0));
    const going = acknowledgeAlarm(raised.alarms, "a-0", "Sam", 1);
    const acknowledged = applyAlarmChanges(raised.alarms, going === undefined ? [] : [going]);
    expect(settleAlarms(acknowledged, leftBed, context(400_000)).changes).toEqual([]);
    // Seen by nobody and over: it is still unanswered.
    const latched = settleAlarms(raised.alarms, noConditions, context(1_000)).alarms;
    expect(settleAlarms(latched, noConditions, context(400_000)).alarms[0]).toMatchObject({ escalation: 2 });
  });

  it("counts how often it came up", () => {
    let { alarms } = settleAlarms([], leftBed, context(1));
    for (const at of [2, 4]) {
      alarms = settleAlarms(alarms, noConditions, context(at)).alarms;
      alarms = settleAlarms(alarms, leftBed, context(at + 1)).alarms;
    }
    expect(alarms).toMatchObject([{ presence: "on", raisings: 3, raisedAtUtcMs: 5 }]);
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
            const rows = alarms.filter(isOpen).filter((row) => row.condition === condition);
            expect(rows.map(({ presence }) => presence)).toEqual([expect.stringMatching(/^(on|ack)$/)]);
          }
          for (const row of alarms.filter(isOpen)) {
            expect(holding.includes(row.condition) || row.presence === "latched").toBe(true);
          }
        }
      }),
    );
  });
});
