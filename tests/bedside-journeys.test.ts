import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bedTileFixtures, consentFixture } from "../dashboard/web/components/bed-tile/fixtures.ts";
import type { Tile } from "../edge-agent/contract/tile.ts";
import { type ConsentState, type Purpose, purposes } from "../edge-agent/contract/words.ts";
import { pairScreen, panels, type TouchScreen, touchScreen } from "./bedside-browser.ts";
import { haveBrowser, launchBrowser, shots, violationsOf } from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

/* What a person does at the screen by their bed, touch by touch, with a fake agent at the other end of a real broker. */

const dayMs = 86_400_000;
let ward: DashboardWard;
let browser: Browser;
let screen: TouchScreen;

function consents(states: Partial<Record<Purpose, ConsentState>>): Tile["consents"] {
  return purposes.map((purpose) =>
    consentFixture(purpose, states[purpose] ?? "never-offered", {
      ...(states[purpose] === undefined ? {} : { untilUtcMs: Date.now() + dayMs }),
    }),
  );
}
const bothOn = () => ({
  ...bedTileFixtures.calm,
  consents: consents({ "movement-alerts": "granted", "breathing-rate": "granted" }),
});
const asked = (act: string) => ward.agent.asks.filter(({ ask }) => ask.do === act);
const headline = (words: string) => screen.page.locator(".qr-now__headline", { hasText: words }).waitFor();
const touch = (name: string | RegExp) => screen.page.getByRole("button", { name }).first().tap();
const card = (purpose: Purpose) => screen.page.locator(`[data-purpose="${purpose}"]`);

