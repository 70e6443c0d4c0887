import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Ask, AskResult } from "../edge-agent/contract/asks.ts";
import { SiteConfig } from "../edge-agent/contract/config.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { type AgentDesk, openAgentDesk } from "../scripts/ask-agent.ts";
import { freePort } from "../scripts/free-port.ts";
import { oneBedroom } from "./one-bedroom.ts";

/* A whole ward as scripts/start starts it, logging all that it can, with everything that it says kept. */

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export interface Browser {
  /** POST of a form. */
  form(path: string, fields: Readonly<Record<string, string>>): Promise<Response>;
  get(path: string): Promise<Response>;
  ask(kind: "staff" | "bedside", ask: Ask["ask"]): Promise<AskResult>;
  raw(path: string, type: string, body: string): Promise<Response>;
}

export class CanaryWard {
  readonly folder = mkdtempSync(join(tmpdir(), "quietround-canary-"));
  readonly dataDir = join(this.folder, "data");
  said = "";
  metricsPorts: readonly number[] = [];
  private process: ChildProcess | undefined;
  private opened: AgentDesk | undefined;

  async start(): Promise<void> {
    const config = oneBedroom(this.folder);
    this.metricsPorts = [(await freePort("127.0.0.1", 0)) ?? 0, (await freePort("127.0.0.1", 0)) ?? 0];
    const [agentPort, dashboardPort] = this.metricsPorts;
    const site = JSON.parse(readFileSync(config, "utf8"));
    // Beside a sensor of the real kind scripts/start makes nobody up: the second bed is free for the test's person.
    const port = { via: "tcp", host: "127.0.0.1", port: 9 };
    const sensor = { sensor: "radar-2", model: "acconeer-a121", source: null, port };
    const free = { bed: "room-2", name: "Room 2", device: "unit-1", sensors: [sensor] };
    const metrics = { agentPort, dashboardPort };
    writeFileSync(config, JSON.stringify({ ...site, metrics, beds: [...site.beds, free] }));
    const ports = ["--port", "0", "--frames-port", "0", "--control-port", "0"];
    this.process = spawn(
      process.execPath,
      [file("../scripts/start.ts"), "--config", config, "--data", this.dataDir, ...ports],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          ...process.env,
          QUIETROUND_LOG_LEVEL: "debug",
          // Compiled sources, which hold no words of anybody, are large and not searched.
          NODE_COMPILE_CACHE: join(this.folder, "code"),
          NODE_OPTIONS: `--import=${pathToFileURL(file("canary-crash.mjs")).href}`,
        },
      },
    );
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on("data", (bytes: Buffer) => {
        this.said += bytes.toString();
      });
    await this.until("the ward", () => this.said.includes("Ctrl-C stops everything"), 60_000);
    this.opened = openAgentDesk(
      this.site(),
      this.dataDir,
      newLog("test", () => {}),
    );
  }

  site(): SiteConfig {
    return SiteConfig.parse(JSON.parse(readFileSync(join(this.dataDir, "site.json"), "utf8")));
  }

  get url(): string {
    const { host, port } = this.site().dashboard;
    return `http://${host}:${port}`;
  }

  async setUp(ask: Ask["ask"]): Promise<AskResult> {
    if (this.opened === undefined) throw new Error("the ward is not started");
    return this.opened.ask(ask, 20_000);
  }

  async code(ask: Ask["ask"]): Promise<string> {
    const result = await this.setUp(ask);
    return result.is === "code" ? result.code : fail(`${ask.do} gave ${result.is}`);
  }

  browser(): Browser {
    const cookies = new Map<string, string>();
    const send = async (path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const headers = { origin: this.url, cookie, ...init.headers };
      const response = await fetch(this.url + path, { redirect: "manual", ...init, headers });
      for (const line of response.headers.getSetCookie()) {
        const [name = "", value = ""] = (line.split(";")[0] ?? "").split(/=(.*)/s);
        cookies.set(name, value);
      }
      return response;
    };
    const raw: Browser["raw"] = (path, type, body) =>
      send(path, { method: "POST", body, headers: { "content-type": type } });
    return {
      raw,
      get: (path) => send(path, {}),
      form: (path, fields) =>
        raw(path, "application/x-www-form-urlencoded", new URLSearchParams({ ...fields }).toString()),
      ask: async (kind, ask) => {
        const headers = { "content-type": "application/json", "x-quietround": kind };
        const response = await send("/asks", { method: "POST", body: JSON.stringify(ask), headers });
        const told = (await response.json()) as { ok: boolean; result: AskResult; words: string };
        return told.ok ? told.result : fail(`${ask.do} was refused: ${told.words}`);
      },
    };
  }

  /** Ids of the processes of one part, of those that the supervisor started. */
  pidOf(script: string): number {
    const found = readdirSync("/proc").find((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return line.includes(script) && line.includes(this.dataDir);
      } catch {
        return false;
      }
    });
    return found === undefined ? fail(`no process runs ${script}`) : Number(found);
  }

  async until(what: string, look: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
    const begun = performance.now();
    while (!(await look())) {
      if (performance.now() - begun > withinMs) fail(`waited ${withinMs} ms for ${what}:\n${this.said.slice(-4_000)}`);
      await sleep(50);
    }
  }

  /** Gives the account `admin` back: a broker has one client of a name at a time. */
  async closeDesk(): Promise<void> {
    await this.opened?.close();
    this.opened = undefined;
  }

  async stop(): Promise<void> {
    await this.closeDesk();
    const ward = this.process;
    if (ward?.exitCode === null && ward.signalCode === null) {
      const gone = new Promise((resolve) => ward.once("exit", resolve));
      ward.kill("SIGTERM");
      await gone;
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function fail(words: string): never {
  throw new Error(words);
}
