import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import mqttPacket from "mqtt-packet";
import type { Brokers } from "../edge-agent/broker/broker.ts";
import { openBrokers } from "../edge-agent/broker/open-brokers.ts";
import { SiteConfig } from "../edge-agent/contract/config.ts";
import { topics } from "../edge-agent/contract/topics.ts";
import { brokerLogin } from "../edge-agent/platform/broker-login.ts";
import { type BrokerLink, connectBroker } from "../edge-agent/platform/connect.ts";
import { readCredential } from "../edge-agent/platform/keys.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { readTlsFiles } from "../edge-agent/platform/tls-files.ts";
import { freePort } from "../scripts/free-port.ts";
import { issue, makeAuthority } from "../scripts/provision/authority.ts";
import { mosquittoFolder, provisionLocalUnit, provisionStation, wardFolder } from "../scripts/provision/ward-folder.ts";

/* Both brokers of a ward of two units over real TLS, made as `ward:provision` makes them; embedded, or mosquitto processes. */

export type Kind = SiteConfig["brokers"]["kind"];
export interface Certificate {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}
type Sent = Parameters<typeof mqttPacket.generate>[0];
type Got = { cmd: string; returnCode?: number; topic?: string; payload?: Buffer; retain?: boolean };

export class SecureWard {
  readonly dir = mkdtempSync(join(tmpdir(), "quietround-tls-"));
  readonly folder = wardFolder(this.dir);
  readonly kind: Kind;
  readonly said: string[] = [];
  leased = true;
  site!: SiteConfig;
  brokers!: Brokers;
  agent!: { frames: BrokerLink; control: BrokerLink };
  /** What the agent heard, on either broker: `topic payload`. */
  readonly heard: string[] = [];
  private readonly processes = new Map<string, ChildProcess>();
  private readonly undo: (() => Promise<unknown> | unknown)[] = [];

  constructor(kind: Kind) {
    this.kind = kind;
  }

  async start(): Promise<void> {
    const [framesPort, controlPort, sensors, bridge] = await Promise.all(
      [0, 0, 0, 0].map(async () => (await freePort("127.0.0.1", 0)) ?? 0),
    );
    this.site = siteOf({ kind: this.kind, framesPort, controlPort, tls: "mutual" });
    makeAuthority(this.folder.authority, "Willow ward");
    provisionStation(this.folder, this.site, [], { tls: sensors ?? 0, bridge: bridge ?? 0 });
    for (const unit of ["unit-1", "unit-2"]) provisionLocalUnit(this.folder, unit);
    if (this.kind === "mosquitto") for (const name of ["frames", "control"]) this.startMosquitto(name);
    this.brokers = await openBrokers({
      ...this.site.brokers,
      dataDir: this.folder.station,
      ward: this.site,
      devices: this.site.beds.map(({ device }) => ({ device, sensors: ["radar-1"] })),
      admits: () => this.leased,
      attended: () => true,
      onDrop: () => {},
      log: newLog("broker", (line) => this.said.push(line)),
    });
    const link = (port: number) => this.link("agent", port, ["v1/rxx/test/willow/#"], this.heard);
    this.agent = { frames: await link(framesPort ?? 0), control: await link(controlPort ?? 0) };
    // Its own rights are set once it hears itself; then everybody's are.
    await this.fence();
  }

  startMosquitto(name: string): void {
    const conf = join(mosquittoFolder(this.folder.station), `${name}.conf`);
    this.processes.set(name, spawn("/usr/sbin/mosquitto", ["-c", conf], { stdio: "ignore" }));
  }

