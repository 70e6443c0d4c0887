import { mkdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { haveBrowser, nurseScreen, shots, violationsOf } from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";
import { type PlainBrowser, startPlainBrowser } from "./plain-browser.ts";

/* Everything that keeps an alarm from being heard, made to happen for real in a browser that nobody told to ignore it. */

let ward: DashboardWard;
let browser: PlainBrowser;

const page = () => browser.page;
const doubts = async (): Promise<string[]> => {
  const kinds = await page()
    .locator("[data-doubts]")
    .evaluateAll((found) => found.map((one) => one.getAttribute("data-doubts") ?? ""));
  return kinds.flatMap((one) => one.split(" "));
};
const has = (kind: string, timeout = 10_000) => expect.poll(doubts, { timeout }).toContain(kind);
const hasNot = (kind: string, timeout = 10_000) => expect.poll(doubts, { timeout }).not.toContain(kind);

/** Signed in without a touch, as a screen that comes up again by itself after a power cut. */
async function openStation(): Promise<void> {
  const answer = await page()
    .context()
    .request.post(`${ward.url}/sign-in`, {
      form: { code: "nurse-code" },
      headers: { origin: ward.url },
      maxRedirects: 0,
    });
  const cookie = /qr[^=]*=[^;]+/.exec(answer.headers()["set-cookie"] ?? "")?.[0] ?? "";
  const [name = "", value = ""] = cookie.split("=");
  await page()
    .context()
    .addCookies([{ name, value: decodeURIComponent(value), url: ward.url }]);
  await page().goto(`${ward.url}/ward`);
  await page().locator("[data-bed]").first().waitFor();
}

describe.skipIf(!haveBrowser)("alarms may not sound", () => {
  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    ward = await startDashboardWard({ web: true });
  });
  afterAll(() => ward?.stop());
  beforeEach(async () => {
    ward.agent.speaking = true;
    ward.agent.tell("room-1", bedTileFixtures.calm);
    ward.agent.tell("room-2", bedTileFixtures.calm);
    browser = await startPlainBrowser();
    await page().setViewportSize(nurseScreen);
    await openStation();
  });
  afterEach(() => browser?.stop());

  test("the browser blocks sound until a touch; the touch turns it on, and a waiting alarm sounds", async () => {
    await has("blocked");
    ward.agent.tell("room-2", bedTileFixtures.alarm);
    await page().locator("[data-alarm]").waitFor();
    expect(await page().title()).toMatch(/^Alarms may not sound - /);
    await page().screenshot({ path: `${shots}/ward-sound-blocked.png` });
    await page().getByRole("button", { name: "Touch here to turn the sound on" }).click();
    await hasNot("blocked");
    await expect.poll(() => page().locator("[data-sound]").getAttribute("data-sound")).toBe("medium");
    expect(await page().locator(".qr-sound").textContent()).not.toContain("Audio paused");
  });

  test("nobody has tested the sound this shift; yes is remembered over the pages, no is a doubt of its own", async () => {
    await has("not-tested");
    await page().locator("#sound").getByRole("button", { name: "Test the alarm sound" }).click();
    await page().getByText("Listen: this is a test").waitFor();
    await page().screenshot({ path: `${shots}/ward-sound-test.png` });
    await page().getByRole("button", { name: "No", exact: true }).click({ timeout: 20_000 });
    await has("not-heard");
    await page().getByText("Turn the volume up", { exact: false }).waitFor();
    await page().locator("#sound-doubt").getByRole("button", { name: "Test the alarm sound" }).click();
    await page().getByText("Did you hear it?").waitFor({ timeout: 20_000 });
    expect(await violationsOf(page())).toEqual([]);
    await page().screenshot({ path: `${shots}/ward-sound-question.png` });
    await page().getByRole("button", { name: "Yes, I heard it" }).click();
    await expect.poll(doubts).toEqual([]);
    expect(await page().title()).toMatch(/nurse station$/);
    await page().reload();
    await page().locator("[data-bed]").first().waitFor();
    await hasNot("not-tested");
  });

  test("out of sight: said in the title while it lasts, and on the page when somebody is back", async () => {
    await hasNot("out-of-sight");
    await hasNot("may-sleep");
    const cover = await page().context().newPage();
    await cover.bringToFront();
    await has("out-of-sight");
    expect(await page().evaluate(() => document.visibilityState)).toBe("hidden");
    expect(await page().title()).toMatch(/^Alarms may not sound - /);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await cover.close();
    await page().bringToFront();
    await page()
      .getByText(/This page was out of sight for \d+ s/)
      .waitFor();
  });

  test("the wake lock is let go and not given again", async () => {
    await hasNot("may-sleep");
    await browser.devtools.send("Browser.setPermission", {
      permission: { name: "screen-wake-lock" },
      setting: "denied",
    });
    // Browsers let go of it whenever the page is out of sight.
    const cover = await page().context().newPage();
    await cover.bringToFront();
    await has("may-sleep");
    await page().bringToFront();
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect(await doubts()).toContain("may-sleep");
    await page().getByText("The screen may go dark by itself.").waitFor();
    await browser.devtools.send("Browser.setPermission", {
      permission: { name: "screen-wake-lock" },
      setting: "granted",
    });
    await hasNot("may-sleep");
  });

  test("the picture stands still while the page runs on: it sounds, and says so when it can draw again", async () => {
    const goOn = await browser.freeze("drawing");
    try {
      await has("picture-late");
      expect(await page().locator("[data-sound]").getAttribute("data-sound")).toBe("medium");
    } finally {
      goOn();
    }
    await hasNot("picture-late");
  });

  test("the page itself stood still: told afterwards", async () => {
    await hasNot("stood-still");
    await page().evaluate(() => {
      const until = performance.now() + 4_000;
      while (performance.now() < until);
    });
    await has("stood-still");
    await page()
      .getByText(/This screen did nothing for [4-9] s/)
      .waitFor();
  });

  test("the sound is on and does not run", async () => {
    await page().locator("h1").click();
    await hasNot("blocked");
    await hasNot("stuck");
    const goOn = await browser.freeze("playing");
    try {
      await has("stuck");
      await page().getByText("The sound does not run.").waitFor();
    } finally {
      goOn();
    }
    await hasNot("stuck");
  });
});

describe.skipIf(!haveBrowser)("alarms may not sound, with the server gone", () => {
  test("a dead connection: the warning comes, and the station itself sounds", async () => {
    ward = await startDashboardWard({ web: true });
    browser = await startPlainBrowser();
    try {
      await page().setViewportSize(nurseScreen);
      ward.agent.tell("room-1", bedTileFixtures.calm);
      await openStation();
      await page().locator("h1").click();
      expect(await doubts()).not.toContain("not-live");
      await ward.stop();
      await has("not-live", 12_000);
      expect(await page().locator("[data-sound]").getAttribute("data-sound")).toBe("medium");
      await page().screenshot({ path: `${shots}/ward-sound-not-live.png` });
      await page().getByRole("button", { name: "Pause audio for 2 minutes" }).click();
      await expect.poll(() => page().locator("[data-sound]").getAttribute("data-sound")).toBe("none");
      expect(await page().locator(".qr-sound").textContent()).toMatch(/Audio paused (2:00|1:59)/);
    } finally {
      await browser.stop();
    }
  });
});
