import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import type { LiveMessage } from "../edge-agent/contract/live.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

/* "A nurse has opened your page": from the staff's connection to the screen at the bed, and into the log. */

let ward: DashboardWard;
const sockets: WebSocket[] = [];
beforeEach(async () => {
  ward = await startDashboardWard();
  ward.agent.tell("room-1", bedTileFixtures.calm);
  await expect.poll(async () => (await ward.app.inject({ url: "/healthz" })).json().agent).toBe("heard");
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await ward.stop();
});

async function cookieFor(path: "/sign-in" | "/pair"): Promise<string> {
  const reply = await fetch(ward.url + path, {
    method: "POST",
    redirect: "manual",
    headers: { origin: ward.url, "content-type": "application/x-www-form-urlencoded" },
    body: `code=${path === "/sign-in" ? "nurse-code" : "bed-code"}`,
  });
  return (reply.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

function connect(query: string, cookie: string) {
  const socket = new WebSocket(`${ward.url.replace("http", "ws")}/live${query}`, {
    headers: { cookie, origin: ward.url },
  });
  sockets.push(socket);
  const messages: LiveMessage[] = [];
  socket.on("message", (data) => messages.push(JSON.parse(String(data)) as LiveMessage));
  socket.on("error", () => {});
  const began = new Promise<"open" | number>((resolve) => {
    socket.once("open", () => resolve("open"));
    socket.once("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
  });
  return { socket, messages, began };
}
const openedBy = (messages: readonly LiveMessage[]) => {
  const newest = messages.findLast((message) => message.is === "bedside");
  return newest?.is === "bedside" ? newest.view?.openedBy : undefined;
};
const trail = (action: string) => ward.readings.filter((one) => one.action === action && one.detail.page !== "/live");

describe("somebody opens a person's page", () => {
  test("the bed is told before a second heartbeat, and again when it is closed; both are in the log", async () => {
    const bedside = connect("?as=bedside", await cookieFor("/pair"));
    await expect.poll(() => openedBy(bedside.messages)).toEqual([]);
    const staff = connect("?as=staff&opens=room-1", await cookieFor("/sign-in"));
    const beats = () => bedside.messages.filter(({ is }) => is === "heartbeat").length;
    const beatsBefore = beats();
    await expect
      .poll(() => openedBy(bedside.messages), { timeout: 15_000, interval: 10 })
      .toMatchObject([{ role: "nurse", name: null }]);
    expect(beats() - beatsBefore).toBeLessThanOrEqual(1);
    const opening = trail("page.open").at(-1);
    expect(opening).toMatchObject({
      actor: { kind: "staff", name: "Sam Reed" },
      detail: { bed: "room-1", stay: "stay-made-up", purposeOfEvent: "TREAT", page: "/ward#person" },
    });
    // Nothing of the ward goes over this connection.
    expect(staff.messages.every(({ is }) => is === "heartbeat")).toBe(true);
    staff.socket.terminate();
    const beatsOpen = beats();
    await expect.poll(() => openedBy(bedside.messages), { timeout: 15_000, interval: 10 }).toEqual([]);
    expect(beats() - beatsOpen).toBeLessThanOrEqual(1);
    expect(trail("page.close")).toMatchObject([
      { detail: { bed: "room-1", stay: "stay-made-up", opening: opening?.detail.opening } },
    ]);
  });

  test("another bed's screen is not told, and a screen of staff is no bed", async () => {
    const cookie = await cookieFor("/sign-in");
    const bedside = connect("?as=bedside", await cookieFor("/pair"));
    await expect.poll(() => openedBy(bedside.messages)).toEqual([]);
    expect(await connect("?as=staff&opens=room-2", cookie).began).toBe("open");
    expect(await connect("?as=staff&opens=no-such-bed", cookie).began).toBe(404);
    expect(await connect("?as=bedside&opens=room-1", await cookieFor("/pair")).began).toBe("open");
    expect(openedBy(bedside.messages)).toEqual([]);
  });

  test("without a log nothing is opened", async () => {
    const cookie = await cookieFor("/sign-in");
    ward.failAudit = true;
    expect(await connect("?as=staff&opens=room-1", cookie).began).toBe(503);
  });

  test("an empty bed has no page; a new person's page is opened anew, and the last one's is closed", async () => {
    ward.agent.tell("room-1", bedTileFixtures.vacant);
    await expect.poll(() => ward.agent.tiles.get("room-1")?.stay).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await connect("?as=staff&opens=room-1", await cookieFor("/sign-in")).began).toBe("open");
    expect(trail("page.open").filter(({ detail }) => detail.bed === "room-1")).toEqual([]);
    const openings = () =>
      trail("page.open").flatMap(({ detail }) => (detail.opening === undefined ? [] : detail.stay));
    for (const id of ["stay-a", "stay-b"]) {
      ward.agent.tell("room-1", { ...bedTileFixtures.calm, stay: { id, label: "X.", demonstration: false } });
      await expect.poll(() => openings().at(-1)).toBe(id);
    }
    expect(trail("page.close").map(({ detail }) => detail.stay)).toEqual(["stay-a"]);
  });

  test("a session that ends closes what it had open", async () => {
    const bedside = connect("?as=bedside", await cookieFor("/pair"));
    const staff = connect("?as=staff&opens=room-1", await cookieFor("/sign-in"));
    await expect.poll(() => openedBy(bedside.messages)?.length).toBe(1);
    for (const [token, one] of ward.agent.sessions) if (one.is === "staff") ward.agent.sessions.delete(token);
    await expect.poll(() => staff.socket.readyState, { timeout: 15_000 }).toBe(WebSocket.CLOSED);
    await expect.poll(() => openedBy(bedside.messages)).toEqual([]);
  });

  test("a screen at a bed hears nothing as staff, opens nobody's page, and hears of no bed but its own", async () => {
    ward.agent.tell("room-2", { ...bedTileFixtures.calm, stay: { id: "stay-2", label: "C.D.", demonstration: false } });
    const own = await cookieFor("/pair");
    const asStaff = own.replace("qr_bedside=", "qr_staff=");
    for (const query of ["?as=staff", "?as=staff&opens=room-2", "?as=staff&opens=room-1", "", "?as=STAFF"])
      expect(await connect(query, `${own}; ${asStaff}`).began, query).toBe(401);
    const bedside = connect("?as=bedside&bed=room-2&stay=stay-2&opens=room-2", own);
    await expect.poll(() => openedBy(bedside.messages)).toEqual([]);
    ward.agent.tell("room-2", bedTileFixtures.alarm);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(JSON.stringify(bedside.messages)).not.toMatch(/stay-2|C\.D\.|Room 2|alarms|perMin|quality/);
    expect(trail("page.open").filter(({ detail }) => detail.bed === "room-2")).toEqual([]);
  });
});
