import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import type { LiveMessage } from "../edge-agent/contract/live.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

let ward: DashboardWard;
const opened: WebSocket[] = [];
beforeEach(async () => {
  ward = await startDashboardWard({ websocketClientsMax: 3 });
  ward.agent.tell("room-1", bedTileFixtures.calm);
  ward.agent.tell("room-2", bedTileFixtures.alarm);
  await expect.poll(async () => (await ward.app.inject({ url: "/healthz" })).json().agent).toBe("heard");
});
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.terminate();
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

interface Screen {
  readonly socket: WebSocket;
  readonly messages: LiveMessage[];
  /** "open", or the status with which the upgrade was refused. */
  readonly began: Promise<"open" | number>;
  readonly closed: Promise<number>;
}

function open(query: string, headers: Record<string, string>): Screen {
  const socket = new WebSocket(`${ward.url.replace("http", "ws")}/live${query}`, { headers });
  opened.push(socket);
  const messages: LiveMessage[] = [];
  socket.on("message", (data) => messages.push(JSON.parse(String(data)) as LiveMessage));
  socket.on("error", () => {});
  const began = new Promise<"open" | number>((resolve) => {
    socket.once("open", () => resolve("open"));
    socket.once("unexpected-response", (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
  });
  const closed = new Promise<number>((resolve) => socket.once("close", (code) => resolve(code)));
  return { socket, messages, began, closed };
}
const has = (screen: Screen, is: LiveMessage["is"]) => screen.messages.find((message) => message.is === is);

describe("who may listen", () => {
  test("only a page of this server, with a session", async () => {
    const cookie = await cookieFor("/sign-in");
    expect(await open("", { cookie, origin: "http://evil.test" }).began).toBe(403);
    expect(await open("", { cookie }).began).toBe(403);
    expect(await open("", { origin: ward.url }).began).toBe(401);
    expect(await open("", { origin: ward.url, cookie: "qr_staff=forged" }).began).toBe(401);
    expect(await open("?as=bedside", { origin: ward.url, cookie }).began).toBe(401);
    expect(await open("", { origin: ward.url, cookie }).began).toBe("open");
  });

  test("no more screens than the configuration allows", async () => {
    const headers = { origin: ward.url, cookie: await cookieFor("/sign-in") };
    for (let screens = 0; screens < 3; screens++) expect(await open("", headers).began).toBe("open");
    expect(await open("", headers).began).toBe(503);
  });

  test("each opening is in the audit log first; without the log nothing is told", async () => {
    const headers = { origin: ward.url, cookie: await cookieFor("/sign-in") };
    expect(await open("", headers).began).toBe("open");
    expect(ward.readings.at(-1)).toMatchObject({ action: "page.open", detail: { page: "/live" } });
    ward.failAudit = true;
    const refused = open("", headers);
    expect(await refused.began).toBe(503);
    expect(refused.messages).toEqual([]);
  });
});

describe("what is told", () => {
  test("a nurse station gets every tile at once, then each new one, and a heartbeat", async () => {
    const screen = open("", { origin: ward.url, cookie: await cookieFor("/sign-in") });
    await expect.poll(() => has(screen, "heartbeat"), { timeout: 15_000 }).toMatchObject({ agent: "heard" });
    expect(screen.messages[0]).toMatchObject({ is: "feed", since: "start" });
    const snapshot = screen.messages[1];
    expect(snapshot?.is === "snapshot" ? snapshot.tiles.map(({ tile }) => tile.bed).toSorted() : null).toEqual([
      "room-1",
      "room-2",
    ]);
    ward.agent.tell("room-1", bedTileFixtures.moving);
    await expect
      .poll(() => screen.messages.some((one) => one.is === "tile" && one.tile.breathing.reason === "moving"))
      .toBe(true);
  });

  test("a nurse station hears of the ward as a whole, once and at each change; a bed's screen never does", async () => {
    const screen = open("", { origin: ward.url, cookie: await cookieFor("/sign-in") });
    const bedside = open("?as=bedside", { origin: ward.url, cookie: await cookieFor("/pair") });
    const told = (of: typeof screen) => of.messages.flatMap((one) => (one.is === "ward" ? [one.state] : []));
    await expect.poll(() => told(screen).length, { timeout: 15_000 }).toBe(1);
    const paused = { sinceUtcMs: Date.now(), untilUtcMs: Date.now() + 60_000, by: "Sam Reed" };
    ward.agent.ward = { ...ward.agent.ward, audio: { paused, off: null } };
    await expect.poll(() => told(screen).at(-1)?.audio.paused, { timeout: 15_000 }).toEqual(paused);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    // The agent says it each second; a screen hears of what changed.
    expect(told(screen)).toHaveLength(2);
    expect(told(bedside)).toEqual([]);
  });

  test("a bedside screen gets its own stay's consents and never a measurement", async () => {
    const screen = open("?as=bedside", { origin: ward.url, cookie: await cookieFor("/pair") });
    await expect.poll(() => has(screen, "heartbeat"), { timeout: 15_000 }).toBeDefined();
    ward.agent.tell("room-1", {
      breathing: bedTileFixtures.alarm.breathing,
      sensor: { ...bedTileFixtures.calm.sensor, state: "lost" },
    });
    await expect
      .poll(() => screen.messages.some((one) => one.is === "bedside" && one.view?.sensor === "lost"), {
        timeout: 5_000,
      })
      .toBe(true);
    const text = JSON.stringify(screen.messages);
    for (const secret of ["perMin", "occupancy", "alarms", "room-2", "Room 2", "order", 'movement":{']) {
      expect(text).not.toContain(secret);
    }
    ward.agent.tell("room-1", { stay: { id: "stay-of-the-next", label: "NEXT", demonstration: false } });
    await expect
      .poll(() => screen.messages.findLast((one) => one.is === "bedside"), { timeout: 15_000 })
      .toMatchObject({ view: null });
    expect(JSON.stringify(screen.messages)).not.toContain("stay-of-the-next");
  });

  test("a silent agent shows in the heartbeat", async () => {
    const screen = open("", { origin: ward.url, cookie: await cookieFor("/sign-in") });
    await screen.began;
    ward.agent.speaking = false;
    await expect
      .poll(() => screen.messages.some((one) => one.is === "heartbeat" && one.agent === "silent"), { timeout: 15_000 })
      .toBe(true);
  });

  test("a session that ends takes its screen with it", async () => {
    const screen = open("", { origin: ward.url, cookie: await cookieFor("/sign-in") });
    await screen.began;
    ward.agent.sessions.delete("staff-session");
    expect(await screen.closed).toBe(4401);
    expect(screen.messages.at(-1)).toEqual({ is: "signed-out" });
  });

  test("a screen that says what is not known here, or too much, is cut off", async () => {
    const headers = { origin: ward.url, cookie: await cookieFor("/sign-in") };
    const talks = open("", headers);
    await talks.began;
    talks.socket.send("hello");
    expect(await talks.closed).toBe(1008);
    const shouts = open("", headers);
    await shouts.began;
    shouts.socket.send("x".repeat(70_000));
    expect(await shouts.closed).toBe(1009);
    const floods = open("", headers);
    await floods.began;
    for (let said = 0; said < 100; said++) floods.socket.send(shown("room-2"));
    expect(await floods.closed).toBe(1008);
  });

  test("a screen that a person's page keeps open hears nothing and has nothing to say", async () => {
    const headers = { origin: ward.url, cookie: await cookieFor("/sign-in") };
    const opening = open("?as=staff&opens=room-2", headers);
    await expect.poll(() => has(opening, "heartbeat"), { timeout: 15_000 }).toBeDefined();
    ward.agent.tell("room-2", bedTileFixtures.acknowledged);
    opening.socket.send(shown("room-2"));
    expect(await opening.closed).toBe(1008);
    expect(opening.messages.every(({ is }) => is === "heartbeat")).toBe(true);
  });
});

const shown = (bed: string) => {
  const [{ id, presence, raisedAt }] = bedTileFixtures.alarm.alarms;
  return JSON.stringify({ say: "shown", alarms: [{ bed, id, presence, raisedAt }], msAgo: 3 });
};
const asked = () => ward.agent.shown;

describe("an alarm that stands on a screen", () => {
  test("is told to the agent in the name of the nurse, and the screen hears that it was", async () => {
    const screen = open("", { origin: ward.url, cookie: await cookieFor("/sign-in") });
    await screen.began;
    const before = Date.now();
    screen.socket.send(shown("room-2"));
    await expect.poll(() => has(screen, "shown-taken")).toMatchObject({ alarms: [{ bed: "room-2" }] });
    expect(asked().map(({ session }) => session)).toEqual(["staff-session"]);
    const ask = asked()[0]?.ask;
    if (ask?.do !== "alarm-shown") throw new Error("nothing was asked");
    expect(ask.atUtcMs).toBeGreaterThanOrEqual(before - 50);
    expect(ask.atUtcMs).toBeLessThanOrEqual(Date.now());
  });

  test("is no word of a screen at a bed, nor of a session that ended", async () => {
    const bedside = open("?as=bedside", { origin: ward.url, cookie: await cookieFor("/pair") });
    await bedside.began;
    bedside.socket.send(shown("room-1"));
    expect(await bedside.closed).toBe(1008);
    const screen = open("", { origin: ward.url, cookie: await cookieFor("/sign-in") });
    await screen.began;
    ward.agent.sessions.clear();
    await screen.closed;
    expect(asked()).toEqual([]);
  });

  test("counts as unsaid while the agent does not answer", async () => {
    const screen = open("", { origin: ward.url, cookie: await cookieFor("/sign-in") });
    await screen.began;
    ward.agent.speaking = false;
    screen.socket.send(shown("room-2"));
    await expect.poll(() => screen.messages.filter(({ is }) => is === "heartbeat").length, { timeout: 10_000 }).toBe(8);
    expect(has(screen, "shown-taken")).toBeUndefined();
  });
});

describe("a connection that broke", () => {
  const feedOf = (screen: Screen) => {
    const feed = has(screen, "feed");
    if (feed?.is !== "feed") throw new Error("no feed");
    return feed;
  };
  const changesOf = (screen: Screen) =>
    screen.messages.flatMap((one) => (one.is === "alarms" ? one.changes : [])).map(({ number }) => number);

  test("goes on after the number that the screen has, and says so where it cannot", async () => {
    const headers = { origin: ward.url, cookie: await cookieFor("/sign-in") };
    const first = open("", headers);
    await expect.poll(() => has(first, "snapshot")).toBeDefined();
    const { epoch, number } = feedOf(first);
    first.socket.terminate();
    ward.agent.tell("room-2", bedTileFixtures.acknowledged);
    ward.agent.tell("room-1", bedTileFixtures.alarm);
    const back = open(`?as=staff&epoch=${epoch}&after=${number}`, headers);
    await expect.poll(() => changesOf(back)).toEqual([number + 1, number + 2]);
    expect(feedOf(back).since).toBe("resumed");
    for (const query of [`epoch=${epoch}&after=999`, `epoch=${epoch}&after=-1`, `epoch=other&after=${number}`]) {
      back.socket.terminate();
      const lost = open(`?as=staff&${query}`, headers);
      await expect.poll(() => has(lost, "snapshot")).toBeDefined();
      expect(feedOf(lost)).toMatchObject({ epoch, since: "lost" });
      expect(changesOf(lost)).toEqual([]);
      lost.socket.terminate();
    }
  });
});
