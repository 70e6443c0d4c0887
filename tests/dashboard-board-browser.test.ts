import { mkdirSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type BedTileFixture, bedTileFixtures, wardFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import * as screen from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

/* The ward board on a wall, on a desk and in a hand, by day and by night. */

const wall = { width: 1920, height: 1080 };
const beds = 20;
let ward: DashboardWard;
let browser: Browser;
let context: BrowserContext;
let page: Page;

const tileOf = (bed: number, fixture: BedTileFixture) => {
  const tile = bedTileFixtures[fixture];
  const alarms = tile.alarms.map((alarm) => ({
    ...alarm,
    id: `room-${bed}-${alarm.id}`,
    raisedAt: Date.now() - 42_000,
  }));
  ward.agent.tell(`room-${bed}`, { ...tile, alarms });
};
const fullWard: readonly BedTileFixture[] = [
  ...["calm", "calm", "moving", "off", "alarm", "calm", "empty", "notMonitored", "calm", "neverOffered"],
  ...["calm", "vacant", "calm", "breathingOnly", "calm", "latched", "learning", "calm", "stale", "off"],
] as BedTileFixture[];
const shot = (name: string) => page.screenshot({ path: `${screen.shots}/${name}.png` });

/** Shares of the picture that are bright enough to blind in a dark room, and as dark as the page. */
async function lightOf(bytes: Buffer): Promise<{ bright: number; dark: number }> {
  const { data, info } = await sharp(bytes).greyscale().raw().toBuffer({ resolveWithObject: true });
  const pixels = info.width * info.height;
  let [bright, dark] = [0, 0];
  for (let i = 0; i < data.length; i += info.channels) {
    if ((data[i] ?? 0) > 170) bright += 1;
    if ((data[i] ?? 0) < 60) dark += 1;
  }
  return { bright: bright / pixels, dark: dark / pixels };
}

describe.skipIf(!screen.haveBrowser)("the ward board", () => {
  let signedIn: Awaited<ReturnType<BrowserContext["storageState"]>>;
  beforeAll(async () => {
    mkdirSync(screen.shots, { recursive: true });
    browser = await screen.launchBrowser();
    ward = await startDashboardWard({ web: true, beds });
    context = await browser.newContext();
    page = await context.newPage();
    await screen.signInAt(page, ward.url);
    signedIn = await context.storageState();
    await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await ward?.stop();
  });
  beforeEach(async () => {
    ward.agent.speaking = true;
    for (const [index, fixture] of fullWard.entries()) tileOf(index + 1, fixture);
    context = await browser.newContext({ viewport: wall, storageState: signedIn });
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
  });
  afterEach(() => context.close());

  const openBoard = async () => {
    await page.goto(`${ward.url}/ward`);
    await page.locator(".qr-alert").first().waitFor();
  };

  describe("on a wall", () => {
    test("shows twenty beds in floor order at one look, in letters that are read from three metres", async () => {
      await openBoard();
      const soundOn = page.getByRole("button", { name: "Touch here to turn the sound on" });
      await soundOn.click();
      await soundOn.waitFor({ state: "hidden" });
      await shot("board-wall-20");
      const tiles = await page.locator(".qr-tile").evaluateAll((all) =>
        all.map((tile) => {
          const { bottom, right } = tile.getBoundingClientRect();
          const name = tile.querySelector(".qr-tile__name");
          return {
            bed: tile.getAttribute("data-bed"),
            bottom,
            right,
            px: name === null ? "" : getComputedStyle(name).fontSize,
          };
        }),
      );
      expect(tiles.map(({ bed }) => bed)).toEqual(Array.from({ length: beds }, (_, index) => `room-${index + 1}`));
      expect(Math.max(...tiles.map(({ bottom }) => bottom))).toBeLessThanOrEqual(wall.height);
      expect(Math.max(...tiles.map(({ right }) => right))).toBeLessThanOrEqual(wall.width);
      expect(tiles.every(({ px }) => Number.parseFloat(px) >= 30)).toBe(true);
      const clock = await page.locator("#clock").evaluate((element) => getComputedStyle(element).fontSize);
      expect(Number.parseFloat(clock)).toBeGreaterThanOrEqual(72);
      expect(await screen.violationsOf(page)).toEqual([]);
    });

    test("says when more alarms come than the people here can answer", async () => {
      await openBoard();
      expect(await page.locator(".qr-flood").count()).toBe(0);
      ward.agent.ward = { ...ward.agent.ward, raisedLately: 14 };
      await page.getByText("14 alarms in 10 minutes").waitFor();
      await shot("board-wall-flood");
      expect(await screen.violationsOf(page)).toEqual([]);
      ward.agent.ward = { ...ward.agent.ward, raisedLately: 3 };
      await page.locator(".qr-flood").waitFor({ state: "detached" });
    });

    test("names beds, and no patient: visitors can see it", async () => {
      const stay = { id: "stay-7", label: "J.Q.P.", demonstration: false };
      ward.agent.tell("room-1", { ...bedTileFixtures.alarm, stay });
      await openBoard();
      await page.locator('[data-bed="room-1"].qr-tile--medium').waitFor();
      expect(await page.content()).not.toContain("J.Q.P.");
    });
  });

  describe("in a dark room", () => {
    const paths = ["/ward", "/demo/ward?fixture=alarm&light=night", "/person/room-1", "/sign-in"];

    test.each(paths)("%s paints nothing bright while it loads, on a slow line too", async (path) => {
      await page.goto(`${ward.url}/demo/ward?fixture=calm&light=night`);
      await page.locator(".qr-rate__number").first().waitFor();
      // Every frame that the browser presents, from the one before the navigation on.
      const frames: Buffer[] = [];
      const devtools = await context.newCDPSession(page);
      devtools.on("Page.screencastFrame", ({ data, sessionId }) => {
        frames.push(Buffer.from(data, "base64"));
        // The last frames may come while the page is already closed.
        devtools.send("Page.screencastFrameAck", { sessionId }).catch(() => undefined);
      });
      await devtools.send("Page.startScreencast", { format: "png", everyNthFrame: 1, maxWidth: 480, maxHeight: 270 });
      await page.route("**/quietround.css", async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        await route.continue();
      });
      await page.goto(ward.url + path);
      await page.screenshot();
      await devtools.send("Page.stopScreencast");
      expect(frames.length).toBeGreaterThan(1);
      for (const frame of frames) {
        const { bright, dark } = await lightOf(frame);
        // Letters and the browser's own controls are brighter; the page is not.
        expect(bright).toBeLessThan(0.25);
        expect(dark).toBeGreaterThan(0.6);
      }
    });

    test.each(paths)("%s is dark even where its style sheet does not come at all", async (path) => {
      await page.route("**/quietround.css", (route) => route.abort());
      await page.goto(ward.url + path, { waitUntil: "domcontentloaded" });
      const { bright, dark } = await lightOf(await page.screenshot());
      // Letters and the browser's own controls are brighter; the page is not.
      expect(bright).toBeLessThan(0.25);
      expect(dark).toBeGreaterThan(0.65);
    });

    test("stays dark when the connection breaks and comes back", async () => {
      for (let bed = 1; bed <= beds; bed++) tileOf(bed, "calm");
      await page.goto(`${ward.url}/ward`);
      await page.locator(".qr-rate__number").first().waitFor();
      // Nobody has touched this page: that is said in a bright band, with the connection and without.
      await page.getByText("Alarms may not sound here").waitFor();
      const before = await lightOf(await page.screenshot());
      ward.agent.speaking = false;
      await page.getByText("This screen is not live.").waitFor({ timeout: 15_000 });
      const lost = await lightOf(await page.screenshot());
      await shot("board-not-live");
      ward.agent.speaking = true;
      await page.locator(".qr-rate__number").first().waitFor({ timeout: 15_000 });
      const back = await lightOf(await page.screenshot());
      // By night the calm board is dimmer than by day; "not monitored" is as legible as ever.
      for (const light of [lost, back]) expect(light.bright).toBeLessThan(before.bright + 0.03);
    });

    test("is dimmer at night than by day", async () => {
      const meanOf = async (light: string) => {
        await page.goto(`${ward.url}/demo/ward?fixture=calm&light=${light}`);
        await page.locator(".qr-rate__number").first().waitFor();
        const { channels } = await sharp(await page.screenshot())
          .greyscale()
          .stats();
        return channels[0]?.mean ?? 0;
      };
      const [day, night] = [await meanOf("day"), await meanOf("night")];
      await shot("board-night");
      expect(night).toBeLessThan(day * 0.8);
    });

    test.each(Object.keys(wardFixtures))("%s can be read by everybody at night, on a phone too", async (name) => {
      for (const size of [
        { width: 1280, height: 800 },
        { width: 320, height: 640 },
      ]) {
        await page.setViewportSize(size);
        await page.goto(`${ward.url}/demo/ward?fixture=${name}&light=night`);
        await page.locator(".qr-tile").first().waitFor();
        expect(await screen.violationsOf(page)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      }
    });
  });

  describe("in a hand", () => {
    test.each([320, 430])("at %s px alerts are on top, and the thumb reaches “I'm going now”", async (width) => {
      const size = { width, height: width === 320 ? 640 : 932 };
      await page.setViewportSize(size);
      for (let bed = 1; bed <= beds; bed++) tileOf(bed, bed === 5 ? "alarm" : "calm");
      await page.goto(`${ward.url}/ward`);
      const bar = page.locator(".qr-thumb");
      await bar.waitFor();
      await shot(`board-${width}-silent`);
      // A browser that keeps the sound off says so above everything; one touch, and alerts are on top.
      await page.getByRole("button", { name: "Touch here to turn the sound on" }).click();
      await page.locator("#sound-doubt").getByText("Alarms may not sound here").waitFor({ state: "detached" });
      await shot(`board-${width}`);
      const firstAlert = await page.locator(".qr-alert").first().boundingBox();
      const firstTile = await page.locator(".qr-tile").first().boundingBox();
      expect(firstAlert?.y).toBeLessThan(firstTile?.y ?? 0);
      expect(firstAlert?.y).toBeLessThan(size.height / 2);
      const button = bar.getByRole("button", { name: "I'm going now to Room 5" });
      const box = await button.boundingBox();
      expect(box?.height).toBeGreaterThanOrEqual(60);
      // Lower third: what a thumb reaches without moving the hand.
      expect(box?.y).toBeGreaterThan((size.height * 2) / 3);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      expect(await screen.violationsOf(page)).toEqual([]);
      await button.click();
      await page.getByText("Sam Reed is going").first().waitFor();
      await bar.waitFor({ state: "detached" });
      // The last tile is not under anything.
      await page.locator(".qr-tile").last().scrollIntoViewIfNeeded();
      await shot(`board-${width}-end`);
    });
  });

  test("tells the agent which alarms stand on it, from the first frame on, and again after each change", async () => {
    for (let bed = 1; bed <= beds; bed++) tileOf(bed, "calm");
    await page.goto(`${ward.url}/ward`);
    await page.locator(".qr-rate__number").first().waitFor();
    ward.agent.shown.length = 0;
    const raisedAt = Date.now();
    tileOf(5, "alarm");
    const told = () =>
      ward.agent.shown.flatMap(({ ask }) =>
        ask.do === "alarm-shown" ? ask.alarms.map((one) => ({ ...one, at: ask.atUtcMs })) : [],
      );
    await expect.poll(told, { timeout: 15_000 }).toMatchObject([{ bed: "room-5", presence: "on" }]);
    expect((told()[0]?.at ?? 0) - raisedAt).toBeLessThan(1_000);
    await page.getByRole("button", { name: "I'm going now to Room 5" }).first().click();
    await expect.poll(() => told().some(({ presence }) => presence === "ack"), { timeout: 15_000 }).toBe(true);
  });

  test("goes on where its connection broke, and has the alarm that came meanwhile", async () => {
    for (let bed = 1; bed <= beds; bed++) tileOf(bed, "calm");
    const asked: string[] = [];
    let cut: () => void = () => {};
    let open = true;
    await page.routeWebSocket(/\/live/, (socket) => {
      asked.push(new URL(socket.url()).search);
      if (!open) return void socket.close();
      const server = socket.connectToServer();
      cut = () => {
        void server.close();
        void socket.close();
      };
    });
    await page.goto(`${ward.url}/ward`);
    await page.locator(".qr-rate__number").first().waitFor();
    open = false;
    cut();
    tileOf(7, "alarm");
    await expect.poll(() => asked.length, { timeout: 15_000 }).toBeGreaterThan(1);
    open = true;
    await page.locator('[data-bed="room-7"].qr-tile--medium').waitFor({ timeout: 5_000 });
    expect(asked[0]).toBe("?as=staff");
    expect(asked.at(-1)).toMatch(/^\?as=staff&epoch=[0-9a-f-]{36}&after=\d+$/);
  });

  test("with the keyboard alone: the first alert is one of the first stops, and Enter says who goes", async () => {
    for (let bed = 1; bed <= beds; bed++) tileOf(bed, bed === 5 ? "alarm" : "calm");
    await page.setViewportSize({ width: 1280, height: 800 });
    await openBoard();
    await shot("board-1280");
    let stops = 0;
    for (; stops < 6; stops++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(() => document.activeElement?.textContent?.startsWith("I'm going now"))) break;
    }
    expect(stops).toBeLessThan(4);
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineWidth);
    expect(Number.parseFloat(outline)).toBeGreaterThanOrEqual(2);
    await page.keyboard.press("Enter");
    await page.getByText("Sam Reed is going").first().waitFor();
  });
});
