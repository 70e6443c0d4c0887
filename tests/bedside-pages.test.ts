import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import jsQR from "jsqr";
import type { Browser, BrowserContext } from "playwright-core";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fourWords } from "../dashboard/server/proof-page.ts";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { commonNeeds } from "../edge-agent/contract/consent.ts";
import type { AuditIntent } from "../edge-agent/contract/door.ts";
import { localMidnight } from "../edge-agent/contract/local-hour.ts";
import type { DayRoot } from "../edge-agent/contract/who-looked.ts";
import { readDayRoot } from "../edge-agent/records/day-root.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import {
  meanLuminance,
  overflowPx,
  pairScreen,
  panels,
  type TouchScreen,
  targetsOf,
  touchScreen,
} from "./bedside-browser.ts";
import { haveBrowser, launchBrowser, shots, signInAt, violationsOf } from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

/* The pages behind the screen at a bed: who looked, asking and complaining, how it is, what it is, checking it later. */

const paths = ["/bedside/who-looked", "/bedside/about", "/bedside/ask", "/bedside/how", "/bedside/proof"] as const;
const dayMs = 86_400_000;
let ward: DashboardWard;
let browser: Browser;
let screen: TouchScreen;
let paired: Awaited<ReturnType<BrowserContext["storageState"]>>;

const begun = {
  action: "process.start",
  actor: { kind: "system", part: "agent" },
  outcome: 0,
  detail: {},
  phi: null,
} as const satisfies AuditIntent;
/** An entry of the agent, and its signature. */
function write(utcMs: number): void {
  ward.records.commit([begun], [], { utcMs, monoNs: 0n });
  ward.records.checkpointIfDirty();
}

/** jsqr is CommonJS with a default of its own. */
const readQr = jsQR.default;
function readRoot(): DayRoot {
  const db = openForReading(ward.wardFile);
  try {
    const root = readDayRoot(db, localMidnight(Date.now(), "Europe/London"));
    if (root === null) throw new Error("the log is not signed");
    return root;
  } finally {
    db.close();
  }
}

