import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import type { Tile } from "../edge-agent/contract/tile.ts";
import { bedsidePages, staffPages } from "../scripts/prove-no-images/pages.ts";
import { haveBrowser, launchBrowser, pairAt, signInAt, violationsOf } from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";
import { pagesOf } from "./every-page-routes.ts";
import { consents, stay } from "./person-browser.ts";

/* Every page that the dashboard serves, by WCAG 2.2 AA and on 320 px. A route without a row here fails: so does a row without a route. */

type Visitor = "nurse" | "charge" | "lead" | "bedside" | "nobody";
interface Visit {
  readonly as: Visitor;
  readonly path: string;
}
const visit = (as: Visitor, path: string): Visit => ({ as, path });
/** A route that shows nobody a page: its row says what it is. */
type Row = readonly Visit[] | string;

const rows: Readonly<Record<string, Row>> = {
  "/": "leads on to where somebody is at home",
  "*": [visit("nobody", "/no-such-page")],
  "/healthz": "for machines",
  "/badge": [visit("nobody", "/badge")],
  "/start-account": [visit("nobody", "/start-account"), visit("nobody", "/start-account?first=yes")],
  "/sign-in": [visit("nobody", "/sign-in")],
  "/sign-in/oidc": [visit("nobody", "/sign-in/oidc")],
  "/sign-in/oidc/callback": [visit("nobody", "/sign-in/oidc/callback")],
  "/pair": [visit("nobody", "/pair")],
  "/ward": [visit("nurse", "/ward"), visit("charge", "/ward")],
  "/shift": [visit("nurse", "/shift")],
  "/handover": [visit("nurse", "/handover")],
  "/downtime": [visit("nurse", "/downtime"), visit("lead", "/downtime")],
  "/set-up/staff": [visit("charge", "/set-up/staff"), visit("nurse", "/set-up/staff")],
  "/set-up/staff/:staff": [visit("charge", "/set-up/staff/nobody-of-this-name")],
  "/set-up/beds": [visit("charge", "/set-up/beds")],
  "/engineer": [visit("charge", "/engineer"), visit("nurse", "/engineer")],
  "/governance": [visit("lead", "/governance"), visit("nurse", "/governance")],
  "/governance/log": [visit("lead", "/governance/log")],
  "/governance/audit": [visit("lead", "/governance/audit"), visit("nurse", "/governance/audit")],
  "/governance/erase": [visit("lead", "/governance/erase"), visit("nurse", "/governance/erase")],
  "/governance/audit.csv": "a file",
  "/governance/audit.json": "a file",
  "/governance/audit-schema.json": "for machines",
  "/access": [visit("charge", "/access"), visit("lead", "/access")],
  "/access/ask/:kind": [
    visit("nurse", "/access/ask/break-glass"),
    visit("lead", "/access/ask/hold"),
    visit("nurse", "/access/ask/hold"),
  ],
  "/access/:number": [visit("charge", "/access/1"), visit("lead", "/access/1"), visit("lead", "/access/99")],
  "/access/:number/records": [visit("charge", "/access/1/records")],
  "/advocate": [visit("nobody", "/advocate")],
  "/bedside/let-look": [visit("bedside", "/bedside/let-look")],
  "/demo": [visit("nobody", "/demo")],
  "/demo/ward": [visit("nobody", "/demo/ward")],
  "/demo/bedside": [visit("nobody", "/demo/bedside")],
  "/bedside": [visit("bedside", "/bedside")],
  "/bedside/who-looked": [visit("bedside", "/bedside/who-looked")],
  "/bedside/about": [visit("bedside", "/bedside/about")],
  "/bedside/ask": [visit("bedside", "/bedside/ask")],
  "/bedside/proof": [visit("bedside", "/bedside/proof")],
  "/bedside/how": [visit("bedside", "/bedside/how")],
  "/bedside/language": [visit("bedside", "/bedside/language")],
  "/bedside/offline": [visit("nobody", "/bedside/offline"), visit("bedside", "/bedside/offline")],
  "/bedside/worker.js": "a script",
  "/bedside*": "recordings of a person's voice, where a site has them",
  "/person/:bed": [
    visit("charge", "/person/room-1"),
    visit("nurse", "/person/room-3"),
    visit("nurse", "/person/room-2"),
  ],
  "/person/:bed/sedation": [visit("nurse", "/person/room-1/sedation")],
  "/person/:bed/end-sedation": [visit("charge", "/person/room-4/end-sedation")],
  "/person/:bed/review/:purpose": [visit("nurse", "/person/room-4/review/breathing-rate")],
  "/person/:bed/offer/:purpose": [visit("nurse", "/person/room-1/offer/breathing-rate")],
  "/person/:bed/observe": [visit("charge", "/person/room-1/observe")],
  "/person/:bed/order": [visit("charge", "/person/room-1/order")],
  "/person/:bed/best-interests/:purpose": [visit("charge", "/person/room-1/best-interests/breathing-rate")],
  "/person/:bed/admit": [visit("charge", "/person/room-3/admit")],
  "/person/:bed/accept-rate": [visit("nurse", "/person/room-4/accept-rate")],
  "/person/:bed/needs": [visit("nurse", "/person/room-1/needs")],
  "/person/:bed/check": [visit("nurse", "/person/room-1/check"), visit("nurse", "/person/room-4/check")],
  "/person/:bed/export": [visit("charge", "/person/room-1/export"), visit("nurse", "/person/room-1/export")],
  "/person/:bed/activity": [visit("nurse", "/person/room-1/activity"), visit("nurse", "/person/room-3/activity")],
  "/person/:bed/checks": [visit("nurse", "/person/room-1/checks")],
  "/person/:bed/characteristics": [visit("nurse", "/person/room-1/characteristics")],
  "/person/:bed/discharge": [visit("charge", "/person/room-1/discharge")],
  "/person/:bed/move": [visit("charge", "/person/room-1/move")],
  "/person/:bed/history.json": "for the person page",
};

