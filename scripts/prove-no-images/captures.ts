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

/**
 * Publishes as this account, once, or again and again for some seconds; whether the broker passes it on is its business.
 */
export async function publishAs(
  port: number,
  account: { readonly username: string; readonly password: string },
  messages: readonly { readonly topic: string; readonly payload: Buffer; readonly retain?: boolean }[],
  seconds = 0,
): Promise<void> {
  const link = connect(`mqtt://127.0.0.1:${port}`, { ...account, clientId: account.username, reconnectPeriod: 50 });
  link.on("error", () => {});
  // One that is thrown out comes back and goes on.
  let gone = new Promise<void>((resolve) => link.once("close", () => resolve()));
  link.on("connect", () => {
    gone = new Promise((resolve) => link.once("close", () => resolve()));
  });
  await Promise.race([gone, new Promise<void>((resolve) => link.once("connect", () => resolve()))]);
  const until = performance.now() + 1_000 * seconds;
  do {
    // As fast as the socket takes it, without filling this process.
    const taken = messages.map(
      ({ topic, payload, retain = false }) =>
        new Promise<void>((resolve) => {
          if (link.connected) link.publish(topic, payload, { qos: 0, retain }, () => resolve());
          else resolve();
        }),
    );
    await Promise.race([gone, Promise.all(taken)]);
    await wait(link.connected ? 0 : 50);
  } while (performance.now() < until);
  await wait(300);
  await Promise.race([link.endAsync(true), wait(1_000)]);
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

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
