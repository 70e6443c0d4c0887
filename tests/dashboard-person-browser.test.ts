import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import * as screen from "./dashboard-browser.ts";
import {
  asks,
  browser,
  consents,
  desk,
  fits,
  hourMs,
  inThePersonsPages,
  open,
  page,
  phone,
  row,
  shot,
  signIn,
  stay,
  ward,
} from "./person-browser.ts";

/* Consent of one person, as staff use its pages in a browser. */

describe.skipIf(!screen.haveBrowser)("a person's consent in the browser", () => {
  inThePersonsPages();

  test("from the ward board an offer takes five touches, and the person's touch shows by itself", async () => {
    await signIn();
    let touches = 0;
    const touch = async (what: ReturnType<Page["locator"]>): Promise<void> => {
      touches += 1;
      await what.click();
    };
    await touch(page.getByRole("link", { name: /details of Room 1/ }));
    await touch(row("breathing-rate").getByRole("link", { name: /^Offer/ }));
    // Nothing that is a decision is chosen beforehand, and the three sentences are in sight with the choices.
    expect(await page.locator("input:checked").count()).toBe(0);
    await page.getByText("It is not a camera and has no microphone.").waitFor();
    await touch(page.getByLabel("Breathing after a medicine"));
    await touch(page.getByLabel("Checks in person only"));
    await shot("person-offer");
    expect(await screen.violationsOf(page)).toEqual([]);
    await touch(page.getByRole("button", { name: "I have read them out: offer it" }));
    await page.getByText("Offered. The person decides on the bedside screen.").waitFor();
    expect(touches).toBe(5);
    expect(asks("offer")).toMatchObject([
      {
        bed: "room-1",
        stay: stay.id,
        purpose: "breathing-rate",
        activation: {
          concern: "breathing-after-medicine",
          alternatives: ["checks-in-person-only"],
          words: null,
          reviewAfterHours: 168,
          hours: { fromHour: 22, toHour: 7 },
          askAgainEveryHours: null,
        },
      },
    ]);
    expect(await row("breathing-rate").textContent()).toContain("Show the person their screen");
    const bedside = await browser.newContext({ viewport: screen.bedsidePanel, hasTouch: true });
    const panel = await bedside.newPage();
    await screen.pairAt(panel, ward.url);
    await panel
      .locator('[data-purpose="breathing-rate"]')
      .getByRole("button", { name: /^Yes, turn on/ })
      .tap();
    await row("breathing-rate").getByText("On", { exact: true }).waitFor({ timeout: 5_000 });
    expect(await page.getByText("Offered. The person decides on the bedside screen.").count()).toBe(0);
    await bedside.close();
  });

  test("an offer without a reason is not sent, and what is missing is said", async () => {
    await signIn();
    await open("room-1/offer/movement-alerts");
    await page.getByRole("button", { name: "I have read them out: offer it" }).click();
    await page.getByText("There is a problem").waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("faults");
    expect(asks("offer")).toEqual([]);
    await page.getByLabel("Something else").first().check();
    await page.getByLabel("Talking with the person").check();
    await page.getByRole("button", { name: "I have read them out: offer it" }).click();
    await page.getByRole("link", { name: /Say in words what/ }).click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("words");
    expect(await screen.violationsOf(page)).toEqual([]);
    await shot("person-offer-fault");
    await page.keyboard.type("Asked for it herself");
    await page.keyboard.press("Enter");
    await page.getByText("Offered. The person decides on the bedside screen.").waitFor();
    expect(asks("offer")).toMatchObject([{ activation: { concern: "another", words: "Asked for it herself" } }]);
  });

  test("every state on one card: neutral, with a next step, from 320 px to wide", async () => {
    const pause = { untilUtcMs: Date.now() + 0.4 * hourMs, from: "granted" } as const;
    const soon = { due: "review", untilUtcMs: Date.now() + 9 * hourMs } as const;
    const cards = {
      mixed: consents(
        ["granted", soon],
        ["paused", { pause }],
        "offered",
        ["refused", { personSaidNo: true }],
        "expired",
      ),
      no: consents(["withdrawn", { personSaidNo: true }], ["refused", { personSaidNo: true }]),
      "ask-again": consents(["granted", { due: "ask-again" }], ["best-interests", {}], "withdrawn"),
    };
    await signIn("charge-code");
    for (const [name, told] of Object.entries(cards)) {
      ward.agent.tell("room-1", { ...bedTileFixtures.calm, stay, consents: told });
      await open("room-1");
      for (const [size, of] of [
        ["", desk],
        ["-wide", screen.nurseScreen],
        ["-phone", phone],
      ] as const) {
        await page.setViewportSize(of);
        await shot(`person-${name}${size}`);
        expect(await fits()).toBeLessThanOrEqual(0);
      }
      await page.setViewportSize(desk);
      expect(await screen.violationsOf(page)).toEqual([]);
      const colours = await page
        .locator("main *")
        .evaluateAll((all) => all.map((one) => getComputedStyle(one).color + getComputedStyle(one).borderColor));
      // Red and yellow are for alarms.
      expect(colours.filter((one) => /rgb\(255, 122|rgb\(244, 207|rgb\(255, 179/.test(one))).toEqual([]);
    }
    ward.agent.tell("room-1", { ...bedTileFixtures.calm, stay, consents: cards.mixed });
    await page.goto(`${ward.url}/ward`);
    await page.setViewportSize(screen.nurseScreen);
    await page.getByText(/^Review consent by/).waitFor();
    await shot("ward-due");
    expect(await screen.violationsOf(page)).toEqual([]);
  });

  test("there is no way to turn on more than one person, nor to turn on at all", async () => {
    await signIn("charge-code");
    for (const path of ["ward", "person/room-1"]) {
      await page.goto(`${ward.url}/${path}`);
      const words = await page.locator("button, a").allTextContents();
      // The one thing for the whole ward turns a sound off, and no sensor on.
      const sensing = words.filter((one) => one !== "Audio off for the whole ward");
      expect(sensing.filter((one) => /turn on|everyone|all beds|whole ward/i.test(one))).toEqual([]);
    }
  });

  test("a review shows what was used, asks whether less would do, and keeping wants words", async () => {
    ward.agent.tell("room-1", { ...bedTileFixtures.calm, stay, consents: consents("granted", "granted") });
    await signIn();
    await open("room-1");
    await row("movement-alerts")
      .getByRole("link", { name: /^Review/ })
      .click();
    await page.getByText("What was really used").waitFor();
    expect(await page.locator("[name=outcome]:checked").count()).toBe(0);
    expect(await page.getByText("What stays on: Breathing rate.").count()).toBe(1);
    await page.getByLabel(/^Keep it as it is/).check();
    await page.getByRole("button", { name: "Write down the review" }).click();
    await page.getByRole("link", { name: /why no less would do/ }).waitFor();
    await shot("person-review");
    expect(await screen.violationsOf(page)).toEqual([]);
    await page.getByLabel(/^Fewer hours/).check();
    await page.locator("#hours").selectOption("other");
    await page.locator("#fromHour").selectOption("23");
    await page.locator("#toHour").selectOption("6");
    await page.getByRole("button", { name: "Write down the review" }).click();
    await page.getByText("The review is written down.").waitFor();
    expect(asks("review")).toMatchObject([
      { purpose: "movement-alerts", review: { outcome: "fewer-hours", hours: { fromHour: 23, toHour: 6 } } },
    ]);
    expect(await row("movement-alerts").textContent()).toContain("From 23:00 to 06:00.");
  });

  test("pause, take back and stop take one touch each, and the card follows", async () => {
    ward.agent.tell("room-1", { ...bedTileFixtures.calm, stay, consents: consents("granted", "offered") });
    await signIn();
    await open("room-1");
    await page.getByRole("button", { name: /^15 min/ }).click();
    await row("movement-alerts")
      .getByText(/Paused until \d\d:\d\d/)
      .waitFor();
    await page.getByRole("button", { name: /^Take back/ }).click();
    await row("breathing-rate").getByText("Off", { exact: true }).waitFor();
    await page.getByRole("button", { name: /^Stop everything/ }).click();
    await page.getByText("The ward computer confirmed: everything is off.").waitFor();
    expect(await page.getByText("Paused").count()).toBe(0);
    expect(await page.getByRole("button", { name: /^Stop everything/ }).count()).toBe(0);
  });

  test("the nurse in charge decides in best interests with the whole test; over a no there is no form", async () => {
    ward.agent.tell("room-1", {
      ...bedTileFixtures.off,
      stay,
      consents: consents("never-offered", ["refused", { personSaidNo: true }]),
    });
    await signIn();
    expect((await open("room-1/best-interests/movement-alerts"))?.status()).toBe(403);
    await signIn("charge-code");
    await open("room-1");
    expect(
      await row("breathing-rate")
        .getByRole("link", { name: /^Best interests/ })
        .count(),
    ).toBe(0);
    await open("room-1/best-interests/breathing-rate");
    await page.getByText("Nobody can decide otherwise for them", { exact: false }).waitFor();
    expect(await page.locator("main form").count()).toBe(0);
    expect(await screen.violationsOf(page)).toEqual([]);
    await shot("person-best-interests-refused");

    await open("room-1");
    await row("movement-alerts")
      .getByRole("link", { name: /^Best interests/ })
      .click();
    expect(await page.locator("input:checked").count()).toBe(0);
    await page.getByRole("button", { name: /^Write down the decision/ }).click();
    await page.getByText("There is a problem").waitFor();
    expect(await page.locator("#faults li").count()).toBe(10);
    expect(await screen.violationsOf(page)).toEqual([]);
    await page.getByLabel(/^What was done to help them decide/).fill("Pictures, her sister on the phone, twice by day");
    await page.getByLabel("Weigh it up").check();
    await page.getByLabel(/^Because of which impairment/).fill("Delirium with a chest infection");
    await page.getByLabel("Who assessed this?").fill("Dr R. Osei");
    await page.getByLabel(/^Who was asked/).fill("Her sister: she would want it");
    await page.getByLabel("There is none").check();
    await page.getByLabel(/^I have looked/).check();
    await page.getByLabel("Falls").check();
    await page.getByLabel("Another room or bed").check();
    await page.getByLabel(/^Why is this in/).fill("She fell twice, and wakes frightened at each check");
    await page.getByLabel("Review after").selectOption("72");
    await shot("person-best-interests");
    await page.getByRole("button", { name: /^Write down the decision/ }).click();
    await page.getByText("The decision is written down, and it is on.").waitFor();
    expect(asks("best-interests")).toMatchObject([
      {
        activation: { reviewAfterHours: 72 },
        record: { unableTo: ["weigh"], attorneyOrDeputy: null, noAdvanceRefusal: true, assessAgainAfterHours: 24 },
      },
    ]);
    expect(await row("movement-alerts").textContent()).toContain("When the person can decide: offer it to them.");
  });

  test("an alert of another bed stays in sight on every page, also when it is scrolled", async () => {
    await signIn("charge-code");
    for (const path of ["room-1", "room-1/offer/movement-alerts", "room-1/best-interests/movement-alerts"]) {
      ward.agent.tell("room-2", { alarms: [] });
      await page.setViewportSize({ width: 1280, height: 600 });
      await open(path);
      const strip = page.locator("#alarm-strip");
      expect(await strip.textContent()).toBe("");
      ward.agent.tell("room-2", bedTileFixtures.alarm);
      await strip.getByText("Room 2: Breathing outside 8 to 24 a minute").waitFor();
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      const box = await strip.boundingBox();
      expect(box?.y).toBe(0);
      expect(box?.height).toBeGreaterThan(20);
      expect(await screen.violationsOf(page)).toEqual([]);
    }
    await page.screenshot({ path: `${screen.shots}/person-alert.png` });
  });

  test("with the keyboard alone: from the card to an offer, and nothing typed is lost while the ward goes on", async () => {
    await signIn();
    await open("room-1");
    await row("movement-alerts")
      .getByRole("link", { name: /^Offer/ })
      .focus();
    await page.keyboard.press("Enter");
    await page.waitForURL("**/offer/movement-alerts");
    await page.getByLabel("Sleep broken by night checks").focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.getByLabel("In words", { exact: false }).fill("Half typed");
    ward.agent.tell("room-1", { consents: consents("never-offered", "offered") });
    ward.agent.tell("room-1", { needs: { language: "en", readAloud: true, largeText: false, words: null } });
    await page.waitForTimeout(1_500);
    expect(await page.getByLabel("In words", { exact: false }).inputValue()).toBe("Half typed");
    await page.getByRole("button", { name: "I have read them out: offer it" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Offered. The person decides on the bedside screen.").waitFor();
    expect(asks("offer")).toMatchObject([
      { activation: { concern: "sleep-broken-by-checks", alternatives: ["checks-in-person-only"] } },
    ]);
  });
});
