import { describe, expect, it } from "vitest";
import { chainLine } from "./chain-line.ts";

const unit = (device: string, answeredAfterMs: number | null, decoded = answeredAfterMs !== null) => ({
  device,
  answeredAfterMs,
  decoded,
});
const test = (...units: ReturnType<typeof unit>[]) => ({ nonce: "0".repeat(16), by: "Sam", atUtcMs: 1_000, units });
const rooms = (device: string) => [device.replace("unit-", "Room ")];
const words = (...given: Parameters<typeof chainLine>) => chainLine(...given).map(({ children }) => children.join(""));

describe("the way from the bedrooms to this station", () => {
  it("says how many answered, and by room what no alarm can come from", () => {
    expect(words(null, rooms, 0)).toEqual([]);
    expect(words(test(unit("unit-1", 40), unit("unit-2", 80)), rooms, 2_000)[0]).toMatch(
      /^2 of 2 bedroom units answered/,
    );
    // They still have time.
    expect(words(test(unit("unit-1", 40), unit("unit-2", null)), rooms, 2_000)[0]).toMatch(/^1 of 2/);
    const silent = test(unit("unit-1", 40), unit("unit-2", null), unit("unit-3", 90, false));
    expect(words(silent, rooms, 7_000)).toEqual([
      "No alarm can come from Room 2, Room 3. Check in person, and call the engineer.",
    ]);
    expect(words(silent, rooms, 13 * 3_600_000)).toEqual([]);
  });
});
