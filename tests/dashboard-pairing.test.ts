import { afterAll, beforeAll, expect, test } from "vitest";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

/* A screen shows a code; a named person types it at the nurse station; the screen is that bed's. */

let ward: DashboardWard;
beforeAll(async () => {
  ward = await startDashboardWard();
  ward.agent.tell("room-1", bedTileFixtures.calm);
});
afterAll(() => ward.stop());

const own = () => ({ origin: ward.url, host: new URL(ward.url).host });
const form = { "content-type": "application/x-www-form-urlencoded" };
const cookieOf = (headers: Record<string, unknown>, name: string): string | undefined =>
  [headers["set-cookie"]]
    .flat()
    .map(String)
    .find((line) => line.startsWith(`${name}=`))
    ?.split(";")[0];

async function screen() {
  const page = await ward.app.inject({ url: "/pair" });
  const cookie = cookieOf(page.headers, "qr_screen") ?? "";
  const code = /id="screen-code"[^>]*>(\d{3} \d{3})</.exec(page.body)?.[1] ?? "";
  const ask = () =>
    ward.app.inject({
      method: "POST",
      url: "/pair/screen",
      headers: { ...own(), cookie, "content-type": "application/json" },
      payload: "{}",
    });
  return { code, ask };
}
async function nurse(): Promise<string> {
  const reply = await ward.app.inject({
    method: "POST",
    url: "/sign-in",
    headers: { ...own(), ...form },
    payload: "code=nurse-code",
  });
  return cookieOf(reply.headers, "qr_staff") ?? "";
}
const type = (cookie: string, code: string, headers = own(), stay = "stay-made-up") =>
  ward.app.inject({
    method: "POST",
    url: "/person/room-1/pair-screen",
    headers: { ...headers, ...form, cookie },
    payload: new URLSearchParams({ code, stay }).toString(),
  });

test("a code that a nurse types pairs the screen that shows it, once, and no other", async () => {
  const [one, two, cookie] = [await screen(), await screen(), await nurse()];
  expect(one.code).toMatch(/^\d{3} \d{3}$/);
  expect((await one.ask()).json()).toMatchObject({ paired: false, code: one.code });
  const typed = await type(cookie, one.code);
  expect([typed.statusCode, typed.headers.location]).toEqual([303, "/person/room-1?did=pair-screen"]);
  expect(ward.agent.asks.at(-1)).toMatchObject({
    session: "staff-session",
    ask: { do: "invite-bedside", bed: "room-1" },
  });
  expect((await two.ask()).json()).toMatchObject({ paired: false });
  const paired = await one.ask();
  expect(paired.json()).toEqual({ paired: true });
  expect(cookieOf(paired.headers, "qr_bedside")).toMatch(/^qr_bedside=bedside-session/);
  expect(String([paired.headers["set-cookie"]].flat()[0])).toMatch(/HttpOnly/);
  expect((await one.ask()).json()).toMatchObject({ paired: false });
  expect((await type(cookie, one.code)).statusCode).toBe(400);
});

test("nobody pairs a screen without being signed in, with a code that none shows, or from another page", async () => {
  const [one, cookie] = [await screen(), await nurse()];
  const before = ward.agent.asks.filter(({ ask }) => ask.do === "invite-bedside").length;
  expect((await type("", one.code)).statusCode).not.toBe(200);
  const wrong = await type(cookie, one.code === "000 000" ? "000 001" : "000 000");
  expect(wrong.statusCode).toBe(400);
  expect(wrong.body).toContain("No screen shows this code now");
  expect((await type(cookie, one.code, { ...own(), origin: "http://evil.test" })).statusCode).toBe(403);
  expect(ward.agent.asks.filter(({ ask }) => ask.do === "invite-bedside")).toHaveLength(before);
  expect((await one.ask()).json()).toMatchObject({ paired: false });
});

test("a code is for the person whom the card showed, and not for who is in the bed by now", async () => {
  const [one, cookie] = [await screen(), await nurse()];
  const before = ward.agent.asks.filter(({ ask }) => ask.do === "invite-bedside").length;
  const typed = await type(cookie, one.code, own(), "stay-of-the-last");
  expect(typed.statusCode).toBe(409);
  expect(typed.body).toContain("Another person is in this bed now.");
  expect(ward.agent.asks.filter(({ ask }) => ask.do === "invite-bedside")).toHaveLength(before);
  expect((await one.ask()).json()).toMatchObject({ paired: false, code: one.code });
});

test("a screen shows its code, and what it is, also after a wrong code was typed on it", async () => {
  const page = await ward.app.inject({
    method: "POST",
    url: "/pair",
    headers: { ...own(), ...form },
    payload: "code=no-such-code",
  });
  expect(page.statusCode).toBe(400);
  expect(page.body).toMatch(/id="screen-code"[^>]*>\d{3} \d{3}</);
  expect(page.body).toContain("This screen is not paired with a bed.");
  expect(page.body).toContain('<details class="nhsuk-details" open>');
});
