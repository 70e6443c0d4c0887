import "../edge-agent/platform/node-version.ts";
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { originAt } from "../edge-agent/audit/origin.ts";
import { brokerAdmin } from "../edge-agent/contract/brokers-config.ts";
import type { SiteConfig } from "../edge-agent/contract/config.ts";
import type { SensorState } from "../edge-agent/contract/words.ts";
import { ensureKeys } from "../edge-agent/platform/keys.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { parseSiteConfig, readSiteConfig } from "../edge-agent/platform/read-config.ts";
import { serviceManager } from "../edge-agent/platform/service-manager.ts";
import { stopOnSignals } from "../edge-agent/platform/stop.ts";
import { bridgeNodeFlags } from "../firmware-bridge/node-flags.ts";
import { AskError, agentAnswers, openAgentDesk } from "./ask-agent.ts";
import { lockData } from "./data-lock.ts";
import { code, setUpDemonstration } from "./demonstration.ts";
import { cannotHurry, effectiveSite, type Replayed } from "./effective-site.ts";
import { freePort } from "./free-port.ts";
import { touchTurnOn } from "./made-up-people.ts";
import { moduleModels } from "./module-envelopes.ts";
import { answersAt } from "./pages-answer.ts";
import { openPartLog } from "./part-log.ts";
import { recogniseRecording } from "./recognise-recording.ts";
import { readStartOptions, type StartOptions, startHelp } from "./start-options.ts";
import { type ChildPlan, type SupervisedChild, superviseChild } from "./supervised-child.ts";
import { type FirstAccount, pageAddress, welcome } from "./welcome.ts";

/*
 * The supervisor: one command for a whole ward on one machine. It decides nothing about sensing; when it dies its children
 * end within 5 s.
 */

const root = fileURLToPath(new URL("..", import.meta.url));
const readyWithinMs = 30_000;
const sensorsKnownWithinMs = 10_000;

function refuse(words: string): never {
  process.stderr.write(`${words}\n`);
  process.exit(2);
}

// This process speaks to a person; its children write JSON lines.
process.env.QUIETROUND_LOG ??= "plain";
const read = readStartOptions(process.argv.slice(2), root, process.env.INIT_CWD ?? process.cwd());
if (read.is === "help") {
  process.stdout.write(startHelp);
  process.exit(0);
}
if (read.is === "wrong") refuse(`${read.words}\nscripts/start --help tells the options.`);
const options = read.options;
const { site: written } = readSiteConfig(options.configPath);
const moduleBytes = recognised();
if (options.speed !== 1) {
  const why = cannotHurry(written, options.replay !== undefined);
  if (why !== undefined) refuse(why);
}
// The configuration was sound by itself; the options may have made it something else.
const asked = parseSiteConfig(JSON.stringify(effectiveSite(written, options, replayedBy(1))));
if (!asked.ok)
  refuse(`With these options the ward cannot be used:\n${asked.errors.map((line) => `  ${line}`).join("\n")}`);

const { signal, stop } = stopOnSignals();
const log = newLog("start");
try {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
} catch (cause) {
  const words = cause instanceof Error ? cause.message : String(cause);
  process.stderr.write(`--data ${options.dataDir}: not a folder that can be made or used (${words})\n`);
  process.exit(2);
}
chmodSync(options.dataDir, 0o700);
// Sources without their types, as Node made them at an earlier start: 25 MB less in each process.
process.env.NODE_COMPILE_CACHE ??= join(options.dataDir, "code-cache");
const lock = lockData(options.dataDir);
if (lock.is === "taken") {
  refuse(
    `A ward is already running over ${options.dataDir} (process ${lock.pid}).\nStop that one, or give this one a folder of its own with --data DIR.`,
  );
}
process.on("exit", () => lock.release());

const children: SupervisedChild[] = [];
const show = (line: string): void => void process.stderr.write(`${line}\n`);
let exitCode = 0;

function run(plan: ChildPlan, onLine?: (line: string) => void): void {
  const watch = {
    log,
    partLog: openPartLog(options.dataDir, plan.name, show),
    onHopeless: () => {
      exitCode = 1;
      stop("a part cannot be started");
    },
  };
  children.push(superviseChild(plan, onLine === undefined ? watch : { ...watch, onLine }));
}

