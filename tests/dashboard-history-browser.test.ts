import { describe, expect, test } from "vitest";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { haveBrowser, violationsOf } from "./dashboard-browser.ts";
import { recordNight } from "./night-records.ts";
import {
  consents,
  desk,
  fits,
  inThePersonsPages,
  open,
  page,
  phone,
  shot,
  signIn,
  stay,
  ward,
} from "./person-browser.ts";

/* The last 12 hours, as a browser draws them on the page of a person. */

describe.skipIf(!haveBrowser)("the last 12 hours", () => {
  inThePersonsPages();
  let recorded = false;
  const begin = async () => {
    if (!recorded) {
      recordNight(ward.records, { stay: stay.id, bed: "room-1", nowUtcMs: Date.now(), everyMs: 5_000 });
      // Another person, of whom nothing was ever recorded.
      recordNothing();
    }
    recorded = true;
    ward.agent.tell("room-1", { ...bedTileFixtures.calm, stay, consents: consents("granted", "granted") });
    await signIn();
  };
  const recordNothing = () =>
    ward.records.commit(
      [],
      [{ table: "stay", id: "stay-2", bed: "room-2", label: "C.D.", demonstration: false, startedAtUtcMs: Date.now() }],
      { utcMs: Date.now(), monoNs: 2n },
    );

  test("are told in words, as a picture and as a table, at a desk and on a phone", async () => {
    await begin();
    const refused: string[] = [];
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) refused.push(message.text());
    });
    await page.setViewportSize({ width: 1366, height: 1_000 });
    await open("room-1");
    const canvas = page.locator("#last-hours-breathing canvas");
    await canvas.waitFor();
    const words = await page.locator("#last-hours-words").textContent();
    expect(words).toMatch(/A rate was shown for 9 h .*: mostly 13 to 18 a minute, at least \d+, at most 27\./);
    expect(words).toMatch(/nothing recorded (59 min|1 h)/);
    expect(words).toMatch(/can't see breathing 2\d min/);
    expect(words).toMatch(/nobody in bed 1\d min/);
    await shot("person-hours");
    expect(await violationsOf(page)).toEqual([]);
    await page.getByText("The same as a table").click();
    expect(await page.locator("#last-hours-table tbody tr").count()).toBe(24);
    expect(await page.locator("#last-hours-table").textContent()).toMatch(/Out of bed longer than ordered/);
    expect(await violationsOf(page)).toEqual([]);
    await page.locator("#last-hours-breathing .u-over").hover({ position: { x: 790, y: 100 } });
    expect(await page.locator("#last-hours-point").textContent()).toMatch(/^\d\d:\d\d: 1\d a minute \(\d+ to \d+\)$/);
    await page.setViewportSize({ ...phone, height: 1_000 });
    await expect.poll(() => canvas.evaluate((element) => element.clientWidth)).toBeLessThan(300);
    expect(await fits()).toBeLessThanOrEqual(0);
    await shot("person-hours-320");
    expect(refused).toEqual([]);
  });

  test("draw a gap as a gap: nothing of the line's colour where nothing was recorded", async () => {
    await begin();
    await page.setViewportSize(desk);
    await open("room-1");
    await page.locator("#last-hours-breathing canvas").waitFor();
    /** How many of the picture's columns between these minutes hold a point of the line's colour. */
    const drawn = (fromMin: number, untilMin: number) =>
      page.evaluate(
        ([from, until]) => {
          const canvas = document.querySelector<HTMLCanvasElement>("#last-hours-breathing canvas");
          const over = document.querySelector<HTMLElement>("#last-hours-breathing .u-over");
          const context = canvas?.getContext("2d");
          if (canvas == null || over === null || context == null) return -1;
          const [left, width] = [over.offsetLeft * devicePixelRatio, over.offsetWidth * devicePixelRatio];
          // By night the line is dimmer than by day.
          const calm = getComputedStyle(document.documentElement).getPropertyValue("--calm").trim();
          const [red, blue] = [Number.parseInt(calm.slice(1, 3), 16), Number.parseInt(calm.slice(5, 7), 16)];
          let columns = 0;
          const at = (minute: number) => Math.round(left + (width * minute) / 720);
          for (let x = at(from ?? 0); x < at(until ?? 0); x++) {
            const { data } = context.getImageData(x, 0, 1, canvas.height);
            for (let i = 0; i < data.length; i += 4) {
              if (Math.abs((data[i] ?? 0) - red) < 10 && Math.abs((data[i + 2] ?? 0) - blue) < 10) {
                columns += 1;
                break;
              }
            }
          }
          return columns / (at(until ?? 0) - at(from ?? 0));
        },
        [fromMin, untilMin],
      );
    expect(await drawn(505, 515)).toBeGreaterThan(0.9);
    expect(await drawn(483, 497)).toBe(0);
    expect(await drawn(253, 262)).toBe(0);
    expect(await drawn(404, 420)).toBe(0);
  });

  test("show nothing of what the person turned off, as soon as they did, and nothing where nothing was recorded", async () => {
    await begin();
    await open("room-2");
    await page.getByText("Nothing is turned on now, so nothing that was recorded is shown.").waitFor();
    expect(await page.locator("#last-hours-breathing").isHidden()).toBe(true);
    await shot("person-hours-none");
    expect(await violationsOf(page)).toEqual([]);
    await open("room-1");
    await page.locator("#last-hours-breathing canvas").waitFor();
    const at = Date.now();
    const { neverOffered } = await import("../edge-agent/contract/consent.ts");
    const off = { ...neverOffered, purpose: "breathing-rate", state: "withdrawn", sinceUtcMs: at } as const;
    ward.records.commit(
      [],
      [{ table: "consent", stay: stay.id, consent: off, atUtcMs: at, by: "the person", byPerson: true, record: null }],
      { utcMs: at, monoNs: 3n },
    );
    ward.agent.tell("room-1", { consents: consents("granted", "withdrawn") });
    await page.getByText("Breathing rate is not turned on now, so none is shown.").waitFor();
    expect(await page.locator("#last-hours-breathing").isHidden()).toBe(true);
    expect(await page.locator("#last-hours").textContent()).not.toMatch(/\d a minute/);
    await shot("person-hours-withdrawn");
  });
});
