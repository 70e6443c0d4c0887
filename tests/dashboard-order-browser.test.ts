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

  test("a nurse who is not in charge sees what is on, and no way to change it", async () => {
    await signIn();
    await open("room-1");
    expect(await page.getByRole("link", { name: /^Change the alerts/ }).count()).toBe(0);
    expect((await page.goto(`${ward.url}/person/room-1/order`))?.status()).toBe(403);
  });
});
