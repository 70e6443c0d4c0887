import { expect, test } from "vitest";
import { floodLine } from "./flood-line.ts";

test("more than ten alarms in ten minutes are a flood, and the line says what to do", () => {
  expect(floodLine(0)).toEqual([]);
  expect(floodLine(10)).toEqual([]);
  const words = JSON.stringify(floodLine(11));
  expect(words).toContain("11 alarms in 10 minutes");
  expect(words).toContain("Call for more staff");
});