const manager = serviceManager(log);
signal.addEventListener("abort", async () => {
  manager.stop();
  show(`Stopping (${signal.reason}) ...`);
  // Bridges before the agent and the stand-in, so that a sensor is told to stop while it can still hear it.
  const last = ["agent", "stand-in"];
  await Promise.all(children.filter(({ name }) => !last.includes(name)).map((child) => child.stop()));
  await Promise.all(children.map((child) => child.stop()));
  process.exit(exitCode);
});

const site = await withPorts(effectiveSite(written, options, undefined));
const brokerUsers = site.brokers.kind === "mosquitto" ? [brokerAdmin] : [];
ensureKeys(options.dataDir, ["agent", "dashboard", "admin", ...brokerUsers, ...devicesOf(site)], {
  station: originAt(site.auditDomain, "station", Date.now()),
  dashboard: originAt(site.auditDomain, "dashboard", Date.now()),
});
const configPath = join(options.dataDir, "site.json");
const withStandIn = { port: undefined, framesPort: undefined, controlPort: undefined, speed: 1 };
const starting = effectiveSite(site, withStandIn, replayedBy(await startStandIn(options)));
writeFileSync(`${configPath}.new`, `${JSON.stringify(starting, undefined, 2)}\n`, { mode: 0o600 });
renameSync(`${configPath}.new`, configPath);

// As it was written and signed, with what lies beside it; another file only where an option or a free port changed it.
const asWritten = JSON.stringify(starting) === JSON.stringify(written);
const shared = ["--config", asWritten ? options.configPath : configPath, "--data", options.dataDir];
run({ name: "agent", file: join(root, "edge-agent/main.ts"), args: shared });
const desk = openAgentDesk(
  starting,
  options.dataDir,
  newLog("start", () => {}),
);
// The others would only say that there is no broker yet. They are started in any case, so that the pages can tell what is wrong.
const agentReady = await inTime(() => agentAnswers(desk), readyWithinMs);
if (!agentReady && !signal.aborted) log.error({}, "the agent does not answer; its log says why");
if (!signal.aborted) {
  // Units on machines of their own run their bridge themselves (npm run unit).
  for (const device of devicesOf(site).filter((unit) => !site.brokers.remoteUnits.includes(unit))) {
    run({
      name: `bridge ${device}`,
      file: join(root, "firmware-bridge/main.ts"),
      args: [...shared, "--device", device],
      node: bridgeNodeFlags,
    });
  }
  run({ name: "dashboard", file: join(root, "dashboard/main.ts"), args: shared });
}
manager.ready();
const pagesReady = await inTime(() => pagesAnswer(starting), readyWithinMs);
if (!pagesReady && !signal.aborted) log.error({}, "the pages do not answer; the dashboard's log says why");
// Whoever opens a page at once should not read that the ward cannot tell. A sensor that is not found must not hold up the rest.
if (agentReady && pagesReady) await inTime(sensorsKnown, sensorsKnownWithinMs);
await sayHowToUse(starting);

function devicesOf({ beds }: SiteConfig): string[] {
  return [...new Set(beds.map(({ device }) => device))];
}

/** Port 0 becomes a free port here, since every process must know it; a port that is taken is said, never replaced. */
async function withPorts(from: SiteConfig): Promise<SiteConfig> {
  const { brokers, dashboard } = from;
  const chosen = new Set([brokers.framesPort, brokers.controlPort, dashboard.port]);
  const anyPort = async (host: string): Promise<number | undefined> => {
    let got = await freePort(host, 0);
    while (got !== undefined && chosen.has(got)) got = await freePort(host, 0);
    if (got !== undefined) chosen.add(got);
    return got;
  };
  const look = async (what: string, host: string, wanted: number, option: string): Promise<number> => {
    const got =
      wanted === 0 ? await anyPort(host) : ((await freePort(host, wanted)) ?? (await freePortSoon(host, wanted)));
    if (got === undefined) refuse(`Port ${wanted} for the ${what} is in use. Choose another with ${option} N.`);
    return got;
  };
  // A mosquitto of the site's own listens at its ports already.
  const ours = brokers.kind === "embedded";
  const framesPort = ours
    ? await look("broker of sensor data", brokers.host, brokers.framesPort, "--frames-port")
    : brokers.framesPort;
  const controlPort = ours
    ? await look("control broker", brokers.host, brokers.controlPort, "--control-port")
    : brokers.controlPort;
  const port = await look("pages", dashboard.host, dashboard.port, "--port");
  return { ...from, brokers: { ...brokers, framesPort, controlPort }, dashboard: { ...dashboard, port } };
}

