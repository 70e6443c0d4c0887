import { describe, expect, test } from "vitest";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import type { TileChecks } from "../edge-agent/contract/checks.ts";
import * as screen from "./dashboard-browser.ts";
import { asks, fits, hourMs, inThePersonsPages, open, page, phone, shot, signIn, ward } from "./person-browser.ts";

const checks: TileChecks = {
  state: "not-yet",
  dueUtcMs: Date.now() + hourMs,
  missedInARow: 0,
  escalation: 0,
  level: "general",
  everyMinutes: 60,
  reviewDue: false,
  lastMade: null,
};

describe.skipIf(!screen.haveBrowser)("a watch after sedation in the browser", () => {
  inThePersonsPages();

  test("begins with one reason and one touch, says until when, and only the nurse in charge ends it early", async () => {
    ward.agent.tell("room-1", { ...bedTileFixtures.calm, checks });
    await signIn();
    await open("room-1");
    await page.getByRole("link", { name: "Begin a watch" }).click();
    expect(await screen.violationsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Begin the watch" }).click();
    await page.getByText("Say in a few words what was given.").first().waitFor();
    await page.getByLabel(/^What was given/).fill("Lorazepam 2 mg at 02:10");
    await shot("person-sedation");
    await page.setViewportSize(phone);
    expect(await fits()).toBeLessThanOrEqual(0);
    await shot("person-sedation-320");
    await page.getByRole("button", { name: "Begin the watch" }).click();
    await page.getByText("The watch after sedation has begun.", { exact: false }).waitFor();
    expect(asks("sedation-watch")).toMatchObject([
      { everyMinutes: 15, hours: 4, reason: "Lorazepam 2 mg at 02:10", bed: "room-1" },
    ]);
    expect(await page.getByText("A check every 15 min until", { exact: false }).count()).toBe(1);
    expect(await page.getByRole("link", { name: "End it early" }).count()).toBe(0);
    await open("room-1/end-sedation");
    expect(await page.locator("h1").textContent()).toContain("Not for this role");
    await signIn("charge-code");
    await open("room-1");
    await page.getByRole("link", { name: "End it early" }).click();
    await page.getByLabel("Why it ends early").fill("Seen by the doctor");
    await page.getByRole("button", { name: "End the watch" }).click();
    await page.getByText("What was ordered before holds again.", { exact: false }).waitFor();
    expect(asks("end-sedation-watch")).toMatchObject([{ reason: "Seen by the doctor" }]);
  });

  test("without checks in person there is none to begin", async () => {
    ward.agent.tell("room-2", { ...bedTileFixtures.calm, checks: null });
    await signIn();
    await open("room-2/sedation");
    await page.getByText("Order checks in person first", { exact: false }).waitFor();
    expect(await page.getByRole("button", { name: "Begin the watch" }).count()).toBe(0);
  });
});
