import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { haveBrowser, launchBrowser, shots, signInAt, violationsOf } from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

let ward: DashboardWard;
beforeAll(async () => {
  ward = await startDashboardWard({ web: true });
}, 60_000);
afterAll(() => ward.stop());

it.runIf(haveBrowser)(
  "a shift begins with the sound, who is on, and what is off and why",
  async () => {
    const { agent } = ward;
    agent.tell("room-1", bedTileFixtures.calm);
    agent.tell("room-2", bedTileFixtures.neverOffered);
    agent.tell("room-3", { ...bedTileFixtures.calm, notMonitored: "sensor-lost" });
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      await signInAt(page, ward.url);
      await expect
        .poll(
          async () => {
            await page.goto(`${ward.url}/shift`);
            return page.locator("main").textContent();
          },
          { timeout: 15_000 },
        )
        .toContain("Nobody has tested the sound in this shift");
      const text = await page.locator("main").textContent();
      expect(text).toContain("Sam Reed, nurse");
      expect(text).toContain("Room 2: in-person checks only, the person’s choice");
      expect(text).toContain("Room 3: no connection to the sensor");
      expect(text).toContain("Room 4: nothing is heard, check in person");
      expect(text).toContain("Sensors do not replace checks in person");
      expect(await violationsOf(page)).toEqual([]);
      await page.screenshot({ path: join(shots, "shift-1280.png"), fullPage: true });
      agent.ward = {
        ...agent.ward,
        audio: { paused: null, off: { sinceUtcMs: Date.now(), by: "Kim Lee", reason: "fire drill" } },
        soundTest: { atUtcMs: Date.now(), by: "Sam Reed", heard: true },
      };
      await expect
        .poll(
          async () => {
            await page.goto(`${ward.url}/shift`);
            return page.locator("main").textContent();
          },
          { timeout: 15_000 },
        )
        .toContain("Audio off since");
      const off = await page.locator("main").textContent();
      expect(off).toContain("Kim Lee: “fire drill”");
      expect(off).not.toContain("Test the sound on the ward board");
      agent.speaking = false;
      await expect
        .poll(
          async () => {
            await page.goto(`${ward.url}/shift`);
            return page.locator("main").textContent();
          },
          { timeout: 15_000 },
        )
        .toMatch(/We can.t tell right now|The ward computer is silent/);
      agent.speaking = true;
    } finally {
      await browser.close();
    }
  },
  60_000,
);
