import "../edge-agent/platform/node-version.ts";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { newLog } from "../edge-agent/platform/log.ts";
import { readSiteConfig } from "../edge-agent/platform/read-config.ts";
import { serviceManager } from "../edge-agent/platform/service-manager.ts";
import { stopOnSignals } from "../edge-agent/platform/stop.ts";
import { readTlsFiles, TlsError } from "../edge-agent/platform/tls-files.ts";
import { bridgeNodeFlags } from "../firmware-bridge/node-flags.ts";
import { lockData } from "./data-lock.ts";
import { openPartLog } from "./part-log.ts";
import { readArguments } from "./read-arguments.ts";
import { superviseChild } from "./supervised-child.ts";

const usage = `npm run unit -- --data FOLDER [--config FILE] [--device NAME]

A bedroom unit on a machine of its own: one bridge, which reaches the station's brokers over TLS and is started again when it ends.
Radar and modules that tell numbers only; depth frames never leave the machine that has the sensor.

  --data FOLDER   what \`npm run ward:provision -- unit NAME\` made at the station, carried here
  --config FILE   the unit's part of the ward (FOLDER/site.json)
  --device NAME   where FILE names more than one unit
`;

/* Kills and power cuts: the bridge tells its sensors to stop before anything else, whoever starts it. */

const values = readArguments(usage, {
  data: { type: "string" },
  config: { type: "string" },
  device: { type: "string" },
});
process.env.QUIETROUND_LOG ??= "plain";
const from = process.env.INIT_CWD ?? process.cwd();
if (values.data === undefined) refuse(`--data is missing\n\n${usage}`);
const data = resolve(from, values.data);
const config = values.config === undefined ? join(data, "site.json") : resolve(from, values.config);
const { site } = readSiteConfig(config);
const device = chosenDevice();
if (site.brokers.tls !== "mutual") {
  refuse(`${config}: brokers.tls is not "mutual"; a unit on a machine of its own shows its certificate`);
}
try {
  readTlsFiles(data, device);
} catch (cause) {
  if (!(cause instanceof TlsError)) throw cause;
  refuse(cause.message);
}
const lock = lockData(data);
if (lock.is === "taken") refuse(`A unit is already running over ${data} (process ${lock.pid}).`);
process.on("exit", () => lock.release());

const log = newLog("unit");
const { signal, stop } = stopOnSignals();
let exitCode = 0;
const bridge = superviseChild(
  {
    name: `bridge ${device}`,
    file: fileURLToPath(new URL("../firmware-bridge/main.ts", import.meta.url)),
    args: ["--config", config, "--data", data, "--device", device],
    node: bridgeNodeFlags,
  },
  {
    log,
    partLog: openPartLog(data, `bridge ${device}`, (line) => void process.stderr.write(`${line}\n`)),
    onHopeless: () => {
      exitCode = 1;
      stop("the bridge cannot be started");
    },
  },
);
log.info({ device, station: site.brokers.host }, "the unit runs");
const manager = serviceManager(log);
manager.ready();
signal.addEventListener("abort", async () => {
  manager.stop();
  await bridge.stop();
  process.exit(exitCode);
});

function chosenDevice(): string {
  const devices = [...new Set(site.beds.map((bed) => bed.device))];
  const [only, ...others] = devices;
  if (values.device === undefined && others.length === 0 && only !== undefined) return only;
  if (values.device !== undefined && devices.includes(values.device)) return values.device;
  refuse(`${config} has the units ${devices.join(", ")}: name one with --device`);
}

function refuse(words: string): never {
  process.stderr.write(`${words.trimEnd()}\n`);
  process.exit(2);
}