/** After a supervisor that was killed its children still have the ports, for 5 s at most. */
async function freePortSoon(host: string, wanted: number): Promise<number | undefined> {
  for (let tries = 0; lock.is === "held" && lock.afterCrash && tries < 24; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const got = await freePort(host, wanted);
    if (got !== undefined) return got;
  }
  return undefined;
}

/** Bytes without a file beside them: of which module, told by its driver. */
function recognised() {
  const { replay, loop, speed } = options;
  if (replay === undefined || replay.configPath !== null) return undefined;
  const found = recogniseRecording(readFileSync(replay.wirePath));
  if (found === undefined) {
    refuse(
      `--replay ${replay.wirePath}: not the bytes of a module that is known here (${moduleModels.join(", ")}); an A121's recording needs its .json beside it`,
    );
  }
  return { is: "bytes", path: replay.wirePath, loop, speed, ...found } as const;
}

/** @param port of the stand-in, where one plays the recording */
function replayedBy(port: number | undefined): Replayed | undefined {
  if (options.replay === undefined || moduleBytes !== undefined) return moduleBytes;
  return port === undefined ? undefined : { is: "stand-in", port };
}

/** Replays the recording behind the same wire protocol as the sensor; resolves with its port. */
async function startStandIn({ replay, loop, speed }: StartOptions): Promise<number | undefined> {
  if (replay?.configPath == null) return undefined;
  // A port of its own choosing would change when it is started again.
  const port = (await freePort("127.0.0.1", 0)) ?? 0;
  const args = [
    "--config",
    replay.configPath,
    "--wire",
    replay.wirePath,
    "--port",
    String(port),
    "--speed",
    String(speed),
  ];
  return new Promise((resolve) => {
    run(
      { name: "stand-in", file: join(root, "firmware-bridge/stand-in.ts"), args: loop ? [...args, "--loop"] : args },
      (line) => {
        const said = /^\{"port":(\d+)\}/.exec(line)?.[1];
        if (said !== undefined) resolve(Number(said));
      },
    );
  });
}

async function sayHowToUse(ward: SiteConfig): Promise<void> {
  const setUp = agentReady && pagesReady && ward.demonstration;
  const pages = pageAddress(ward, "");
  const invitations = setUp
    ? await setUpDemonstration(desk, ward.beds, (code, stay) => touchTurnOn(pages, code, stay))
    : undefined;
  const first = agentReady && !ward.demonstration ? await firstAccount() : undefined;
  await desk.close();
  if (agentReady && pagesReady) process.stdout.write(welcome(ward, options, invitations, first));
}

/** Undefined where the ward has accounts. */
async function firstAccount(): Promise<FirstAccount | undefined> {
  try {
    return code(await desk.ask({ do: "invite-first" }));
  } catch (cause) {
    if (!(cause instanceof AskError)) throw cause;
    if (cause.code === "no-answer") log.error({ cause: cause.message }, "no code for the first account");
    return undefined;
  }
}

async function inTime(holds: () => Promise<boolean> | boolean, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  while (!signal.aborted && performance.now() < until) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return false;
}

/** The bridges confirmed what each sensor does; before a touch on the bedside screen that is "off". */
function sensorsKnown(): boolean {
  const known: readonly (SensorState | undefined)[] = ["off", "ignored", "on", "recording-ended"];
  const here = starting.beds.filter(({ device }) => !starting.brokers.remoteUnits.includes(device));
  return here.every(({ bed, sensors }) =>
    sensors.every(({ sensor }) => known.includes(desk.sensors.get(`${bed}/${sensor}`))),
  );
}

async function pagesAnswer(ward: SiteConfig): Promise<boolean> {
  try {
    return await answersAt(ward.dashboard);
  } catch {
    return false;
  }
}
