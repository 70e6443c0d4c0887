import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type BrokersConfig, brokerAdmin } from "../contract/brokers-config.ts";
import { brokerLogin } from "../platform/broker-login.ts";
import { type BrokerLink, connectBroker } from "../platform/connect.ts";
import { readRevoked } from "../platform/tls-files.ts";
import { BrokerError, type Brokers, type BrokersOptions } from "./broker.ts";
import { doorCommands, doorTopic } from "./mosquitto-door.ts";
import { mayFail, rightsCommands } from "./mosquitto-rights.ts";
import type { BrokerName } from "./rights.ts";

type Options = Pick<
  BrokersOptions,
  "host" | "framesPort" | "controlPort" | "ward" | "credentials" | "devices" | "admits" | "log"
> &
  Pick<BrokersConfig, "tls"> & { readonly dataDir: string };

/** The plugin knows no time: who opens a door shuts it when the lease ends, and looks this often. */
const lookEveryMs = 250;
const answerMsMax = 5_000;
const tryAgainMs = 1_000;
const revokedEveryMs = 1_000;

/**
 * Two mosquittos of the site's own. Rights are set whenever one of them comes (back), with every door shut; then the doors of the
 * frames follow the leases. Where a broker cannot be told, the other three layers hold.
 */
export async function useMosquitto(options: Options): Promise<Brokers> {
  if (!options.credentials.has(brokerAdmin)) {
    const file = `keys/credentials/${brokerAdmin}`;
    throw new BrokerError("no-admin", `brokers.kind is "mosquitto", and the data folder has no ${file}`, undefined);
  }
  const desks = {
    frames: openDesk("frames", options.framesPort, options),
    control: openDesk("control", options.controlPort, options),
  };
  const doors = new Doors(options, (commands) => desks.frames.tell(commands));
  const revoked = revokedList(options);
  const stopping = new AbortController();
  for (const broker of ["frames", "control"] as const) {
    keepRights(broker, desks[broker], options, revoked, stopping.signal, broker === "frames" ? doors : undefined);
  }
  const timer = setInterval(() => doors.follow(), lookEveryMs);
  const throwingOut = setInterval(() => throwOut(Object.values(desks), revoked(), options), revokedEveryMs);
  return {
    framesPort: options.framesPort,
    controlPort: options.controlPort,
    leasesChanged: () => doors.follow(),
    stop: async () => {
      clearInterval(timer);
      clearInterval(throwingOut);
      stopping.abort();
      await doors.settled();
      await Promise.all([desks.frames.link.stop(), desks.control.link.stop()]);
    },
  };
}

type Tell = (commands: readonly object[]) => Promise<"in force" | "unheard">;
interface Desk {
  readonly link: BrokerLink;
  readonly tell: Tell;
  /** Revoked, and taken from the accounts. */
  readonly gone: Set<string>;
  /** Set once the desk has something to set. */
  setRights: () => void;
}

// From the broker, before any check.
const Response = z.object({
  responses: z.array(
    z.object({ command: z.string().default(""), error: z.string().optional(), correlationData: z.string().optional() }),
  ),
});

/** Commands to the plugin of one broker; each answer is waited for, since only then they are in force. */
function openDesk(broker: BrokerName, port: number, options: Options): Desk {
  const { log } = options;
  const link = connectBroker({ ...brokerLogin(options, port, options.dataDir, brokerAdmin), log });
  const waiting = new Map<string, () => void>();
  link.subscribe(`${doorTopic}/response`, 1, (_topic, payload) => {
    for (const { command, error, correlationData } of readResponses(payload)) {
      if (error !== undefined && !mayFail.includes(command) && error !== notThere)
        log.error({ broker, command, error }, "the broker refused a change of its rights");
      if (correlationData !== undefined) waiting.get(correlationData)?.();
    }
  });
  return {
    link,
    gone: new Set(),
    setRights: () => {},
    async tell(commands) {
      for (const some of chunksOf(commands)) if ((await tellSome(some)) === "unheard") return "unheard";
      return "in force";
    },
  };

  async function tellSome(commands: readonly object[]): ReturnType<Tell> {
    const correlationData = randomUUID();
    const answered = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), answerMsMax);
      waiting.set(correlationData, () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
    const asked = commands.map((command) => ({ ...command, correlationData }));
    const sent = await link.publish(doorTopic, JSON.stringify({ commands: asked }), {
      qos: 1,
      timeoutMs: answerMsMax,
    });
    if (sent !== "sent") waiting.get(correlationData)?.();
    const heard = await answered;
    waiting.delete(correlationData);
    return sent === "sent" && heard ? "in force" : "unheard";
  }
}

/** The broker takes no larger message (mosquitto-conf.ts), and the rights of a large ward are several of them. */
const commandsPerMessage = 40;
const chunksOf = (commands: readonly object[]): readonly (readonly object[])[] =>
  Array.from({ length: Math.ceil(commands.length / commandsPerMessage) }, (_, n) =>
    commands.slice(n * commandsPerMessage, (n + 1) * commandsPerMessage),
  );

