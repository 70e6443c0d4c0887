import { createHash, timingSafeEqual } from "node:crypto";
import type { AddressInfo, Server, Socket } from "node:net";
import { Aedes, type AedesOptions, type Client, type PublishPacket } from "aedes";
import type { WardAddress } from "../contract/topics.ts";
import type { DropReason } from "../contract/words.ts";
import type { Log } from "../platform/log.ts";
import { type BrokerTls, newDoor } from "./broker-door.ts";
import { backlogBytesMax, type GuardedConnection, guardConnection, stallMsMax } from "./guarded-connection.ts";
import { type BrokerName, type Device, type Rights, wardRights } from "./rights.ts";

export interface BrokersOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly framesPort: number;
  readonly controlPort: number;
  readonly ward: WardAddress;
  /** Secret of each client id; a client without one cannot connect. */
  readonly credentials: ReadonlyMap<string, string>;
  /** Left out: no TLS, and then `host` is loopback. */
  readonly tls?: BrokerTls | undefined;
  readonly devices: readonly Device[];
  /** Whether a valid lease covers this sensor at this moment. Asked when a frame comes in and again when it goes out. */
  readonly admits: (device: string, sensor: string) => boolean;
  /**
   * Whether the agent itself listens. Until then everybody else is told "server unavailable" and tries again: what they
   * said would be confirmed by the broker and heard by nobody.
   */
  readonly attended: () => boolean;
  /**
   * Each message that was dropped, with the client that sent it: a device, or `agent`, `dashboard`, `admin`. What is not an
   * ordinary end of a lease is in the log as well.
   */
  readonly onDrop: (why: DropReason, client: string) => void;
  readonly log: Log;
}

export interface Brokers {
  readonly framesPort: number;
  readonly controlPort: number;
  /** Nothing to do: every frame is asked about when it comes. */
  leasesChanged(): void;
  stop(): Promise<void>;
}

/** Its message is for the person who started the ward: it names the port and the setting. Trying again would not help. */
export class BrokerError extends Error {
  readonly code: "port-in-use" | "cannot-listen" | "no-admin" | "no-tls";
  constructor(code: BrokerError["code"], words: string, cause: unknown) {
    super(words, { cause });
    this.code = code;
  }
}

/** Two brokers that share nothing, so that no flood of frames can delay a command or an alert. */
export async function startBrokers(options: BrokersOptions): Promise<Brokers> {
  const rights = wardRights(options.ward, options.devices, options.admits);
  const frames = await startBroker("frames", options.framesPort, options, rights);
  try {
    const control = await startBroker("control", options.controlPort, options, rights);
    return {
      framesPort: frames.port,
      controlPort: control.port,
      leasesChanged: () => {},
      stop: async () => {
        await Promise.all([frames.stop(), control.stop()]);
      },
    };
  } catch (error) {
    await frames.stop();
    throw error;
  }
}

const connectTimeoutMs = 5_000;
const keepaliveSMax = 60;
/** Who has logged in is one connection for each known client; only those who have not can pile up. */
const strangersPerAddressMax = 40;
const sayRefusalEveryMs = 10_000;
/** Of a topic that somebody invented, in the log. */
const topicCharactersMax = 120;
/** MQTT 3.1.1, 3.2.2.3. */
const serverUnavailable = 3;
const agentClient = "agent";
/** Where a refused publish goes: nobody may subscribe to it. */
const nowhere = "$nowhere";

async function startBroker(name: BrokerName, port: number, options: BrokersOptions, rights: Rights) {
  const connections = new Set<GuardedConnection>();
  const strangers = new Map<string, number>();
  /** Of each connection that has not logged in, by its address and port. */
  const notYet = new Map<string, () => void>();
  const guards = new WeakMap<Client["conn"], Guard>();
  const say = sayNowAndThen(name, options.log);

  const aedes = await Aedes.createBroker({
    drainTimeout: stallMsMax,
    connectTimeout: connectTimeoutMs,
    keepaliveLimit: keepaliveSMax,
    maxTopicLevels: 10,
    queueLimit: 10,
    maxInflightInbound: 1,
    ...hooks(name, options, rights, (client) => guards.get(client.conn), newDropLog(name, options)),
  });
  aedes.on("clientError", (client, error) =>
    say("a client's connection ended", { client: client.id, error: error.message }),
  );
  aedes.on("connectionError", (_client, error) => say("a connection was refused", { error: error.message }));

  const mayEnter = (socket: Socket): boolean => {
    const address = socket.remoteAddress ?? "";
    const waiting = strangers.get(address) ?? 0;
    if (waiting >= strangersPerAddressMax) {
      say("too many connections that do not log in", { address });
      return false;
    }
    strangers.set(address, waiting + 1);
    const known = (): void => {
      if (!notYet.delete(placeOf(socket))) return;
      const left = (strangers.get(address) ?? 1) - 1;
      if (left === 0) strangers.delete(address);
      else strangers.set(address, left);
    };
    notYet.set(placeOf(socket), known);
    socket.once("close", known);
    return true;
  };
  const enter = (socket: Socket, certified: string | undefined): void => {
    const address = socket.remoteAddress ?? "";
    const known = notYet.get(placeOf(socket));
    const connection = guardConnection(socket, (why) => say("a connection was cut", { address, why }));
    connections.add(connection);
    connection.once("close", () => {
      known?.();
      connections.delete(connection);
    });
    guards.set(connection, {
      certified,
      login: () => {
        known?.();
        connection.login();
      },
    });
    aedes.handle(connection);
  };
  const refused = (words: string, fields: Record<string, unknown>): void => say(words, fields);
  const { server, stop: stopDoor } = newDoor(options.tls, { mayEnter, enter, refused });

  await listen(server, name, port, options.host).catch((error: unknown) => {
    stopDoor();
    aedes.close();
    throw error;
  });
  return {
    port: (server.address() as AddressInfo).port,
    async stop(): Promise<void> {
      stopDoor();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      for (const connection of connections) connection.destroy();
      await closed;
    },
  };
}