describe.skipIf(!haveBrowser).each(panels)("at the bed, $name", (panel) => {
  beforeAll(async () => {
    browser = await launchBrowser();
    ward = await startDashboardWard({ web: true });
  });
  afterAll(async () => {
    await browser?.close();
    await ward?.stop();
  });
  beforeEach(async () => {
    ward.agent.asks.length = 0;
    ward.agent.speaking = true;
    ward.agent.confirming = true;
    screen = await touchScreen(browser, ward.url, panel);
  });
  afterEach(() => screen.context.close());
  const shoot = (name: string) =>
    screen.page.screenshot({ path: `${shots}/bedside-${name}-${panel.width}.png`, fullPage: true });

  test("one touch stops everything; what shows is what the agent confirmed; one touch brings it back", async () => {
    ward.agent.tell("room-1", bothOn());
    await pairScreen(screen.page, ward.url);
    await headline("The sensor is on.");
    ward.agent.confirming = false;
    const before = Date.now();
    await touch("Stop everything");
    await headline("Turning off…");
    await expect.poll(() => asked("stop-everything").length).toBe(1);
    const [stop] = asked("stop-everything");
    expect(stop).toMatchObject({ session: expect.stringContaining("bedside-session") });
    expect(stop?.ask).toEqual({ do: "stop-everything", bed: "room-1", stay: "stay-made-up" });
    // The kill time is measured from the touch, by the server's clock.
    expect(stop?.touchedAt).toBeGreaterThanOrEqual(before - 50);
    expect(stop?.touchedAt).toBeLessThanOrEqual(Date.now());
    expect(await screen.page.getByText("Nothing is on.").count()).toBe(0);
    ward.agent.confirmSensor("room-1");
    await headline("Nothing is on.");
    await shoot("stopped");
    ward.agent.confirming = true;
    await touch("Turn on again");
    await headline("The sensor is on.");
    expect(asked("turn-on").map(({ ask }) => ("purpose" in ask ? ask.purpose : null))).toEqual([
      "movement-alerts",
      "breathing-rate",
    ]);
    expect(screen.complaints).toEqual([]);
  });

  test("a pause of 15, 30 or 60 minutes says when it is over, and can end earlier", async () => {
    ward.agent.tell("room-1", bothOn());
    await pairScreen(screen.page, ward.url);
    for (const minutes of [15, 30, 60]) {
      await headline("The sensor is on.");
      await screen.page.getByText("After that it is on again by itself.").waitFor();
      await touch(`${minutes} min`);
      await headline("Paused.");
      expect(asked("pause").at(-1)?.ask).toEqual({ do: "pause", bed: "room-1", stay: "stay-made-up", minutes });
      await screen.page.getByText(new RegExp(`On again by itself at \\d\\d:\\d\\d\\. In ${minutes} min\\.`)).waitFor();
      await touch("Turn on again");
    }
    await headline("The sensor is on.");
    expect(asked("resume").length).toBe(3);
    expect(screen.complaints).toEqual([]);
  });

  test("an offer: yes and no are one touch each, one question at a time, and no reason is asked", async () => {
    const offered = consents({ "movement-alerts": "offered", "breathing-rate": "offered" });
    ward.agent.tell("room-1", { ...bedTileFixtures.off, consents: offered });
    await pairScreen(screen.page, ward.url);
    await headline("Nothing is on.");
    expect(await screen.page.locator("#asked > li").count()).toBe(1);
    await shoot("offered");
    await screen.page.locator("#asked").getByRole("button", { name: "No, not now: Movement alerts" }).tap();
    await screen.page.locator("#asked").getByRole("button", { name: "Yes, turn on: Breathing rate" }).tap();
    await headline("The sensor is on.");
    expect(asked("turn-off").length + asked("turn-on").length).toBe(2);
    expect(await screen.page.locator("textarea, input:visible, select, dialog[open]").count()).toBe(0);
    await card("breathing-rate").getByText("On now.").waitFor();
    await card("movement-alerts").getByText("Off.", { exact: true }).waitFor();
  });

  test("each purpose has its own switch", async () => {
    ward.agent.tell("room-1", bothOn());
    await pairScreen(screen.page, ward.url);
    await card("breathing-rate").getByRole("button", { name: "Turn off: Breathing rate" }).tap();
    await card("breathing-rate").getByText("Off.", { exact: true }).waitFor();
    await card("movement-alerts").getByText("On now.").waitFor();
    await headline("The sensor is on.");
    await card("breathing-rate").getByRole("button", { name: "Turn on: Breathing rate" }).tap();
    await card("breathing-rate").getByText("On now.").waitFor();
    expect(screen.complaints).toEqual([]);
  });

  test("asked again: “still all right?” has an equal yes and no", async () => {
    const again = bothOn().consents.map((one) =>
      one.purpose === "breathing-rate" ? { ...one, due: "ask-again" as const } : one,
    );
    ward.agent.tell("room-1", { ...bothOn(), consents: again });
    await pairScreen(screen.page, ward.url);
    await screen.page.getByText("You said yes to this. Is it still all right?").waitFor();
    await shoot("ask-again");
    await screen.page.getByRole("button", { name: /^Yes, keep it on/ }).tap();
    await expect.poll(() => asked("still-yes").length).toBe(1);
    await expect.poll(() => screen.page.getByText("Is it still all right?").count()).toBe(0);
    ward.agent.tell("room-1", { consents: again });
    await screen.page.getByRole("button", { name: /^No, turn it off/ }).tap();
    await expect.poll(() => asked("turn-off").length).toBe(1);
    await card("breathing-rate").getByText("Off.", { exact: true }).waitFor();
  });

  test("never offered: nothing is on, and nothing is asked", async () => {
    ward.agent.tell("room-1", bedTileFixtures.neverOffered);
    await pairScreen(screen.page, ward.url);
    await headline("Nothing is on.");
    expect(await screen.page.locator("main button").count()).toBe(0);
    await screen.page.getByText("Staff still check on you in person.").waitFor();
  });

  test("when nobody can confirm, it says so, and whom to ask, and that it ends by itself", async () => {
    ward.agent.tell("room-1", bothOn());
    await pairScreen(screen.page, ward.url);
    await headline("The sensor is on.");
    await screen.context.setOffline(true);
    ward.agent.speaking = false;
    await screen.page.getByText("We can’t tell right now.").waitFor({ timeout: 15_000 });
    expect(await screen.page.locator("#now").textContent()).toMatch(/Ask staff\..*30 seconds at most\./);
    // The person can still touch: a touch that reaches nobody is told, and a stop is done once it can be.
    await touch("Stop everything");
    await screen.page.getByText("We keep trying. Ask staff too.").first().waitFor({ timeout: 15_000 });
    await shoot("offline");
    ward.agent.speaking = true;
    await screen.context.setOffline(false);
    await headline("Nothing is on.");
  });

  test("a revoked screen shows nothing more and asks for a new pairing", async () => {
    ward.agent.tell("room-1", bothOn());
    await pairScreen(screen.page, ward.url);
    await headline("The sensor is on.");
    const revokedAt = Date.now();
    for (const [token, one] of ward.agent.sessions) if (one.is === "bedside") ward.agent.sessions.delete(token);
    await screen.page.waitForURL("**/pair", { timeout: 60_000 });
    expect(Date.now() - revokedAt).toBeLessThan(60_000);
    await screen.page.getByText("This screen is not paired with a bed.").waitFor();
    expect(await violationsOf(screen.page)).toEqual([]);
    await shoot("pair");
  });

  test("when the next person is admitted, this screen shows nothing of theirs and asks for a new pairing", async () => {
    ward.agent.tell("room-1", bothOn());
    await pairScreen(screen.page, ward.url);
    await headline("The sensor is on.");
    const next = consents({ "night-report": "granted" });
    const stay = { id: "stay-of-the-next", label: "C.D.", demonstration: false };
    ward.agent.tell("room-1", { ...bedTileFixtures.calm, stay, consents: next });
    await headline("We can’t tell right now.");
    expect(await screen.page.locator("main button").count()).toBe(0);
    // The session of an ended stay is over at the agent.
    for (const [token, one] of ward.agent.sessions) if (one.is === "bedside") ward.agent.sessions.delete(token);
    await screen.page.waitForURL("**/pair", { timeout: 15_000 });
  });

  test("a depth sensor is named, and nobody says “no camera” there", async () => {
    await screen.page.goto(`${ward.url}/demo/bedside?fixture=depth`);
    await screen.page
      .getByText(/depth sensor/)
      .first()
      .waitFor();
    expect(await screen.page.locator("#facts").textContent()).not.toMatch(/No camera|No pictures/);
  });
});
