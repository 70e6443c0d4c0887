import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type BrokerLink, connectBroker } from "../edge-agent/platform/connect.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { freePort } from "../scripts/free-port.ts";

const mosquitto = "/usr/sbin/mosquitto";
const undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

async function startMosquitto(port: number, folder: string): Promise<ChildProcess> {
  const config = join(folder, "mosquitto.conf");
  writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\npersistence false\n`);
  const child = spawn(mosquitto, ["-c", config], { stdio: "ignore" });
  undo.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await gone;
  });
  return child;
}

function open(port: number, clientId: string): BrokerLink {
  const link = connectBroker({
    url: `mqtt://127.0.0.1:${port}`,
    clientId,
    username: clientId,
    password: "unused",
    log: newLog("test", () => {}),
  });
  undo.push(() => link.stop());
  return link;
}

const until = async (what: string, look: () => boolean): Promise<void> => {
  for (let tries = 0; !look(); tries++) {
    if (tries > 1_000) throw new Error(`waited 20 s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe.skipIf(!existsSync(mosquitto))("the broker link on mosquitto", () => {
  it("delivers, comes back with its subscriptions after the broker was killed, and never sends late what timed out", async () => {
    const folder = mkdtempSync(join(tmpdir(), "quietround-mosquitto-"));
    undo.push(() => rmSync(folder, { recursive: true, force: true }));
    const port = (await freePort("127.0.0.1", 0)) ?? 0;
    const broker = await startMosquitto(port, folder);
    const heard: string[] = [];
    const reader = open(port, "reader");
    reader.subscribe("ward/+/status", 1, (topic, payload) => heard.push(`${topic} ${Buffer.from(payload).toString()}`));
    const writer = open(port, "writer");
    await until("both connected", () => reader.state === "connected" && writer.state === "connected");
    expect(await writer.publish("ward/unit-1/status", "first", { qos: 1 })).toBe("sent");
    await until("the first message", () => heard.length === 1);

    const gone = new Promise((resolve) => broker.once("exit", resolve));
    broker.kill("SIGKILL");
    await gone;
    await until("both offline", () => reader.state === "offline" && writer.state === "offline");
    expect(await writer.publish("ward/unit-1/status", "frame", { qos: 0 })).toBe("dropped");
    expect(await writer.publish("ward/unit-1/status", "late", { qos: 1, timeoutMs: 50 })).toBe("timeout");

    await startMosquitto(port, folder);
    await until("both back", () => reader.state === "connected" && writer.state === "connected");
    expect(await writer.publish("ward/unit-1/status", "second", { qos: 1 })).toBe("sent");
    await until("the second message", () => heard.length >= 2);
    expect(heard).toEqual(["ward/unit-1/status first", "ward/unit-1/status second"]);
  }, 60_000);
});