interface Guard {
  /** The name in its certificate. */
  readonly certified: string | undefined;
  readonly login: () => void;
}

/** The same for a socket and for the TLS over it. */
const placeOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

/**
 * What aedes asks. A publish that is not allowed must not be answered with an error: aedes ends the connection then, and a
 * bridge whose frame came a moment after its lease ended would lose its control link.
 */
function hooks(
  name: BrokerName,
  { credentials, attended, tls }: BrokersOptions,
  rights: Rights,
  guardOf: (client: Client) => Guard | undefined,
  dropped: Dropped,
): Pick<AedesOptions, "authenticate" | "authorizePublish" | "authorizeSubscribe" | "authorizeForward"> {
  return {
    authenticate(client, username, password, done) {
      const secret = credentials.get(client.id);
      const guard = guardOf(client);
      const good =
        (tls === undefined || guard?.certified === client.id) &&
        username === client.id &&
        client.clean &&
        secret !== undefined &&
        sameSecret(secret, password) &&
        rights.mayConnect(name, client.id);
      if (good && client.id !== agentClient && !attended()) {
        done(Object.assign(new Error("the agent is not listening yet"), { returnCode: serverUnavailable }), false);
        return;
      }
      if (good) guard?.login();
      done(null, good);
    },
    // Also asked for a will, at the moment it is sent.
    authorizePublish(client, packet, done) {
      if (client === null || packet.qos === 2) {
        done(new Error("QoS 2 is not used here"));
        return;
      }
      const why = rights.refusePublish(name, client.id, packet.topic, packet.payload.length);
      if (why !== undefined) {
        dropped(why, client.id, { topic: packet.topic.slice(0, topicCharactersMax) });
        sendNowhere(packet);
      }
      // Nothing is kept here for those who come later: a retained frame would outlive the consent to it.
      packet.retain = false;
      done(null);
    },
    authorizeSubscribe(client, subscription, done) {
      const allowed = subscription.qos < 2 && rights.maySubscribe(name, client.id, subscription.topic);
      done(null, allowed ? subscription : null);
    },
    // The second look: what was allowed in may have lost its lease since, and a client that does not read gets no more.
    authorizeForward(client, packet) {
      // Set by aedes from the connection that published; its types do not say so.
      const from = "clientId" in packet && typeof packet.clientId === "string" ? packet.clientId : undefined;
      if (from === undefined) return null;
      if (rights.refusePublish(name, from, packet.topic, packet.payload.length) !== undefined) return null;
      if (client.conn.writableLength <= backlogBytesMax) return packet;
      dropped("queue-full", from, { doesNotRead: client.id });
      return null;
    },
  };
}

type Dropped = (why: DropReason, from: string, more: Record<string, string>) => void;

/** One line in 10 s for each client, so that a flood of one does not hide what another did. */
function newDropLog(name: BrokerName, { log, onDrop }: BrokersOptions): Dropped {
  const clients = new Map<string, { readonly say: ReturnType<typeof sayNowAndThen>; dropped: number }>();
  return (why, from, more) => {
    onDrop(why, from);
    // A frame a moment after its lease ended is ordinary: the tile counts it.
    if (why === "no-lease") return;
    const client = clients.get(from) ?? { say: sayNowAndThen(name, log), dropped: 0 };
    clients.set(from, client);
    client.dropped += 1;
    client.say("a message was dropped", { client: from, why, dropped: client.dropped, ...more });
  };
}

function sendNowhere(packet: PublishPacket): void {
  packet.topic = nowhere;
  packet.payload = Buffer.alloc(0);
}

function sameSecret(secret: string, given: Buffer | undefined): boolean {
  const digest = (bytes: string | Buffer): Buffer => createHash("sha256").update(bytes).digest();
  return timingSafeEqual(digest(secret), digest(given ?? Buffer.alloc(0)));
}

function listen(server: Server, name: BrokerName, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: Error & { code?: string }) => {
      const setting = `brokers.${name}Port in the configuration`;
      reject(
        cause.code === "EADDRINUSE"
          ? new BrokerError("port-in-use", `port ${port} for the ${name} broker is in use; change ${setting}`, cause)
          : new BrokerError(
              "cannot-listen",
              `the ${name} broker cannot listen at ${host}:${port} (${setting}): ${cause.message}`,
              cause,
            ),
      );
    });
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      server.on("error", () => {});
      resolve();
    });
  });
}

/** A flood of refusals must not fill the disk: one line in 10 s, with how many were not said. */
function sayNowAndThen(broker: BrokerName, log: Log): (words: string, fields: Record<string, unknown>) => void {
  let saidAt = -Infinity;
  let unsaid = 0;
  return (words, fields) => {
    const now = performance.now();
    if (now - saidAt < sayRefusalEveryMs) {
      unsaid += 1;
      return;
    }
    log.warn({ broker, ...fields, ...(unsaid > 0 ? { unsaid } : {}) }, words);
    saidAt = now;
    unsaid = 0;
  };
}
