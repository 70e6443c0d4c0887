import { connect as connectTcp, type Socket } from "node:net";
import mqttPacket from "mqtt-packet";
import { topics } from "../contract/topics.ts";
import { type BrokerLink, connectBroker } from "../platform/connect.ts";
import { newLog } from "../platform/log.ts";
import { type Brokers, startBrokers } from "./broker.ts";

/* For the tests of this room: both brokers of a ward with two bedroom units, and clients that behave or do not. */

export const ward = { trust: "rxx", site: "oak", ward: "willow" };
export const at = topics(ward);
export const frameTopic = at.frame("unit-1", "radar-1", "radar-iq");
export const log = newLog("test", () => {});
const logInto = (lines: string[]) => newLog("test", (line) => lines.push(line));
const clientNames = ["agent", "dashboard", "admin", "unit-1", "unit-2"];

const started: (() => Promise<unknown> | unknown)[] = [];
export const undo = (one: () => Promise<unknown> | unknown): void => void started.push(one);
/** After each test: the newest first. */
export async function undoAll(): Promise<void> {
  for (const one of started.splice(0).reverse()) await one();
}

interface Ward extends Brokers {
  readonly drops: string[];
  /** What the brokers wrote to their log. */
  readonly said: string[];
  leased: boolean;
  attended: boolean;
}

export async function wardWithBrokers(): Promise<Ward> {
  const drops: string[] = [];
  const said: string[] = [];
  const ward_ = { drops, said, leased: true, attended: true };
  const brokers = await startBrokers({
    host: "127.0.0.1",
    framesPort: 0,
    controlPort: 0,
    ward,
    credentials: new Map(clientNames.map((name) => [name, `secret of ${name}`])),
    devices: [
      { device: "unit-1", sensors: ["radar-1"] },
      { device: "unit-2", sensors: ["radar-1"] },
    ],
    admits: () => ward_.leased,
    attended: () => ward_.attended,
    onDrop: (why, from) => drops.push(`${from} ${why}`),
    log: logInto(said),
  });
  undo(() => brokers.stop());
  return Object.assign(ward_, brokers);
}

/** A client that heard `connected`, and what it hears after. */
export async function client(
  id: string,
  port: number,
  filters: string[] = [],
  will?: { topic: string; payload: string },
) {
  const heard: string[] = [];
  const link = connectBroker({
    url: `mqtt://127.0.0.1:${port}`,
    clientId: id,
    username: id,
    password: `secret of ${id}`,
    log,
    ...(will === undefined ? {} : { will }),
  });
  undo(() => link.stop());
  for (const filter of filters) {
    link.subscribe(filter, 1, (topic, payload) => heard.push(`${topic} ${Buffer.from(payload).toString("latin1")}`));
  }
  await until(() => link.state === "connected", `${id} is connected`);
  return { link, heard };
}

export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 1_000; tries++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain: ${what}`);
}

/** What was said before this has been heard or dropped: the agent hears itself last. */
export async function fence(agent: { link: BrokerLink; heard: string[] }): Promise<void> {
  const topic = at.live(`fence-${agent.heard.length}`);
  await agent.link.publish(topic, "fence", { qos: 1 });
  await until(() => agent.heard.some((line) => line.startsWith(topic)), "the fence");
}

type Will = { topic: string; payload: Buffer };
type Sent = Parameters<typeof mqttPacket.generate>[0];

/** Wire bytes, for what a well-behaved client would not send. */
export async function rawClient(
  port: number,
  id: string,
  will?: Will,
  more: { clean?: boolean; password?: string | undefined } = {},
) {
  const socket: Socket = connectTcp(port, "127.0.0.1");
  undo(() => socket.destroy());
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

export async function connackOf(
  port: number,
  id: string,
  password: string | undefined,
  more: { clean?: boolean } = {},
) {
  const raw = await rawClient(port, id, undefined, { ...more, password });
  raw.socket.destroy();
  return raw.got.find(({ cmd }) => cmd === "connack")?.returnCode;
}
