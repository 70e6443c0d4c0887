import type { Socket } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bedTileFixtures, consentFixture } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { purposes } from "../edge-agent/contract/words.ts";
import { pairScreen, panels, type TouchScreen, touchScreen } from "./bedside-browser.ts";
import { haveBrowser, launchBrowser, shots, signInAt, violationsOf } from "./dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

/* The ward computer is away, or the stay is over: the screen stays a screen at a bed, and a stop is not lost. */

const dayMs = 86_400_000;
const bothOn = {
  ...bedTileFixtures.calm,
  consents: purposes.map((purpose, index) =>
    consentFixture(purpose, index < 2 ? "granted" : "never-offered", {
      untilUtcMs: index < 2 ? Date.now() + dayMs : null,
    }),
  ),
};

let ward: DashboardWard;
let browser: Browser;
let screen: TouchScreen;
const headline = (words: string) => screen.page.locator(".qr-now__headline", { hasText: words }).waitFor();
const asked = (act: string) => ward.agent.asks.filter(({ ask }) => ask.do === act);
const away = (gone: boolean) => screen.context.setOffline(gone);
const path = () => new URL(screen.page.url()).pathname;
const endSessions = () => {
  for (const [token, one] of ward.agent.sessions) if (one.is === "bedside") ward.agent.sessions.delete(token);
};

