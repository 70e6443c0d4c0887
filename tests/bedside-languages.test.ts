import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readLanguages } from "../dashboard/server/spoken-languages.ts";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { spokenEnglish } from "../dashboard/words/bedside-language.ts";
import { commonNeeds } from "../edge-agent/contract/consent.ts";
import {
  meanLuminance,
  overflowPx,
  pairScreen,
  panels,
  type TouchScreen,
  targetsOf,
  touchScreen,
} from "./bedside-browser.ts";
import { haveBrowser, launchBrowser, shots, violationsOf } from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

/* Which language the screen at a bed speaks, and that it is mirrored where the language is. The words are those of the files. */

/** All but French, which nobody translated. */
const languages = readLanguages();
const urdu = languages.find(({ code }) => code === "ur");
if (urdu === undefined) throw new Error("there is no Urdu");
const mirrored = urdu;
const needs = (language: string) => ({ ...bedTileFixtures.calm, needs: { ...commonNeeds, language } });

let ward: DashboardWard;
let browser: Browser;
let screen: TouchScreen;
const spoken = () => screen.page.evaluate(() => [document.documentElement.lang, document.documentElement.dir] as const);

describe.skipIf(!haveBrowser).each(panels)("the language of a screen at a bed, $name", (panel) => {
  beforeAll(async () => {
    browser = await launchBrowser();
    ward = await startDashboardWard({ web: true, languages });
  });
  afterAll(async () => {
    await browser?.close();
    await ward?.stop();
  });
  beforeEach(async () => {
    screen = await touchScreen(browser, ward.url, panel);
  });
  afterEach(async () => {
    expect(screen.complaints).toEqual([]);
    await screen.context.close();
  });

  test("begins as the person needs it, and Urdu is mirrored on every page", async () => {
    const { page } = screen;
    ward.agent.tell("room-1", needs("ur"));
    await pairScreen(page, ward.url);
    await page.getByText(mirrored.words.sensorOn).waitFor();
    expect(await spoken()).toEqual(["ur", "rtl"]);
    const left = async (selector: string) => (await page.locator(selector).first().boundingBox())?.x ?? Number.NaN;
    expect(await left(".qr-now__ring")).toBeGreaterThan(await left(".qr-now__headline"));
    expect(await left(".qr-now")).toBeGreaterThan(await left('[data-act="stop"]'));
    expect(await left(".qr-tools__place")).toBeGreaterThan(await left(".qr-tools__buttons"));
    expect(await left(".qr-fact svg")).toBeGreaterThan(await left(".qr-fact span"));
    expect(await violationsOf(page)).toEqual([]);
    await page.screenshot({ path: `${shots}/bedside-urdu-${panel.width}.png` });
    for (const path of ["who-looked", "about", "ask", "how", "proof", "language"]) {
      await page.goto(`${ward.url}/bedside/${path}`);
      expect(await spoken()).toEqual(["ur", "rtl"]);
      expect(await overflowPx(page)).toBeLessThanOrEqual(0);
      expect(await violationsOf(page)).toEqual([]);
    }
  });

  test("one touch more changes it, for this stay only", async () => {
    const { page } = screen;
    ward.agent.tell("room-1", needs("en"));
    await pairScreen(page, ward.url);
    await page.getByText("The sensor is on.").waitFor();
    expect(await spoken()).toEqual(["en", "ltr"]);
    await page.getByRole("link", { name: "Language" }).tap();
    const choice = page.getByRole("button", { name: "اردو" });
    await choice.waitFor();
    expect(await choice.getAttribute("lang")).toBe("ur");
    for (const { words, width, height } of await targetsOf(page))
      expect(Math.min(width, height), words).toBeGreaterThanOrEqual(48);
    expect(await violationsOf(page)).toEqual([]);
    await page.screenshot({ path: `${shots}/bedside-language-${panel.width}.png` });
    await choice.tap();
    await page.getByText(mirrored.words.sensorOn).waitFor();
    await page.reload();
    expect(await spoken()).toEqual(["ur", "rtl"]);
    // The choice names the stay that it is of: that of another stay counts for nothing.
    const [kept] = (await screen.context.cookies()).filter(({ name }) => name === "qr_bedside_look");
    expect(kept?.httpOnly).toBe(true);
    await screen.context.addCookies([
      { ...kept, name: "qr_bedside_look", value: (kept?.value ?? "").replace("stay-made-up", "stay-of-another") },
    ]);
    await page.reload();
    expect(await spoken()).toEqual(["en", "ltr"]);
  });

  test.each(languages.map(({ code }) => code))("%s fits, in letters that the page brings itself", async (code) => {
    const { page } = screen;
    const language = languages.find((one) => one.code === code);
    ward.agent.tell("room-1", needs(code));
    await pairScreen(page, ward.url);
    await page.getByText(language?.words.sensorOn ?? "").waitFor();
    await page.evaluate(() => document.fonts.ready);
    const loaded = await page.evaluate(() => [...document.fonts].filter(({ status }) => status === "loaded").length);
    expect(loaded).toBeGreaterThan(0);
    expect(await overflowPx(page)).toBeLessThanOrEqual(0);
    for (const { words, width, height } of await targetsOf(page))
      expect(Math.min(width, height), words).toBeGreaterThanOrEqual(48);
    await page.screenshot({ path: `${shots}/bedside-${code}-${panel.width}.png` });
  });

  test.each(languages.map(({ code }) => code))(
    "%s has room between its lines, and yes and no are in sight",
    async (code) => {
      const { page } = screen;
      const wanted = { ur: 1.75, bn: 1.5 }[code];
      for (const fixture of ["offered", "ask-again", "mixed"]) {
        await page.goto(`${ward.url}/demo/bedside?fixture=${fixture}&light=night&language=${code}`);
        await page.locator(".qr-now__headline").waitFor();
        await page.evaluate(() => document.fonts.ready);
        const box = async (selector: string) => {
          const found = await page.locator(selector).first().boundingBox();
          return { top: found?.y ?? Number.NaN, bottom: (found?.y ?? Number.NaN) + (found?.height ?? Number.NaN) };
        };
        const [question, buttons] = [await box(".qr-choice__question"), await box(".qr-choice--asked .qr-touch")];
        expect(question.bottom, fixture).toBeLessThanOrEqual(buttons.top);
        expect(buttons.bottom, fixture).toBeLessThanOrEqual(panel.height);
        const lines = await page
          .locator(".qr-now p, .qr-fact span, .qr-choice h2, .qr-choice p, .qr-touch")
          .evaluateAll((all) =>
            all.map((one) => {
              const { lineHeight, fontSize } = getComputedStyle(one);
              return Math.round((Number.parseFloat(lineHeight) / Number.parseFloat(fontSize)) * 100) / 100;
            }),
          );
        expect(lines.length).toBeGreaterThan(10);
        if (wanted !== undefined) expect(new Set(lines)).toEqual(new Set([wanted]));
      }
      await page.screenshot({ path: `${shots}/bedside-${code}-asked-${panel.width}.png` });
    },
  );

  test("a screen that is no bed's says so in every language of the site, with a picture, and is dark at night", async () => {
    const { page } = screen;
    await page.goto(`${ward.url}/pair`);
    for (const one of [spokenEnglish, ...languages]) {
      const said = page.locator(`[lang="${one.code}"][dir="${one.dir}"]`).filter({ hasText: one.pages.pair.lead });
      await said.getByText(one.pages.pair.patient).waitFor();
    }
    expect(await page.locator("#screen-code").textContent()).toMatch(/^\d{3} \d{3}$/);
    const code = await page.locator("#screen-code").boundingBox();
    expect((code?.y ?? Number.NaN) + (code?.height ?? Number.NaN)).toBeLessThanOrEqual(panel.height);
    expect(await overflowPx(page)).toBeLessThanOrEqual(0);
    expect(await violationsOf(page)).toEqual([]);
    for (const { words, width, height } of await targetsOf(page))
      expect(Math.min(width, height), words).toBeGreaterThanOrEqual(48);
    await page.evaluate(() => {
      document.documentElement.dataset.light = "night";
    });
    const night = await page.screenshot({ path: `${shots}/bedside-pair-languages-${panel.width}.png` });
    expect(await meanLuminance(night)).toBeLessThanOrEqual(0.03);
    expect(await violationsOf(page)).toEqual([]);
  });

  test("a language that the site has not on is English", async () => {
    ward.agent.tell("room-1", needs("fr"));
    await pairScreen(screen.page, ward.url);
    await screen.page.getByText("The sensor is on.").waitFor();
    expect(await spoken()).toEqual(["en", "ltr"]);
  });
});
