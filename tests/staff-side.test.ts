import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildWeb } from "../scripts/build-web.ts";
import * as screen from "./dashboard-browser.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

/*
 * A night with the real agent, a simulated radar and the real pages: a person is admitted, offered, decides on their own
 * screen, is reviewed, says no, and is discharged. What the ward's database kept is what the pages show.
 */

const { haveBrowser, launchBrowser, bedsidePanel, shots } = screen;
const built = fileURLToPath(new URL("../dashboard/web/built", import.meta.url));

let ward: RunningWard;
let browser: Browser;
let staff: Page;
let bedside: Page;
let url: string;

const row = (purpose: string) => staff.locator(`[data-purpose="${purpose}"]`);
const card = (purpose: string) => bedside.locator(`[data-purpose="${purpose}"]`);
const shot = (name: string) => staff.screenshot({ path: `${shots}/${name}.png`, fullPage: true });

async function codeFor(name: string, role: "nurse-in-charge" | "governance-lead"): Promise<string> {
  const invited = await ward.setUp({ do: "invite-staff", name, role });
  if (invited.is !== "code") throw new Error("no code");
  return invited.code;
}

async function newPage(size: { width: number; height: number }): Promise<Page> {
  const context = await browser.newContext({ viewport: size, hasTouch: true });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  return page;
}