/** Of a door that was shut already. */
const notThere = "ACL not found";

function readResponses(payload: Uint8Array): z.infer<typeof Response>["responses"] {
  try {
    return Response.parse(JSON.parse(Buffer.from(payload).toString("utf8"))).responses;
  } catch {
    return [];
  }
}

/**
 * A broker reads the list of revoked certificates when it is told to, and leaves those inside that are. Taken from the accounts they
 * are cut off, and have no rights whatever they show.
 */
function throwOut(desks: readonly Desk[], revoked: ReadonlySet<string>, { log }: Options): void {
  for (const desk of desks) {
    // A unit that came back with a new certificate has its account again.
    if ([...desk.gone].some((client) => !revoked.has(client))) desk.setRights();
    for (const client of revoked) {
      if (desk.link.state !== "connected" || desk.gone.has(client)) continue;
      desk.gone.add(client);
      desk.tell([{ command: "deleteClient", username: client }]).then((told) => {
        if (told === "in force") log.warn({ client }, "a revoked client was thrown out");
        else desk.gone.delete(client);
      });
    }
  }
}

type Revoked = () => ReadonlySet<string>;

/** A list that cannot be read ends nothing, and gives nobody anything back: what it said before holds. */
function revokedList({ dataDir, log }: Options): Revoked {
  let known: ReadonlySet<string> = new Set();
  return () => {
    try {
      known = readRevoked(dataDir);
    } catch (cause) {
      log.error({ cause: String(cause) }, "the names of those revoked cannot be read");
    }
    return known;
  };
}

function keepRights(
  broker: BrokerName,
  desk: Desk,
  { ward, devices, credentials, log }: Options,
  revoked: Revoked,
  signal: AbortSignal,
  doors: Doors | undefined,
): void {
  const { link, tell, gone } = desk;
  const set = async (): Promise<void> => {
    while (link.state === "connected" && !signal.aborted) {
      gone.clear();
      const out = revoked();
      const valid = new Map([...credentials].filter(([client]) => !out.has(client)));
      if ((await tell(rightsCommands(broker, ward, devices, valid))) === "in force") {
        log.info({ broker }, "the broker's rights are set");
        doors?.allShut();
        return;
      }
      log.error({ broker }, "the broker does not answer to its admin: is the dynamic security plugin loaded?");
      await new Promise((resolve) => setTimeout(resolve, tryAgainMs));
    }
  };
  desk.setRights = () => {
    doors?.unknown();
    void set();
  };
  link.onState((state) => {
    if (state === "connected") void set();
    else doors?.unknown();
  });
}

/** What the frames broker was told of each sensor's topic, and what it must be told next. */
class Doors {
  private readonly options: Options;
  private readonly tell: Tell;
  /** Undefined: the broker's rights are not set, or nobody knows; then nothing is opened. */
  private open: Map<string, boolean> | undefined;
  private telling: Promise<void> | undefined;

  constructor(options: Options, tell: Tell) {
    this.options = options;
    this.tell = tell;
  }

  allShut(): void {
    this.open = new Map();
    this.follow();
  }

  unknown(): void {
    this.open = undefined;
  }

  /** One change after the other; what changed meanwhile follows at once. */
  follow(): void {
    if (this.telling !== undefined || this.open === undefined) return;
    const changes = this.due(this.open);
    if (changes.length === 0) return;
    this.telling = this.carryOut(this.open, changes).finally(() => {
      this.telling = undefined;
      this.follow();
    });
  }

  /** What is shut by now was told, or the broker had its time to hear it. */
  async settled(): Promise<void> {
    const until = performance.now() + answerMsMax;
    this.follow();
    while (this.telling !== undefined && performance.now() < until) await this.telling;
  }

  private due(open: ReadonlyMap<string, boolean>): { device: string; sensor: string; wanted: boolean }[] {
    return this.options.devices.flatMap(({ device, sensors }) =>
      sensors.flatMap((sensor) => {
        const wanted = this.options.admits(device, sensor);
        return wanted === (open.get(`${device}/${sensor}`) ?? false) ? [] : [{ device, sensor, wanted }];
      }),
    );
  }

  private async carryOut(open: Map<string, boolean>, changes: ReturnType<Doors["due"]>): Promise<void> {
    const { ward, log } = this.options;
    const commands = changes.flatMap(({ device, sensor, wanted }) =>
      doorCommands(ward, { device, sensors: [sensor] }, wanted ? "open" : "shut"),
    );
    const told = await this.tell(commands);
    if (told === "in force") {
      for (const { device, sensor, wanted } of changes) open.set(`${device}/${sensor}`, wanted);
      return;
    }
    log.error({ sensors: changes.length }, "the frames broker could not be told of a lease; the other layers hold");
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}
