import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect as connectTcp, createServer } from "node:net";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { GatewayFields, topicsOf } from "../../edge-agent/contract/gateway.ts";
import type { RadarTargetsFrame } from "../../edge-agent/contract/module-frames.ts";
import { systemClock } from "../../edge-agent/platform/clock.ts";
import { freePort } from "../../scripts/free-port.ts";
import { newSensorLine } from "../sensor-line.ts";
import { mqttGateway, newGatewayTalk } from "../sensors/mqtt-gateway.ts";
import { newMqttPort } from "./mqtt.ts";

/* A real mosquitto on this machine, and a gateway that publishes as ESPHome and Zigbee2MQTT do. */

const fields: GatewayFields = GatewayFields.parse({
  present: { topic: "room4/radar", path: "presence.state", yes: "occupied" },
  moving: { topic: "room4/moving" },
  distance: { topic: "room4/radar", path: "distance", unit: "m" },
  breathing: { topic: "room4/breaths" },
});

let broker: ChildProcess;
let port = 0;
let gateway: MqttClient;

beforeAll(async () => {
  port = (await freePort("127.0.0.1", 0)) ?? 0;
  broker = spawn("/usr/sbin/mosquitto", ["-p", String(port)], { stdio: "ignore" });
  await vi.waitFor(
    async () => {
      const socket = connectTcp({ host: "127.0.0.1", port });
      await once(socket, "connect");
      socket.destroy();
    },
    { timeout: 15_000, interval: 100 },
  );
  gateway = await connectAsync(`mqtt://127.0.0.1:${port}`);
}, 30_000);
afterAll(async () => {
  await gateway?.endAsync(true);
  broker.kill("SIGTERM");
});

const says = (topic: string, payload: unknown): Promise<unknown> =>
  gateway.publishAsync(topic, typeof payload === "string" ? payload : JSON.stringify(payload));

describe("a gateway that speaks MQTT by itself", () => {
  it("is heard only while it is wished on, and is called ignored, never off", async () => {
    const frames: RadarTargetsFrame[] = [];
    const ending = new AbortController();
    const line = newSensorLine<RadarTargetsFrame>({
      sensor: { ...mqttGateway, newTalk: () => newGatewayTalk(fields) },
      newPort: () => newMqttPort({ host: "127.0.0.1", port, topics: topicsOf(fields) }),
      clock: systemClock,
      mayPass: () => true,
      onFrame: (_header, frame) => frames.push({ ...frame }),
      onChange: () => {},
      random: () => 0,
    });
    line.start(ending.signal);
    await vi.waitFor(() => expect(line.state).toBe("ignored"), { timeout: 5_000 });
    await says("room4/moving", "ON");
    line.wish("on");
    await vi.waitFor(
      async () => {
        await says("room4/radar", { presence: { state: "occupied" }, distance: 1.25 });
        expect(line.state).toBe("on");
      },
      { timeout: 5_000, interval: 200 },
    );
    await says("room4/moving", "OFF");
    await says("room4/breaths", "14.5");
    await says("room4/radar", { presence: { state: "free" } });
    await says("room4/radar", "{ this is no JSON");
    await says("room4/radar", { presence: { state: "occupied" }, distance: -3 });
    await vi.waitFor(() => expect(frames.at(-1)).toMatchObject({ present: true, distanceMm: null }), {
      timeout: 5_000,
    });
    expect(frames.at(-2)?.present).toBe(false);
    expect(frames[0]).toMatchObject({ present: true, distanceMm: 1_250, breathingPerMin: null });
    expect(frames.some(({ moving }) => moving === true)).toBe(false);
    expect(frames.some(({ moving }) => moving === false)).toBe(true);
    expect(frames.some(({ breathingPerMin }) => breathingPerMin === 14.5)).toBe(true);
    await vi.waitFor(() => expect(line.counts.malformed).toBe(1), { timeout: 5_000 });
    line.wish("off");
    await vi.waitFor(() => expect(line.state).toBe("ignored"), { timeout: 5_000 });
    const heard = frames.length;
    await says("room4/moving", "ON");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(frames.length).toBe(heard);
    await line.stop();
    ending.abort();
  }, 30_000);

  it("no broker there is said in words, with the address", async () => {
    const nobody = (await freePort("127.0.0.1", 0)) ?? 0;
    const opened = newMqttPort({ host: "127.0.0.1", port: nobody, topics: ["a"] }).open(new AbortController().signal);
    await expect(opened).rejects.toMatchObject({ code: "refused", message: expect.stringContaining(String(nobody)) });
  });
});

describe("a broker that never confirms the topics", () => {
  it("is given up after 5 s, with words", { timeout: 15_000 }, async () => {
    // Answers CONNECT and PINGREQ, as MQTT 3.1.1 has them, and nothing else.
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (bytes) => {
        if (bytes[0] === 0x10) socket.write(Uint8Array.of(0x20, 2, 0, 0));
        if (bytes[0] === 0xc0) socket.write(Uint8Array.of(0xd0, 0));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const at = { host: "127.0.0.1", port: typeof address === "object" ? (address?.port ?? 0) : 0, topics: ["a"] };
    const begun = performance.now();
    await expect(newMqttPort(at).open(new AbortController().signal)).rejects.toMatchObject({
      code: "timeout",
      message: `the broker at mqtt://127.0.0.1:${at.port} did not confirm the topics within 5000 ms`,
    });
    expect(performance.now() - begun).toBeLessThan(7_000);
    server.close();
  });
});

describe("the topics of a gateway", () => {
  it("have no wildcards, and presence is needed", () => {
    expect(GatewayFields.safeParse({ present: { topic: "bed/#" } }).success).toBe(false);
    expect(GatewayFields.safeParse({ present: { topic: "+/presence" } }).success).toBe(false);
    expect(GatewayFields.safeParse({ moving: { topic: "a" } }).success).toBe(false);
    expect(topicsOf(fields)).toEqual(["room4/radar", "room4/moving", "room4/breaths"]);
  });
});
