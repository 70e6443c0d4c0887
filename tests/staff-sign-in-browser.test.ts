import { mkdirSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { haveBrowser, launchBrowser, shots, violationsOf } from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";
import { codeFor, endAccount, password, pin, startAccount, train } from "./staff-accounts.ts";

/* A shift's signing in, by keyboard alone, with a real desk and real hashes at the other end. */

const desk = { width: 1366, height: 768 };
const phone = { width: 320, height: 640 };
const idleLockMs = 4_000;
let ward: DashboardWard;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];

const shot = (name: string) => page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
const tooWide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
const focused = () => page.evaluate(() => document.activeElement?.id ?? "");
const tabTo = async (id: string): Promise<void> => {
  for (let steps = 0; steps < 60; steps++) {
    if ((await focused()) === id) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not reach #${id}`);
};
const typeAt = async (id: string, text: string): Promise<void> => {
  await tabTo(id);
  await page.keyboard.type(text);
};
async function signIn(badge: string, secret = password, path = "/badge"): Promise<void> {
  await page.goto(`${ward.url}${path}`);
  await typeAt("badge", badge);
  await typeAt("secret", secret);
  await page.keyboard.press("Enter");
}
async function newPage(size = desk): Promise<void> {
  await context?.close();
  context = await browser.newContext({ viewport: size });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
  complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(ward.url)) complaints.push(`request to ${request.url()}`);
  });
}

