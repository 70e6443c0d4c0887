import { describe, expect, test } from "vitest";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import type { CheckRow, TileChecks } from "../edge-agent/contract/checks.ts";
import type { StoreRow } from "../edge-agent/contract/door.ts";
import * as screen from "./dashboard-browser.ts";
import { asks, fits, hourMs, inThePersonsPages, open, page, phone, shot, signIn, ward } from "./person-browser.ts";

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
    await page.getByLabel(/^Intermittent, high frequency/).check();
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

  test("what was written down, missed and corrected stands there for a day; a rate is taken over by name", async () => {
    const now = Date.now();
    const stay = bedTileFixtures.calm.stay;
    if (stay === null) throw new Error("no stay");
    const ago = (ms: number) => ({ utcMs: now - ms, monoNs: BigInt(1e15 - ms * 1e6) });
    const entry = (id: string, agoMs: number, change: Partial<CheckRow> = {}): StoreRow => ({
      table: "check",
      check: {
        id,
        stay: stay.id,
        level: "general",
        by: { id: "n1", name: "Sam Reed" },
        seenUtcMs: now - agoMs,
        recordedUtcMs: now - agoMs,
        seen: { where: "in-bed", how: "asleep-breathing-seen", engagement: "asleep", concern: null },
        retrospective: null,
        supersedes: null,
        ...change,
      },
    });
    const { records } = ward;
    const admitted = { table: "stay", ...stay, bed: "room-1", startedAtUtcMs: now - 30 * hourMs } as const;
    records.commit([], [admitted], ago(30 * hourMs));
    const missed = {
      action: "check.missed",
      actor: { kind: "system", part: "checks" },
      outcome: 4,
      detail: { bed: "room-1", stay: stay.id, fromUtcMs: now - 3 * hourMs, untilUtcMs: now - 2 * hourMs, before: 0 },
      phi: null,
    } as const;
    records.commit([], [entry("c1", 5 * hourMs)], ago(5 * hourMs));
    records.commit([missed], [], ago(2 * hourMs));
    const late = { recordedUtcMs: now - 30 * minute, retrospective: "An alarm" };
    records.commit([], [entry("c2", 90 * minute, late)], ago(30 * minute));
    records.commit([], [entry("c3", 20 * minute, { supersedes: "c1" })], ago(20 * minute));
    fillTheWard();
    await signIn();
    await open("room-1/checks");
    const lines = await page.locator(".qr-checks__one").allTextContents();
    expect(lines).toHaveLength(4);
    expect(lines[0]).toContain("Corrects an earlier entry");
    expect(lines[1]).toContain("“An alarm”");
    expect(lines[2]).toContain("Missed: nobody between");
    expect(lines[3]).toContain("Corrected by a later entry");
    // What a pattern may mean is for those who review.
    expect(lines.join()).not.toContain("To be looked at");
    expect(await screen.violationsOf(page)).toEqual([]);
    await shot("person-checks");
    await page
      .getByRole("button", { name: /^Correct/ })
      .first()
      .click();
    await page.getByText("This corrects an earlier entry.", { exact: false }).waitFor();
    await page.getByLabel("Not found").first().check();
    await page.getByRole("button", { name: "Write it down" }).click();
    await page.waitForURL("**/ward");
    expect(asks("check").at(-1)).toMatchObject({ supersedes: "c3" });
    await open("room-1/accept-rate");
    expect(await page.locator("main").textContent()).toContain("NEWS2 respiration component: 0");
    await shot("person-accept-rate");
    expect(await screen.violationsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "I accept this rate" }).click();
    await page.getByText("Written down as your observation.").waitFor();
    expect(asks("accept-rate")).toMatchObject([{ bed: "room-1", perMin: 14.8 }]);
    await signIn("charge-code");
    await open("room-1/checks");
    expect(await page.locator("main").textContent()).toContain("To be looked at: filled in later");
  });

  test("the downtime sheet is there when the ward computer is not", async () => {
    fillTheWard();
    await signIn();
    await page.goto(`${ward.url}/ward`);
    await expect.poll(() => tile("room-1").locator("[data-check]").count()).toBe(1);
    await page.goto(`${ward.url}/downtime`);
    const beds = page.locator(".qr-sheet__bed");
    expect(await beds.nth(0).locator("li").count()).toBe(48);
    expect(await beds.nth(3).textContent()).toContain("No checks ordered: every 60 min");
    expect(await beds.nth(3).locator("li").count()).toBe(12);
    expect(await screen.violationsOf(page)).toEqual([]);
    await shot("downtime");
    await page.emulateMedia({ media: "print" });
    await shot("downtime-print");
    ward.agent.speaking = false;
    await expect
      .poll(
        async () => {
          await page.goto(`${ward.url}/downtime`);
          return page.locator("main").textContent();
        },
        { timeout: 25_000 },
      )
      .toContain("The ward computer is silent. This is what was last known.");
    expect(await beds.nth(0).locator("li").count()).toBeGreaterThan(40);
    ward.agent.speaking = true;
  });
});
