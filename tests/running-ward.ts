import "../scripts/trial-data-key.ts";
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { originAt } from "../edge-agent/audit/origin.ts";
import { Answer, type Ask, type AskResult } from "../edge-agent/contract/asks.ts";
import { brokerAdmin } from "../edge-agent/contract/brokers-config.ts";
import { type SensorConfig, SiteConfig } from "../edge-agent/contract/config.ts";
import { Tile } from "../edge-agent/contract/tile.ts";
import { topics } from "../edge-agent/contract/topics.ts";
import { WardState } from "../edge-agent/contract/ward-state.ts";
import type { Purpose } from "../edge-agent/contract/words.ts";
import { brokerLogin } from "../edge-agent/platform/broker-login.ts";
import { type BrokerLink, connectBroker } from "../edge-agent/platform/connect.ts";
import { ensureKeys, readCredential } from "../edge-agent/platform/keys.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { freePort } from "../scripts/free-port.ts";
import { activation, admission } from "./core-driver.ts";

/*
 * A ward of real processes on random ports over a temporary folder, for tests and benchmarks: agent and bridges as they
 * run in production; the test speaks for the dashboard on the control broker.
 */

const root = fileURLToPath(new URL("..", import.meta.url));
const quiet = newLog("test", () => {});

export interface WardPlan {
  readonly sensors: readonly Partial<SensorConfig>[];
  /** A second sensor of the first bed. */
  readonly beside?: SensorConfig;
  /** All sensors of each bed, in place of the two above. */
  readonly rooms?: readonly (readonly SensorConfig[])[];
  readonly clockSpeed?: number;
  /** More of the site's configuration. */
  readonly site?: Readonly<Record<string, unknown>>;
  /** Without bridges the test plays them. */
  readonly bridges?: boolean;
  /** A file in the data folder takes the place of the relay at the agent's box. */
  readonly relay?: boolean;
  readonly agentEnv?: Readonly<Record<string, string>>;
  /** Brokers of the site's own, already there: given their ports and the password of their admin. */
  readonly mosquitto?: (ports: { readonly frames: number; readonly control: number }, password: string) => void;
  /** The unit of each bed; left out: `unit-1` for all. */
  readonly devices?: readonly string[];
  /** More of the brokers' configuration; `prepare` then makes what they need, before anything starts. */
  readonly brokers?: Partial<SiteConfig["brokers"]>;
  readonly prepare?: (site: SiteConfig, dataDir: string) => void;
  /** Where the bridge finds the brokers, if not where they are: something may stand between. */
  readonly bridgeBrokers?: (site: SiteConfig) => Promise<Pick<SiteConfig["brokers"], "framesPort" | "controlPort">>;
}

export interface RunningWard {
  readonly site: SiteConfig;
  readonly dataDir: string;
  readonly configPath: string;
  readonly tiles: ReadonlyMap<string, Tile>;
  /** What the agent told of the ward, in order. */
  readonly wardStates: readonly WardState[];
  /** Every tile since the start, in order. */
  readonly history: readonly Tile[];
  pid(name: string): number;
  start(name: "agent" | "bridge" | "dashboard"): void;
  /** SIGKILL, waits until it is gone. */
  kill(name: string): Promise<void>;
  /** SIGTERM, waits until it has ended in order. */
  end(name: string): Promise<void>;
  signal(name: string, signal: NodeJS.Signals): void;
  ask(ask: Ask["ask"], session?: string | null): Promise<Answer>;
  setUp(ask: Ask["ask"]): Promise<AskResult>;
  /** Admits a person, offers both purposes, pairs a bedside; nothing is turned on. */
  admit(bed: string): Promise<{ stay: string; bedside: string }>;
  turnOn(bed: string, stay: string, bedside: string, purposes?: readonly Purpose[]): Promise<void>;
  signInNurse(): Promise<string>;
  /** Polls until it returns something; the last look is part of the error. */
  until<T>(what: string, look: () => T | undefined | false, withinMs?: number): Promise<T>;
  log(name: string): string;
  /** Leaves the dashboard's place on the control broker. */
  release(): Promise<void>;
  stop(): Promise<void>;
}

