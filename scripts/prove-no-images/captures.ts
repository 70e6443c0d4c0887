import { connect } from "mqtt";
import WebSocket from "ws";

/* What leaves the agent: messages of both brokers as each account may hear them, pages, and the live feed of the screens. */

export interface Captured {
  /** Where it was met, for the report. */
  readonly where: string;
  readonly bytes: Buffer;
}

const everything = ["#", "+/#", "$SYS/#", "v1/#", "v1/+/+/+/+/+/+"];

/** Everything that an account gets to hear on a broker. Rejects where it cannot connect. */
export async function listenAs(
  broker: { readonly name: string; readonly port: number },
  account: { readonly username: string; readonly password: string },
  filters: readonly string[],
  keep: (one: Captured) => void,
): Promise<{ readonly heard: () => number; readonly stop: () => Promise<void> }> {
  const link = connect(`mqtt://127.0.0.1:${broker.port}`, {
    ...account,
    clientId: account.username,
    reconnectPeriod: 500,
    resubscribe: true,
  });
  let heard = 0;
  link.on("message", (topic, payload, { retain }) => {
    heard += 1;
    keep({ where: `${broker.name} broker, ${account.username}, ${retain ? "retained " : ""}${topic}`, bytes: payload });
  });
  // A broker that falls comes back: what it then refuses is as good as silence.
  link.on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    link.once("connect", () => resolve());
    link.once("close", () => reject(new Error(`${account.username} is not let in on the ${broker.name} broker`)));
  });
  // Refused or not: only what is heard counts.
  for (const filter of [...filters, ...everything]) link.subscribe(filter, { qos: 1 }, () => {});
  return { heard: () => heard, stop: async () => void (await link.endAsync(true)) };
}

/** Publishes as this account; whether the broker passes it on is its business. */
export async function publishAs(
  port: number,
  account: { readonly username: string; readonly password: string },
  messages: readonly { readonly topic: string; readonly payload: Buffer; readonly retain?: boolean }[],
): Promise<void> {
  const link = connect(`mqtt://127.0.0.1:${port}`, { ...account, clientId: account.username, reconnectPeriod: 0 });
  link.on("error", () => {});
  await new Promise<void>((resolve) => {
    link.once("connect", () => resolve());
    link.once("close", () => resolve());
  });
  for (const { topic, payload, retain = false } of messages) link.publish(topic, payload, { qos: 0, retain });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await link.endAsync(true);
}

export interface Visitor {
  readonly name: string;
  readonly cookie: string;
}

/** The cookie of whoever has this code. */
export async function enter(url: string, path: "/sign-in" | "/pair", code: string): Promise<string> {
  const reply = await fetch(url + path, {
    method: "POST",
    redirect: "manual",
    headers: { origin: url, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ code }).toString(),
  });
  const cookie = reply.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");
  if (cookie === "") throw new Error(`${path} let nobody in: ${reply.status}`);
  return cookie;
}

export async function readPages(
  url: string,
  { name, cookie }: Visitor,
  paths: readonly string[],
  keep: (one: Captured) => void,
): Promise<void> {
  for (const path of paths) {
    const reply = await fetch(url + path, { headers: { cookie }, redirect: "manual" });
    const head = [...reply.headers].map(([key, value]) => `${key}: ${value}`).join("\n");
    const body = Buffer.from(await reply.arrayBuffer());
    keep({ where: `HTTP ${path} as ${name}`, bytes: Buffer.concat([Buffer.from(`${head}\n\n`), body]) });
  }
}

/** The live feed of a screen, until it is stopped. */
export function watchFeed(
  url: string,
  { name, cookie }: Visitor,
  query: string,
  keep: (one: Captured) => void,
): { readonly heard: () => number; readonly stop: () => void } {
  let heard = 0;
  const socket = new WebSocket(`${url.replace("http", "ws")}/live?${query}`, { headers: { cookie, origin: url } });
  socket.on("message", (data: Buffer) => {
    heard += 1;
    keep({ where: `WebSocket as ${name}`, bytes: Buffer.from(data) });
  });
  socket.on("error", () => {});
  return { heard: () => heard, stop: () => socket.terminate() };
}
