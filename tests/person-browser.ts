import { mkdirSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { bedTileFixtures, consentFixture } from "../dashboard/web/components/bed-tile/fixtures.ts";
import type { Tile } from "../edge-agent/contract/tile.ts";
import { type ConsentState, purposes } from "../edge-agent/contract/words.ts";
import * as screen from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

/* A browser at the pages of one person, with a fake agent at the other end of a real broker. */

const { launchBrowser, shots } = screen;
export const desk = { width: 1366, height: 768 };
export const phone = { width: 320, height: 640 };
export const hourMs = 3_600_000;

export let ward: DashboardWard;
export let browser: Browser;
let context: BrowserContext;
export let page: Page;
let complaints: string[];

/** One state for each purpose, as if it had changed an hour ago. */
export function consents(...states: readonly (ConsentState | [ConsentState, Partial<Tile["consents"][number]>])[]) {
  return purposes.map((purpose, index) => {
    const given = states[index] ?? "never-offered";
    const [state, change] = typeof given === "string" ? [given, {}] : given;
    const since = state === "never-offered" ? null : Date.now() - hourMs;
    const untilUtcMs = since === null ? null : Date.now() + 5 * 24 * hourMs;
    return consentFixture(purpose, state, { sinceUtcMs: since, untilUtcMs, ...change });
  });
}
export const stay = { id: "stay-made-up", label: "A.B.", demonstration: false };
export const asks = (act: string) => ward.agent.asks.filter(({ ask }) => ask.do === act).map(({ ask }) => ask);
export const row = (purpose: string) => page.locator(`[data-purpose="${purpose}"]`);
export const shot = (name: string) => page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
export const fits = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
export const open = (path: string) => page.goto(`${ward.url}/person/${path}`);

/** Signing in is slowed down after ten in a minute, so each role does it once. */
const signedIn = new Map<string, Awaited<ReturnType<BrowserContext["storageState"]>>>();
export async function signIn(code = "nurse-code"): Promise<void> {
  await context?.close();
  const storageState = signedIn.get(code);
  context = await browser.newContext({ viewport: desk, ...(storageState === undefined ? {} : { storageState }) });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
  complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(ward.url)) complaints.push(`request to ${request.url()}`);
  });
  if (storageState !== undefined) {
    await page.goto(`${ward.url}/ward`);
    return;
  }
  await screen.signInAt(page, ward.url, code);
  signedIn.set(code, await context.storageState());
}

/** Registers what every test of these pages begins and ends with. Room 1 has a person who was offered nothing, room 2 another, 3 and 4 are free. */
export function inThePersonsPages(): void {
  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    browser = await launchBrowser();
    ward = await startDashboardWard({ web: true });
  });
  afterAll(async () => {
    await browser?.close();
    await ward?.stop();
  });
  beforeEach(() => {
    ward.agent.asks.length = 0;
    ward.agent.tell("room-1", { ...bedTileFixtures.neverOffered, stay, consents: consents() });
    ward.agent.tell("room-2", { ...bedTileFixtures.off, stay: { ...stay, id: "stay-2", label: "C.D." } });
    ward.agent.tell("room-3", bedTileFixtures.vacant);
    ward.agent.tell("room-4", bedTileFixtures.vacant);
  });
  afterEach(async () => {
    expect(complaints).toEqual([]);
    await context.close();
  });
}