describe.skipIf(!haveBrowser).each(panels)("behind the screen at a bed, $name", (panel) => {
  beforeAll(async () => {
    browser = await launchBrowser();
    ward = await startDashboardWard({ web: true });
    write(Date.now() - dayMs);
    ward.agent.tell("room-1", bedTileFixtures.calm);
    // Once: the server counts tries of codes.
    const first = await touchScreen(browser, ward.url, panel);
    await pairScreen(first.page, ward.url);
    paired = await first.context.storageState();
    await first.context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await ward?.stop();
  });
  beforeEach(async () => {
    ward.agent.asks.length = 0;
    ward.agent.tell("room-1", bedTileFixtures.calm);
    screen = await touchScreen(browser, ward.url, panel, { storageState: paired });
    await screen.page.goto(`${ward.url}/bedside`);
    await screen.page.getByText("The sensor is on.").waitFor();
  });
  afterEach(async () => {
    expect(screen.complaints).toEqual([]);
    await screen.context.close();
  });
  const shoot = (name: string) => screen.page.screenshot({ path: `${shots}/bedside-${name}-${panel.width}.png` });
  const feedback = () => ward.agent.asks.flatMap(({ ask }) => (ask.do === "feedback" ? [ask] : []));

  test.each(paths)("%s: for everybody, in large text, and dark at night", async (path) => {
    const { page } = screen;
    await page.goto(ward.url + path);
    expect(await violationsOf(page)).toEqual([]);
    for (const { words, width, height } of await targetsOf(page))
      expect(Math.min(width, height), words).toBeGreaterThanOrEqual(48);
    await page.evaluate(() => {
      document.documentElement.dataset.light = "night";
    });
    expect(await meanLuminance(await shoot(`${path.replace("/bedside/", "")}-night`))).toBeLessThanOrEqual(0.03);
    expect(await violationsOf(page)).toEqual([]);
    await page.setViewportSize({ width: panel.width / 2, height: panel.height / 2 });
    expect(await overflowPx(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: panel.width, height: panel.height });
    await page.getByRole("link", { name: "Back" }).tap();
    await page.waitForURL("**/bedside");
  });

  test("a nurse opens the page: the sign is lit within a second, goes when it is closed, and is in the list", async () => {
    const { page } = screen;
    const sign = page.getByText("A nurse has opened your breathing page.");
    expect(await sign.count()).toBe(0);
    const staff = await touchScreen(browser, ward.url, { width: 1366, height: 768 });
    await signInAt(staff.page, ward.url);
    await staff.page.goto(`${ward.url}/person/room-1`, { waitUntil: "commit" });
    const openedAt = performance.now();
    await sign.waitFor();
    expect(performance.now() - openedAt).toBeLessThan(1_000);
    await shoot("opened");
    expect(await violationsOf(page)).toEqual([]);
    await staff.page.goto(`${ward.url}/ward`);
    const closedAt = performance.now();
    await expect.poll(() => sign.count(), { interval: 20 }).toBe(0);
    expect(performance.now() - closedAt).toBeLessThan(1_000);
    await staff.context.close();
    await page.getByRole("link", { name: "Who looked" }).tap();
    const line = page.locator(".qr-looked__line").first();
    expect(await line.textContent()).toMatch(/\d\d:\d\d.*A nurse.*opened your page\..*To care for you\..*Open for/);
    expect(await page.locator("main").textContent()).not.toContain("Sam Reed");
    await shoot("who-looked");
  });

  test("asking and complaining go to governance, with words or without, and never to the ward", async () => {
    const { page } = screen;
    await page.getByRole("link", { name: "Ask or complain" }).tap();
    await page.getByLabel(/^Your words/).fill("Who is\nJohn?");
    await page.getByRole("button", { name: "I want to complain" }).tap();
    await page.getByText(/^Sent\./).waitFor();
    expect(feedback()).toEqual([{ do: "feedback", about: "complaint", feels: null, words: "Who is John?" }]);
    await page.goto(`${ward.url}/bedside/ask`);
    await page.getByRole("button", { name: "I want to ask" }).tap();
    await page.getByText(/^Sent\./).waitFor();
    expect(feedback().at(-1)).toEqual({ do: "feedback", about: "question", feels: null, words: null });
  });

  test("“How is this for you?” takes one touch", async () => {
    const { page } = screen;
    await page.getByRole("link", { name: "How is this for you?" }).tap();
    await page.getByRole("heading", { name: "How is this for you?" }).waitFor();
    const [good, okay, notGood] = (await targetsOf(page)).filter(({ words }) => /^(Good|Okay|Not good)$/.test(words));
    expect([okay?.width, okay?.height, okay?.look]).toEqual([good?.width, good?.height, good?.look]);
    expect([notGood?.width, notGood?.height, notGood?.look]).toEqual([good?.width, good?.height, good?.look]);
    await page.getByRole("button", { name: "Not good" }).tap();
    await page.getByText(/^Sent\./).waitFor();
    expect(feedback()).toEqual([{ do: "feedback", about: "how-is-it", feels: "not-good", words: null }]);
  });

  test("today's words are the same until midnight, whatever is written", async () => {
    const { page } = screen;
    await page.getByRole("link", { name: "Check it later" }).tap();
    await page.getByRole("heading", { name: "Today’s four words" }).waitFor();
    const words = () => page.locator(".qr-proof__words li").allTextContents();
    const first = await words();
    expect(first.length).toBe(4);
    expect(first.every((word) => /^[a-z]{3,8}$/.test(word))).toBe(true);
    write(Date.now());
    await page.reload();
    expect(await words()).toEqual(first);
    // A phone reads the square, by day and by night, and it holds the whole signed note whose root the words are of.
    const square = page.getByRole("img", { name: /square code/ });
    const root = readRoot();
    for (const light of ["day", "night"]) {
      await page.evaluate((to) => {
        document.documentElement.dataset.light = to;
      }, light);
      const { data, info } = await sharp(await square.screenshot())
        .ensureAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const read = readQr(new Uint8ClampedArray(data), info.width, info.height);
      expect(read?.data, light).toBe(root.note);
    }
    expect(fourWords(root.rootSha256)).toEqual(first);
    await page.getByText("An expert could make two logs first, both with the same four words.").waitFor();
    await page.getByText("It takes about 18 million million tries.").waitFor();
    await page.screenshot({ path: `${shots}/bedside-proof-${panel.width}.png`, fullPage: true });
  });

  test("larger text stays for this stay, and begins as the person needs it", async () => {
    const { page } = screen;
    const large = () => page.evaluate(() => getComputedStyle(document.documentElement).fontSize);
    expect(await large()).toBe("16px");
    await page.getByRole("button", { name: "Larger text" }).tap();
    await page.getByRole("button", { name: "Smaller text" }).waitFor();
    expect(await large()).toBe("20px");
    expect(await overflowPx(page)).toBeLessThanOrEqual(0);
    await page.getByText("The sensor is on.").waitFor();
    await shoot("larger-text");
    await page.getByRole("link", { name: "What is this?" }).tap();
    await page.getByRole("heading", { name: "What is this?" }).waitFor();
    expect(await large()).toBe("20px");
    await screen.context.clearCookies({ name: "qr_bedside_look" });
    ward.agent.tell("room-1", { needs: { ...commonNeeds, largeText: true } });
    await expect
      .poll(async () => {
        await page.reload();
        return large();
      })
      .toBe("20px");
    ward.agent.tell("room-1", { needs: commonNeeds });
  });

  test("where this device has no voice, the site's recording is played; a film in sign language stands on the explanation", async () => {
    const { page } = screen;
    const media = join(ward.builtDir, "media/en");
    mkdirSync(media, { recursive: true });
    // Half a second of silence would do as well: what is tested is that it is fetched, played and stopped.
    writeFileSync(join(media, "about.mp3"), Buffer.alloc(64));
    writeFileSync(join(media, "about-signed.mp4"), Buffer.alloc(64));
    try {
      await page.addInitScript(() => {
        speechSynthesis.getVoices = () => [];
        const played: string[] = [];
        Object.defineProperty(window, "played", { value: played });
        HTMLMediaElement.prototype.play = function play() {
          played.push(new URL(this.src).pathname);
          return Promise.resolve();
        };
      });
      await page.goto(`${ward.url}/bedside/about`);
      await page.getByRole("button", { name: "Read aloud" }).tap();
      expect(await page.evaluate(() => (window as unknown as { played: string[] }).played)).toEqual([
        "/built/media/en/about.mp3",
      ]);
      await page.getByRole("button", { name: "Stop reading" }).tap();
      await page.getByRole("button", { name: "Read aloud" }).waitFor();
      expect(await page.locator("video").getAttribute("src")).toBe("/built/media/en/about-signed.mp4");
      expect(await violationsOf(page)).toEqual([]);
    } finally {
      rmSync(media, { recursive: true });
      screen.complaints.length = 0;
    }
    await page.goto(`${ward.url}/bedside/about`);
    expect(await page.locator("video").count()).toBe(0);
  });

  test("reading aloud is there where this device has a voice, and only then", async () => {
    const { page } = screen;
    expect(await page.getByRole("button", { name: "Read aloud" }).count()).toBe(0);
    await page.addInitScript(() => {
      const said: string[] = [];
      Object.defineProperty(window, "said", { value: said });
      const voice = { lang: "en-GB", localService: true, name: "made up", default: true, voiceURI: "made-up" };
      speechSynthesis.getVoices = () => [voice];
      speechSynthesis.speak = ({ text }) => void said.push(text);
      Object.defineProperty(SpeechSynthesisUtterance.prototype, "voice", { set: () => {} });
    });
    ward.agent.tell("room-1", { needs: { ...commonNeeds, readAloud: true } });
    await expect
      .poll(
        async () => {
          await page.goto(`${ward.url}/bedside/about`);
          return page.locator(".qr-tool--wanted").count();
        },
        { timeout: 10_000 },
      )
      .toBe(1);
    await page.getByRole("button", { name: "Read aloud" }).tap();
    const said = await page.evaluate(() => (window as unknown as { said: string[] }).said);
    expect(said[0]).toBe("What is this?");
    expect(said.join(" ")).toContain("You can stop it at any time with one touch.");
    await page.getByRole("button", { name: "Stop reading" }).waitFor();
  });
});
