import { mkdirSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bedTileFixtures, wardFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import * as screen from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

/* The pages as a browser shows them, with a fake agent at the other end of a real broker. */

const { bedsidePanel, haveBrowser, launchBrowser, nurseScreen, shots } = screen;
let ward: DashboardWard;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];

async function newContext(options: Parameters<Browser["newContext"]>[0] = {}): Promise<void> {
  await context?.close();
  context = await browser.newContext({ viewport: nurseScreen, ...options });
  page = await context.newPage();
  complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(ward.url)) complaints.push(`request to ${request.url()}`);
  });
}

const violations = () => screen.violationsOf(page);
const look = (path: string, name: string, size: typeof nurseScreen) => screen.lookAt(page, ward.url + path, name, size);
const signIn = () => screen.signInAt(page, ward.url);
const tile = (bed: string) => page.locator(`[data-bed="${bed}"]`);

describe.skipIf(!haveBrowser)("in the browser", () => {
  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    browser = await launchBrowser();
    ward = await startDashboardWard({ web: true });
  });
  afterAll(async () => {
    await browser?.close();
    await ward?.stop();
  });
  beforeEach(async () => {
    ward.agent.speaking = true;
    ward.agent.confirming = true;
    for (const bed of ["room-1", "room-2", "room-3", "room-4"]) ward.agent.tell(bed, bedTileFixtures.neverOffered);
    await newContext();
  });
  afterEach(() => context.close());

  describe("nobody is shut out (WCAG 2.2 A and AA by axe), and nothing is loaded from elsewhere", () => {
    test("sign-in and pairing, with and without an error", async () => {
      for (const path of ["/sign-in", "/pair"]) {
        await look(path, path.slice(1), bedsidePanel);
        expect(await violations()).toEqual([]);
        // On a screen that shows a code of its own, typing another one is the second way.
        if (path === "/pair") await page.getByText("You have a code already").click();
        await page.getByLabel("One-time code").fill("wrong");
        await page.getByRole("button").click();
        await page.getByRole("alert").waitFor();
        expect(await violations()).toEqual([]);
      }
      // The browser itself reports the 400 of a wrong code.
      expect(complaints.filter((words) => !words.includes("status of 400"))).toEqual([]);
    });

    test.each(Object.keys(wardFixtures))("nurse station: %s", async (name) => {
      await look(`/demo/ward?fixture=${name}`, `ward-${name}`, nurseScreen);
      expect(await tile("room-1").count()).toBe(1);
      expect(await violations()).toEqual([]);
      expect(complaints).toEqual([]);
    });

    test("the checker does complain where there is something to complain about", async () => {
      await page.goto(`${ward.url}/demo/ward?fixture=calm`);
      await page.evaluate(() => {
        const faint = document.createElement("p");
        faint.textContent = "too faint";
        faint.style.color = "#223";
        document.querySelector("main")?.append(faint, document.createElement("button"));
      });
      expect((await violations()).map((one) => one.split(":")[0]).toSorted()).toEqual([
        "button-name",
        "color-contrast",
      ]);
    });

    test("every component on one page", async () => {
      await look("/demo", "components", nurseScreen);
      expect(await violations()).toEqual([]);
    });
  });

  describe("alarm signals", () => {
    /** From what the browser computed, not from the style sheet's text. */
    const flash = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => {
          const animation = element.getAnimations()[0];
          if (animation === undefined || !(animation.effect instanceof KeyframeEffect)) return null;
          const frames = animation.effect.getKeyframes().map(({ offset, backgroundColor, easing }) => ({
            offset: Number(offset),
            colour: String(backgroundColor),
            easing,
          }));
          return { periodMs: Number(animation.effect.getComputedTiming().duration), frames };
        });

    test("medium flashes yellow at 0.4 to 0.8 Hz, lit 20 to 60 % of the time; low is steady", async () => {
      await page.goto(`${ward.url}/demo/ward?fixture=alarm`);
      const medium = await flash(".qr-alert--medium .qr-strip--flash");
      const hz = 1_000 / (medium?.periodMs ?? 0);
      expect(hz).toBeGreaterThanOrEqual(0.4);
      expect(hz).toBeLessThanOrEqual(0.8);
      const [lit, dark] = medium?.frames ?? [];
      expect(lit).toMatchObject({ offset: 0, colour: "rgb(244, 207, 77)" });
      expect(medium?.frames.every(({ easing }) => /^steps\(1(, end)?\)$|step-end/.test(easing))).toBe(true);
      expect(dark?.colour).not.toBe(lit?.colour);
      expect(dark?.offset).toBeGreaterThanOrEqual(0.2);
      expect(dark?.offset).toBeLessThanOrEqual(0.6);
      expect(await flash(".qr-alert--low .qr-strip")).toBeNull();
    });

    test("an acknowledged alarm does not flash", async () => {
      await page.goto(`${ward.url}/demo/ward?fixture=acknowledged`);
      await page.getByText("Amina Khan is going", { exact: false }).first().waitFor();
      expect(await flash(".qr-alert--medium .qr-strip")).toBeNull();
    });

    test("with reduced motion nothing moves, and the pattern says what the flash said", async () => {
      await newContext({ reducedMotion: "reduce" });
      await page.goto(`${ward.url}/demo/ward?fixture=alarm`);
      const strip = page.locator(".qr-alert--medium .qr-strip--flash").first();
      await strip.waitFor();
      expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
      expect(await strip.evaluate((element) => getComputedStyle(element).borderLeftStyle)).toBe("double");
    });
  });

  describe("nurse station", () => {
    test("shows a rate with its interval and source, and the age of the data goes on by itself", async () => {
      ward.agent.tell("room-1", bedTileFixtures.recording);
      await signIn();
      await expect.poll(() => tile("room-1").textContent()).toContain("12");
      expect(await tile("room-1").textContent()).toMatch(/12\s*breaths a minute\s+11 to 14/);
      expect(await tile("room-1").getByText("Recording").count()).toBe(1);
      expect(await tile("room-2").textContent()).toContain("In-person checks only");
      expect(await tile("room-2").getAttribute("data-look")).toBe("in-person");
      const age = () => tile("room-1").locator(".qr-tile__age").textContent();
      const first = await age();
      await expect.poll(age, { timeout: 15_000 }).not.toBe(first);
      await page.screenshot({ path: `${shots}/ward-live.png` });
    });

    test("an alert is read out once; “I'm going now” names who is going, for everybody", async () => {
      await signIn();
      // An order stands before anything is raised by it.
      ward.agent.tell("room-2", { ...bedTileFixtures.alarm, alarms: [] });
      await expect.poll(() => tile("room-2").getAttribute("data-look")).not.toBe("in-person");
      ward.agent.tell("room-2", bedTileFixtures.alarm);
      const alert = page.locator("[data-alarm]");
      await alert.waitFor();
      const announced = "Room 2: Breathing outside 8 to 24 a minute, medium.";
      await expect.poll(() => page.locator("#announce").textContent()).toBe(announced);
      expect(await page.locator("#announce").getAttribute("aria-live")).toBe("assertive");
      expect(await alert.textContent()).toContain("!!");
      await alert.getByRole("button", { name: "I'm going now" }).press("Enter");
      await alert.getByText("Sam Reed is going").waitFor();
      await expect.poll(() => tile("room-2").textContent()).toContain("Sam Reed is going");
      expect(ward.agent.asks.findLast(({ ask }) => ask.do !== "alarm-shown")?.ask).toMatchObject({
        do: "acknowledge",
        bed: "room-2",
        going: true,
      });
    });

    test("the header takes one row on a small desk screen", async () => {
      ward.agent.tell("room-1", bedTileFixtures.calm);
      await page.setViewportSize({ width: 1280, height: 720 });
      await signIn();
      await tile("room-1").locator(".qr-rate__number").waitFor();
      const { heights, tops, overflow } = await page.locator(".qr-top").evaluate((top) => ({
        heights: [top.getBoundingClientRect().height],
        tops: [...top.children]
          .map((child) => child.getBoundingClientRect())
          .map(({ top: y, height }) => y + height / 2),
        overflow: document.documentElement.scrollWidth - innerWidth,
      }));
      expect(Math.max(...tops) - Math.min(...tops)).toBeLessThan(4);
      expect(Math.max(...heights)).toBeLessThan(90);
      expect(overflow).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `${shots}/ward-1280.png` });
    });

    test("a session that ended while the feed was away leads to sign-in, not to a board that waits for ever", async () => {
      await signIn();
      await page.routeWebSocket(/\/live/, (socket) => void socket.close());
      await page.reload();
      await page.locator("#live-state").waitFor();
      ward.agent.sessions.clear();
      await page.waitForURL("**/sign-in", { timeout: 15_000 });
    });

    test("a redraw each second takes no focus away", async () => {
      ward.agent.tell("room-1", bedTileFixtures.calm);
      await signIn();
      const link = page.getByRole("link", { name: /details of Room 1/ });
      await link.focus();
      const age = await tile("room-1").locator(".qr-tile__age").textContent();
      await expect.poll(() => tile("room-1").locator(".qr-tile__age").textContent(), { timeout: 15_000 }).not.toBe(age);
      expect(await link.evaluate((element) => element === document.activeElement)).toBe(true);
    });

    test("when the agent is silent the banner comes, and every number goes", async () => {
      ward.agent.tell("room-1", bedTileFixtures.calm);
      await signIn();
      await tile("room-1").locator(".qr-rate__number").waitFor();
      ward.agent.speaking = false;
      await page.getByText("This screen is not live.").waitFor({ timeout: 15_000 });
      expect(await page.locator(".qr-rate__number").count()).toBe(0);
      expect(await tile("room-1").textContent()).toContain("Check in person");
      ward.agent.speaking = true;
      await tile("room-1").locator(".qr-rate__number").waitFor({ timeout: 15_000 });
      expect(await page.getByText("This screen is not live.").count()).toBe(0);
    });
  });
});
