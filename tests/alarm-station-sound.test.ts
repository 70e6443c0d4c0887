import { mkdirSync } from "node:fs";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { everyMs } from "../dashboard/web/alarm-signals/pulses.ts";
import { alarmSignals, type Burst, reminderSound } from "../dashboard/web/alarm-signals/signal-table.ts";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import type { TileAlarm } from "../edge-agent/contract/tile.ts";
import { haveBrowser, launchBrowser, nurseScreen, shots, signInAt, violationsOf } from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";
import { listenIn, tonesOf, vibrationsOf } from "./heard-sound.ts";

/* The station as it sounds: tones listened to at the browser's own loudspeaker, with a fake agent at the other end of the wire. */

const burstOf = (priority: "high" | "medium" | "low") => alarmSignals[priority].sound as Burst;
const known = {
  high: burstOf("high").fundamentalHz,
  medium: burstOf("medium").fundamentalHz,
  low: burstOf("low").fundamentalHz,
  reminder: reminderSound.fundamentalHz,
};
let ward: DashboardWard;
let browser: Browser;
let page: Page;

const tones = (forMs: number) => tonesOf(page, forMs, known);
const panel = () => page.locator(".qr-sound");
const medium = bedTileFixtures.alarm.alarms[0];
function raise(bed: string, change: Partial<TileAlarm>): void {
  ward.agent.tell(bed, {
    ...bedTileFixtures.calm,
    at: Date.now(),
    alarms: [{ ...medium, raisedAt: Date.now(), ...change }],
  });
}

async function open(options: BrowserContextOptions = {}): Promise<void> {
  for (const bed of ["room-1", "room-2"]) ward.agent.tell(bed, bedTileFixtures.calm);
  const context = await browser.newContext({ viewport: nurseScreen, ...options });
  page = await context.newPage();
  await listenIn(page);
  await signInAt(page, ward.url);
  // The touch without which a browser stays silent.
  await page.locator("h1").click();
  await panel().waitFor();
}

