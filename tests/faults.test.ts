import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { encodeEnvelope, envelopeHeaderBytes } from "../edge-agent/contract/frames.ts";
import type { LiveMessage } from "../edge-agent/contract/live.ts";
import { topics } from "../edge-agent/contract/topics.ts";
import { deviceUs, utcMs } from "../edge-agent/contract/units.ts";
import { connectBroker } from "../edge-agent/platform/connect.ts";
import { readCredential } from "../edge-agent/platform/keys.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { oneBedroom } from "./one-bedroom.ts";
import { rogueFrames } from "./rogue-frames.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

async function breathingWard(): Promise<RunningWard> {
  const ward = await runWard({ sensors: [{ port: { via: "simulated", seed: 7, scene: "asleep", speed: 1 } }] });
  undo.push(() => ward.stop());
  const { stay, bedside } = await ward.admit("room-1");
  await ward.turnOn("room-1", stay, bedside);
  await ward.until("monitoring", () => ward.tiles.get("room-1")?.notMonitored === null);
  return ward;
}

function verifyLog(dataDir: string): string {
  const out = join(dataDir, `export-${Date.now()}`);
  execFileSync(process.execPath, [join(root, "scripts/audit-export.ts"), "--data", dataDir, "--out", out]);
  return execFileSync(process.execPath, [join(root, "scripts/audit-verify.ts"), out], { encoding: "utf8" });
}

