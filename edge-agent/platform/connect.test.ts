import { createServer, type Server, type Socket } from "node:net";
import mqttPacket from "mqtt-packet";
import { afterEach, expect, test } from "vitest";
import { readBrokerUrl } from "./broker-socket.ts";
import { type BrokerLink, connectBroker, type LinkState } from "./connect.ts";
import { newLog } from "./log.ts";
import { topicMatches } from "./topic-filter.ts";

let undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of undo.reverse()) await one();
  undo = [];
});

type Packet = {
  cmd: string;
  topic?: string;
  payload?: Buffer;
  messageId?: number;
  will?: { topic: string };
  dup?: boolean;
};

/** A broker that does only what the test says. */
async function fakeBroker(port = 0) {
  const got: Packet[] = [];
  const sockets = new Set<Socket>();
  const answers = { connack: 0, suback: [0, 1, 128] as number[], puback: true };
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    const parser = mqttPacket.parser({ protocolVersion: 4 });
    const send = (packet: Parameters<typeof mqttPacket.generate>[0]): void =>
      void socket.write(mqttPacket.generate(packet));
    parser.on("packet", (packet) => {
      got.push(packet as Packet);
      if (packet.cmd === "connect") send({ cmd: "connack", returnCode: answers.connack, sessionPresent: false });
      if (packet.cmd === "subscribe") {
        send({
          cmd: "suback",
          messageId: packet.messageId ?? 0,
          granted: answers.suback.slice(0, packet.subscriptions.length),
        });
      }
      if (packet.cmd === "publish" && packet.qos === 1 && answers.puback)
        send({ cmd: "puback", messageId: packet.messageId ?? 0 });
    });
    socket.on("data", (bytes) => parser.parse(bytes));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const stop = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  undo.push(stop);
  return { port: address.port, got, sockets, answers, stop };
}