// What a panel does without the ward computer does not depend on its size.
describe.skipIf(!haveBrowser).each(panels.slice(0, 1))("at the bed without the ward computer, $name", (panel) => {
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
    ward.agent.tell("room-1", bothOn);
    screen = await touchScreen(browser, ward.url, panel);
    await pairScreen(screen.page, ward.url);
    await headline("The sensor is on.");
  });
  afterEach(() => screen.context.close());
  const shoot = (name: string) => screen.page.screenshot({ path: `${shots}/bedside-${name}-${panel.width}.png` });

  test("a touch on a way stays on the screen and is told, and nothing is lit up; once it is back the way is open", async () => {
    await away(true);
    const way = screen.page.getByRole("link", { name: "Who looked" });
    await way.tap();
    await screen.page.getByText("We can’t do that right now. Ask staff, or try again.").waitFor();
    expect(path()).toBe("/bedside");
    expect(await way.evaluate((element) => getComputedStyle(element).backgroundColor)).not.toBe("rgb(255, 235, 59)");
    const bar = await screen.page.locator("#reach").boundingBox();
    expect(Math.round((bar?.y ?? 0) + (bar?.height ?? 0))).toBe(panel.height);
    expect(await violationsOf(screen.page)).toEqual([]);
    await shoot("no-way");
    await away(false);
    await way.tap();
    await screen.page.waitForURL("**/bedside/who-looked");
  });

  test("loaded anew it says in our words that it cannot tell, keeps nothing of anybody, and comes back by itself", async () => {
    await screen.page.evaluate(() => navigator.serviceWorker.ready);
    await screen.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    const sockets = new Set<Socket>();
    const { server } = ward.app;
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    // Once under the worker's eye, as any screen soon is.
    await screen.page.reload();
    await headline("The sensor is on.");
    const { port } = new URL(ward.url);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
    await closed;
    await screen.page.reload();
    await screen.page
      .getByText(/Ask staff|Staff/)
      .first()
      .waitFor();
    expect(path()).toBe("/bedside");
    expect(await screen.page.locator("html").getAttribute("data-light")).toBe("night");
    expect(await violationsOf(screen.page)).toEqual([]);
    await shoot("loaded-anew");
    const kept = await screen.page.evaluate(async () => {
      const names = await caches.keys();
      const all = await Promise.all(
        names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)),
      );
      return all.flat().sort();
    });
    expect(kept).toEqual(["/bedside/offline", "/built/bedside-problem.js", "/built/icon.svg", "/built/quietround.css"]);
    await new Promise<void>((resolve) => server.listen(Number(port), "127.0.0.1", resolve));
    await headline("The sensor is on.");
  });

  test("typed words are kept while they cannot be sent, and are sent with the same touch later", async () => {
    await screen.page.getByRole("link", { name: "Ask or complain" }).tap();
    await screen.page.getByLabel("Your words").fill("The light is too bright");
    await away(true);
    const complain = screen.page.getByRole("button", { name: "I want to complain" });
    await complain.tap();
    await screen.page.getByText("It was not sent. Your words are still here. Try again.").waitFor();
    expect(await screen.page.getByLabel("Your words").inputValue()).toBe("The light is too bright");
    await away(false);
    await complain.tap();
    await screen.page.getByText("Sent. Thank you.").waitFor();
    expect(asked("feedback").map(({ ask }) => ask)).toEqual([
      { do: "feedback", about: "complaint", feels: null, words: "The light is too bright" },
    ]);
  });

  test("a stop that nobody heard is asked again until somebody does; a later yes takes its place", async () => {
    await away(true);
    await screen.page.getByRole("button", { name: "Stop everything" }).tap();
    await screen.page.getByText("We keep trying. Ask staff too. They can turn it off for you.").waitFor();
    await shoot("keeps-trying");
    expect(asked("stop-everything")).toHaveLength(0);
    await away(false);
    await headline("Nothing is on.");
    expect(asked("stop-everything").length).toBeGreaterThan(0);
    const stops = asked("stop-everything").length;
    await screen.page.getByRole("button", { name: "Turn on again" }).tap();
    await headline("The sensor is on.");
    await screen.page.waitForTimeout(2_500);
    expect(asked("stop-everything")).toHaveLength(stops);
  });

  test("a pause that nobody heard begins once somebody does", async () => {
    await away(true);
    await screen.page.getByRole("button", { name: "15 min" }).tap();
    await screen.page.getByText("We keep trying. Ask staff too.").waitFor();
    await away(false);
    await headline("Paused.");
    expect(asked("pause").at(-1)?.ask).toMatchObject({ minutes: 15 });
  });

  test("the pages behind say what is on, whom to ask when it is not known, and who has the page open", async () => {
    const { page } = screen;
    await page.getByRole("link", { name: "What is this?" }).tap();
    await page.locator("#state", { hasText: "The sensor is on." }).waitFor();
    const nurse = await browser.newContext();
    const station = await nurse.newPage();
    await signInAt(station, ward.url);
    await station.goto(`${ward.url}/person/room-1`);
    await page.getByText("A nurse has opened your breathing page.").waitFor({ timeout: 5_000 });
    await shoot("about-while-opened");
    expect(await violationsOf(page)).toEqual([]);
    await nurse.close();
    await expect.poll(() => page.locator("#opened").textContent(), { timeout: 15_000 }).toBe("");
    await away(true);
    await page.locator("#state", { hasText: /We can’t tell right now\..*Ask staff\./ }).waitFor({ timeout: 15_000 });
  });

  test("a page that nobody touches goes back to what is on, but not from somebody who listens, and not into nothing", async () => {
    const { page } = screen;
    await page.clock.install();
    await page.addInitScript(() => {
      const voice = { lang: "en-GB", localService: true, name: "made up", default: true, voiceURI: "made-up" };
      speechSynthesis.getVoices = () => [voice];
      speechSynthesis.speak = () => {};
      Object.defineProperty(SpeechSynthesisUtterance.prototype, "voice", { set: () => {} });
    });
    await page.goto(`${ward.url}/bedside/about`);
    await page.getByRole("button", { name: "Read aloud" }).tap();
    await page.clock.fastForward(190_000);
    await page.clock.runFor(1_000);
    expect(path()).toBe("/bedside/about");
    await page.getByRole("button", { name: "Stop reading" }).tap();
    await away(true);
    await page.clock.fastForward(190_000);
    await page.clock.runFor(1_000);
    await page.getByRole("heading", { name: "What is this?" }).waitFor();
    expect(path()).toBe("/bedside/about");
    await away(false);
    await page.clock.runFor(1_000);
    await page.waitForURL("**/bedside");
  });

  test("after the stay every way leads to a new pairing, and none to the sign-in of staff", async () => {
    const { page } = screen;
    endSessions();
    await page.waitForURL("**/pair", { timeout: 20_000 });
    for (const way of ["/", "/bedside", "/bedside/about", "/bedside/ask", "/bedside/no-such-page"]) {
      await page.goto(ward.url + way);
      expect(path(), way).toBe("/pair");
    }
    // The cookie of the session is gone one day; that it stands at a bed is remembered.
    await screen.context.clearCookies({ name: "qr_bedside" });
    await page.goto(`${ward.url}/`);
    expect(path()).toBe("/pair");
    await pairScreen(page, ward.url);
    await page.getByRole("link", { name: "How is this for you?" }).tap();
    await page.getByRole("button", { name: "Good", exact: true }).waitFor();
    endSessions();
    await page.getByRole("button", { name: "Good", exact: true }).tap();
    await page.waitForURL("**/pair", { timeout: 20_000 });
    await pairScreen(page, ward.url);
    await headline("The sensor is on.");
    endSessions();
    await page.getByRole("button", { name: "Stop everything" }).tap();
    await page.waitForURL("**/pair", { timeout: 20_000 });
  });
});
