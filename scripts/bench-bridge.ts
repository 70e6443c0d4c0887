import "../edge-agent/platform/node-version.ts";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Aedes } from "aedes";
import { BridgeStatus } from "../edge-agent/contract/bridge-status.ts";
import { SiteConfig } from "../edge-agent/contract/config.ts";
import type { Lease } from "../edge-agent/contract/lease.ts";
import { topics } from "../edge-agent/contract/topics.ts";
import { ensureKeys, readStationKey, signCanonical } from "../edge-agent/platform/keys.ts";
import { bridgeNodeFlags } from "../firmware-bridge/node-flags.ts";
import { readScene } from "../firmware-bridge/ports/scene-file.ts";
import { readArguments } from "./read-arguments.ts";

const usage = `npm run bench:bridge [-- --seconds 60] [--warm-up 20] [--out FILE] [--node-flag FLAG ...]

Runs one bedroom unit's bridge as in production, with an A121 and an 80x60 depth camera over TCP and an MR60BHA2 on a serial
port (a pseudo-terminal), all three streaming; the sensors and the brokers are in other processes. Measures the CPU of the
bridge's process as a share of one core and its resident memory. Exits 1 above 3 % or 120 MB. Linux only; needs socat.`;

const targets = { cpuPercentMax: 3, residentMbMax: 120 };
const leaseEveryMs = 10_000;
const lookEveryMs = 1_000;
/** Linux: USER_HZ. */
const ticksPerSec = 100;
const socat = "/usr/bin/socat";
const root = fileURLToPath(new URL("..", import.meta.url));
const device = "unit-1";
const bed = "room-1";

const values = readArguments(usage, {
  seconds: { type: "string", default: "60" },
  "warm-up": { type: "string", default: "20" },
  out: { type: "string" },
  "node-flag": { type: "string", multiple: true, default: [] },
  help: { type: "boolean", default: false },
});
const measureMs = 1_000 * Number(values.seconds);
const warmUpMs = 1_000 * Number(values["warm-up"]);
if (values.help || !(measureMs >= 5_000) || !(warmUpMs >= 0) || process.platform !== "linux" || !existsSync(socat)) {
  process.stderr.write(`${usage}\n`);
  process.exit(values.help ? 0 : 2);
}

const folder = mkdtempSync(join(tmpdir(), "quietround-bench-"));
const children: ChildProcess[] = [];
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const [frames, control] = [await startBroker(), await startBroker()];
const site = SiteConfig.parse(siteOf(await startSensors()));
const topic = topics(site);
const states = new Map<string, BridgeStatus>();
control.aedes.on("publish", (packet, client) => {
  if (client === null || packet.topic !== topic.status(device)) return;
  const status = BridgeStatus.parse(JSON.parse(packet.payload.toString()));
  states.set(status.sensor, status);
});
let framesHeard = 0;
frames.aedes.on("publish", (_packet, client) => {
  if (client !== null) framesHeard += 1;
});
const bridge = startBridge();
await until("every sensor is known", () => states.size === 3);
giveLease(1);
await until("every sensor streams", () => [...states.values()].every(({ state }) => state === "on"));
process.stderr.write(`warming up for ${warmUpMs / 1_000} s, measuring for ${measureMs / 1_000} s ...\n`);
await pass(warmUpMs);