describe.skipIf(!haveBrowser)("the station sounds", () => {
  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    browser = await launchBrowser();
    ward = await startDashboardWard({ web: true });
  });
  afterAll(async () => {
    await browser?.close();
    await ward?.stop();
  });
  afterEach(() => page.context().close());

  test("calm is silent; an alarm sounds again and again until somebody goes; a worse one takes over at once", async () => {
    await open();
    expect(await tones(1_500)).toEqual([]);
    raise("room-1", { id: "first" });
    await expect.poll(() => tones(200), { timeout: 15_000 }).toEqual(["medium"]);
    await expect.poll(() => tones(500), { timeout: 15_000 }).toEqual([]);
    expect(await tones(everyMs(burstOf("medium")))).toEqual(["medium"]);
    raise("room-2", { id: "second", priority: "high" });
    await expect.poll(() => tones(200), { timeout: 15_000 }).toEqual(["high"]);
    await page.getByRole("button", { name: "I'm going now to Room 2" }).click();
    await expect.poll(() => tones(300), { timeout: 15_000 }).toEqual(["medium"]);
    await page.getByRole("button", { name: "I'm going now to Room 1" }).click();
    await page.locator('[data-sound="none"]').waitFor();
    // A burst that has begun sounds to its end; on a busy machine that is heard late.
    await expect.poll(() => tones(everyMs(burstOf("medium"))), { timeout: 20_000 }).toEqual([]);
  });

  test("a pause is silent, counts down, and lets a new alarm through; on again, the first one sounds", async () => {
    await open();
    raise("room-1", { id: "third" });
    await page.locator('[data-sound="medium"]').waitFor();
    await page.getByRole("button", { name: "Pause audio for 2 minutes" }).click();
    await page.getByText("Audio paused").waitFor();
    expect(await panel().textContent()).toMatch(/Audio paused (2:00|1:59) by Sam Reed\. A new alarm sounds\./);
    expect(await page.locator("[data-alarm] .qr-strip--flash").count()).toBe(1);
    await expect.poll(() => tones(everyMs(burstOf("medium"))), { timeout: 20_000 }).toEqual([]);
    expect(await panel().textContent()).toMatch(/1:[0-5]\d/);
    await page.screenshot({ path: `${shots}/ward-audio-paused.png` });
    expect(await violationsOf(page)).toEqual([]);
    raise("room-2", { id: "fourth", priority: "low" });
    await expect.poll(() => tones(300), { timeout: 15_000 }).toEqual(["low"]);
    await page.getByRole("button", { name: "Audio on" }).click();
    await expect.poll(() => tones(300), { timeout: 15_000 }).toEqual(["medium"]);
  });

  test("a person's page sounds as the ward board does", async () => {
    await open();
    await page.goto(`${ward.url}/person/room-1`);
    await page.locator("#sound").waitFor({ state: "attached" });
    expect(await panel().count()).toBe(0);
    await page.locator("#place-title").click();
    raise("room-2", { id: "fifth" });
    await expect.poll(() => tones(300), { timeout: 15_000 }).toEqual(["medium"]);
    await panel().waitFor();
    await page.screenshot({ path: `${shots}/person-sounding.png` });
    expect(await violationsOf(page)).toEqual([]);
  });

  test("a phone vibrates with the pattern of the priority, and stops when somebody goes", async () => {
    await open({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
    raise("room-1", { id: "sixth" });
    await page.locator('[data-sound="medium"]').waitFor();
    await expect.poll(() => vibrationsOf(page)).toContainEqual([...alarmSignals.medium.vibrateMs]);
    await page.screenshot({ path: `${shots}/phone-sounding.png` });
    await page.getByRole("group", { name: "Most urgent alert" }).getByRole("button", { name: "I'm going now" }).click();
    await page.locator('[data-sound="none"]').waitFor();
    expect((await vibrationsOf(page)).at(-1)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });

  test("a test plays high, medium and low; a real alarm breaks it off", async () => {
    await open();
    await page.locator("#sound").getByRole("button", { name: "Test the alarm sound" }).click();
    expect((await tones(9_000)).toSorted()).toEqual(["high", "low", "medium"]);
    await page.getByText("Did you hear it?").waitFor();
    await page.getByRole("button", { name: "Yes, I heard it" }).click();
    await page.locator("#sound").getByRole("button", { name: "Test the alarm sound" }).click();
    await page.getByText("Listen: this is a test").waitFor();
    raise("room-1", { id: "seventh", priority: "low" });
    await page.locator('[data-sound="low"]').waitFor();
    expect(await page.getByText("Listen: this is a test").count()).toBe(0);
  });

  test("audio off: nothing but the reminder, with who and why; only with a reason is it asked for", async () => {
    await open();
    await page.goto(`${ward.url}/demo/ward?fixture=alarm&sound=off`);
    await page.locator("h1").click();
    await page.getByText("Audio off").waitFor();
    expect(await panel().textContent()).toContain("by Amina Khan: “Fire alarm test until 03:00");
    await expect.poll(() => tones(2_500), { timeout: 70_000 }).toEqual(["reminder"]);
    await expect.poll(() => tones(everyMs(burstOf("medium"))), { timeout: 20_000 }).toEqual([]);
    await page.screenshot({ path: `${shots}/ward-audio-off.png` });
    expect(await violationsOf(page)).toEqual([]);

    await page.goto(`${ward.url}/demo/ward?fixture=calm&charge=1`);
    await page.getByRole("button", { name: "Audio off for the whole ward" }).click();
    await page.getByRole("button", { name: "Turn audio off" }).click();
    const reason = page.getByLabel("Why? Everybody sees this.");
    expect(await reason.evaluate((field) => field === document.activeElement)).toBe(true);
    await reason.fill("Pagers tonight");
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(await reason.inputValue()).toBe("Pagers tonight");
    await page.screenshot({ path: `${shots}/ward-audio-off-form.png` });
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Turn audio off" }).click();
    expect(await reason.inputValue()).toBe("");
  }, 120_000);
});
