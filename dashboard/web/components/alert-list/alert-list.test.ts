import { describe, expect, test } from "vitest";
import type { Tile } from "../../../../edge-agent/contract/tile.ts";
import { clockWords } from "../../age-words.ts";
import { bedTileFixtures } from "../bed-tile/fixtures.ts";
import { alertsOf, whenWords, worstWaiting } from "./alert-list.ts";

const bed = (name: string, tile: Tile) => ({ bed: name, name, heard: { tile, heardAtMs: 0 } });
const first = <T>(list: readonly T[]): T => {
  const found = list[0];
  if (found === undefined) throw new Error("the list is empty");
  return found;
};

describe("alerts", () => {
  test("a counter runs on while the alarm is on, and stands still once it is over", () => {
    const on = bed("room-1", bedTileFixtures.alarm);
    expect(whenWords(first(alertsOf([on], 0)))).toMatch(/, 42 s$/);
    expect(whenWords(first(alertsOf([on], 8_000)))).toMatch(/, 50 s$/);

    const over = bed("room-1", bedTileFixtures.latched);
    const { raisedAt, clearedAt } = first(bedTileFixtures.latched.alarms);
    const words = `${clockWords(raisedAt)} to ${clockWords(clearedAt)}. Over, nobody has looked.`;
    expect(whenWords(first(alertsOf([over], 0)))).toBe(words);
    expect(whenWords(first(alertsOf([over], 600_000)))).toBe(words);
  });

  test("the one that waits for somebody is the worst that nobody goes to, and still on before over", () => {
    const low = bed("room-1", bedTileFixtures.notMonitored);
    const over = bed("room-2", bedTileFixtures.latched);
    const on = bed("room-3", bedTileFixtures.alarm);
    const gone = bed("room-4", bedTileFixtures.acknowledged);
    expect(worstWaiting(alertsOf([gone], 0))).toBeNull();
    expect(worstWaiting(alertsOf([gone, low], 0))).toMatchObject({ alert: { bed: "room-1" }, more: 0 });
    expect(worstWaiting(alertsOf([low, over, gone], 0))).toMatchObject({ alert: { bed: "room-2" }, more: 1 });
    expect(worstWaiting(alertsOf([low, over, on, gone], 0))).toMatchObject({ alert: { bed: "room-3" }, more: 2 });
  });
});
