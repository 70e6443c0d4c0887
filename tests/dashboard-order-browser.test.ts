import { describe, expect, test } from "vitest";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import * as screen from "./dashboard-browser.ts";
import {
  asks,
  desk,
  fits,
  hourMs,
  inThePersonsPages,
  open,
  page,
  phone,
  shot,
  signIn,
  stay,
  ward,
} from "./person-browser.ts";

/* What is watched for one person, ordered in a browser. */

describe.skipIf(!screen.haveBrowser)("an order in the browser", () => {
  inThePersonsPages();

  test("the nurse in charge orders with the keyboard alone, and the card shows what the agent confirmed", async () => {
    ward.agent.tell("room-1", { ...bedTileFixtures.calm, stay, order: null });
    await signIn("charge-code");
    await open("room-1");
    await page.getByRole("link", { name: /^Change the alerts/ }).click();
    await page.getByText("Nothing. All alerts are off.").waitFor();
    expect(await screen.violationsOf(page)).toEqual([]);
    for (const [size, of] of [
      ["", desk],
      ["-phone", phone],
    ] as const) {
      await page.setViewportSize(of);
      await shot(`person-order${size}`);
      expect(await fits()).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize(desk);
    await page.getByLabel("Out of bed", { exact: true }).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    expect(await page.getByLabel("or above").isVisible()).toBe(false);
    await page.getByLabel("Breathing outside the ordered range").selectOption("30000");
    expect(await page.getByLabel("or above").isVisible()).toBe(true);
    await page.getByLabel(/^Why/).focus();
    await page.keyboard.press("Enter");
    await page.getByText("There is a problem").waitFor();
    await shot("person-order-fault");
    expect(await screen.violationsOf(page)).toEqual([]);
    expect(asks("order")).toEqual([]);
    await page.getByLabel(/^Why/).fill("Fell twice at home");
    await page.keyboard.press("Enter");
    await page.getByText("The order is written down").waitFor();
    await page.getByText("Out of bed, 2 min.").waitFor();
    await shot("person-ordered");
    expect(asks("order")).toMatchObject([
      {
        bed: "room-1",
        stay: stay.id,
        order: {
          leftBed: { afterMs: 120_000 },
          breathing: { lowPerMin: 9, highPerMin: 24, forMs: 30_000 },
          onFloor: null,
          reason: "Fell twice at home",
        },
      },
    ]);
    const [ask] = asks("order");
    const until = ask?.do === "order" ? ask.order.untilUtcMs : null;
    expect(Math.abs((until ?? 0) - Date.now() - 12 * hourMs)).toBeLessThan(60_000);
  });

  test("what it would have meant is shown before anything is ordered, and the ward's figure after one more touch", async () => {
    const count = (condition: "left-bed" | "on-floor" | "no-movement", now: number, would: number, told: number) => ({
      condition,
      now,
      would,
      told,
    });
    ward.agent.whatIf = {
      nights: 30,
      bedNights: 27.4,
      beds: 1,
      conditions: [count("on-floor", 0, 0, 0), count("no-movement", 3, 0, 1), count("left-bed", 10, 52, 1)],
    };
    ward.agent.tell("room-1", { ...bedTileFixtures.calm, stay });
    await signIn("charge-code");
    await open("room-1/order");
    await page.getByText("Out of bed, 10 min.").waitFor();
    await page.getByLabel("Out of bed", { exact: true }).selectOption("30000");
    await page.getByLabel("On the floor, or very low").selectOption("5000");
    await page.getByRole("button", { name: "What would this have meant?" }).click();
    const meant = page.getByRole("status", { name: "If this had been on for the last 30 nights" });
    await meant.getByText("About 4 times as many as now.").waitFor();
    expect(await meant.locator("dd").allTextContents()).toEqual(["0.5", "1.9"]);
    expect(await meant.locator("tbody tr").allTextContents()).toEqual(["No movement30", "Out of bed1052"]);
    await meant.getByText("On the floor, or very low: was not recorded, so it is not counted.").waitFor();
    // What was chosen is still chosen, and nothing was ordered.
    expect(await page.getByLabel("Out of bed", { exact: true }).inputValue()).toBe("30000");
    expect(asks("order")).toEqual([]);
    expect(await screen.violationsOf(page)).toEqual([]);
    await shot("person-order-meant");
    await page.setViewportSize(phone);
    await shot("person-order-meant-phone");
    expect(await fits()).toBeLessThanOrEqual(0);
    await page.setViewportSize(desk);
    await page.getByRole("button", { name: "And for the whole ward?" }).click();
    await page.getByText("If everybody had had this").waitFor();
    expect(asks("what-if")).toMatchObject([
      { bed: "room-1", stay: stay.id, of: "stay", order: { leftBed: { afterMs: 30_000 } } },
      { of: "ward" },
    ]);
  });

  test("a nurse who is not in charge sees what is on, and no way to change it", async () => {
    await signIn();
    await open("room-1");
    expect(await page.getByRole("link", { name: /^Change the alerts/ }).count()).toBe(0);
    expect((await page.goto(`${ward.url}/person/room-1/order`))?.status()).toBe(403);
  });
});
