import { connect as connectTcp, type Socket } from "node:net";
import mqttPacket from "mqtt-packet";
import { afterEach, describe, expect, test } from "vitest";
import { encodeEnvelope } from "../contract/frames.ts";
import { topics } from "../contract/topics.ts";
import { deviceUs, utcMs } from "../contract/units.ts";
import { type BrokerLink, connectBroker } from "../platform/connect.ts";
import { newLog } from "../platform/log.ts";
import { BrokerError, type Brokers, startBrokers } from "./broker.ts";

const ward = { trust: "rxx", site: "oak", ward: "willow" };
const at = topics(ward);
const frameTopic = at.frame("unit-1", "radar-1", "radar-iq");
const log = newLog("test", () => {});
const clients = ["agent", "dashboard", "admin", "unit-1", "unit-2"];

let undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const one of undo.reverse()) await one();
  undo = [];
});

interface Ward extends Brokers {
  readonly drops: string[];
  leased: boolean;
}

async function wardWithBrokers(): Promise<Ward> {
  const drops: string[] = [];
  const ward_ = { drops, leased: true };
  const brokers = await startBrokers({
    host: "127.0.0.1",
    framesPort: 0,
    controlPort: 0,
    ward,
    credentials: new Map(clients.map((client) => [client, `secret of ${client}`])),
    devices: [
      { device: "unit-1", sensors: ["radar-1"] },
      { device: "unit-2", sensors: ["radar-1"] },
    ],
    admits: () => ward_.leased,
    onDrop: (why, device) => drops.push(`${device} ${why}`),
    log,
  });
  undo.push(() => brokers.stop());
  return Object.assign(ward_, brokers);
}