export async function runWard(plan: WardPlan): Promise<RunningWard> {
  const dataDir = mkdtempSync(join(tmpdir(), "quietround-test-"));
  const ports = await Promise.all([0, 0, 0].map((port) => freePort("127.0.0.1", port)));
  const site = SiteConfig.parse({
    v: 1,
    trust: "rxx",
    site: "test",
    ward: "willow",
    wardName: "Willow ward",
    auditDomain: "willow.example.nhs.uk",
    demonstration: true,
    alarms: { relayFile: plan.relay === true ? join(dataDir, "relay") : null },
    clockSpeed: plan.clockSpeed ?? 1,
    ...plan.site,
    brokers: {
      kind: plan.mosquitto === undefined ? "embedded" : "mosquitto",
      framesPort: ports[0],
      controlPort: ports[1],
      ...plan.brokers,
    },
    dashboard: { ...(plan.site?.dashboard as object | undefined), port: ports[2] },
    beds: (plan.rooms ?? plan.sensors).map((_, n) => ({
      bed: `room-${n + 1}`,
      name: `Room ${n + 1}`,
      device: plan.devices?.[n] ?? "unit-1",
      sensors: plan.rooms?.[n] ?? [
        { sensor: `radar-${n + 1}`, model: "acconeer-a121", source: "simulated", ...plan.sensors[n] },
        ...(n === 0 && plan.beside !== undefined ? [plan.beside] : []),
      ],
    })),
  });
  const configPath = join(dataDir, "site.json");
  writeFileSync(configPath, JSON.stringify(site));
  ensureKeys(dataDir, ["agent", "dashboard", "admin", brokerAdmin, ...site.beds.map(({ device }) => device)], {
    station: originAt(site.auditDomain, "station", Date.now()),
    dashboard: originAt(site.auditDomain, "dashboard", Date.now()),
  });

  const { framesPort, controlPort } = site.brokers;
  plan.mosquitto?.({ frames: framesPort, control: controlPort }, readCredential(dataDir, brokerAdmin));

  plan.prepare?.(site, dataDir);

  const bridgeConfigPath = join(dataDir, "bridge.json");
  const bridgeBrokers = { ...site.brokers, ...(await plan.bridgeBrokers?.(site)) };
  writeFileSync(bridgeConfigPath, JSON.stringify({ ...site, brokers: bridgeBrokers }));

  const children = new Map<string, ChildProcess>();
  const logs = new Map<string, string>();
  const start = (name: string): void => {
    const files: Record<string, [string, string[]]> = {
      agent: ["edge-agent/main.ts", []],
      bridge: ["firmware-bridge/main.ts", ["--device", "unit-1"]],
      dashboard: ["dashboard/main.ts", []],
    };
    const [file, more] = files[name] as [string, string[]];
    const config = name === "bridge" ? bridgeConfigPath : configPath;
    const child = spawn(process.execPath, [join(root, file), "--config", config, "--data", dataDir, ...more], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, QUIETROUND_LOG: "json", ...(name === "agent" ? plan.agentEnv : {}) },
    });
    children.set(name, child);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (bytes: Buffer) => logs.set(name, (logs.get(name) ?? "") + bytes.toString()));
    }
  };
  const kill = async (name: string, signal: NodeJS.Signals = "SIGKILL"): Promise<void> => {
    const child = children.get(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  };

  start("agent");
  if (plan.bridges !== false) start("bridge");

  const topic = topics(site);
  const tiles = new Map<string, Tile>();
  const history: Tile[] = [];
  const waiting = new Map<string, (answer: Answer) => void>();
  const open = (client: "dashboard" | "admin"): BrokerLink => {
    const link = connectBroker({ ...brokerLogin(site.brokers, site.brokers.controlPort, dataDir, client), log: quiet });
    link.subscribe(topic.answer(client), 1, (_topic, payload) => {
      const answer = Answer.parse(JSON.parse(Buffer.from(payload).toString()));
      waiting.get(answer.id)?.(answer);
    });
    return link;
  };
  const dashboard = open("dashboard");
  const admin = open("admin");
  dashboard.subscribe(topic.anyLive, 0, (_topic, payload) => {
    const tile = Tile.parse(JSON.parse(Buffer.from(payload).toString()));
    tiles.set(tile.bed, tile);
    history.push(tile);
  });
  const wardStates: WardState[] = [];
  dashboard.subscribe(topic.wardState, 0, (_topic, payload) => {
    wardStates.push(WardState.parse(JSON.parse(Buffer.from(payload).toString())));
  });
  const send = (link: BrokerLink, client: string, ask: Ask["ask"], session: string | null): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const id = randomUUID();
      const timer = setTimeout(() => reject(new Error(`no answer to ${ask.do}`)), 30_000);
      const message: Ask = { v: 1, id, session, ask };
      const say = () =>
        link.publish(topic.ask(client), JSON.stringify(message), { qos: 1, timeoutMs: 15_000 }).catch(reject);
      // While a ward starts, a broker may take an ask that nobody hears yet. One that was heard is not done twice.
      const again = setInterval(say, 5_000);
      waiting.set(id, (answer) => {
        clearTimeout(timer);
        clearInterval(again);
        waiting.delete(id);
        resolve(answer);
      });
      void say();
    });
  const setUp = async (ask: Ask["ask"]): Promise<AskResult> => {
    const answer = await send(admin, "admin", ask, null);
    if (!answer.ok) throw new Error(`${ask.do} refused: ${answer.why} ${answer.words}`);
    return answer.result;
  };
  const ask = (what: Ask["ask"], session: string | null = null) => send(dashboard, "dashboard", what, session);
  const codeFor = async (invite: Ask["ask"]): Promise<string> => {
    const result = await setUp(invite);
    if (result.is !== "code") throw new Error(`${invite.do} gave ${result.is}`);
    return result.code;
  };
  const sessionFrom = (answer: Answer): string => {
    if (!answer.ok || !("session" in answer.result) || answer.result.session === null) throw new Error("no session");
    return answer.result.session;
  };

  const until: RunningWard["until"] = async (what, look, withinMs = 30_000) => {
    const begun = performance.now();
    for (;;) {
      const seen = look();
      if (seen !== undefined && seen !== false) return seen as Exclude<typeof seen, false | undefined>;
      if (performance.now() - begun > withinMs) {
        throw new Error(
          `waited ${withinMs} ms for: ${what}\nlast tile: ${JSON.stringify(history.at(-1))}\n${[...logs].join("\n").slice(-4_000)}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  return {
    site,
    dataDir,
    configPath,
    tiles,
    wardStates,
    history,
    ask,
    setUp,
    until,
    start,
    kill: (name) => kill(name),
    end: (name) => kill(name, "SIGTERM"),
    signal: (name, signal) => void children.get(name)?.kill(signal),
    pid: (name) => children.get(name)?.pid ?? -1,
    log: (name) => logs.get(name) ?? "",
    async admit(bed) {
      const admitted = await setUp({ do: "admit", bed, label: "TEST", ...admission });
      if (admitted.is !== "stay") throw new Error("no stay");
      for (const purpose of ["movement-alerts", "breathing-rate"] as const) {
        await setUp({ do: "offer", bed, stay: admitted.stay, purpose, activation });
      }
      const bedside = sessionFrom(await ask({ do: "pair", code: await codeFor({ do: "invite-bedside", bed }) }));
      return { stay: admitted.stay, bedside };
    },
    async turnOn(bed, stay, bedside, purposes = ["movement-alerts", "breathing-rate"]) {
      for (const purpose of purposes) {
        const answer = await ask({ do: "turn-on", bed, stay, purpose }, bedside);
        if (!answer.ok) throw new Error(`turn-on refused: ${answer.why}`);
      }
    },
    async signInNurse() {
      const code = await codeFor({ do: "invite-staff", name: "Sam Reed", role: "nurse" });
      return sessionFrom(await ask({ do: "sign-in", code }));
    },
    async release() {
      await Promise.all([dashboard.stop(), admin.stop()]);
    },
    async stop() {
      await Promise.all([dashboard.stop(), admin.stop()]);
      await Promise.all([...children.keys()].map((name) => kill(name, "SIGTERM")));
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