const from = { atMs: performance.now(), cpuMs: cpuMsOf(bridge), frames: framesHeard };
const resident: number[] = [];
while (performance.now() - from.atMs < measureMs) {
  await pass(lookEveryMs);
  resident.push(memoryOf(bridge, "VmRSS"));
}
const tookMs = performance.now() - from.atMs;
const round = (value: number): number => Number(value.toFixed(2));
const result = {
  seconds: round(tookMs / 1_000),
  framesPerSec: round((1_000 * (framesHeard - from.frames)) / tookMs),
  cpuPercent: round((100 * (cpuMsOf(bridge) - from.cpuMs)) / tookMs),
  residentMbMean: round(resident.reduce((sum, one) => sum + one, 0) / resident.length),
  residentMbMax: round(Math.max(...resident)),
  /** Since the process began. */
  residentMbPeak: round(memoryOf(bridge, "VmHWM")),
  /** Of that: its own, and what it shares with files on disk, such as node's own program. */
  anonymousMb: round(memoryOf(bridge, "RssAnon")),
  fileMb: round(memoryOf(bridge, "RssFile")),
  sensors: [...states.values()].map(({ sensor, state, health }) => ({ sensor, state, health: health.word })),
};
const missed = [
  ...(result.cpuPercent > targets.cpuPercentMax
    ? [`${result.cpuPercent} % of a core, target ${targets.cpuPercentMax} %`]
    : []),
  ...(result.residentMbMax > targets.residentMbMax
    ? [`${result.residentMbMax} MB resident, target ${targets.residentMbMax} MB`]
    : []),
  ...result.sensors.filter(({ state }) => state !== "on").map(({ sensor, state }) => `${sensor} is ${state}`),
];
const report = {
  at: new Date().toISOString(),
  machine: {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    load1: loadavg()[0],
    node: process.version,
  },
  nodeFlags: [...bridgeNodeFlags, ...values["node-flag"]],
  targets,
  result,
  missed,
};
process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
if (values.out !== undefined) {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(report, undefined, 2)}\n`);
}
process.stderr.write(`
| one bridge: radar, depth camera, module | measured | target |
|---|---|---|
| CPU, % of a core | ${result.cpuPercent} | ${targets.cpuPercentMax} |
| resident memory, MB, highest while measured | ${result.residentMbMax} | ${targets.residentMbMax} |
| frames a second | ${result.framesPerSec} | |
`);
for (const line of missed) process.stderr.write(`MISSED ${line}\n`);
bridge.kill("SIGTERM");
await Promise.race([once(bridge, "exit"), pass(5_000)]);
process.exit(missed.length === 0 ? 0 : 1);

async function startBroker() {
  const aedes = await Aedes.createBroker({ drainTimeout: 2_000 });
  const server = createServer({ noDelay: true }, (socket: Socket) => void aedes.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { aedes, port: typeof address === "object" ? (address?.port ?? 0) : 0 };
}

/** @returns the ports of the radar and of the camera, and the path of the module */
async function startSensors(): Promise<readonly [number, number, string]> {
  const models = ["acconeer-a121", "depth-camera", "seeed-mr60bha2"];
  const program = join(root, "scripts/bench-bridge-stand-ins.ts");
  const sensors = spawn(process.execPath, [program, ...models], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(sensors);
  const [line] = await once(createInterface({ input: sensors.stdout }), "line");
  const [radar, camera, module]: number[] = JSON.parse(line).ports;
  const path = join(folder, "serial");
  children.push(spawn(socat, [`pty,rawer,link=${path}`, `tcp:127.0.0.1:${module},nodelay`], { stdio: "ignore" }));
  await until("the pseudo-terminal is there", () => existsSync(path));
  return [radar ?? 0, camera ?? 0, path];
}

function siteOf([radar, camera, module]: readonly [number, number, string]): object {
  const { depth, bed: wide } = readScene("asleep");
  if (depth === null) throw new Error("the scene has no depth sensor");
  const { kind: _, ...size } = wide;
  const placement = { at: depth.at, towards: depth.towards, bed: size };
  const source = "simulated";
  const sensors = [
    { sensor: "radar-1", model: "acconeer-a121", port: { via: "tcp", port: radar }, source },
    { sensor: "depth-1", model: "depth-camera", port: { via: "tcp", port: camera }, placement, source },
    { sensor: "module-1", model: "seeed-mr60bha2", port: { via: "serial", path: module }, source },
  ];
  const names = { trust: "demo", site: "site-1", ward: "willow", wardName: "Willow ward (BENCHMARK)" };
  const beds = [{ bed, name: "Room 1", device, sensors }];
  const brokers = { framesPort: frames.port, controlPort: control.port };
  return { v: 1, ...names, auditDomain: "willow.demo.example.nhs.uk", demonstration: true, beds, brokers };
}

function startBridge(): ChildProcess {
  ensureKeys(folder, [device], { station: "bench/station", dashboard: "bench/dashboard" });
  const configPath = join(folder, "site.json");
  writeFileSync(configPath, JSON.stringify(site));
  const flags = [...bridgeNodeFlags, ...values["node-flag"]];
  const args = [join(root, "firmware-bridge/main.ts"), "--config", configPath, "--data", folder, "--device", device];
  const env = {
    ...process.env,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), "quietround-bench-code"),
  };
  const child = spawn(process.execPath, [...flags, ...args], {
    stdio: ["pipe", "ignore", "inherit"],
    env,
    cwd: process.cwd(),
  });
  children.push(child);
  child.once("exit", (code) => {
    if (performance.now() - (from?.atMs ?? Number.POSITIVE_INFINITY) < measureMs) {
      process.stderr.write(`the bridge ended with code ${code}\n`);
      process.exit(1);
    }
  });
  return child;
}

function giveLease(number: number): void {
  const issuedAt = Date.now();
  const purposes: Lease["purposes"] = ["movement-alerts", "breathing-rate"];
  const lease: Lease = { v: 1, bed, device, stay: "stay-1", purposes, number, issuedAt, endsAt: issuedAt + 30_000 };
  const signature = signCanonical(readStationKey(folder).privateKey, lease);
  const payload = Buffer.from(JSON.stringify({ kind: "lease", lease, signature }));
  const packet = { cmd: "publish", topic: topic.lease(device), payload, qos: 1, retain: false, dup: false } as const;
  control.aedes.publish(packet, () => {});
  setTimeout(() => giveLease(number + 1), leaseEveryMs);
}

function cpuMsOf({ pid }: ChildProcess): number {
  // man 5 proc: fields 14 and 15, counted behind the name in brackets.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (1_000 * (Number(fields[11]) + Number(fields[12]))) / ticksPerSec;
}

function memoryOf({ pid }: ChildProcess, what: "VmRSS" | "VmHWM" | "RssAnon" | "RssFile"): number {
  const kib = new RegExp(`^${what}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return (1_024 * Number(kib)) / 1e6;
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = performance.now() + 30_000; !holds(); await pass(50)) {
    if (performance.now() > end) {
      const said = [...states.values()].map(({ sensor, state, detail }) => `${sensor} ${state}: ${detail}`).join("; ");
      process.stderr.write(`waited 30 s and not yet: ${what}. ${said}\n`);
      process.exit(1);
    }
  }
}
