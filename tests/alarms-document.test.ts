import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { alarmCatalogue } from "../edge-agent/contract/alarm-catalogue.ts";
import { alarmsPage, withAlarmTables } from "../scripts/alarms-table.ts";

it("docs/alarms.md shows the tables that the code follows (npm run docs:alarms writes them)", () => {
  const page = readFileSync(alarmsPage, "utf8");
  expect(page).toBe(withAlarmTables(page));
  for (const { toDo, clears } of Object.values(alarmCatalogue)) {
    expect(page).toContain(toDo);
    expect(page).toContain(clears);
  }
});

it("a page without a place for a table is not written", () => {
  expect(() => withAlarmTables("# Alarms")).toThrow("docs/alarms.md has no <!-- catalogue: begin -->");
});
