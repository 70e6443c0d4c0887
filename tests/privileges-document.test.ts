import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { privilegesPage, privilegesWords } from "../scripts/privileges-table.ts";

it("docs/privileges.md shows the table that is walked (npm run docs:privileges writes it)", () => {
  expect(readFileSync(privilegesPage, "utf8")).toBe(privilegesWords());
});
