import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bedsideFixtures } from "../dashboard/web/components/bedside/fixtures.ts";
import {
  meanLuminance,
  overflowPx,
  panels,
  type Target,
  type TouchScreen,
  targetsOf,
  touchScreen,
} from "./bedside-browser.ts";
import { haveBrowser, launchBrowser, shots, violationsOf } from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

/* Every named state of the screen at a bed, as a browser with touch shows it. */

/** Mean relative luminance of a screen that stands beside somebody asleep. */
const nightLuminanceMax = 0.03;
const names = Object.keys(bedsideFixtures);

let ward: DashboardWard;
let browser: Browser;
let screen: TouchScreen;
const show = async (name: string, light: "day" | "night" = "night") => {
  await screen.page.goto(`${ward.url}/demo/bedside?fixture=${name}&light=${light}`);
  await screen.page.locator(".qr-now__headline").waitFor();
};

describe.skipIf(!haveBrowser).each(panels)("the screen at a bed, $name", (panel) => {
  beforeAll(async () => {
    browser = await launchBrowser();
    ward = await startDashboardWard({ web: true });
    screen = await touchScreen(browser, ward.url, panel);
  });
  afterAll(async () => {
    await browser?.close();
    await ward?.stop();
  });
  const shoot = (name: string) => screen.page.screenshot({ path: `${shots}/bed-${name}-${panel.width}.png` });

  // Each fixture is opened as seldom as it can be: the server counts openings by somebody who is not signed in.
  test.each(names)("%s: by night and by day, for fingers, keys and large text", async (name) => {
    await show(name);
    expect(await meanLuminance(await shoot(`${name}-night`))).toBeLessThanOrEqual(nightLuminanceMax);
    expect(await violationsOf(screen.page)).toEqual([]);
    checkTargets(await targetsOf(screen.page));
    await show(name, "day");
    await shoot(`${name}-day`);
    expect(await violationsOf(screen.page)).toEqual([]);
    await checkLargeText(name);
    expect(screen.complaints).toEqual([]);
  });

  /** Of at least 48 px, and yes and no alike. */
  function checkTargets(targets: readonly Target[]): void {
    for (const { words, width, height } of targets) expect(Math.min(width, height), words).toBeGreaterThanOrEqual(48);
    const yes = targets.filter(({ words }) => /^Yes,/.test(words));
    const no = targets.filter(({ words }) => /^No,/.test(words));
    expect(no.length).toBe(yes.length);
    for (const [index, one] of yes.entries()) {
      const { words: _words, ...alike } = one;
      expect(no[index]).toMatchObject(alike);
    }
  }

  /** At 200 % all of it can be reached, and nothing is cut off at the side. */
  async function checkLargeText(name: string): Promise<void> {
    const { page } = screen;
    // As a browser's own zoom does it: half as many CSS pixels.
    await page.setViewportSize({ width: panel.width / 2, height: panel.height / 2 });
    expect(await overflowPx(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: panel.width, height: panel.height });
    await expect.poll(() => page.evaluate(() => document.body.clientWidth)).toBe(panel.width);
    await page.evaluate(() => {
      document.documentElement.style.fontSize = "200%";
    });
    expect(await overflowPx(page)).toBeLessThanOrEqual(0);
    if (name === "on") await shoot("on-200-percent");
    const cut = await page
      .locator("button:visible, a:visible")
      .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent));
    expect(cut).toEqual([]);
  }

  test("no red, and the same look for stopping and for going on", async () => {
    for (const name of ["on", "paused", "off", "offered"] as const) {
      await show(name);
      const looks = (await targetsOf(screen.page)).map(({ look }) => look.slice(0, 3).join(" "));
      for (const look of looks) {
        for (const [, red = "0", green = "0", blue = "0"] of look.matchAll(/rgba?\((\d+), (\d+), (\d+)/g)) {
          expect(Number(red), look).toBeLessThanOrEqual(Math.max(Number(green), Number(blue)) + 1);
        }
      }
      const touches = await screen.page
        .locator(".qr-touch")
        .evaluateAll((all) =>
          all.map((one) => `${getComputedStyle(one).backgroundColor} ${getComputedStyle(one).color}`),
        );
      expect(new Set(touches).size).toBe(1);
    }
  });

  test("stopping, pausing, yes and no are there without scrolling", async () => {
    for (const name of ["on", "paused", "off", "offered", "best-interests"] as const) {
      await show(name);
      const lowest = await screen.page
        .locator(".qr-glance button")
        .evaluateAll((all) => Math.max(...all.map((one) => one.getBoundingClientRect().bottom)));
      expect(lowest).toBeGreaterThan(0);
      expect(lowest).toBeLessThanOrEqual(panel.height);
    }
  });

  test("in forced colours every button and way keeps a border, and the ring is there", async () => {
    const forced = await touchScreen(browser, ward.url, panel, { forcedColors: "active" });
    await forced.page.goto(`${ward.url}/demo/bedside?fixture=on`);
    await forced.page.locator(".qr-now__headline").waitFor();
    const borders = await forced.page
      .locator(".qr-touch, .qr-way")
      .evaluateAll((all) =>
        all.map((one) => `${getComputedStyle(one).borderTopStyle} ${getComputedStyle(one).borderTopWidth}`),
      );
    expect(borders.length).toBeGreaterThan(5);
    for (const border of borders) expect(border).toMatch(/^solid [12]px$/);
    expect(await forced.page.locator(".qr-now__ring svg").isVisible()).toBe(true);
    // The colours are the person's own then, and axe sees ours below them.
    const others = (await violationsOf(forced.page)).filter((one) => !one.startsWith("color-contrast"));
    expect(others).toEqual([]);
    await forced.page.screenshot({ path: `${shots}/bed-forced-colours-${panel.width}.png` });
    await forced.context.close();
  });

  test("the keyboard reaches everything in the order of reading, and the focus can be seen", async () => {
    await show("on");
    const reached: string[] = [];
    for (let step = 0; step < 20; step++) {
      await screen.page.keyboard.press("Tab");
      const at = await screen.page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return null;
        return {
          words: element.ariaLabel ?? (element.textContent ?? "").trim(),
          outline: getComputedStyle(element).outlineStyle,
        };
      });
      if (at === null) break;
      expect(at.outline).not.toBe("none");
      reached.push(at.words);
    }
    const order = ["Stop everything", "15 min", "Who looked", "Turn off: Movement alerts", "Turn off: Breathing rate"];
    expect(reached.filter((words) => order.includes(words))).toEqual(order);
  });

  test("a redraw takes no focus away and moves nothing", async () => {
    await show("on");
    const stop = screen.page.getByRole("button", { name: "Stop everything" });
    await stop.focus();
    const before = await stop.boundingBox();
    await screen.page.waitForTimeout(2_200);
    expect(await stop.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await stop.boundingBox()).toEqual(before);
    expect(await screen.page.evaluate(() => document.getAnimations().length)).toBe(0);
  });
});
