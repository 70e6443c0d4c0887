import { describe, expect, it } from "vitest";
import { wallClock, wallClockMoment } from "./local-hour.ts";

const zone = "Europe/London";

describe("a moment on the ward's wall clock", () => {
  it.each([
    ["2026-07-01T12:30", Date.UTC(2026, 6, 1, 11, 30)],
    ["2026-12-01T12:30", Date.UTC(2026, 11, 1, 12, 30)],
    // Twice: the first of the two.
    ["2026-10-25T01:30", Date.UTC(2026, 9, 25, 0, 30)],
    ["2026-10-25T02:00", Date.UTC(2026, 9, 25, 2, 0)],
    ["2026-03-29T00:59", Date.UTC(2026, 2, 29, 0, 59)],
    ["2026-03-29T02:00", Date.UTC(2026, 2, 29, 1, 0)],
  ])("%s", (text, utcMs) => {
    expect(wallClockMoment(text, zone)).toBe(utcMs);
    expect(wallClock(utcMs, zone)).toBe(text);
  });

  it("that is left out is shortly after the change, and what is no moment is none", () => {
    expect(wallClockMoment("2026-03-29T01:30", zone)).toBe(Date.UTC(2026, 2, 29, 1, 30));
    for (const text of ["", "2026-13-01T00:00", "2026-12-01", "2026-12-01T25:00", "yesterday"])
      expect(wallClockMoment(text, zone)).toBeUndefined();
  });
});
