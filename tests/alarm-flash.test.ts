import { mkdirSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { alarmBands, flashesPerSecMax, within } from "../dashboard/web/alarm-signals/alarm-bands.ts";
import { alarmSignals } from "../dashboard/web/alarm-signals/signal-table.ts";
import { haveBrowser, launchBrowser, nurseScreen, shots } from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

/* How alarms flash, measured: the colours that the browser computes, step by step, over several seconds. */

let ward: DashboardWard;
let browser: Browser;
let page: Page;

const channels = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
const rgb = (hex: string): string => `rgb(${channels(hex).join(", ")})`;

interface Flashes {
  readonly onsMs: number[];
  readonly offsMs: number[];
}

/** Finer than a picture of any screen. */
const stepMs = 5;
/** After so long every rate is where it began. */
const beatMs = 8_000;

/**
 * When each of these elements is lit and goes dark over so long, by the colour that the browser computes for it. The browser's
 * animations are held and moved on step by step along the page's own clock, each from where it started: nothing here depends on
 * how quickly this machine draws.
 */
async function watch(selector: string, lit: string, forMs: number): Promise<Flashes[]> {
  return page.locator(selector).evaluateAll(
    async (elements, { lit, forMs, stepMs, beatMs }) => {
      const animations = document.getAnimations();
      await Promise.all(animations.map((animation) => animation.ready));
      const from = Math.ceil(Number(document.timeline.currentTime) / beatMs) * beatMs;
      const starts = animations.map((animation) => {
        const start = animation.startTime;
        if (start === null) throw new Error("an animation does not run");
        return Number(start);
      });
      for (const animation of animations) animation.pause();
      const seen = elements.map(() => ({ was: null as boolean | null, onsMs: [] as number[], offsMs: [] as number[] }));
      for (let at = from; at < from + forMs; at += stepMs) {
        for (const [nth, animation] of animations.entries()) animation.currentTime = at - (starts[nth] ?? 0);
        for (const [nth, element] of elements.entries()) {
          const one = seen[nth];
          if (one === undefined) continue;
          const is = getComputedStyle(element).backgroundColor === lit;
          if (one.was !== null && one.was !== is) (is ? one.onsMs : one.offsMs).push(at);
          one.was = is;
        }
      }
      for (const [nth, animation] of animations.entries()) {
        animation.play();
        animation.startTime = starts[nth] ?? 0;
      }
      return seen.map(({ onsMs, offsMs }) => ({ onsMs, offsMs }));
    },
    { lit, forMs, stepMs, beatMs },
  );
}

/** Over as many whole periods as were seen. */
function flashOf({ onsMs, offsMs }: { onsMs: number[]; offsMs: number[] }): { hz: number; litShare: number } {
  const [first = 0, last = 0] = [onsMs[0], onsMs.at(-1)];
  const periods = onsMs.length - 1;
  const litMs = onsMs.slice(0, -1).reduce((sum, on) => sum + ((offsMs.find((off) => off > on) ?? on) - on), 0);
  return { hz: (periods * 1_000) / (last - first), litShare: litMs / (last - first) };
}

/** The most flashes in any second, of everything on the screen; what comes on within two pictures of 60 a second counts once. */
function mostPerSec(onsMs: readonly number[]): number {
  const moments = onsMs.toSorted((a, b) => a - b).filter((on, at, all) => at === 0 || on - (all[at - 1] ?? 0) > 34);
  return Math.max(0, ...moments.map((from) => moments.filter((on) => on >= from && on < from + 990).length));
}

/** That it flashes of itself, in the page's own time: sooner or later each of these colours is there. */
async function bothAreSeen(selector: string, colours: readonly string[]): Promise<void> {
  const seen = new Set<string>();
  await expect
    .poll(
      async () => {
        seen.add(
          await page
            .locator(selector)
            .first()
            .evaluate((element) => getComputedStyle(element).backgroundColor),
        );
        return colours.every((colour) => seen.has(colour));
      },
      { interval: 70 },
    )
    .toBe(true);
}

async function addStrip(priority: string): Promise<void> {
  await page.evaluate((priority) => {
    const strip = document.createElement("p");
    strip.className = `qr-strip qr-strip--${priority} qr-strip--flash`;
    strip.textContent = `!!! Made up, ${priority}`;
    document.querySelector(".qr-board__beds")?.append(strip);
  }, priority);
}

describe.skipIf(!haveBrowser)("alarms flash", () => {
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
    page = await browser.newPage({ viewport: nurseScreen });
    await page.goto(`${ward.url}/demo/ward?fixture=alarm`);
    await page.locator(".qr-alert--medium .qr-strip--flash").first().waitFor();
  });
  afterEach(() => page.close());

  test.each(["high", "medium"] as const)("%s: rate, lit part and colours as in the table", async (priority) => {
    const { flash, lit, dark } = alarmSignals[priority];
    const { flashHz, litShare } = alarmBands[priority];
    if (flash === null || flashHz === null || litShare === null) throw new Error(`${priority} does not flash`);
    if (priority === "high") await addStrip("high");
    await bothAreSeen(`.qr-strip--${priority}.qr-strip--flash`, [rgb(lit.ground), rgb(dark.ground)]);
    const [seen] = await watch(`.qr-strip--${priority}.qr-strip--flash`, rgb(lit.ground), flash.periodMs * 4 + 200);
    const measured = flashOf(seen ?? { onsMs: [], offsMs: [] });
    expect(Math.abs(measured.hz - 1_000 / flash.periodMs)).toBeLessThan(0.05);
    expect(Math.abs(measured.litShare - flash.litShare)).toBeLessThan(0.08);
    expect(within(measured.hz, flashHz)).toBe(true);
    expect(within(measured.litShare, litShare)).toBe(true);
    expect(mostPerSec(seen?.onsMs ?? [])).toBeLessThanOrEqual(flashesPerSecMax);
  });

  test("low is lit all the time, and not once somebody is going", async () => {
    const low = page.locator(".qr-strip--low.qr-strip--flash").first();
    const colour = () => low.evaluate((element) => getComputedStyle(element).backgroundColor);
    expect(await colour()).toBe(rgb(alarmSignals.low.lit.ground));
    const seen = await watch(".qr-strip--low.qr-strip--flash", rgb(alarmSignals.low.lit.ground), 2_000);
    expect(seen.every(({ onsMs, offsMs }) => onsMs.length + offsMs.length === 0)).toBe(true);
    await page.goto(`${ward.url}/demo/ward?fixture=acknowledged`);
    const going = page.locator(".qr-alert--ack .qr-strip").first();
    await going.waitFor();
    expect(await going.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe(
      rgb(alarmSignals.medium.dark.ground),
    );
  });

  test("alarms that came up at odd moments flash in step, and the whole screen stays within three a second", async () => {
    await addStrip("high");
    await new Promise((resolve) => setTimeout(resolve, 230));
    await addStrip("high");
    // The station sets the beat at each of its looks.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const highs = await watch(".qr-strip--high", rgb(alarmSignals.high.lit.ground), 2_500);
    expect(highs).toHaveLength(2);
    const [first = [], second = []] = highs.map(({ onsMs }) => onsMs);
    expect(first.length).toBeGreaterThanOrEqual(4);
    expect(second).toEqual(first);
    const lit = Object.values(alarmSignals).map((signal) => rgb(signal.lit.ground));
    const all: number[] = [];
    for (const colour of lit.slice(0, 2)) {
      // Each is watched from a beat on: laid over one another they are the screen.
      const seen = await watch(".qr-strip--flash", colour, beatMs);
      all.push(...seen.flatMap(({ onsMs }) => onsMs).map((on) => on % beatMs));
    }
    expect(mostPerSec(all)).toBeLessThanOrEqual(flashesPerSecMax);
    expect(mostPerSec(all)).toBeGreaterThanOrEqual(2);
    await page.screenshot({ path: `${shots}/ward-flashing.png` });
  });

  test("the measurement finds a flash that is too quick, and one that is lit too long", async () => {
    await addStrip("high");
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(".qr-strip--high.qr-strip--flash { animation-duration: 280ms; }");
      document.adoptedStyleSheets = [sheet];
    });
    const [quick] = await watch(".qr-strip--high", rgb(alarmSignals.high.lit.ground), 3_000);
    const [from, to] = alarmBands.high.flashHz ?? [0, 0];
    expect(within(flashOf(quick ?? { onsMs: [], offsMs: [] }).hz, [from, to])).toBe(false);
    expect(mostPerSec(quick?.onsMs ?? [])).toBeGreaterThan(flashesPerSecMax);
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(
        `@keyframes too-long { 0% { background: rgb(255, 90, 78) } 75%, 100% { background: #000 } }
         .qr-strip--high.qr-strip--flash { animation-name: too-long; }`,
      );
      document.adoptedStyleSheets = [sheet];
    });
    const [long] = await watch(".qr-strip--high", rgb(alarmSignals.high.lit.ground), 3_000);
    expect(flashOf(long ?? { onsMs: [], offsMs: [] }).litShare).toBeGreaterThan(0.65);
  });

  test("with reduced motion nothing flashes, and high, medium and acknowledged stay three different things", async () => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await addStrip("high");
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    const look = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => {
          const { backgroundColor, borderLeftStyle, borderRightStyle } = getComputedStyle(element);
          return { backgroundColor, borderLeftStyle, borderRightStyle };
        });
    expect(await look(".qr-strip--high")).toEqual({
      backgroundColor: rgb(alarmSignals.high.lit.ground),
      borderLeftStyle: "double",
      borderRightStyle: "double",
    });
    expect(await look(".qr-alert--medium .qr-strip--flash")).toEqual({
      backgroundColor: rgb(alarmSignals.medium.lit.ground),
      borderLeftStyle: "double",
      borderRightStyle: "none",
    });
    await page.screenshot({ path: `${shots}/ward-reduced-motion.png` });
  });
});