/** A client that heard `connected`, and what it hears after. */
async function client(id: string, port: number, filters: string[] = [], will?: { topic: string; payload: string }) {
  const heard: string[] = [];
  const link = connectBroker({
    url: `mqtt://127.0.0.1:${port}`,
    clientId: id,
    username: id,
    password: `secret of ${id}`,
    log,
    ...(will === undefined ? {} : { will }),
  });
  undo.push(() => link.stop());
  for (const filter of filters) {
    link.subscribe(filter, 1, (topic, payload) => heard.push(`${topic} ${Buffer.from(payload).toString("latin1")}`));
  }
  await until(() => link.state === "connected", `${id} is connected`);
  return { link, heard };
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 1_000; tries++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain: ${what}`);
}

/** What was said before this has been heard or dropped: the agent hears itself last. */
async function fence(agent: { link: BrokerLink; heard: string[] }): Promise<void> {
  const topic = at.live(`fence-${agent.heard.length}`);
  await agent.link.publish(topic, "fence", { qos: 1 });
  await until(() => agent.heard.some((line) => line.startsWith(topic)), "the fence");
}

describe("rights on the frames broker", () => {
  test("a leased frame on the device's own topic arrives; others are dropped and the connection stays", async () => {
    const w = await wardWithBrokers();
    const agent = await client("agent", w.framesPort, [at.anyFrame, at.anyLive]);
    const unit = await client("unit-1", w.framesPort);
    const states: string[] = [];
    unit.link.onState((state) => states.push(state));
    const header = {
      kind: "radar-iq",
      bootId: "0".repeat(32),
      sequence: 0,
      deviceUs: deviceUs(0),
      capturedAt: utcMs(0),
    };
    const frame = encodeEnvelope({ ...header, kind: "radar-iq" }, new Uint8Array(4_000).fill(7));
    await unit.link.publish(frameTopic, frame, { qos: 0 });
    await until(() => agent.heard.length === 1, "the frame");
    w.leased = false;
    await unit.link.publish(frameTopic, frame, { qos: 0 });
    await until(() => w.drops.length === 1, "the drop");
    w.leased = true;
    for (const topic of [
      at.frame("unit-2", "radar-1", "radar-iq"),
      at.frame("unit-1", "radar-9", "radar-iq"),
      `${at.frame("unit-1", "radar-1", "radar-iq")}x`,
      at.lease("unit-1"),
      "other/topic",
    ]) {
      await unit.link.publish(topic, frame, { qos: 0 });
    }
    await unit.link.publish(frameTopic, new Uint8Array(66_000), { qos: 0 });
    await unit.link.publish(frameTopic, "last", { qos: 0 });
    await until(() => agent.heard.length === 2, "the last frame");
    expect(agent.heard[0]).toBe(`${frameTopic} ${Buffer.from(frame).toString("latin1")}`);
    expect(agent.heard[1]).toBe(`${frameTopic} last`);
    expect(w.drops).toEqual(["unit-1 no-lease", ...Array(5).fill("unit-1 wrong-topic"), "unit-1 too-large"]);
    expect(states).toEqual([]);
  });

  test("dashboard and admin cannot connect, nor can a wrong or missing secret", async () => {
    const w = await wardWithBrokers();
    expect(await connackOf(w.framesPort, "dashboard", "secret of dashboard")).toBe(5);
    expect(await connackOf(w.framesPort, "admin", "secret of admin")).toBe(5);
    expect(await connackOf(w.framesPort, "unit-1", "secret of unit-2")).toBe(5);
    expect(await connackOf(w.framesPort, "unit-1", undefined)).toBe(5);
    expect(await connackOf(w.framesPort, "unit-9", "")).toBe(5);
    expect(await connackOf(w.framesPort, "__proto__", "x")).toBe(5);
    expect(await connackOf(w.framesPort, "unit-1", "secret of unit-1", { clean: false })).toBe(5);
    expect(await connackOf(w.framesPort, "unit-1", "secret of unit-1")).toBe(0);
  });
});

describe("rights on the control broker", () => {
  test("each client says and hears only its own", async () => {
    const w = await wardWithBrokers();
    const everything = [at.anyStatus, at.anyPresence, at.anyAsk, at.anyLive, at.lease("+")];
    const agent = await client("agent", w.controlPort, everything);
    const unit1 = await client("unit-1", w.controlPort, [at.lease("unit-1"), at.lease("unit-2"), at.anyLive]);
    const dashboard = await client("dashboard", w.controlPort, [
      at.anyLive,
      at.answer("dashboard"),
      at.answer("admin"),
    ]);
    const admin = await client("admin", w.controlPort, [at.answer("admin"), at.anyLive]);
    await agent.link.publish(at.lease("unit-1"), "lease 1", { qos: 1 });
    await agent.link.publish(at.lease("unit-2"), "lease 2", { qos: 1 });
    await agent.link.publish(at.live("room-1"), "tile", { qos: 0 });
    await agent.link.publish(at.answer("dashboard"), "to dashboard", { qos: 1 });
    await agent.link.publish(at.answer("admin"), "to admin", { qos: 1 });
    await fence(agent);
    await until(() => dashboard.heard.length >= 3 && admin.heard.length >= 1 && unit1.heard.length >= 1, "deliveries");
    expect(unit1.heard).toEqual([`${at.lease("unit-1")} lease 1`]);
    expect(admin.heard).toEqual([`${at.answer("admin")} to admin`]);
    expect(dashboard.heard.filter((line) => !line.endsWith("fence"))).toEqual([
      `${at.live("room-1")} tile`,
      `${at.answer("dashboard")} to dashboard`,
    ]);
    agent.heard.length = 0;
    for (const topic of [
      at.status("unit-1"),
      at.status("unit-2"),
      at.presence("unit-1"),
      at.lease("unit-1"),
      at.live("x"),
    ]) {
      expect(await unit1.link.publish(topic, "unit-1", { qos: 1 })).toBe("sent");
    }
    for (const topic of [at.ask("dashboard"), at.ask("admin"), at.lease("unit-1")]) {
      expect(await dashboard.link.publish(topic, "dashboard", { qos: 1 })).toBe("sent");
    }
    for (const topic of [at.ask("dashboard"), at.ask("admin")]) await admin.link.publish(topic, "admin", { qos: 1 });
    await fence(agent);
    expect(agent.heard.filter((line) => !line.endsWith("fence")).sort()).toEqual(
      [
        `${at.status("unit-1")} unit-1`,
        `${at.presence("unit-1")} unit-1`,
        `${at.ask("dashboard")} dashboard`,
        `${at.ask("admin")} admin`,
      ].sort(),
    );
    expect(w.drops.sort()).toEqual(
      [...Array(3).fill("unit-1 wrong-topic"), ...Array(2).fill("dashboard wrong-topic"), "admin wrong-topic"].sort(),
    );
  });

  test("nothing is retained", async () => {
    const w = await wardWithBrokers();
    const agent = await client("agent", w.controlPort, [at.anyLive]);
    const raw = await rawClient(w.controlPort, "unit-1");
    raw.send({ cmd: "publish", topic: at.status("unit-1"), payload: "kept?", qos: 0, retain: true, dup: false });
    raw.send({ cmd: "pingreq" });
    await until(() => raw.got.some(({ cmd }) => cmd === "pingresp"), "the ping");
    const late: string[] = [];
    agent.link.subscribe(at.anyStatus, 1, (_topic, payload) => late.push(Buffer.from(payload).toString()));
    await fence(agent);
    raw.send({ cmd: "publish", topic: at.status("unit-1"), payload: "now", qos: 0, retain: false, dup: false });
    await until(() => late.length > 0, "a status");
    expect(late).toEqual(["now"]);
  });

  test("the will of a bridge that was cut says that it is gone", async () => {
    const w = await wardWithBrokers();
    const agent = await client("agent", w.controlPort, [at.anyPresence]);
    const raw = await rawClient(w.controlPort, "unit-1", {
      topic: at.presence("unit-1"),
      payload: Buffer.from("gone"),
    });
    raw.socket.destroy();
    await until(() => agent.heard.length === 1, "the will");
    expect(agent.heard).toEqual([`${at.presence("unit-1")} gone`]);
  });

  test.each(["#", "+/+/+/+/#", "$SYS/#", at.anyAsk, at.anyStatus, at.lease("unit-1"), `${at.anyLive}/#`])(
    "the dashboard may not subscribe to %s",
    async (topic) => {
      const w = await wardWithBrokers();
      const raw = await rawClient(w.controlPort, "dashboard");
      const subscriptions = [
        { topic, qos: 0 as const },
        { topic: at.anyLive, qos: 0 as const },
      ];
      raw.send({ cmd: "subscribe", messageId: 1, subscriptions });
      await until(() => raw.got.some(({ cmd }) => cmd === "suback"), "SUBACK");
      expect(raw.got.find(({ cmd }) => cmd === "suback")).toMatchObject({ granted: [128, 0] });
    },
  );

  test("QoS 2 is refused, as a publish and as a subscription", async () => {
    const w = await wardWithBrokers();
    const raw = await rawClient(w.controlPort, "unit-1");
    raw.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: at.lease("unit-1"), qos: 2 }] });
    await until(() => raw.got.some(({ cmd }) => cmd === "suback"), "SUBACK");
    expect(raw.got.find(({ cmd }) => cmd === "suback")).toMatchObject({ granted: [128] });
    raw.send({
      cmd: "publish",
      messageId: 2,
      topic: at.status("unit-1"),
      payload: "x",
      qos: 2,
      retain: false,
      dup: false,
    });
    await until(() => raw.ended(), "the end");
    expect(raw.got.some(({ cmd }) => cmd === "pubrec")).toBe(false);
  });

  test("a second session of one id ends the first", async () => {
    const w = await wardWithBrokers();
    const first = await rawClient(w.controlPort, "unit-1");
    const second = await rawClient(w.controlPort, "unit-1");
    await until(() => first.ended(), "the first ends");
    expect(second.ended()).toBe(false);
  });
});

