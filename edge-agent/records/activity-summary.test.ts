import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoreRow } from "../contract/door.ts";
import { readActivity } from "./activity-summary.ts";
import { openForReading } from "./open.ts";
import { at, consent, fact, granted, logOptionsOf, scratchFolder, stay } from "./records-for-tests.ts";
import { WardRecords } from "./ward.ts";

let scratch: ReturnType<typeof scratchFolder>;
let records: WardRecords;
beforeEach(() => {
  scratch = scratchFolder();
  records = new WardRecords(join(scratch.path, "ward.sqlite"), logOptionsOf(), "Europe/London");
  records.start();
  records.commit([], [stay("s1"), ...granted("s1", "movement-alerts")], at(0));
});
afterEach(() => {
  records.close();
  scratch.done();
});

const minute = 60_000;
const hour = 60 * minute;
/** The first midnight after the test's beginning; the clock of this ward is UTC. */
const midnight = 24 * hour - (at(0).utcMs % (24 * hour));
const summary = (now: number, timeZone = "UTC") => {
  const db = openForReading(join(scratch.path, "ward.sqlite"));
  try {
    return readActivity(db, "s1", { nowUtcMs: at(now).utcMs, timeZone, rest: { fromHour: 22, toHour: 7 } });
  } finally {
    db.close();
  }
};
const daysOf = (read: ReturnType<typeof summary>) => (read.sinceUtcMs === null ? [] : read.days);
/** One fact a minute. */
function was(occupancy: "in-bed" | "empty" | "unknown", fromMs: number, untilMs: number): void {
  const rows: StoreRow[] = [];
  for (let ms = fromMs; ms < untilMs; ms += minute) rows.push(fact("s1", { atUtcMs: at(ms).utcMs, occupancy }));
  records.commit([], rows, at(untilMs));
}
function say(state: "offered" | "granted" | "withdrawn", afterMs: number, untilMs = 40 * 24 * hour): void {
  const row = consent("s1", "movement-alerts", state);
  if (row.table !== "consent") return;
  const change = { purpose: "activity-summary", sinceUtcMs: at(afterMs).utcMs, untilUtcMs: at(untilMs).utcMs } as const;
  records.commit([], [{ ...row, consent: { ...row.consent, ...change }, atUtcMs: at(afterMs).utcMs }], at(afterMs));
}

describe("in bed and out of bed, by day", () => {
  it("is not read unless the person allows it at this moment", () => {
    was("in-bed", 0, hour);
    expect(summary(2 * hour)).toEqual({ sinceUtcMs: null });
    say("offered", hour);
    expect(summary(2 * hour)).toEqual({ sinceUtcMs: null });
    say("granted", hour, 3 * hour);
    expect(summary(2 * hour)).toMatchObject({ sinceUtcMs: at(hour).utcMs });
    // It has run out, though nobody wrote that down yet.
    expect(summary(4 * hour)).toEqual({ sinceUtcMs: null });
    say("withdrawn", 2 * hour);
    expect(summary(2.5 * hour)).toEqual({ sinceUtcMs: null });
  });

  it("counts minutes by the day of the ward's clock, and what is not known as neither; nothing from before the yes", () => {
    was("in-bed", midnight - 3 * hour, midnight - 2 * hour);
    say("offered", midnight - 2 * hour);
    say("granted", midnight - 2 * hour);
    was("in-bed", midnight - 2 * hour, midnight + hour);
    was("empty", midnight + hour, midnight + 1.5 * hour);
    was("unknown", midnight + 1.5 * hour, midnight + 2 * hour);
    was("in-bed", midnight + 2 * hour, midnight + 4 * hour);
    const [today, yesterday, ...earlier] = daysOf(summary(midnight + 5 * hour));
    expect(today).toMatchObject({ inBedMin: 180, outOfBedMin: 30, unknownMin: 90, upAtNight: 1 });
    expect(yesterday).toMatchObject({ inBedMin: 120, outOfBedMin: 0, unknownMin: 0, upAtNight: 0 });
    expect(earlier).toEqual([]);
  });

  it("up at night: in the hours of rest only, once each time, over midnight too, and not after a sensor that was off", () => {
    say("offered", midnight - 10 * hour);
    say("granted", midnight - 10 * hour);
    // By day.
    was("in-bed", midnight - 9 * hour, midnight - 8 * hour);
    was("empty", midnight - 8 * hour, midnight - 7 * hour);
    // Before midnight in bed, after it up, back, and up again.
    was("in-bed", midnight - hour, midnight);
    was("empty", midnight, midnight + 5 * minute);
    was("in-bed", midnight + 5 * minute, midnight + hour);
    was("empty", midnight + hour, midnight + hour + 3 * minute);
    was("in-bed", midnight + 2 * hour, midnight + 3 * hour);
    // Nothing was heard for more than an hour.
    was("empty", midnight + 4.5 * hour, midnight + 5 * hour);
    const [today, yesterday] = daysOf(summary(midnight + 6 * hour));
    expect(today?.upAtNight).toBe(2);
    expect(yesterday?.upAtNight).toBe(0);
  });

  it("a day on which the clock changes has 23 or 25 hours, and four weeks are the most", () => {
    say("offered", 0);
    say("granted", 0, 400 * 24 * hour);
    const lengths = (afterDays: number) =>
      daysOf(summary(afterDays * 24 * hour, "Europe/London")).map(({ fromUtcMs, untilUtcMs }) =>
        Math.round((untilUtcMs - fromUtcMs) / hour),
      );
    expect(lengths(60)).toHaveLength(28);
    const year = [30, 58, 86, 114, 142, 170, 198, 226, 254, 282, 310, 338, 366].flatMap((days) =>
      lengths(days).slice(1),
    );
    expect(year).toContain(23);
    expect(year).toContain(25);
  });
});
