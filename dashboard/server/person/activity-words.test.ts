import { expect, test } from "vitest";
import { activityView, hoursOf } from "./activity-words.ts";

const dayMs = 86_400_000;
const midnight = Date.UTC(2026, 10, 23);
const day = (back: number, inBedMin: number, unknownMin = 0) => ({
  fromUtcMs: midnight - back * dayMs,
  untilUtcMs: midnight - (back - 1) * dayMs,
  inBedMin,
  outOfBedMin: 1_440 - inBedMin - unknownMin,
  unknownMin,
  upAtNight: back % 2,
});

test("says that it cannot be read, and that it is off, and nothing else then", () => {
  expect(activityView(null, midnight, "UTC")).toMatchObject({ cannotRead: true, off: false, days: [] });
  expect(activityView({ sinceUtcMs: null }, midnight, "UTC")).toMatchObject({ cannotRead: false, off: true, days: [] });
});

test("a week is the mean of the days that are known, and is not told of fewer than four", () => {
  const days = [1, 2, 3, 4, 5, 6, 7].map((back) => day(back, 600, back > 5 ? 700 : 0));
  const older = [8, 9, 10, 11, 12, 13, 14].map((back) => day(back, 480, back > 10 ? 1_000 : 0));
  const { weeks } = activityView({ sinceUtcMs: midnight - 20 * dayMs, days: [...days, ...older] }, midnight + 1, "UTC");
  expect(weeks).toEqual([
    "The last seven days: 10 h in bed a day, up 0.6 times a night (5 days known).",
    "8 to 14 days ago: too little is known (3 of 7 days).",
  ]);
});

test("a day's bar is of what it was, and today is only so far", () => {
  const today = { ...day(0, 360, 360), untilUtcMs: midnight + dayMs / 2, outOfBedMin: 0 };
  const [line] = activityView({ sinceUtcMs: midnight, days: [today] }, midnight + dayMs / 2, "UTC").days;
  expect(line).toMatchObject({
    day: "Mon 23 Nov",
    inBed: "6 h",
    unknown: "6 h",
    bar: { inBed: 50, outOfBed: 0 },
    now: true,
  });
  expect(hoursOf(59)).toBe("59 min");
  expect(hoursOf(61)).toBe("1 h 1 min");
});