describe("clients that mean harm", () => {
  test("a CONNECT that claims 256 MB is cut before it is kept", async () => {
    const w = await wardWithBrokers();
    const before = process.memoryUsage().arrayBuffers;
    const socket = connectTcp(w.controlPort, "127.0.0.1");
    undo.push(() => socket.destroy());
    let closed = false;
    socket.on("close", () => {
      closed = true;
    });
    socket.on("error", () => {});
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    const mebibyte = Buffer.alloc(1_048_576);
    for (let sent = 0; sent < 200 && !closed; sent++) {
      socket.write(mebibyte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => closed, "the connection is cut");
    socket.destroy();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1_048_576);
  });

  test("a CONNECT with a long password is cut", async () => {
    const w = await wardWithBrokers();
    await expect(connackOf(w.controlPort, "unit-1", "x".repeat(2_000))).rejects.toThrow("ended");
  });

  test("a reader that froze does not stop what others hear", async () => {
    const w = await wardWithBrokers();
    const agent = await client("agent", w.controlPort, [at.anyPresence]);
    const unit = await client("unit-1", w.controlPort, [at.lease("unit-1")]);
    const frozen = await rawClient(w.controlPort, "dashboard");
    frozen.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: at.anyLive, qos: 0 }] });
    await until(() => frozen.got.some(({ cmd }) => cmd === "suback"), "SUBACK");
    frozen.socket.pause();
    const tile = new Uint8Array(40_000);
    for (let n = 0; n < 60; n++) {
      for (let i = 0; i < 20; i++) await agent.link.publish(at.live("room-1"), tile, { qos: 0 });
      expect(await agent.link.publish(at.lease("unit-1"), `lease ${n}`, { qos: 1 })).toBe("sent");
    }
    await until(() => unit.heard.length === 60, "every lease");
    // 1200 tiles of 40 kB: more than any socket keeps. What the frozen reader cannot take is dropped and counted.
    await until(() => frozen.ended() || w.drops.includes("agent queue-full"), "the frozen reader shows");
    expect(unit.heard.at(-1)).toBe(`${at.lease("unit-1")} lease 59`);
  });
});