  /** SIGKILL, waits until it is gone. */
  async killMosquitto(name: string): Promise<void> {
    const child = this.processes.get(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  secret = (client: string): string => readCredential(this.folder.station, client);
  pid = (name: string): number => this.processes.get(name)?.pid ?? process.pid;
  /** The most memory that a process ever held, bytes. */
  peakBytes(name: string): number {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid(name)}/status`, "utf8")) ?? [];
    return Number(kilobytes) * 1_024;
  }

  async link(client: string, port: number, filters: readonly string[] = [], heard: string[] = []): Promise<BrokerLink> {
    const login = brokerLogin(this.site.brokers, port, this.folder.station, client);
    const link = connectBroker({ ...login, log: newLog("test", (line) => this.said.push(line)) });
    this.undo.push(() => link.stop());
    for (const filter of filters) {
      link.subscribe(filter, 1, (topic, payload) => heard.push(`${topic} ${Buffer.from(payload).toString("latin1")}`));
    }
    await this.until(`${client} is connected`, () => link.state === "connected");
    return link;
  }

  /** All that was said before was delivered or dropped: on each broker the agent hears itself last. */
  async fence(): Promise<void> {
    for (const [which, link] of Object.entries(this.agent)) {
      const word = `fence-${which}-${this.heard.length}`;
      const topic = topics(this.site).live(word);
      const heard = (): boolean => this.heard.some((line) => line.startsWith(`${topic} `));
      // On the frames broker of a mosquitto the agent may only hear: a unit's own frame is the fence there.
      if (which === "frames" && this.kind === "mosquitto") continue;
      for (let tries = 0; !heard(); tries++) {
        if (tries > 200)
          throw new Error(
            `waited in vain: the agent hears itself on the ${which} broker\n${this.said.slice(-5).join("\n")}`,
          );
        await link.publish(topic, "fence", { qos: 1, timeoutMs: 500 });
        await pause(50);
      }
    }
  }

  async until(what: string, look: () => unknown, withinMs = 20_000): Promise<void> {
    const begun = performance.now();
    while (!look()) {
      if (performance.now() - begun > withinMs)
        throw new Error(`waited in vain: ${what}\n${this.said.slice(-8).join("\n")}`);
      await pause(20);
    }
  }

  certificateOf = (client: string): Certificate => readTlsFiles(this.folder.station, client);
  /** Of this name, made by another authority, or of another kind. */
  foreign(name: string): Certificate {
    const other = join(this.dir, "other-authority");
    makeAuthority(other, "Another ward");
    return { ...this.issued(other, { name, use: "client" }), ca: this.certificateOf("agent").ca };
  }
  issued(authority: string, wanted: Parameters<typeof issue>[2]): Certificate {
    const into = mkdtempSync(join(this.dir, "made-"));
    issue(authority, into, wanted);
    const read = (ending: string) => readFileSync(join(into, `${wanted.name}${ending}`), "utf8");
    return { ca: this.certificateOf("agent").ca, cert: read(".pem"), key: read(".key.pem") };
  }

  /** Wire bytes over TLS, for what a well-behaved client would not send. Resolves when the broker answered CONNECT, or ended. */
  async raw(port: number, certificate: Certificate, connect: Partial<Sent> & { clientId: string }): Promise<Raw> {
    const raw = openRaw(port, certificate);
    this.undo.push(() => raw.socket.destroy());
    raw.send({
      ...{ cmd: "connect", protocolId: "MQTT", protocolVersion: 4, clean: true, keepalive: 30 },
      ...connect,
    } as Sent);
    await this.until("an answer to CONNECT", () => raw.ended() || raw.got.some(({ cmd }) => cmd === "connack"));
    return raw;
  }

  async stop(): Promise<void> {
    for (const one of this.undo.splice(0).reverse()) await one();
    await this.brokers?.stop();
    for (const [name] of this.processes) await this.killMosquitto(name);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export interface Raw {
  readonly socket: TLSSocket;
  readonly got: Got[];
  readonly send: (packet: Sent) => void;
  readonly ended: () => boolean;
  readonly connack: () => number | undefined;
  /** The code of the error that ended it. */
  readonly why: () => string;
}

export function openRaw(port: number, certificate: Certificate): Raw {
  const socket = connectTls({ host: "127.0.0.1", port, ...certificate, minVersion: "TLSv1.2" });
  const got: Got[] = [];
  const parser = mqttPacket.parser({ protocolVersion: 4 });
  parser.on("packet", (packet) => {
    got.push(packet as unknown as Got);
    if (packet.cmd === "publish" && packet.qos === 1)
      socket.write(mqttPacket.generate({ cmd: "puback", messageId: packet.messageId ?? 0 }));
  });
  let ended = false;
  let why = "";
  socket.on("data", (bytes) => parser.parse(bytes));
  socket.on("error", (error) => {
    why = "code" in error ? String(error.code) : error.message;
  });
  socket.on("close", () => {
    ended = true;
  });
  return {
    socket,
    got,
    send: (packet) => void socket.write(mqttPacket.generate(packet)),
    ended: () => ended,
    connack: () => got.find(({ cmd }) => cmd === "connack")?.returnCode,
    why: () => why,
  };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const siteOf = (brokers: object): SiteConfig =>
  SiteConfig.parse({
    ...{ v: 1, trust: "rxx", site: "test", ward: "willow", wardName: "Willow ward", demonstration: true },
    ...{ auditDomain: "willow.example.nhs.uk", brokers },
    // As many as there may be: a mosquitto's rights are then more than one message can hold.
    beds: Array.from({ length: 64 }, (_, n) => n + 1).map((n) => ({
      bed: `room-${n}`,
      name: `Room ${n}`,
      device: `unit-${n}`,
      sensors: [{ sensor: "radar-1", model: "acconeer-a121", source: "simulated", port: { via: "simulated" } }],
    })),
  });
