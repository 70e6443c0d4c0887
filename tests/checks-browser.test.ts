import { describe, expect, test } from "vitest";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import type { TileChecks } from "../edge-agent/contract/checks.ts";
import * as screen from "./dashboard-browser.ts";
import { asks, fits, inThePersonsPages, open, page, phone, shot, signIn, ward } from "./person-browser.ts";

const minute = 60_000;
const checks = (change: Partial<TileChecks> = {}): TileChecks => ({
  state: "not-yet",
  dueUtcMs: Date.now() + 12 * minute,
  missedInARow: 0,
  escalation: 0,
  level: "intermittent-high",
  everyMinutes: 15,
  reviewDue: false,
  lastMade: { atUtcMs: Date.now() - 9 * minute, by: "Sam Reed", where: "in-bed", how: "asleep-breathing-seen" },
  ...change,
});
const tile = (bed: string) => page.locator(`[data-bed="${bed}"]`);

function fillTheWard(): void {
  const { calm, off } = bedTileFixtures;
  ward.agent.tell("room-1", { ...calm, checks: checks() });
  ward.agent.tell("room-2", { ...off, checks: checks({ state: "prompt", dueUtcMs: Date.now() + 6 * minute }) });
  const overdue = { state: "overdue", dueUtcMs: Date.now() - 12 * minute, missedInARow: 2, escalation: 2 } as const;
  ward.agent.tell("room-3", { ...calm, checks: checks(overdue) });
  ward.agent.tell("room-4", { ...calm, checks: null });
}

describe.skipIf(!screen.haveBrowser)("checks in person, in the browser", () => {
  inThePersonsPages();

  test("a check is written down in three touches from the board", async () => {
    fillTheWard();
    await signIn();
    await page.goto(`${ward.url}/ward`);
    await expect.poll(() => tile("room-2").locator("[data-check]").getAttribute("data-check")).toBe("prompt");
    await shot("ward-checks");
    expect(await screen.violationsOf(page)).toEqual([]);
    const [first, second] = await page.locator("#dues li").allTextContents();
    expect(first).toMatch(/^Room 3Overdue 12 minNurse in charge$/);
    expect(second).toMatch(/^Room 2Check now$/);
    expect(await tile("room-4").locator(".qr-check__words").textContent()).toBe("No checks ordered");
    let touches = 0;
    const touch = async (what: ReturnType<typeof page.locator>) => {
      const box = await what.boundingBox();
      expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(48);
      await what.click();
      touches += 1;
    };
    await touch(tile("room-2").getByRole("link", { name: /^Record a check/ }));
    await touch(page.locator("label", { hasText: "In bed, asleep, breathing seen" }));
    await shot("person-check");
    await touch(page.getByRole("button", { name: "Write it down" }));
    await page.waitForURL("**/ward");
    expect(touches).toBe(3);
    expect(asks("check")).toMatchObject([
      {
        bed: "room-2",
        seen: { where: "in-bed", how: "asleep-breathing-seen", concern: null },
        seenAtUtcMs: null,
        lateBecause: null,
      },
    ]);
    await expect.poll(() => tile("room-2").locator("[data-check]").getAttribute("data-check")).toBe("quiet");
  });

  test("something else, a concern, and an entry that comes later with its reason; by keyboard, and on a phone", async () => {
    fillTheWard();
    await signIn();
    await page.setViewportSize(phone);
    await open("room-1/check");
    expect(await fits()).toBeLessThanOrEqual(0);
    expect(await page.getByText("In a word").isVisible()).toBe(false);
    await page.getByLabel("Something else").check();
    expect(await page.getByText("In a word").isVisible()).toBe(true);
    expect(await screen.violationsOf(page)).toEqual([]);
    await page.getByLabel("In the garden").press("Space");
    await page.getByLabel("Awake", { exact: true }).press("Space");
    await page.getByLabel("Talked", { exact: true }).press("Space");
    await page.getByText("It was earlier").click();
    const earlier = new Date(Date.now() - 40 * minute);
    const typed = earlier.toLocaleTimeString("en-GB", {
      timeZone: "Europe/London",
      hour: "2-digit",
      minute: "2-digit",
    });
    await page.getByLabel(/^When did you see/).fill(typed);
    await page.getByRole("button", { name: "Write it down" }).click();
    await page.getByText("Say why it is written down later.").first().waitFor();
    await shot("person-check-late-320");
    await page.getByLabel(/^Why is it written down later/).fill("An alarm in room 3");
    await page.getByText("A concern", { exact: true }).click();
    await page.getByLabel(/^What worries you/).fill("Limps");
    await page.getByRole("button", { name: "Write it down" }).press("Enter");
    await page.waitForURL("**/ward");
    expect(asks("check").at(-1)).toMatchObject({
      seen: { where: "garden", how: "awake", engagement: "talked", concern: "Limps" },
      lateBecause: "An alarm in room 3",
    });
  });

  test("checks are ordered by the nurse in charge; without a person's page nobody orders less than a level means", async () => {
    fillTheWard();
    await signIn("charge-code");
    await open("room-4/observe");
    await page.getByLabel(/^Intermittent, close together/).check();
    await page.getByLabel("60 min", { exact: true }).check();
    await page.getByLabel("Why").fill("First night");
    await page.getByRole("button", { name: "Order these checks" }).click();
    await page.getByText("Choose how often, within what this level means.").first().waitFor();
    expect(await screen.violationsOf(page)).toEqual([]);
    await page.getByLabel("15 min", { exact: true }).check();
    await shot("person-observe");
    await page.getByRole("button", { name: "Order these checks" }).click();
    await page.getByText("The checks are ordered.", { exact: false }).waitFor();
    expect(asks("observe")).toMatchObject([
      {
        bed: "room-4",
        observation: { level: "intermittent-high", everyMinutes: 15, reason: "First night", by: "Amina Khan" },
      },
    ]);
  });

  test("the board goes on counting when the ward computer is silent, and says so", async () => {
    fillTheWard();
    ward.agent.tell("room-1", { checks: checks({ dueUtcMs: Date.now() + 9_000, state: "due" }) });
    await signIn();
    await page.goto(`${ward.url}/ward`);
    await expect.poll(() => tile("room-1").locator("[data-check]").getAttribute("data-check")).toBe("due");
    ward.agent.speaking = false;
    await expect
      .poll(() => tile("room-1").locator(".qr-check").textContent(), { timeout: 25_000 })
      .toMatch(/Overdue \d+ s.*Counting on by itself since \d\d:\d\d/);
    await shot("ward-checks-silent");
    ward.agent.speaking = true;
  });
});
