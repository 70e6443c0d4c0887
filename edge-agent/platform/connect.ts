import { Socket } from "node:net";
import { MqttClient } from "mqtt";
import { brokerErrorWords, openBrokerSocket, readBrokerUrl } from "./broker-socket.ts";
import type { Log } from "./log.ts";
import { renewWithinDays, type TlsFiles } from "./tls-files.ts";
import { topicMatches } from "./topic-filter.ts";

export type LinkState = "connected" | "offline";
export type PublishResult = "sent" | "dropped" | "timeout";
export type MessageHandler = (topic: string, payload: Uint8Array) => void;

export interface PublishOptions {
  readonly qos: 0 | 1;
  /** QoS 1 only: give up at once where there is no connection. QoS 0 always does. */
  readonly dropWhenOffline?: boolean;
  /** QoS 1: how long until the broker must have confirmed, waiting for a connection included. Default 5 s. */
  readonly timeoutMs?: number;
}

export interface BrokerLink {
  /**
   * "sent": handed to the socket (QoS 0) or confirmed by the broker (QoS 1, at least once). A confirmation is not durability.
   * "timeout": treat it as unsent; it will not be sent later. "dropped": offline, too much waiting, or stopped.
   */
  publish(topic: string, payload: Uint8Array | string, options: PublishOptions): Promise<PublishResult>;
  /** Kept over reconnects. The payload is only valid during the call. */
  subscribe(filter: string, qos: 0 | 1, handler: MessageHandler): void;
  /** Told at each change. "connected" only once the broker has confirmed every subscription. */
  onState(listener: (state: LinkState) => void): void;
  readonly state: LinkState;
  /** Says good-bye, so that the will is not sent. What still waits is dropped. */
  stop(): Promise<void>;
}

export interface BrokerOptions {
  /** `mqtts://host:port`, or `mqtt://host:port` of this machine. */
  readonly url: string;
  /** With `mqtts://`; asked at each connection, since a certificate may have been renewed. */
  readonly tls?: (() => TlsFiles) | undefined;
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
  readonly will?: { readonly topic: string; readonly payload: string };
  readonly log: Log;
}

const backOffMs = { first: 250, max: 2_000 };
const keepaliveS = 5;
const publishTimeoutMs = 5_000;
const confirmSubscriptionsMs = 5_000;
const endsSoon = "this machine's certificate ends soon: make a new one (docs/devices.md)";
const pendingMax = 1_000;
/** Bytes not yet taken by the kernel; above it QoS 0 is dropped, since a late frame is worth nothing. */
const unsentBytesMax = 1_048_576;

interface Pending {
  readonly topic: string;
  readonly payload: Buffer;
  readonly finish: (result: PublishResult) => void;
  messageId: number | undefined;
}