function linkTo(port: number, said: string[] = []): BrokerLink {
  const link = connectBroker({
    url: `mqtt://127.0.0.1:${port}`,
    clientId: "unit-1",
    username: "unit-1",
    password: "secret",
    will: { topic: "presence", payload: "gone" },
    log: newLog("test", (line) => said.push(line)),
  });
  undo.push(() => link.stop());
  return link;
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 1_000; tries++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain: ${what}`);
}

const published = (got: readonly Packet[]): string[] =>
  got.filter(({ cmd }) => cmd === "publish").map(({ topic, payload }) => `${topic} ${payload}`);

test("connects as MQTT 3.1.1 with a clean session, its will and a keepalive of 5 s", async () => {
  const broker = await fakeBroker();
  const link = linkTo(broker.port);
  await until(() => link.state === "connected", "connected");
  expect(broker.got[0]).toMatchObject({
    cmd: "connect",
    protocolVersion: 4,
    clean: true,
    clientId: "unit-1",
    keepalive: 5,
    will: { topic: "presence", qos: 1, retain: false },
  });
});

test("is connected only when its subscriptions are confirmed, keeps them over a reconnect and says which was refused", async () => {
  const broker = await fakeBroker();
  const said: string[] = [];
  const link = linkTo(broker.port, said);
  const states: LinkState[] = [];
  const subscribed: number[] = [];
  link.onState((state) => {
    states.push(state);
    if (state === "connected") subscribed.push(broker.got.filter(({ cmd }) => cmd === "subscribe").length);
  });
  for (const filter of ["a", "b/+", "refused"]) link.subscribe(filter, 1, () => {});
  await until(() => link.state === "connected", "connected");
  for (const socket of broker.sockets) socket.destroy();
  await until(() => states.length === 3, "connected again");
  expect(states).toEqual(["connected", "offline", "connected"]);
  expect(subscribed).toEqual([1, 2]);
  expect(
    said.filter((line) => line.includes("refused a subscription")).map((line) => JSON.parse(line).refused),
  ).toEqual([["refused"], ["refused"]]);
});

test("QoS 0 offline is dropped and never sent later; QoS 1 waits for the connection, in order", async () => {
  const broker = await fakeBroker();
  const link = linkTo(broker.port);
  await until(() => link.state === "connected", "connected");
  await broker.stop();
  await until(() => link.state === "offline", "offline");
  expect(await link.publish("frame", "lost", { qos: 0 })).toBe("dropped");
  expect(await link.publish("lease", "late", { qos: 1, dropWhenOffline: true })).toBe("dropped");
  const first = link.publish("status", "1", { qos: 1, timeoutMs: 20_000 });
  const second = link.publish("status", "2", { qos: 1, timeoutMs: 20_000 });
  expect(await link.publish("status", "given up", { qos: 1, timeoutMs: 20 })).toBe("timeout");
  const again = await fakeBroker(broker.port);
  expect(await first).toBe("sent");
  expect(await second).toBe("sent");
  expect(published(again.got)).toEqual(["status 1", "status 2"]);
});

test("a publish that is never confirmed ends with timeout and is not sent again after a reconnect", async () => {
  const broker = await fakeBroker();
  broker.answers.puback = false;
  const link = linkTo(broker.port);
  await until(() => link.state === "connected", "connected");
  expect(await link.publish("status", "1", { qos: 1, timeoutMs: 50 })).toBe("timeout");
  const kept = link.publish("status", "2", { qos: 1, timeoutMs: 20_000 });
  await until(() => published(broker.got).length === 2, "both were sent once");
  broker.answers.puback = true;
  for (const socket of broker.sockets) socket.destroy();
  expect(await kept).toBe("sent");
  expect(published(broker.got)).toEqual(["status 1", "status 2", "status 2"]);
});

test("a refused login is tried again, and said once", async () => {
  const broker = await fakeBroker();
  broker.answers.connack = 5;
  const said: string[] = [];
  const link = linkTo(broker.port, said);
  await until(() => broker.got.filter(({ cmd }) => cmd === "connect").length >= 3, "three tries");
  expect(said.filter((line) => line.includes("no connection"))).toHaveLength(1);
  broker.answers.connack = 0;
  await until(() => link.state === "connected", "connected");
});

test("stopping says good-bye, drops what waits and forbids what comes", async () => {
  const broker = await fakeBroker();
  broker.answers.puback = false;
  const link = linkTo(broker.port);
  await until(() => link.state === "connected", "connected");
  const waiting = link.publish("status", "1", { qos: 1, timeoutMs: 20_000 });
  await link.stop();
  expect(await waiting).toBe("dropped");
  await until(() => broker.got.at(-1)?.cmd === "disconnect", "DISCONNECT");
  expect(await link.publish("status", "2", { qos: 1 })).toBe("dropped");
  expect(link.state).toBe("offline");
});

test("delivers to every subscription that matches", async () => {
  const broker = await fakeBroker();
  const heard: string[] = [];
  const link = linkTo(broker.port);
  link.subscribe("live/+", 0, (topic, payload) => heard.push(`tile ${topic} ${Buffer.from(payload)}`));
  link.subscribe("live/room-1", 0, (topic) => heard.push(`room ${topic}`));
  await until(() => link.state === "connected", "connected");
  for (const topic of ["live/room-1", "live/room-2", "other"]) {
    for (const socket of broker.sockets) {
      socket.write(mqttPacket.generate({ cmd: "publish", topic, payload: "x", qos: 0, retain: false, dup: false }));
    }
  }
  await until(() => heard.length === 3, "three deliveries");
  expect(heard).toEqual(["tile live/room-1 x", "room live/room-1", "tile live/room-2 x"]);
});

test("an address that is not mqtt:// is refused at once", () => {
  expect(() => linkTo(Number.NaN)).toThrow();
});

test.each([
  ["a/+/c", "a/b/c", true],
  ["a/+", "a", false],
  ["a/+", "a/b/c", false],
  ["a/#", "a", true],
  ["a/#", "a/b/c", true],
  ["#", "$SYS/x", false],
  ["+/x", "$SYS/x", false],
  ["a/b", "a/b", true],
  ["a/b", "a/b/", false],
])("filter %s and topic %s: %s", (filter, topic, matches) => {
  expect(topicMatches(filter, topic)).toBe(matches);
});

test.each([
  ["mqtt://127.0.0.1:18830", "127.0.0.1", 18_830],
  ["mqtt://localhost:1883", "localhost", 1_883],
  ["mqtt://::1:18830", "::1", 18_830],
  ["mqtt://[::1]:18830", "::1", 18_830],
  ["mqtts://station.willow.example:18830", "station.willow.example", 18_830],
  ["mqtts://[fd00::7]:18830", "fd00::7", 18_830],
])("%s is %s, port %i", (url, host, port) => {
  expect(readBrokerUrl(url)).toEqual({ host, port, secure: url.startsWith("mqtts") });
});

test.each(["mqtt://127.0.0.1:70000", "mqtt://127.0.0.1:x", "127.0.0.1:1", "mqtt://", "mqtt://127.0.0.1:1/path"])(
  "%s is refused",
  (url) => {
    expect(() => readBrokerUrl(url)).toThrow("only mqtt://");
  },
);

test.each(["mqtt://192.168.1.4:18830", "mqtt://station:18830", "mqtt://[fd00::7]:1"])("%s needs TLS", (url) => {
  expect(() => readBrokerUrl(url)).toThrow("only mqtts:// reaches another machine");
});
