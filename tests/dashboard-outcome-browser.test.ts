import { describe, expect, test } from "vitest";
import { outcomeFixtures } from "../dashboard/web/components/alarm-outcome/fixtures.ts";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import * as screen from "./dashboard-browser.ts";
import { asks, fits, inThePersonsPages, page, phone, shot, signIn, stay, ward } from "./person-browser.ts";

/* How an alarm ended, said on the ward board in one touch. */

describe.skipIf(!screen.haveBrowser)("the outcome of an alarm in the browser", () => {
  inThePersonsPages();

  test("takes one touch, and a false alarm one more for its reason, by keyboard as well", async () => {
    ward.agent.tell("room-1", { ...outcomeFixtures.two, stay });
    ward.agent.tell("room-2", bedTileFixtures.alarm);
    await signIn();
    await page.setViewportSize(screen.nurseScreen);
    const first = page.getByRole("group", { name: "Room 1: On the floor, or very low. How was it?" });
    await first.getByText("Amina Khan went at").waitFor();
    await shot("ward-outcome");
    expect(await screen.violationsOf(page)).toEqual([]);
    await page.setViewportSize(phone);
    await shot("ward-outcome-phone");
    expect(await fits()).toBeLessThanOrEqual(0);
    await page.setViewportSize(screen.nurseScreen);
    await first.getByRole("button", { name: "False alarm" }).focus();
    await page.keyboard.press("Enter");
    const why = page.getByRole("group", { name: /Why a false alarm/ });
    await why.getByRole("button", { name: "A visitor" }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Staff in the room");
    await shot("ward-outcome-why");
    expect(await screen.violationsOf(page)).toEqual([]);
    expect(asks("close")).toEqual([]);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("On the floor, or very low.").waitFor({ state: "detached" });
    await page.getByText("Room 1: Out of bed. How was it?").waitFor();
    expect(asks("close")).toEqual([
      { do: "close", bed: "room-1", alarm: "over-made-up-2", outcome: "false-alarm", falseBecause: "visitor" },
    ]);
  });

  test("what is not confirmed is said, and can be said again", async () => {
    ward.agent.tell("room-1", { ...outcomeFixtures.one, stay });
    await signIn();
    await page.getByRole("button", { name: "All well" }).waitFor();
    await page.route("**/asks", (route) =>
      route.fulfill({ status: 503, json: { ok: false, why: "unavailable", words: "The ward computer is too busy." } }),
    );
    await page.getByRole("button", { name: "All well" }).click();
    await page.getByText("The ward computer is too busy.").waitFor();
    await page.unroute("**/asks");
    await page.getByRole("button", { name: "All well" }).click();
    await page.getByText("How was it?").waitFor({ state: "detached" });
    expect(asks("close")).toMatchObject([{ outcome: "all-well", falseBecause: null }]);
  });
});
