import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AlarmRow, StoreRow } from "../edge-agent/contract/door.ts";
import { consent, intent, stay } from "../edge-agent/records/records-for-tests.ts";
import { haveBrowser, launchBrowser, shots, signInAt, violationsOf } from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

const hour = 3_600_000;
const minute = 60_000;
let ward: DashboardWard;
let cookie = "";
const now = Date.now();
const ago = (ms: number) => ({ utcMs: now - ms, monoNs: BigInt(Math.round(100 * hour - ms)) * 1_000_000n });

const alarm = (change: Partial<AlarmRow>): StoreRow => ({
  table: "alarm",
  alarm: {
    id: "room-1-1",
    stay: "s1",
    condition: "on-floor",
    priority: "high",
    presence: "off",
    raisedAtUtcMs: now - 3 * hour,
    clearedAtUtcMs: now - 3 * hour + minute,
    acknowledged: { name: "Sam Reed", atUtcMs: now - 3 * hour + 20_000 },
    audited: true,
    escalation: 0,
    raisings: 1,
    outcome: { is: "helped", falseBecause: null, name: "Sam Reed", atUtcMs: now - 3 * hour + 5 * minute },
    ...change,
  },
});
const check = (id: string, atMs: number, more: { concern?: string; retrospective?: string } = {}): StoreRow => ({
  table: "check",
  check: {
    id,
    stay: "s1",
    level: "general",
    by: { id: "n1", name: "Sam Reed" },
    seenUtcMs: now - atMs,
    recordedUtcMs: more.retrospective === undefined ? now - atMs : now - atMs + 20 * minute,
    seen: {
      where: "in-bed",
      how: "asleep-breathing-seen",
      engagement: "asleep",
      concern: more.concern ?? null,
    },
    retrospective: more.retrospective ?? null,
    supersedes: null,
  },
});

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  ward = await startDashboardWard({ web: true });
  const { records } = ward;
  const missed = { ...intent("check.missed"), detail: { bed: "room-1", stay: "s1", before: 1 } };
  records.commit([], [{ ...stay("s1"), startedAtUtcMs: now - 30 * hour } as StoreRow], ago(30 * hour));
  records.commit([], [consent("s1", "movement-alerts", "offered")], ago(29 * hour));
  records.commit(
    [],
    [
      alarm({}),
      alarm({
        id: "room-1-2",
        condition: "left-bed",
        priority: "medium",
        raisings: 3,
        acknowledged: null,
        outcome: null,
        presence: "latched",
        escalation: 2,
      }),
    ],
    ago(3 * hour),
  );
  records.commit([], [alarm({ id: "room-1-0", raisedAtUtcMs: now - 20 * hour })], ago(20 * hour));
  records.commit([missed], [check("c1", 5 * hour), check("c2", 4 * hour, { retrospective: "busy" })], ago(4 * hour));
  records.commit([], [check("c3", 2 * hour, { concern: "Said she feels sick" })], ago(2 * hour));
  records.commit(
    [],
    [{ ...stay("s2"), bed: "room-2", label: "Q.R.", startedAtUtcMs: now - 40 * hour } as StoreRow],
    ago(40 * hour),
  );
  records.commit([], [{ table: "stay-end", id: "s2", endedAtUtcMs: now - 90 * minute }], ago(90 * minute));
  const reply = await ward.app.inject({
    method: "POST",
    url: "/sign-in",
    headers: { host: "ward.test", origin: "http://ward.test", "content-type": "application/x-www-form-urlencoded" },
    payload: "code=nurse-code",
  });
  cookie = `qr_staff=${reply.cookies[0]?.value}`;
}, 60_000);
afterAll(() => ward.stop());

describe("the handover", () => {
  it("says by person what happened in this shift, and nothing from before it", async () => {
    const { body, statusCode } = await ward.app.inject({ url: "/handover", headers: { cookie } });
    expect(statusCode).toBe(200);
    expect(body).toContain("2 checks in time, 1 written down later, 2 missed");
    expect(body).toContain("Said she feels sick");
    expect(body).toMatch(/On the floor, or very low; Sam Reed went at \d\d:\d\d: helped/);
    expect(body).toContain("Out of bed (3 times); nobody answered, the nurse in charge was called");
    expect(body.match(/On the floor/g)).toHaveLength(1);
    expect(body).toContain("Q.R.");
    expect(body).toMatch(/Left (today|yesterday)/);
    const day = await ward.app.inject({ url: "/handover?hours=24", headers: { cookie } });
    expect(day.body.match(/On the floor/g)).toHaveLength(2);
  });
  it("everybody on it is told that it was opened, and without the entry nothing is shown", async () => {
    const opened = ward.readings.filter(({ action, detail }) => action === "page.open" && detail.page === "/handover");
    expect(new Set(opened.map(({ detail }) => detail.stay))).toContain("s1");
    ward.failAudit = true;
    const refused = await ward.app.inject({ url: "/handover", headers: { cookie } });
    ward.failAudit = false;
    expect(refused.statusCode).toBe(503);
    expect(refused.body).not.toContain("Said she feels sick");
  });
  it("is for nurses who are signed in", async () => {
    expect((await ward.app.inject({ url: "/handover" })).headers.location).toBe("/sign-in");
    const lead = await ward.app.inject({
      method: "POST",
      url: "/sign-in",
      headers: { host: "ward.test", origin: "http://ward.test", "content-type": "application/x-www-form-urlencoded" },
      payload: "code=lead-code",
    });
    const asLead = { cookie: `qr_staff=${lead.cookies[0]?.value}` };
    const refused = await ward.app.inject({ url: "/handover", headers: asLead });
    expect(refused.statusCode).toBe(403);
    expect(refused.body).not.toContain("Said she feels sick");
  });

  describe.runIf(haveBrowser)("in Chromium", () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchBrowser();
    }, 60_000);
    afterAll(() => browser.close());
    it("reads well on a screen and a phone, prints, and has no violation that axe can see", async () => {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await signInAt(page, ward.url);
      await page.goto(`${ward.url}/handover`);
      await page.getByRole("button", { name: "Print" }).waitFor();
      expect(await violationsOf(page)).toEqual([]);
      await page.screenshot({ path: join(shots, "handover-1280.png"), fullPage: true });
      const pdf = await page.pdf({ format: "A4" });
      expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
      await page.emulateMedia({ media: "print" });
      await page.screenshot({ path: join(shots, "handover-print.png"), fullPage: true });
      await page.emulateMedia({ media: "screen" });
      await page.setViewportSize({ width: 320, height: 640 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(320);
      await page.screenshot({ path: join(shots, "handover-320.png"), fullPage: true });
      await page.close();
    }, 60_000);
  });
});
