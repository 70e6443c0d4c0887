import { describe, expect, test } from "vitest";
import * as screen from "./dashboard-browser.ts";
import { asks, consents, fits, inThePersonsPages, open, page, phone, shot, signIn, ward } from "./person-browser.ts";

/* A person's stay from admission to discharge, and the screen at the bed, as staff use their pages in a browser. */

describe.skipIf(!screen.haveBrowser)("a person's stay in the browser", () => {
  inThePersonsPages();

  test("admission, a move that says what ends, and a discharge in two steps with a look at who is there", async () => {
    await signIn("charge-code");
    await open("room-3");
    await page.getByRole("link", { name: "Admit a person" }).click();
    await page.getByLabel(/^What the ward calls/).fill("E.F.");
    await page.getByLabel("18 or older").check();
    await page.getByLabel("English").check();
    await page.getByLabel(/^Large text/).check();
    await page.getByLabel(/^Other needs/).fill("Hears better on the left");
    await shot("person-admit");
    expect(await screen.violationsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Admit to Room 3" }).click();
    await page.getByText("Admitted. Nothing is on.").waitFor();
    expect(await page.getByText("English, large text").count()).toBe(1);

    ward.agent.tell("room-3", { consents: consents("granted", "offered") });
    await open("room-3/move");
    // Nobody is named before somebody looked: only the list of the ward.
    expect(await page.locator("h1").textContent()).not.toContain("E.F.");
    await page.getByLabel("C.D.").check();
    await page.getByLabel("Room 4").check();
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("link", { name: /another person in this bed/ }).waitFor();
    await shot("person-move-other");
    await page.getByLabel("E.F.").check();
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("In Room 4 nothing is on.", { exact: false }).waitFor();
    expect(await page.locator("main li").allTextContents()).toEqual(["Movement alerts", "Breathing rate (offered)"]);
    expect(asks("end-stay")).toEqual([]);
    await shot("person-move");
    expect(await screen.violationsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Move E.F. now" }).click();
    await page.getByText("Moved. Everything ended in the other bed", { exact: false }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/person/room-4");
    expect(asks("end-stay")).toMatchObject([{ bed: "room-3", label: "E.F." }]);
    expect(asks("admit").at(-1)).toMatchObject({ bed: "room-4", label: "E.F.", needs: { largeText: true } });

    await page.getByRole("link", { name: "Discharge" }).click();
    await page.getByLabel("E.F.").check();
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("E.F. leaves Room 4.").waitFor();
    await shot("person-discharge");
    await page.getByRole("button", { name: "Discharge E.F. now" }).click();
    await page.getByText("Nobody is admitted to this bed.").waitFor();
    await shot("person-vacant");
  });

  test("pairing shows the code once and in no address; a lost screen loses its say", async () => {
    await signIn();
    await open("room-1");
    await page.getByRole("button", { name: "Pair a screen" }).click();
    await page.locator("#pair-code").waitFor();
    expect(page.url()).not.toContain("bed-code");
    await shot("person-pair");
    expect(await screen.violationsOf(page)).toEqual([]);
    await page.getByRole("button", { name: /^Lost/ }).click();
    await page.getByText("The bedside screen has no say any more.", { exact: false }).waitFor();
    expect(asks("revoke-bedside")).toMatchObject([{ bed: "room-1" }]);
  });

  test("every form can be used at 320 px without scrolling sideways, and at 400 % of a desk screen", async () => {
    ward.agent.tell("room-1", { consents: consents("granted", "offered") });
    await signIn("charge-code");
    await page.setViewportSize(phone);
    for (const path of [
      "room-1/offer/night-report",
      "room-1/review/movement-alerts",
      "room-1/best-interests/night-report",
      "room-1/needs",
      "room-1/characteristics",
      "room-1/move",
      "room-1/discharge",
      "room-3/admit",
    ]) {
      await open(path);
      expect([path, await fits()]).toEqual([path, 0]);
      await shot(`phone-${path.split("/")[1]}`);
      const targets = await page
        .locator("main button, main select, main .qr-choose")
        .evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ height }) => height));
      for (const height of targets.filter((one) => one > 0)) expect(height).toBeGreaterThanOrEqual(44);
    }
  });
});