test("both ends of a connection have TCP_NODELAY", async () => {
  // Node does not tell the option of a socket, so what reaches the operating system is counted.
  const probe = connectTcp((await wardWithBrokers()).controlPort, "127.0.0.1");
  undo.push(() => probe.destroy());
  await new Promise((resolve) => probe.once("connect", resolve));
  const handle = Object.getPrototypeOf((probe as unknown as { _handle: object })._handle) as {
    setNoDelay: (on: boolean) => number;
  };
  const original = handle.setNoDelay;
  const asked: { on: boolean; handle: unknown }[] = [];
  handle.setNoDelay = function (this: unknown, on: boolean): number {
    asked.push({ on, handle: this });
    return original.call(this as typeof handle, on);
  };
  undo.push(() => {
    handle.setNoDelay = original;
  });
  await client("agent", (await wardWithBrokers()).framesPort);
  expect(asked.filter(({ on }) => on).length).toBe(2);
  expect(new Set(asked.map((one) => one.handle)).size).toBe(2);
});

test("a port in use says which, and leaves nothing running", async () => {
  const w = await wardWithBrokers();
  const options = {
    host: "127.0.0.1",
    ward,
    credentials: new Map<string, string>(),
    devices: [],
    admits: () => true,
    onDrop: () => {},
    log,
  };
  const taken = startBrokers({ ...options, framesPort: 0, controlPort: w.controlPort });
  await expect(taken).rejects.toThrow(BrokerError);
  await expect(taken).rejects.toThrow(`port ${w.controlPort} for the control broker is in use`);
  await expect(
    startBrokers({ ...options, framesPort: 0, controlPort: 0, devices: [{ device: "live", sensors: [] }] }),
  ).rejects.toThrow("cannot be called");
});

type Will = { topic: string; payload: Buffer };
type Sent = Parameters<typeof mqttPacket.generate>[0];

/** Wire bytes, for what a well-behaved client would not send. */
async function rawClient(
  port: number,
  id: string,
  will?: Will,
  more: { clean?: boolean; password?: string | undefined } = {},
) {
  const socket: Socket = connectTcp(port, "127.0.0.1");
  undo.push(() => socket.destroy());
  const got: { cmd: string; returnCode?: number | undefined }[] = [];
  const parser = mqttPacket.parser({ protocolVersion: 4 });
  parser.on("packet", (packet) => got.push(packet as { cmd: string }));
  socket.on("data", (bytes) => parser.parse(bytes));
  socket.on("error", () => {});
  let ended = false;
  socket.on("close", () => {
    ended = true;
  });
  const send = (packet: Sent): void => void socket.write(mqttPacket.generate(packet));
  const password = "password" in more ? more.password : `secret of ${id}`;
  send({
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: 4,
    clean: more.clean ?? true,
    clientId: id,
    keepalive: 30,
    username: id,
    ...(password === undefined ? {} : { password: Buffer.from(password) }),
    ...(will === undefined ? {} : { will: { ...will, qos: 1, retain: false } }),
  });
  await until(() => got.some(({ cmd }) => cmd === "connack") || ended, "CONNACK");
  if (!got.some(({ cmd }) => cmd === "connack")) throw new Error("ended without CONNACK");
  return { socket, got, send, ended: () => ended };
}

async function connackOf(port: number, id: string, password: string | undefined, more: { clean?: boolean } = {}) {
  const raw = await rawClient(port, id, undefined, { ...more, password });
  raw.socket.destroy();
  return raw.got.find(({ cmd }) => cmd === "connack")?.returnCode;
}
