import { expect, test } from "vitest";
import { lastNights, nightMs } from "./nights.ts";

const hours = { fromHour: 22, toHour: 7 };
const london = "Europe/London";
const hourMs = 3_600_000;

test("the night that goes on ends now, and those before it are whole", () => {
  const now = Date.UTC(2026, 0, 10, 2, 30);
  const nights = lastNights(now, hours, london, 3);
  expect(
    nights.map(({ fromUtcMs, untilUtcMs }) => [new Date(fromUtcMs).toISOString(), untilUtcMs - fromUtcMs]),
  ).toEqual([
    ["2026-01-09T22:00:00.000Z", 4.5 * hourMs],
    ["2026-01-08T22:00:00.000Z", 9 * hourMs],
    ["2026-01-07T22:00:00.000Z", 9 * hourMs],
  ]);
});

test("by day the newest is last night, and a night in which the clock changes has its own length", () => {
  const lengths = (month: number, day: number) =>
    lastNights(Date.UTC(2026, month, day, 12), hours, london, 2).map((night) => night.untilUtcMs - night.fromUtcMs);
  expect(lengths(2, 29)).toEqual([8 * hourMs, 9 * hourMs]);
  expect(lengths(9, 25)).toEqual([10 * hourMs, 9 * hourMs]);
  expect(nightMs(hours)).toBe(9 * hourMs);
});

test("thirty nights are thirty, also over both changes of the clock and where the night is the whole day's dark half", () => {
  for (let month = 0; month < 12; month++) {
    const nights = lastNights(Date.UTC(2026, month, 15, 12), { fromHour: 20, toHour: 8 }, london, 30);
    expect(nights).toHaveLength(30);
    for (const [index, night] of nights.slice(1).entries())
      expect(night.untilUtcMs).toBeLessThan(nights[index]?.fromUtcMs ?? 0);
  }
});