/** A watch after sedation runs, and a review is due. */
const watched: Partial<Tile> = {
  sedation: { everyMinutes: 15, sinceUtcMs: Date.now() - 600_000, untilUtcMs: Date.now() + 3_600_000, by: "Sam Reed" },
  consents: consents(["granted", { due: "review" }], ["granted", { due: "review" }]),
};
let ward: DashboardWard;
let browser: Browser;
const contexts = new Map<Visitor, BrowserContext>();

describe.skipIf(!haveBrowser)("every page", () => {
  beforeAll(async () => {
    browser = await launchBrowser();
    ward = await startDashboardWard({ web: true });
    ward.agent.tell("room-1", { ...bedTileFixtures.neverOffered, stay, consents: consents() });
    ward.agent.tell("room-2", { ...bedTileFixtures.off, stay: { ...stay, id: "stay-2", label: "C.D." } });
    ward.agent.tell("room-3", bedTileFixtures.vacant);
    ward.agent.tell("room-4", { ...bedTileFixtures.calm, stay: { ...stay, id: "stay-4", label: "E.F." }, ...watched });
    await openRecordsByTwo();
    for (const as of ["nurse", "charge", "lead", "bedside", "nobody"] as const) {
      const context = await browser.newContext({ viewport: { width: 1_366, height: 768 } });
      contexts.set(as, context);
      if (as === "nobody") continue;
      const page = await context.newPage();
      await (as === "bedside" ? pairAt(page, ward.url) : signInAt(page, ward.url, `${as}-code`));
      await page.close();
    }
  });
  afterAll(async () => {
    await browser?.close();
    await ward?.stop();
  });

  test("has a row, and every row a page", () => {
    expect(Object.keys(rows).sort()).toEqual([...pagesOf(ward.app)].sort());
  });

  test("is among those that are searched for pictures", () => {
    const read = [...staffPages("room-2"), ...bedsidePages].map((path) => path.split("?")[0] ?? "");
    const unread = Object.keys(rows).filter((route) => {
      const pattern = new RegExp(`^${route.replaceAll(/:[a-z]+/g, "[^/]+").replace("*", ".*")}$`);
      return !read.some((path) => pattern.test(path));
    });
    expect(unread).toEqual([]);
  });

  const visits = Object.values(rows).flatMap((row) => (typeof row === "string" ? [] : row));
  test.each(visits)("as $as: $path", async ({ as, path }) => {
    const page = await (contexts.get(as) as BrowserContext).newPage();
    try {
      await see(page, path);
    } finally {
      await page.close();
    }
  });
});

/** The nurse in charge and the governance lead of this ward hold the records of whoever is in room 1. */
async function openRecordsByTwo(): Promise<void> {
  const stamp = { utcMs: Date.now(), monoNs: 0n };
  const begun = stamp.utcMs - 3_600_000;
  const row = { table: "stay", id: stay.id, bed: "room-1", label: stay.label, demonstration: false } as const;
  ward.records.commit([], [{ ...row, startedAtUtcMs: begun }], stamp);
  const staff = { kind: "staff", name: "Amina Khan" } as const;
  const window = { bed: "room-1", fromUtcMs: begun, untilUtcMs: stamp.utcMs, forMs: 86_400_000 } as const;
  const ask = { do: "ask-access", kind: "hold", ...window, reason: "a fall", lawful: "a law", untold: null } as const;
  ward.records.decideAccess(ask, { ...staff, id: "staff-nurse-in-charge", role: "nurse-in-charge" }, stamp);
  const agree = { do: "agree-access", number: 1 } as const;
  ward.records.decideAccess(agree, { ...staff, id: "staff-governance-lead", role: "governance-lead" }, stamp);
}

async function see(page: Page, path: string): Promise<void> {
  const faults: string[] = [];
  page.on("pageerror", ({ message }) => faults.push(message));
  page.on("request", (request) => {
    if (!request.url().startsWith(ward.url)) faults.push(`asks ${request.url()}`);
  });
  await page.goto(ward.url + path);
  await page.locator("main").first().waitFor();
  // The page itself, and not one that it was led to.
  expect(page.url()).toBe(ward.url + path);
  expect(await violationsOf(page)).toEqual([]);
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  expect(faults).toEqual([]);
}