/** MQTT 3.1.1, clean session. Begins to connect at once and keeps trying, 250 ms to 2 s apart, until stopped. */
export function connectBroker(options: BrokerOptions): BrokerLink {
  const address = readBrokerUrl(options.url);
  const subscriptions: { filter: string; qos: 0 | 1; handler: MessageHandler }[] = [];
  const listeners: ((state: LinkState) => void)[] = [];
  // Insertion order is the order of sending, also after a reconnect.
  const pending = new Set<Pending>();
  let state: LinkState = "offline";
  let stopped = false;
  let backOff = backOffMs.first;
  let lastError = "";
  let socket: Socket | undefined;
  let daysLeft = Number.POSITIVE_INFINITY;
  // Thrown here and now, not in an attempt later.
  readTls(address.secure, options);
  const failed = (error: Error): void => {
    const words = brokerErrorWords(error);
    if (words !== lastError)
      options.log.warn({ url: options.url, error: words }, "no connection to the broker; trying on");
    lastError = words;
  };

  const client = new MqttClient(
    () => {
      try {
        const files = readTls(address.secure, options);
        daysLeft = files?.daysLeft ?? Number.POSITIVE_INFINITY;
        socket = openBrokerSocket(address, files);
      } catch (cause) {
        // Half of a renewal: the next try finds the whole.
        failed(cause instanceof Error ? cause : new Error(String(cause)));
        socket = new Socket();
        socket.destroy();
        return socket;
      }
      // The library is silent about what goes wrong in TLS.
      socket.on("error", failed);
      return socket;
    },
    {
      protocolId: "MQTT",
      protocolVersion: 4,
      clean: true,
      clientId: options.clientId,
      username: options.username,
      password: options.password,
      keepalive: keepaliveS,
      connectTimeout: 5_000,
      reconnectPeriod: backOff,
      reconnectOnConnackError: true,
      resubscribe: false,
      queueQoSZero: false,
      ...(options.will === undefined
        ? {}
        : { will: { topic: options.will.topic, payload: Buffer.from(options.will.payload), qos: 1, retain: false } }),
    },
  );

  const setState = (next: LinkState): void => {
    if (next === state) return;
    state = next;
    for (const listener of listeners) listener(next);
  };

  const send = (one: Pending): void => {
    client.publish(one.topic, one.payload, { qos: 1 }, (error) => {
      if (error === undefined || error === null) one.finish("sent");
    });
    one.messageId = client.getLastMessageId();
  };

  client.on("connect", () => {
    lastError = "";
    subscribeAll(client, subscriptions, options.log).then(
      () => {
        if (stopped || !client.connected) return;
        backOff = backOffMs.first;
        client.options.reconnectPeriod = backOff;
        options.log.info({ url: options.url }, "connected to the broker");
        if (daysLeft < renewWithinDays) options.log.warn({ daysLeft }, endsSoon);
        for (const one of pending) send(one);
        setState("connected");
      },
      (cause: unknown) => {
        options.log.warn({ cause }, "subscriptions were not confirmed; connecting again");
        socket?.destroy();
      },
    );
  });
  client.on("close", () => {
    if (state === "connected" && !stopped) options.log.warn({ url: options.url }, "connection to the broker lost");
    // Ours to send again, not the library's: a publish that timed out must not go out later.
    for (const one of pending) {
      const { messageId } = one;
      one.messageId = undefined;
      if (messageId !== undefined) client.removeOutgoingMessage(messageId);
    }
    backOff = Math.min(backOffMs.max, backOff * 2);
    client.options.reconnectPeriod = Math.round(backOff * (0.8 + 0.2 * Math.random()));
    setState("offline");
  });
  client.on("error", failed);
  client.on("message", (topic, payload) => {
    for (const { filter, handler } of subscriptions) if (topicMatches(filter, topic)) handler(topic, payload);
  });

  const publishFast = (topic: string, payload: Buffer): Promise<PublishResult> => {
    if (state === "offline" || socket === undefined || socket.writableLength > unsentBytesMax) {
      return Promise.resolve("dropped");
    }
    client.publish(topic, payload, { qos: 0 });
    return Promise.resolve("sent");
  };

  const publishConfirmed = (topic: string, payload: Buffer, { dropWhenOffline, timeoutMs }: PublishOptions) => {
    if (pending.size >= pendingMax || (dropWhenOffline === true && state === "offline")) {
      return Promise.resolve<PublishResult>("dropped");
    }
    return new Promise<PublishResult>((resolve) => {
      const one: Pending = {
        topic,
        payload,
        messageId: undefined,
        finish: (result) => {
          if (!pending.delete(one)) return;
          clearTimeout(timer);
          if (result !== "sent" && one.messageId !== undefined) client.removeOutgoingMessage(one.messageId);
          resolve(result);
        },
      };
      const timer = setTimeout(() => one.finish("timeout"), timeoutMs ?? publishTimeoutMs);
      pending.add(one);
      if (state === "connected") send(one);
    });
  };

  return {
    publish(topic, payload, publishOptions) {
      if (stopped) return Promise.resolve("dropped");
      const bytes =
        typeof payload === "string"
          ? Buffer.from(payload)
          : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
      return publishOptions.qos === 0 ? publishFast(topic, bytes) : publishConfirmed(topic, bytes, publishOptions);
    },
    subscribe(filter, qos, handler) {
      const subscription = { filter, qos, handler };
      subscriptions.push(subscription);
      if (client.connected) subscribeAll(client, [subscription], options.log).catch(() => socket?.destroy());
    },
    onState(listener) {
      listeners.push(listener);
    },
    get state() {
      return state;
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      for (const one of [...pending]) one.finish("dropped");
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => {
          socket?.destroy();
          resolve();
        }, 1_000);
        client.end(false, () => {
          clearTimeout(timer);
          resolve();
        });
      });
      socket?.destroy();
      setState("offline");
    },
  };
}

/** Rejects where the broker does not answer in time. A refused filter is an error of ours or of the rights: said, not retried. */
async function subscribeAll(
  client: MqttClient,
  subscriptions: readonly { filter: string; qos: 0 | 1 }[],
  log: Log,
): Promise<void> {
  if (subscriptions.length === 0) return;
  const wanted = Object.fromEntries(subscriptions.map(({ filter, qos }) => [filter, { qos }]));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no SUBACK")), confirmSubscriptionsMs);
    client.subscribe(wanted, (error, _wanted, packet) => {
      clearTimeout(timer);
      // 128: refused (3.9.3). mqtt.js makes an error of it; the link itself is sound.
      const refused = Object.keys(wanted).filter((_, index) => packet?.granted[index] === 128);
      if (refused.length > 0) log.error({ refused }, "the broker refused a subscription");
      if (error === null || refused.length > 0) resolve();
      else reject(error);
    });
  });
}

/** Throws where the files cannot be used. */
function readTls(secure: boolean, { url, tls }: BrokerOptions): TlsFiles | undefined {
  if (!secure) return undefined;
  if (tls === undefined) throw new Error(`${url} needs an authority, a certificate and its key`);
  return tls();
}
