import { expect, test } from "vitest";
import type { AlarmShown } from "../contract/alarm-shown.ts";
import { ShownAlarms } from "./shown-alarms.ts";

const alarm = (id: string, raisedAt = 5): AlarmShown => ({ bed: "room-1", id, presence: "on", raisedAt });

test("the newest word of any screen counts; a late one, or one about an earlier raising, tells nothing", () => {
  const told: string[] = [];
  const shown = new ShownAlarms(({ bed, id }, utcMs) => void told.push(`${bed} ${id} ${utcMs}`));
  shown.take([alarm("a"), alarm("b")], 100);
  shown.take([alarm("a")], 90);
  shown.take([alarm("a")], 100);
  shown.take([alarm("a", 50)], 120);
  shown.take([alarm("a", 5)], 130);
  expect(told).toEqual(["room-1 a 100", "room-1 b 100", "room-1 a 120"]);
});

test("alarms without end take no memory without end", () => {
  let told = 0;
  const shown = new ShownAlarms(() => {
    told += 1;
  });
  for (let number = 0; number < 5_000; number++) shown.take([alarm(`a-${number}`)], number);
  expect(told).toBe(5_000);
  // The last ones are still known, the first ones are not.
  shown.take([alarm("a-4999")], 1);
  expect(told).toBe(5_000);
  shown.take([alarm("a-0")], 1);
  expect(told).toBe(5_001);
});
