import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { consentPage, withTable } from "../scripts/consent-table.ts";

it("docs/consent.md shows the table that the code follows (npm run docs:consent writes it)", () => {
  const page = readFileSync(consentPage, "utf8");
  expect(page).toBe(withTable(page));
});
