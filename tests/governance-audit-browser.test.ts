import { describe, expect, test } from "vitest";
import { WardAudit } from "../edge-agent/contract/ward-audit.ts";
import * as screen from "./dashboard-browser.ts";
import { desk, fits, inThePersonsPages, page, phone, shot, signIn, ward } from "./person-browser.ts";

describe.skipIf(!screen.haveBrowser)("the ward audit in the browser", () => {
  inThePersonsPages();

  test("is for the governance lead, of any period, and as files", async () => {
    const begun = Date.now() - 60_000;
    const stay = { table: "stay", id: "s1", bed: "room-1", label: "P", demonstration: false } as const;
    ward.records.commit([], [{ ...stay, startedAtUtcMs: begun }], { utcMs: begun, monoNs: 0n });
    await signIn("lead-code");
    await page.goto(`${ward.url}/governance`);
    await page.getByRole("link", { name: /^Ward audit/ }).click();
    await page.getByRole("heading", { name: "Checks in person" }).waitFor();
    expect(await page.getByRole("row", { name: /^Said yes: Movement alerts/ }).textContent()).toMatch(
      /0\s*of 1 people/,
    );
    expect(await screen.violationsOf(page)).toEqual([]);
    await page.setViewportSize(phone);
    expect(await fits()).toBeLessThanOrEqual(0);
    await page.setViewportSize(desk);
    await shot("governance-audit");
    const json = await page.request.get(`${ward.url}/governance/audit.json?period=this-month`);
    expect(WardAudit.parse(await json.json()).lines.length).toBeGreaterThan(50);
    const refused = await page.request.get(`${ward.url}/governance/audit.csv?period=this-month&outside=yes`);
    expect(refused.status()).toBe(400);
    expect(ward.readings.map(({ detail }) => detail.page)).toEqual(
      expect.arrayContaining(["/governance/audit", "/governance/audit.json"]),
    );
  });

  test("is shut to nurses, and the log says who tried", async () => {
    await signIn("nurse-code");
    const answer = await page.request.get(`${ward.url}/governance/audit.json`);
    expect(answer.status()).toBe(403);
    expect(ward.readings.at(-1)).toMatchObject({ action: "page.open", outcome: 4, detail: { refused: "not-allowed" } });
  });
});