describe.skipIf(!haveBrowser)("signing in, in the browser", () => {
  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    browser = await launchBrowser();
    ward = await startDashboardWard({
      web: true,
      demonstration: false,
      accounts: { idleLockMinutes: idleLockMs / 60_000 },
    });
    await startAccount(ward, "Sam Reed", "RN-104");
    await startAccount(ward, "Amina Khan", "IC-7", "nurse-in-charge");
    for (const badge of ["RN-104", "IC-7"]) train(ward, badge);
  });
  afterAll(async () => {
    await browser?.close();
    await ward?.stop();
  });
  beforeEach(async () => {
    ward.agent.tell("room-1", bedTileFixtures.calm);
    ward.agent.tell("room-2", bedTileFixtures.alarm);
    ward.agent.tell("room-3", bedTileFixtures.off);
    ward.agent.tell("room-4", bedTileFixtures.vacant);
    await newPage();
  });
  afterEach(() => expect(complaints).toEqual([]));

  test("the pages before anybody is signed in are sound, also on a phone", async () => {
    const code = codeFor(ward, "Jo Lane", "RN-300");
    for (const [path, name] of [
      ["/badge", "badge"],
      [`/start-account?code=${code}`, "start-account"],
      ["/start-account?first=yes", "first-account"],
    ] as const) {
      for (const size of [desk, phone]) {
        await page.setViewportSize(size);
        await page.goto(ward.url + path);
        await shot(`staff-${name}-${size.width}`);
        expect(await violationsOf(page)).toEqual([]);
        expect(await tooWide()).toBeLessThanOrEqual(0);
      }
    }
  });

  test("a code, a badge number, a password and a PIN, and the board is there; what is wrong is said beside it", async () => {
    await page.goto(`${ward.url}/start-account?code=${codeFor(ward, "Pat Moss", "RN-301")}`);
    await typeAt("badge", "rn-301");
    await typeAt("password", "short");
    await typeAt("again", "short");
    await typeAt("pin", pin);
    await page.keyboard.press("Enter");
    await page.getByText("Choose a longer password").first().waitFor();
    await shot("staff-start-account-wrong");
    expect(await violationsOf(page)).toEqual([]);
    await typeAt("password", password);
    await typeAt("again", password);
    await typeAt("pin", pin);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/ward");
    expect(await page.locator(".qr-top__who").textContent()).toContain("Pat Moss");
  });

  test("a board that nobody touches locks, goes on with its alerts, and is another person's after badge and PIN", async () => {
    await signIn("IC-7");
    await page.waitForURL("**/ward");
    await page.getByRole("button", { name: "Lock" }).click();
    await page.locator("#lock:not([hidden])").waitFor();
    await typeAt("badge", "RN-104");
    await typeAt("secret", password);
    await page.keyboard.press("Enter");
    await page.locator("#lock[hidden]").waitFor({ state: "attached" });
    expect(await page.locator(".qr-top__who").textContent()).toContain("Sam Reed");

    // Nobody touches it.
    await page.locator("#lock:not([hidden])").waitFor({ timeout: idleLockMs + 8_000 });
    const alert = page.locator(".qr-alert").first();
    await alert.waitFor();
    // Nobody who passes by closes the board.
    expect(await page.getByRole("button", { name: "Sign out" }).count()).toBe(0);
    expect(await page.locator(".qr-bed, [data-bed]").count()).toBeGreaterThan(0);
    await shot("staff-locked-board");
    expect(await violationsOf(page)).toEqual([]);
    // What comes up while it is locked is shown as well.
    ward.agent.tell("room-3", { alarms: [{ ...bedTileFixtures.alarm.alarms[0], id: "room-3-9" }] as never });
    await page.locator('[data-alarm="room-3-9"]').waitFor();
    expect(await page.locator("#not-live").textContent()).toBe("");

    // To act needs somebody: the agent says so, and the badge number is asked for.
    await page
      .getByRole("button", { name: /going now/ })
      .first()
      .press("Enter");
    await page.waitForFunction(() => document.activeElement?.id === "badge");
    expect(ward.agent.tiles.get("room-2")?.alarms[0]?.acknowledged).toBeNull();

    await page.keyboard.type("IC-7");
    await typeAt("secret", "111222");
    await page.keyboard.press("Enter");
    await page.getByText("do not go together here").waitFor();
    expect(await page.locator(".qr-alert").count()).toBe(2);
    await shot("staff-locked-wrong");
    await page.keyboard.type(pin);
    await page.keyboard.press("Enter");
    await page.locator("#lock[hidden]").waitFor({ state: "attached" });
    expect(await page.locator(".qr-top__who").textContent()).toContain("Amina Khan");
    await page
      .getByRole("button", { name: /going now/ })
      .first()
      .press("Enter");
    await page.getByText("Amina Khan is going").first().waitFor();
  });

  test("a person's page does not stay on a screen that was left; it comes back with the PIN", async () => {
    await signIn("RN-104");
    await page.waitForURL("**/ward");
    await page.goto(`${ward.url}/person/room-1`);
    await page.waitForURL("**/ward?back=*", { timeout: idleLockMs + 8_000 });
    await page.locator("#lock:not([hidden])").waitFor();
    await page.setViewportSize(phone);
    await shot("staff-locked-board-320");
    expect(await tooWide()).toBeLessThanOrEqual(0);
    await typeAt("badge", "RN-104");
    await typeAt("secret", pin);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/person/room-1");
  });

  test("a screen that somebody uses does not lock", async () => {
    await signIn("RN-104");
    await page.waitForURL("**/ward");
    for (const begun = performance.now(); performance.now() - begun < 2 * idleLockMs; ) {
      await page.keyboard.press("Shift");
      await page.waitForTimeout(300);
    }
    expect(await page.locator("#lock").isHidden()).toBe(true);
  });

  test("the nurse in charge adds a person, records training, lets them try again, and ends the account", async () => {
    await signIn("IC-7", password);
    await page.waitForURL("**/ward");
    await page.goto(`${ward.url}/set-up/staff`);
    await typeAt("name", "Robin Ash");
    await typeAt("badge", "AG-55");
    await page.locator("#days").selectOption("3");
    await tabTo("badge");
    await page.keyboard.press("Enter");
    await page.locator("#one-time-code").waitFor();
    expect(await page.locator("#one-time-code").textContent()).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
    await shot("staff-list-code");
    expect(await violationsOf(page)).toEqual([]);
    await page.setViewportSize(phone);
    expect(await tooWide()).toBeLessThanOrEqual(0);
    await shot("staff-list-320");
    await page.setViewportSize(desk);

    for (let tries = 0; tries < 5; tries++) {
      await ward.app.inject({
        method: "POST",
        url: "/badge",
        headers: { host: "w.test", origin: "http://w.test" },
        payload: { badge: "RN-104", secret: "wrong wrong wrong" },
      });
    }
    await page.keyboard.press("Shift");
    await page.getByRole("link", { name: "Sam Reed" }).press("Enter");
    await page.getByText("Too many wrong tries: waits until").waitFor();
    await page.locator("#doneOn").fill("2026-11-02");
    await page.locator("#validUntil").fill("2027-11-02");
    await page.getByRole("button", { name: "Record" }).press("Enter");
    await page.getByText("Training valid until 2 Nov 2027").waitFor();
    await shot("staff-member");
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Let them try again now" }).press("Enter");
    await page.getByText("The wrong tries are forgotten").waitFor();
    await page.setViewportSize(phone);
    expect(await tooWide()).toBeLessThanOrEqual(0);
    await page.setViewportSize(desk);

    await page.goto(`${ward.url}/set-up/staff`);
    await page.getByRole("link", { name: "Robin Ash" }).press("Enter");
    await page.locator("#left").press("Space");
    await page.getByRole("button", { name: "End the account" }).press("Enter");
    await page.getByText("The account is ended").waitFor();
    await page.goto(`${ward.url}/set-up/staff`);
    await shot("staff-list");
  });

  test("the board of somebody who has left closes by itself within a minute", async () => {
    await startAccount(ward, "Al Dee", "RN-500");
    await signIn("RN-500");
    await page.waitForURL("**/ward");
    const begun = performance.now();
    endAccount(ward, "RN-500");
    await page.waitForURL("**/badge", { timeout: 60_000 });
    expect(performance.now() - begun).toBeLessThan(15_000);
  });

  test("beds and sensors: what is there, where it is written down, and the order of the board", async () => {
    await signIn("IC-7", password);
    await page.waitForURL("**/ward");
    await page.goto(`${ward.url}/set-up/beds`);
    await page.getByRole("button", { name: "Room 2 one earlier" }).press("Enter");
    await page.waitForURL("**/set-up/beds?moved=room-2*");
    // At the top it cannot go further: the keyboard is on its other button.
    await page.waitForFunction(() => document.activeElement?.textContent?.includes("Room 2 one later"));
    expect(await page.locator(".qr-floor__name").allTextContents()).toEqual(["Room 2", "Room 1", "Room 3", "Room 4"]);
    await page.locator("#alarm-strip .qr-strip").waitFor();
    await shot("staff-beds");
    expect(await violationsOf(page)).toEqual([]);
    await page.setViewportSize(phone);
    await shot("staff-beds-320");
    expect(await tooWide()).toBeLessThanOrEqual(0);
  });
});
