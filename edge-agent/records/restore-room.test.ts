import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commonNeeds, dayMs, neverOffered } from "../contract/consent.ts";
import type { AlarmRow, StoreRow } from "../contract/door.ts";
import { nothingOrdered } from "../contract/people.ts";
import type { SedationWatch } from "../contract/sedation.ts";
import { openForReading } from "./open.ts";
import { alarm, at, consent, fact, granted, logOptionsOf, scratchFolder, stay } from "./records-for-tests.ts";
import { StoreError } from "./store-error.ts";
import { WardRecords } from "./ward.ts";

let folder: ReturnType<typeof scratchFolder>;
let path: string;
let records: WardRecords;

beforeEach(() => {
  folder = scratchFolder();
  path = join(folder.path, "ward.sqlite");
  records = new WardRecords(path, logOptionsOf());
  records.start();
});
afterEach(() => {
  records.close();
  folder.done();
});

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (cause) {
    if (cause instanceof StoreError) return cause.code;
    throw cause;
  }
  return "did not throw";
};
/** What another process sees. */
function seen(sql: string): unknown {
  const db = openForReading(path);
  try {
    return db.prepare(sql).pluck().get();
  } finally {
    db.close();
  }
}
const write = (...rows: readonly StoreRow[]): void => records.commit([], rows, at(0));
describe("restoring a room", () => {
  const order = {
    ...nothingOrdered,
    breathing: { lowPerMin: 8, highPerMin: 25, forMs: 30_000, qualityMin: 0 },
    leftBed: null,
    rateUnavailable: null,
    by: "Ada",
    reason: "observation level 2",
  };

  it("tells when something was last recorded of the stay that is open, and of no other", () => {
    const told = () => records.restoreRoom("room-1").recordedUtcMs;
    records.commit([], [stay("s1"), ...granted("s1", "movement-alerts")], at(0));
    expect(told()).toBeNull();
    const facts = [5_000, 9_000, 7_000].map((after) => fact("s1", { movement: 1, atUtcMs: at(after).utcMs }));
    records.commit([], facts, at(9_000));
    expect(told()).toBe(at(9_000).utcMs);
    records.commit([], [{ table: "stay-end", id: "s1", endedAtUtcMs: at(9_500).utcMs }, stay("s2")], at(9_500));
    expect(told()).toBeNull();
  });

  it("of an empty database is an empty room", () => {
    expect(records.restoreRoom("room-1")).toEqual({
      stay: null,
      needs: commonNeeds,
      checks: null,
      consents: [],
      sedation: null,
      order: null,
      alarms: [],
      leaseNumber: 0,
      leaseLeftOpen: null,
      lastSeen: null,
      alarmCount: 0,
      recordedUtcMs: null,
    });
  });

  it("gives the open stay with its latest consent, order and open alarms, also after a restart", () => {
    const acknowledged = { name: "Ada", atUtcMs: at(9).utcMs };
    write(
      stay("s1"),
      consent("s1", "movement-alerts", "offered"),
      consent("s1", "movement-alerts", "granted"),
      consent("s1", "breathing-rate", "offered"),
      { table: "order", stay: "s1", order: { ...order, breathing: null }, atUtcMs: at(1).utcMs },
      { table: "order", stay: "s1", order, atUtcMs: at(2).utcMs },
      alarm(),
      alarm({ presence: "ack", acknowledged }),
      alarm({ id: "room-1-7", presence: "off", condition: "sensor-lost" }),
    );
    records.close();
    records = new WardRecords(path, logOptionsOf());
    records.start();
    const room = records.restoreRoom("room-1");
    expect(room.stay).toEqual({ id: "s1", label: "A.B.", demonstration: false });
    const held = { sinceUtcMs: at(0).utcMs, untilUtcMs: at(7 * dayMs).utcMs };
    expect(room.consents).toEqual([
      { ...neverOffered, ...held, purpose: "movement-alerts", state: "granted" },
      { ...neverOffered, ...held, purpose: "breathing-rate", state: "offered" },
    ]);
    expect(room.order).toEqual(order);
    expect(room.alarms).toEqual([(alarm({ presence: "ack", acknowledged }) as { alarm: AlarmRow }).alarm]);
    // The number in the highest id, not the count: the next id must be new.
    expect(room.alarmCount).toBe(7);
    expect(records.restoreRoom("room-2").stay).toBeNull();
  });

  it("gives the watch after sedation that runs, and none once it ended", () => {
    const watch: SedationWatch = {
      everyMinutes: 15,
      sinceUtcMs: at(1).utcMs,
      untilUtcMs: at(2).utcMs,
      by: "Sam",
      standing: { level: "general", everyMinutes: 60, by: "Ada", reason: "admission", reviewAfterHours: 24 },
    };
    write(stay("s1"), { table: "sedation", stay: "s1", watch, atUtcMs: at(1).utcMs });
    expect(records.restoreRoom("room-1").sedation).toEqual(watch);
    write({ table: "sedation", stay: "s1", watch: null, atUtcMs: at(2).utcMs });
    expect(records.restoreRoom("room-1").sedation).toBeNull();
  });

  it("gives how an alarm ended, waits for it where nobody said it yet, and keeps what was said", () => {
    const acknowledged = { name: "Ada", atUtcMs: at(9).utcMs };
    const outcome = { is: "false-alarm", falseBecause: "visitor", name: "Ada", atUtcMs: at(10).utcMs } as const;
    write(stay("s1"), alarm({ presence: "off", acknowledged, escalation: 2, raisings: 3 }));
    expect(records.restoreRoom("room-1").alarms).toMatchObject([{ escalation: 2, raisings: 3, outcome: null }]);
    write(alarm({ presence: "off", acknowledged, outcome }));
    expect(records.restoreRoom("room-1").alarms).toEqual([]);
    const other = { ...outcome, is: "all-well", falseBecause: null } as const;
    expect(codeOf(() => write(alarm({ presence: "off", acknowledged, outcome: other })))).toBe("refused");
    expect(codeOf(() => write(alarm({ id: "room-1-9" }), alarm({ id: "room-1-9", presence: "off", outcome })))).toBe(
      "refused",
    );
    expect(seen("SELECT outcome || ' ' || false_because FROM alarm WHERE id = 'room-1-1'")).toBe("false-alarm visitor");
  });

  it("gives the next person nothing of the last", () => {
    write(stay("s1"), ...granted("s1", "breathing-rate"), alarm(), {
      table: "order",
      stay: "s1",
      order,
      atUtcMs: at(1).utcMs,
    });
    write({ table: "stay-end", id: "s1", endedAtUtcMs: at(2).utcMs }, stay("s2"));
    expect(records.restoreRoom("room-1")).toMatchObject({
      stay: { id: "s2" },
      consents: [],
      order: null,
      alarms: [],
      alarmCount: 1,
    });
  });
});