describe.skipIf(!haveBrowser)("staff and a person, with the real agent", () => {
  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    await buildWeb(built);
    browser = await launchBrowser();
    ward = await runWard({
      sensors: [{ port: { via: "simulated", seed: 1, scene: "demonstration", speed: 1 }, source: "simulated" }],
    });
    await ward.until("the agent speaks", () => ward.tiles.get("room-1"));
    const who = await codeFor("Amina Khan", "nurse-in-charge");
    // The dashboard takes this test's place on the broker.
    const lead = await codeFor("Grace Hill", "governance-lead");
    await ward.release();
    ward.start("dashboard");
    url = `http://127.0.0.1:${ward.site.dashboard.port}`;
    await ward.until("the pages are up", () => ward.log("dashboard").includes("dashboard listening"));
    staff = await newPage({ width: 1366, height: 768 });
    await screen.signInAt(staff, url, who);
    leadCode = lead;
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await ward?.stop();
  });
  let leadCode: string;

  test("from admission to discharge", { timeout: 120_000 }, async () => {
    await staff.getByRole("link", { name: /details of Room 1/ }).click();
    await staff.getByRole("link", { name: "Admit a person" }).click();
    await staff.getByLabel(/^What the ward calls/).fill("E.F.");
    await staff.getByLabel("Under 18").check();
    await staff.getByLabel("English").check();
    await staff.getByRole("button", { name: "Admit to Room 1" }).click();
    await staff.getByText("This ward's rules are for adults only.").waitFor();
    await staff.getByLabel("18 or older").check();
    await staff.getByRole("button", { name: "Admit to Room 1" }).click();
    await staff.getByText("Admitted. Nothing is on.").waitFor();

    await staff.getByRole("link", { name: /^Equality/ }).click();
    await staff.getByLabel("Ethnic group").selectOption("mixed");
    await shot("staff-side-equality");
    expect(await screen.violationsOf(staff)).toEqual([]);
    await staff.getByRole("button", { name: "Write it down" }).click();
    await staff.getByText("Written down. Nobody on the ward can read it.").waitFor();
    await staff.getByRole("link", { name: /^Equality/ }).click();
    expect(await staff.getByLabel("Ethnic group").inputValue()).toBe("");
    await staff.getByRole("link", { name: "Back to Room 1" }).click();

    await staff.getByRole("button", { name: "Pair a screen" }).click();
    const code = (await staff.locator("#pair-code").textContent()) ?? "";
    bedside = await newPage(bedsidePanel);
    await bedside.goto(`${url}/pair?code=${code}`);
    await bedside.getByRole("button", { name: "Pair this screen" }).click();
    await bedside.waitForURL("**/bedside");

    await row("movement-alerts")
      .getByRole("link", { name: /^Offer/ })
      .click();
    await staff.getByLabel("Sleep broken by night checks").check();
    await staff.getByLabel("Checks in person only").check();
    await staff.getByLabel("In these hours").selectOption("all");
    await staff.getByRole("button", { name: "I have read them out: offer it" }).click();
    await row("movement-alerts").getByText("Offered", { exact: true }).waitFor();
    await card("movement-alerts")
      .getByRole("button", { name: /^(Yes, t|T)urn on/ })
      .tap();
    await row("movement-alerts").getByText("On", { exact: true }).waitFor();
    expect(await row("movement-alerts").textContent()).toContain("The person’s own touch, today");

    await row("movement-alerts")
      .getByRole("link", { name: /^Review/ })
      .click();
    await staff.getByText(/^Staff looked at this person’s pages once/).waitFor();
    await staff.getByLabel(/^Keep it as it is/).check();
    await staff.getByLabel(/^What was seen/).fill("Slept through, no check woke her");
    await staff.getByRole("button", { name: "Write down the review" }).click();
    await staff.getByText("The review is written down.").waitFor();

    // A decision for somebody who lacks capacity is on at once; the person's no ends it, and nobody decides again.
    await row("breathing-rate")
      .getByRole("link", { name: /^Best interests/ })
      .click();
    await staff.getByLabel(/^What was done to help them decide/).fill("Pictures and her sister, twice");
    await staff.getByLabel("Weigh it up").check();
    await staff.getByLabel(/^Because of which impairment/).fill("Delirium");
    await staff.getByLabel("Who assessed this?").fill("Dr R. Osei");
    await staff.getByLabel(/^Who was asked/).fill("Her sister: she would want it");
    await staff.getByLabel("There is none").check();
    await staff.getByLabel(/^I have looked/).check();
    await staff.getByLabel(/^Why is this in/).fill("A new medicine can slow breathing");
    await staff.getByLabel("Breathing after a medicine").check();
    await staff.getByLabel("Fewer hours").check();
    await staff.getByLabel("Review after").selectOption("24");
    await staff.getByLabel("In these hours").selectOption("all");
    await staff.getByRole("button", { name: /^Write down the decision/ }).click();
    await row("breathing-rate").getByText("On", { exact: true }).waitFor();
    await card("breathing-rate")
      .getByRole("button", { name: /^Turn off/ })
      .tap();
    await row("breathing-rate").getByText("Off", { exact: true }).waitFor();
    expect(await row("breathing-rate").textContent()).toContain("Turned off by the person, today");
    expect(
      await row("breathing-rate")
        .getByRole("link", { name: /^Best interests/ })
        .count(),
    ).toBe(0);
    await staff.goto(`${url}/person/room-1/best-interests/breathing-rate`);
    await staff.getByText("Nobody can decide otherwise for them", { exact: false }).waitFor();
    await staff.goto(`${url}/person/room-1`);

    await staff.getByText(/^History of this stay/).click();
    const told = await staff.locator(".qr-history__what").allTextContents();
    expect(told.map((one) => one.replace(/^\s*today \d\d:\d\d\s*/, ""))).toEqual([
      "Breathing rate: turned off by the person",
      "Breathing rate: decided in the person’s best interests by Amina Khan",
      "Movement alerts: reviewed by Amina Khan, kept as it was",
      "Movement alerts: turned on by the person",
      "Movement alerts: offered by Amina Khan",
    ]);
    const written = (await staff.locator(".qr-history").textContent()) ?? "";
    expect(written).toContain("For: Sleep broken by night checks. Less was thought of: Checks in person only.");
    expect(written).toContain("“Slept through, no check woke her”");
    expect(written).toContain("Assessed by Dr R. Osei. Asked: Her sister: she would want it");
    await shot("staff-side-history");
    expect(await screen.violationsOf(staff)).toEqual([]);

    await staff.getByRole("button", { name: /^30 min/ }).click();
    await row("movement-alerts")
      .getByText(/Paused until/)
      .waitFor();
    await staff.getByRole("button", { name: /^Stop everything/ }).click();
    await staff.getByText("The ward computer confirmed: everything is off.").waitFor();

    await staff.getByRole("link", { name: "Discharge" }).click();
    await staff.getByLabel("None of these").check();
    await staff.getByRole("button", { name: "Go on" }).click();
    await staff.getByRole("link", { name: /another person in this bed/ }).waitFor();
    await staff.getByLabel("E.F.").check();
    await staff.getByRole("button", { name: "Go on" }).click();
    await staff.getByRole("button", { name: "Discharge E.F. now" }).click();
    await staff.getByText("Nobody is admitted to this bed.").waitFor();
    await bedside.waitForURL(({ pathname }) => pathname !== "/bedside");
  });

  test("governance reads how fast the stops were", { timeout: 60_000 }, async () => {
    const lead = await newPage({ width: 1366, height: 768 });
    await lead.goto(`${url}/sign-in?code=${leadCode}`);
    await lead.getByRole("button", { name: "Sign in" }).click();
    await lead.waitForURL("**/governance");
    const figures = await lead.locator(".qr-figures dd").allTextContents();
    expect(figures.length).toBe(4);
    expect(Number.parseFloat(figures[1] ?? "")).toBeLessThanOrEqual(2);
    expect(Number(figures[3])).toBeGreaterThanOrEqual(2);
    await lead.screenshot({ path: `${shots}/governance.png`, fullPage: true });
    expect(await screen.violationsOf(lead)).toEqual([]);
    for (const path of ["/ward", "/person/room-1"]) {
      await lead.goto(url + path);
      expect(await lead.locator("#card, #beds").count()).toBe(0);
    }
  });
});
