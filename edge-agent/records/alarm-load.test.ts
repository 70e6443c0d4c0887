import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { floodAbove, floodWithinMs } from "../contract/alarm-load.ts";
import type { AuditIntent } from "../contract/door.ts";
import { floodsOf, readAlarmLoad } from "./alarm-load.ts";
import { openForReading } from "./open.ts";
import { alarm, at, intent, logOptionsOf, scratchFolder, stay } from "./records-for-tests.ts";
import { WardRecords } from "./ward.ts";

let scratch: ReturnType<typeof scratchFolder>;
let records: WardRecords;

beforeEach(() => {
  scratch = scratchFolder();
  records = new WardRecords(join(scratch.path, "ward.sqlite"), logOptionsOf());
  records.start();
});
afterEach(() => {
  records.close();
  scratch.done();
});

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Two nights of nine hours, a day apart, the newest first. */
const nights = [
  { fromUtcMs: at(24 * hourMs).utcMs, untilUtcMs: at(33 * hourMs).utcMs },
  { fromUtcMs: at(0).utcMs, untilUtcMs: at(9 * hourMs).utcMs },
];
const load = (nowMs = 33 * hourMs) => {
  const db = openForReading(join(scratch.path, "ward.sqlite"));
  try {
    return readAlarmLoad(db, nights, at(nowMs).utcMs);
  } finally {
    db.close();
  }
};
function tell(action: AuditIntent["action"], alarm: string, condition: string, afterMs: number, more = {}): void {
  const detail = { bed: "room-1", stay: "s1", alarm, condition, ...more };
  records.commit([{ ...intent(action), detail }], [], at(afterMs));
}

describe("what the alarms ask of staff", () => {
  it("counts every time that one came up, also again before anybody had looked", () => {
    records.commit([intent("stay.admit")], [stay("s1"), stay("s2", "room-2")], at(0));
    tell("alert.raise", "a1", "left-bed", minuteMs);
    tell("alert.raise", "a1", "left-bed", 2 * minuteMs);
    tell("alert.acknowledge", "a1", "left-bed", 4 * minuteMs);
    tell("alert.close", "a1", "left-bed", 5 * minuteMs, { outcome: "false-alarm", falseBecause: "visitor" });
    tell("alert.raise", "a2", "on-floor", 12 * hourMs);
    tell("alert.acknowledge", "a2", "on-floor", 12 * hourMs + 20_000);
    tell("alert.close", "a2", "on-floor", 13 * hourMs, { outcome: "helped", falseBecause: null });
    for (let n = 0; n < 5; n++) tell("alert.raise", `a${n + 3}`, "no-movement", 25 * hourMs + n * hourMs);
    expect(load()).toEqual({
      nights,
      raised: 8,
      // Not the fall of the afternoon.
      raisedAtNight: 7,
      // Two beds, two nights.
      bedNights: 4,
      nurseHours: 0,
      floods: 0,
      mostWithin: 2,
      closed: 2,
      falseAlarms: 1,
      falseBecause: { visitor: 1 },
      // From the first time that it came up.
      answerP50Ms: 20_000,
      answerP90Ms: 3 * minuteMs,
      conditions: [
        { condition: "on-floor", raised: 1, answered: 1, falseAlarms: 0 },
        { condition: "no-movement", raised: 5, answered: 0, falseAlarms: 0 },
        { condition: "left-bed", raised: 2, answered: 1, falseAlarms: 1 },
      ],
    });
  });

  it("counts the hours for which nurses were signed in, one nurse at two stations once, and nobody else", () => {
    const by = { kind: "setup", name: "test" } as const;
    const signIn = (name: string, role: "nurse" | "engineer", afterMs: number) => {
      const invited = records.inviteStaff({ name, role, by }, at(afterMs));
      const told = records.signIn(invited.code, at(afterMs));
      return typeof told === "object" && told.is === "staff" ? (told.session ?? "") : "";
    };
    const first = signIn("Sam", "nurse", 0);
    const second = signIn("Sam", "nurse", hourMs);
    signIn("Eve", "engineer", 0);
    records.signOut(first, at(2 * hourMs));
    records.signOut(second, at(3 * hourMs));
    const third = signIn("Kim", "nurse", hourMs);
    records.signOut(third, at(2 * hourMs));
    expect(load().nurseHours).toBeCloseTo(4, 5);
  });

  it("has no figures of nothing", () => {
    expect(load()).toMatchObject({ raised: 0, bedNights: 0, answerP50Ms: null, answerP90Ms: null, conditions: [] });
  });

  it("a flood begins with the eleventh within ten minutes and is one as long as it lasts", () => {
    const every = (count: number, stepMs: number, from = 0) =>
      Array.from({ length: count }, (_, n) => from + n * stepMs);
    expect(floodsOf(every(floodAbove, 1_000))).toEqual({ floods: 0, mostWithin: 10 });
    expect(floodsOf(every(floodAbove + 5, 1_000))).toEqual({ floods: 1, mostWithin: 15 });
    expect(floodsOf([...every(11, 1_000), ...every(11, 1_000, 3 * floodWithinMs)])).toEqual({
      floods: 2,
      mostWithin: 11,
    });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10 * floodWithinMs }), { maxLength: 60 }), (all) => {
        const times = all.toSorted((a, b) => a - b);
        const within = times.map((end, i) => times.filter((at, j) => j <= i && end - at <= floodWithinMs).length);
        const begun = within.filter((count, i) => count > floodAbove && !((within[i - 1] ?? 0) > floodAbove));
        expect(floodsOf(times)).toEqual({ floods: begun.length, mostWithin: Math.max(0, ...within) });
      }),
    );
  });
});

describe("how often one came up lately", () => {
  it("counts each time within ten minutes, and goes on counting after a start", () => {
    tell("alert.raise", "a1", "left-bed", 0);
    tell("alert.raise", "a1", "left-bed", minuteMs);
    tell("alert.clear", "a1", "left-bed", minuteMs);
    expect(records.raisedLately(at(minuteMs).utcMs)).toBe(2);
    expect(records.raisedLately(at(10.5 * minuteMs).utcMs)).toBe(1);
    expect(records.raisedLately(at(12 * minuteMs).utcMs)).toBe(0);
    records.commit(
      [intent("alert.raise")],
      [stay("s1"), alarm({ raisedAtUtcMs: at(20 * minuteMs).utcMs })],
      at(20 * minuteMs),
    );
    records.close();
    records.start();
    expect(records.raisedLately(at(21 * minuteMs).utcMs)).toBe(1);
  });
  it("does not count what could not be written", () => {
    const twice = [stay("s1"), stay("s1")];
    expect(() => records.commit([intent("alert.raise")], twice, at(0))).toThrow();
    expect(records.raisedLately(at(0).utcMs)).toBe(0);
  });
});