async function openScreen(ward: RunningWard, nurse: string): Promise<{ address: string; socket: WebSocket }> {
  const address = `127.0.0.1:${ward.site.dashboard.port}`;
  for (let tries = 0; tries < 150; tries++) {
    const socket = new WebSocket(`ws://${address}/live?as=staff`, {
      headers: { cookie: `qr_staff=${nurse}`, origin: `http://${address}` },
    });
    const opened = await new Promise<boolean>((resolve) => {
      socket.once("open", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    if (opened) return { address, socket };
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`no live connection to ${address}\n${ward.log("dashboard").slice(-2_000)}`);
}

describe("kill -9", () => {
  it("of the agent or the dashboard: a nurse station is told within 10 s", async () => {
    const ward = await runWard({ sensors: [{ port: { via: "simulated", seed: 7, scene: "asleep", speed: 1 } }] });
    undo.push(() => ward.stop());
    const nurse = await ward.signInNurse();
    await ward.release();
    ward.start("dashboard");
    const { address, socket } = await openScreen(ward, nurse);
    const health: string[] = [];
    let closed = false;
    socket.on("message", (bytes: Buffer) => {
      const message = JSON.parse(bytes.toString()) as LiveMessage;
      if (message.is === "heartbeat") health.push(message.agent);
    });
    socket.on("close", () => {
      closed = true;
    });
    socket.on("error", () => {});
    await ward.until("the agent heard", () => health.at(-1) === "heard");
    await ward.kill("agent");
    await ward.until("the screen told that the agent is gone", () => health.at(-1) !== "heard", 10_000);
    ward.start("agent");
    await ward.until("the agent heard again", () => health.at(-1) === "heard", 30_000);
    await ward.kill("dashboard");
    await ward.until("the connection closed", () => closed, 10_000);
    expect(address).toContain("127.0.0.1");
  }, 120_000);

  it("and a bridge that hangs (SIGSTOP): told as stale, and over when it goes on", async () => {
    const ward = await breathingWard();
    const tile = () => ward.tiles.get("room-1");
    ward.signal("bridge", "SIGSTOP");
    await ward.until(
      "stale or lost",
      () => tile()?.notMonitored === "stale" || tile()?.notMonitored === "sensor-lost",
      10_000,
    );
    expect(tile()?.breathing.rate).toBeNull();
    ward.signal("bridge", "SIGCONT");
    await ward.until("monitored again", () => tile()?.notMonitored === null, 45_000);
  }, 120_000);
});

describe("bad input on the frames broker", () => {
  it("is counted and visible, crashes nothing, and loses nothing else of the room", async () => {
    const ward = await runWard({
      sensors: [{ port: { via: "simulated", seed: 7, scene: "asleep", speed: 1 } }],
      bridges: false,
    });
    undo.push(() => ward.stop());
    const { stay, bedside } = await ward.admit("room-1");
    await ward.turnOn("room-1", stay, bedside);
    const link = connectBroker({
      url: `mqtt://127.0.0.1:${ward.site.brokers.framesPort}`,
      clientId: "unit-1",
      username: "unit-1",
      password: readCredential(ward.dataDir, "unit-1"),
      log: newLog("test", () => {}),
    });
    undo.push(() => link.stop());
    await ward.until("connected", () => link.state === "connected");
    const topic = topics(ward.site);
    const good = topic.frame("unit-1", "radar-1", "radar-iq");
    const frames = [...rogueFrames(50)];
    const version = Uint8Array.from(frames[0] ?? []);
    version[0] = 9;
    const header = {
      kind: "radar-iq",
      bootId: "cd".repeat(16),
      sequence: 0,
      deviceUs: deviceUs(0),
      capturedAt: utcMs(Date.now()),
    } as const;
    const bad: readonly (readonly [string, Uint8Array])[] = [
      [good, new Uint8Array(0)],
      [good, version],
      [good, encodeEnvelope(header, new Uint8Array(7))],
      [good, new Uint8Array(envelopeHeaderBytes - 1)],
      [good, new Uint8Array(66_000)],
      [topic.frame("unit-9", "radar-1", "radar-iq"), Uint8Array.from(frames[0] ?? [])],
    ];
    const sent = frames.map((bytes) => Uint8Array.from(bytes));
    for (const [n, bytes] of sent.entries()) {
      await link.publish(good, bytes, { qos: 0 });
      const one = bad[n];
      if (one !== undefined) await link.publish(one[0], one[1], { qos: 0 });
    }
    await link.publish(good, Uint8Array.from(frames[10] ?? []), { qos: 0 });
    const dropped = () => ward.tiles.get("room-1")?.engineering.dropped ?? {};
    await ward.until(
      "all counted",
      () => ward.tiles.get("room-1")?.engineering.framesAccepted === 50 && dropped().repeated === 1,
    );
    expect(dropped()).toMatchObject({
      malformed: 3,
      "unknown-version": 1,
      "too-large": 1,
      repeated: 1,
      "wrong-topic": 1,
    });
  }, 60_000);
});

describe("the supervisor", () => {
  const started = (): { child: ChildProcess; dataDir: string; output: () => string } => {
    const dataDir = mkdtempSync(join(tmpdir(), "quietround-test-"));
    const child = spawn(
      process.execPath,
      [
        join(root, "scripts/start.ts"),
        "--config",
        oneBedroom(dataDir),
        "--data",
        dataDir,
        "--port",
        "0",
        "--frames-port",
        "0",
        "--control-port",
        "0",
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes: Buffer) => {
        output += bytes.toString();
      });
    undo.push(() => rmSync(dataDir, { recursive: true, force: true }));
    undo.push(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await gone;
    });
    return { child, dataDir, output: () => output };
  };
  const waitFor = async (what: string, look: () => boolean, withinMs: number): Promise<void> => {
    const begun = performance.now();
    while (!look()) {
      if (performance.now() - begun > withinMs) throw new Error(`waited ${withinMs} ms for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const childrenOf = (pid: number): number[] =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  const alive = (pid: number): boolean => {
    if (!existsSync(`/proc/${pid}/stat`)) return false;
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  };

  it("starts a killed child again; its own death ends every child within 5 s, and the log verifies", async () => {
    const { child, dataDir, output } = started();
    await waitFor("the welcome", () => output().includes("/sign-in?code="), 60_000).catch((cause: unknown) => {
      throw new Error(output(), { cause });
    });
    const supervisor = child.pid ?? -1;
    const before = childrenOf(supervisor);
    expect(before.length).toBe(3);
    const victim = before[0] ?? -1;
    process.kill(victim, "SIGKILL");
    await waitFor("a new agent", () => !alive(victim) && childrenOf(supervisor).length === 3, 15_000);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const children = childrenOf(supervisor);
    process.kill(supervisor, "SIGKILL");
    await waitFor("the children's end", () => children.every((pid) => !alive(pid)), 5_000);
    expect(verifyLog(dataDir)).toContain("OK");
  }, 120_000);
});
