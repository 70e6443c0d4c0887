import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import type { LiveMessage } from "../edge-agent/contract/live.ts";
import type { TileAlarm } from "../edge-agent/contract/tile.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";

/* One station stands still as a whole process. The others must not notice, and it must miss nothing. */

let ward: DashboardWard;
let frozen: ChildProcess;
let reading: WebSocket;
let lines: { number?: number; id?: string; since?: string }[];

beforeEach(async () => {
  ward = await startDashboardWard();
  ward.agent.tell("room-1", bedTileFixtures.calm);
  await expect.poll(async () => (await ward.app.inject({ url: "/healthz" })).json().agent).toBe("heard");
  const cookie = await signIn();
  const child = fileURLToPath(new URL("frozen-screen.ts", import.meta.url));
  frozen = spawn(process.execPath, [child, ward.url, cookie], { stdio: ["ignore", "pipe", "inherit"] });
  lines = [];
  let rest = "";
  frozen.stdout?.on("data", (bytes: Buffer) => {
    const [last = "", ...whole] = (rest + bytes.toString()).split("\n").toReversed();
    rest = last;
    lines.push(...whole.toReversed().map((line) => JSON.parse(line)));
  });
  await expect.poll(() => lines.length, { timeout: 10_000 }).toBe(1);
  reading = new WebSocket(`${ward.url.replace("http", "ws")}/live?as=staff`, { headers: { origin: ward.url, cookie } });
  await new Promise((resolve) => reading.on("message", (data) => String(data).includes('"snapshot"') && resolve(null)));
});
afterEach(async () => {
  frozen.kill("SIGKILL");
  reading.terminate();
  await ward.stop();
});

async function signIn(): Promise<string> {
  const reply = await fetch(`${ward.url}/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: ward.url, "content-type": "application/x-www-form-urlencoded" },
    body: "code=nurse-code",
  });
  return (reply.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

const raised = (number: number): TileAlarm => ({ ...bedTileFixtures.alarm.alarms[0], id: `room-1-${number}` });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Alarms that come and go, in tiles that fill every buffer on the way; how late each came to the screen that reads. */
async function raiseFor(forMs: number): Promise<{ ids: string[]; latestMs: number }> {
  const toldAt = new Map<string, number>();
  const cameAfterMs: number[] = [];
  reading.on("message", (data) => {
    const message = JSON.parse(String(data)) as LiveMessage;
    if (message.is !== "alarms") return;
    for (const { alarm } of message.changes) {
      const at = toldAt.get(alarm.id);
      if (alarm.presence !== "off" && at !== undefined) cameAfterMs.push(performance.now() - at);
    }
  });
  const sensor = { ...bedTileFixtures.calm.sensor, detail: "x".repeat(20_000) };
  const until = performance.now() + forMs;
  for (let number = 1; performance.now() < until; number++) {
    toldAt.set(`room-1-${number}`, performance.now());
    ward.agent.tell("room-1", { sensor, alarms: [raised(number)] });
    for (const bed of ["room-2", "room-3", "room-4"]) ward.agent.tell(bed, { ...bedTileFixtures.calm, sensor });
    await pause(100);
  }
  await expect.poll(() => cameAfterMs.length, { timeout: 15_000 }).toBe(toldAt.size);
  return { ids: [...toldAt.keys()], latestMs: Math.max(...cameAfterMs) };
}

const idsHeard = () => [...new Set(lines.flatMap(({ id }) => id ?? []))];
const numbersHeard = () => lines.flatMap(({ number }) => number ?? []);

test("a station that stands still for 8 s delays nobody and, when it goes on, has every alarm once", async () => {
  frozen.kill("SIGSTOP");
  const { ids, latestMs } = await raiseFor(8_000);
  expect(latestMs).toBeLessThan(2_000);
  expect(idsHeard()).toEqual([]);
  frozen.kill("SIGCONT");
  await expect.poll(idsHeard, { timeout: 10_000 }).toEqual(ids);
  const numbers = numbersHeard();
  expect(numbers).toEqual(numbers.map((_one, index) => index + (numbers[0] ?? 0)));
  expect(lines.filter(({ since }) => since !== undefined)).toEqual([{ since: "start" }]);
});

test("one that stands still for so long that it is cut off comes back and has every alarm once", async () => {
  frozen.kill("SIGSTOP");
  const { ids, latestMs } = await raiseFor(18_000);
  expect(latestMs).toBeLessThan(2_000);
  frozen.kill("SIGCONT");
  await expect.poll(idsHeard, { timeout: 10_000 }).toEqual(ids);
  const numbers = numbersHeard();
  expect(numbers).toEqual(numbers.map((_one, index) => index + (numbers[0] ?? 0)));
  await expect.poll(() => lines.flatMap(({ since }) => since ?? []), { timeout: 10_000 }).toEqual(["start", "resumed"]);
}, 60_000);
