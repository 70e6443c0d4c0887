import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readLanguages } from "../dashboard/server/spoken-languages.ts";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { SiteConfig } from "../edge-agent/contract/config.ts";
import { commonNeeds } from "../edge-agent/contract/consent.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

/* What a screen at a bed answers when something is wrong: in the person's language, and never with a page of staff. */

const languages = readLanguages();
const welsh = languages.find(({ code }) => code === "cy");
let ward: DashboardWard;
let cookie: string;

beforeAll(async () => {
  ward = await startDashboardWard({ languages, advocate: { name: "Rowan Advocacy", phone: "0808 157 0123" } });
  await pair();
});
afterAll(() => ward.stop());

const own = () => ({ origin: ward.url, host: new URL(ward.url).host });
const form = { "content-type": "application/x-www-form-urlencoded" };
async function pair(): Promise<void> {
  ward.agent.tell("room-1", { ...bedTileFixtures.calm, needs: { ...commonNeeds, language: "cy" } });
  const reply = await ward.app.inject({
    method: "POST",
    url: "/pair",
    headers: { ...own(), ...form },
    payload: "code=bed-code",
  });
  expect(reply.statusCode).toBe(303);
  cookie = [reply.headers["set-cookie"]]
    .flat()
    .map((line) => String(line).split(";")[0])
    .join("; ");
}
const get = (url: string, cookies = cookie) => ward.app.inject({ url, headers: { cookie: cookies } });
const post = (url: string, payload: string, headers: Record<string, string> = own()) =>
  ward.app.inject({ method: "POST", url, headers: { ...headers, ...form, cookie }, payload });
const said = (body: string) =>
  languages
    .concat()
    .filter(({ pages }) => body.includes(pages.problem.title))
    .map(({ code }) => code);

describe("a screen at a bed", () => {
  test("without an audit log: in the person's own language, whom to ask, and no word of the log", async () => {
    ward.failAudit = true;
    const reply = await get("/bedside/about");
    ward.failAudit = false;
    expect(reply.statusCode).toBe(503);
    expect(said(reply.body)).toEqual(["cy"]);
    expect(reply.body).toContain(welsh?.words.staffCheck.replaceAll("'", "&#39;"));
    expect(reply.body).not.toMatch(/audit|engineer|href="\/"/i);
  });

  test("whose session nobody can tell: in every language of the site", async () => {
    ward.agent.speaking = false;
    const reply = await get("/bedside", "qr_bedside=some-other-token");
    ward.agent.speaking = true;
    expect(reply.statusCode).toBe(503);
    expect(said(reply.body)).toEqual(languages.map(({ code }) => code));
    expect(reply.body).toContain("Ask staff. They can turn it off for you.");
    expect(reply.headers.refresh).toBeUndefined();
  });

  test("a form from another page, a page that is none, too many tries: never a page of staff", async () => {
    const foreign = await post("/bedside/ask", "about=question&words=", { ...own(), origin: "http://evil.test" });
    expect(foreign.statusCode).toBe(403);
    expect(foreign.body).not.toContain("Start again");
    const none = await get("/bedside/no-such-page");
    expect([none.statusCode, none.headers.location]).toEqual([303, "/bedside"]);
    expect((await post("/bedside/look", "back=/bedside&largeText=perhaps")).body).not.toContain("Start again");
    const replies = [];
    for (let n = 0; n < 12; n++) replies.push(await post("/bedside/how", "feels=good&words="));
    const limited = replies.filter(({ statusCode }) => statusCode === 429);
    expect(limited.length).toBeGreaterThan(0);
    for (const { body } of limited) expect(body).not.toMatch(/Start again|Too many tries/);
    // One screen that says too much takes nothing from another one.
    await pair();
    expect((await post("/bedside/ask", "about=complaint&words=")).statusCode).toBe(200);
  });

  test("names the site's own advocate where it can be asked, and nobody where the site names none", async () => {
    for (const page of ["about", "ask", "how"]) {
      const { body } = await get(`/bedside/${page}`);
      expect(body, page).toContain("Yr eiriolwr yma yw Rowan Advocacy. Ffôn: \u20660808 157 0123\u2069");
    }
    const consent = (advocate: object) => SiteConfig.shape.consent.safeParse({ advocate });
    expect(consent({ name: "Rowan Advocacy" }).data?.advocate).toEqual({ name: "Rowan Advocacy", phone: null });
    expect(consent({ name: "", phone: "0808" }).success).toBe(false);
    expect(consent({ name: "A", phone: "call me" }).success).toBe(false);
    expect(SiteConfig.shape.consent.parse(undefined).advocate).toBeNull();
  });

  test("reaches no page and no feed of staff, and no other bed", async () => {
    for (const url of [
      "/ward",
      "/governance",
      "/person/room-1",
      "/person/room-2",
      "/person/room-1/offer/breathing-rate",
    ]) {
      const reply = await get(url, `${cookie}; ${cookie.replace("qr_bedside=", "qr_staff=")}`);
      expect([303, 403], url).toContain(reply.statusCode);
      expect(reply.body, url).not.toContain("Movement alerts");
    }
    const asks = ward.agent.asks.length;
    for (const ask of [
      { do: "offer", bed: "room-1", stay: "stay-made-up", purpose: "breathing-rate" },
      { do: "end-stay", bed: "room-1", stay: "stay-made-up", label: "A.B." },
      { do: "sign-in", code: "nurse-code" },
      // By its form only, where it is counted how often.
      { do: "feedback", about: "complaint", feels: null, words: "x" },
    ]) {
      const reply = await ward.app.inject({
        method: "POST",
        url: "/asks",
        headers: { ...own(), cookie, "content-type": "application/json", "x-quietround": "bedside" },
        payload: JSON.stringify(ask),
      });
      expect([400, 403], ask.do).toContain(reply.statusCode);
    }
    expect(ward.agent.asks.slice(asks).filter(({ ask }) => ask.do !== "who-am-i")).toEqual([]);
  });
});
