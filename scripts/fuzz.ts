import "../edge-agent/platform/node-version.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { credentialName, makeKeyFile } from "../edge-agent/records/data-key-place.ts";
import { sensors } from "../firmware-bridge/sensors/index.ts";
import type { Sensor } from "../firmware-bridge/sensors/sensor.ts";
import { auditTargets } from "./fuzz/audit-targets.ts";
import { keep, readCorpus } from "./fuzz/corpus.ts";
import { frameTargets } from "./fuzz/frame-targets.ts";
import { openHttpTarget } from "./fuzz/http-target.ts";
import { messageTargets } from "./fuzz/message-targets.ts";
import { runTarget } from "./fuzz/run-target.ts";
import { fuzzSensor, sampleStreams } from "./fuzz-sensor.ts";
import { readArguments } from "./read-arguments.ts";
import { recordedStreams } from "./recorded-streams.ts";

const usage = `npm run fuzz [-- --minutes 10] [--target NAME] [--seed 1] [--keep-seeds] [--json]

Damages the input of every parser that faces a wire or a file, and feeds it: sensors, frames, messages of the brokers and of the
live connection, HTTP, configuration, audit files. The time is shared equally. What is found is kept in tests/corpus/ and fed again by
the tests. Exits 1 where a parser throws, hangs, grows, is deaf, changes what all objects share, accepts what means something else
when it is written again, or believes what nobody signed. --keep-seeds writes the undamaged inputs to tests/corpus/ and runs nothing.`;

/** More than this after everything was collected is kept by somebody. */
const growthMaxBytes = 16 * 1_024 * 1_024;
const sensorMutationsAtOnce = 250;

const values = readArguments(usage, {
  minutes: { type: "string", default: "10" },
  target: { type: "string" },
  seed: { type: "string", default: "1" },
  "keep-seeds": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
const wanted = (name: string): boolean => values.target === undefined || values.target === name;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
function heldBytes(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

// Records are sealed: a key that is thrown away with them.
const credentials = mkdtempSync(join(tmpdir(), "quietround-fuzz-"));
makeKeyFile(join(credentials, credentialName));
process.env.CREDENTIALS_DIRECTORY = credentials;

const http = wanted("http") ? await openHttpTarget() : undefined;
const targets = [
  ...frameTargets,
  ...messageTargets,
  ...auditTargets,
  ...(http === undefined ? [] : [http.target]),
].filter(({ name }) => wanted(name));
const drivers = Object.values<Sensor>(sensors).filter(({ name }) => wanted(`sensor:${name}`));
if (!(minutes > 0) || !Number.isInteger(seed) || targets.length + drivers.length === 0) {
  process.stderr.write(
    `${usage}\n\nTargets: ${[...targets, ...frameTargets, ...messageTargets, ...auditTargets].map(({ name }) => name).join(", ")}, http\n`,
  );
  process.exit(2);
}

interface Line {
  readonly target: string;
  readonly fed: number;
  readonly accepted: number;
  readonly refused: number;
  readonly slowestMs: number;
  readonly seconds: number;
  readonly grownBytes: number;
  readonly faults: readonly string[];
}

const lines: Line[] = [];
function tell(line: Line): void {
  lines.push(line);
  if (values.json) return void process.stdout.write(`${JSON.stringify(line)}\n`);
  const { target, fed, accepted, refused, slowestMs, seconds, grownBytes, faults } = line;
  process.stdout.write(
    `${target.padEnd(26)} ${String(fed).padStart(8)} fed in ${seconds.toFixed(0).padStart(3)} s; accepted ${accepted}, refused ${refused}; ` +
      `slowest ${slowestMs.toFixed(0)} ms; ${(grownBytes / 1_024).toFixed(0)} KiB more held; ${faults.length === 0 ? "no fault" : "FAULTS"}\n`,
  );
  for (const words of faults) process.stdout.write(`  ${words}\n`);
}
const grown = (bytes: number): readonly string[] => (bytes > growthMaxBytes ? [`grew by ${bytes} bytes`] : []);

const msEach = (minutes * 60_000) / (targets.length + drivers.length);

function driveSensor(sensor: Sensor): void {
  const streams = [...sampleStreams(sensor), ...recordedStreams(sensor.name)];
  fuzzSensor(sensor, streams, sensorMutationsAtOnce, seed);
  const before = heldBytes();
  const begun = performance.now();
  const faults: string[] = [];
  let [fed, accepted, refused, slowestMs] = [0, 0, 0, 0];
  for (let round = 0; round === 0 || (performance.now() - begun < msEach && faults.length === 0); round++) {
    const outcome = fuzzSensor(sensor, streams, sensorMutationsAtOnce, seed + round);
    fed += outcome.mutations;
    accepted += outcome.decoded;
    refused += outcome.refused;
    slowestMs = Math.max(slowestMs, outcome.slowestMs);
    faults.push(...outcome.faults);
  }
  const seconds = (performance.now() - begun) / 1_000;
  const grownBytes = heldBytes() - before;
  tell({
    target: `sensor:${sensor.name}`,
    fed,
    accepted,
    refused,
    slowestMs,
    seconds,
    grownBytes,
    faults: [...faults, ...grown(grownBytes)],
  });
}

if (values["keep-seeds"]) {
  for (const target of targets) for (const bytes of target.seeds.slice(0, 4)) keep(target.name, "seed", bytes);
} else {
  for (const sensor of drivers) driveSensor(sensor);
  for (const target of targets) {
    const kept = readCorpus(target.name).map(({ bytes }) => bytes);
    // Compiled code and caches come with the first of them.
    await runTarget(target, kept, { count: 500, ms: msEach / 10, seed: seed + 1 });
    const before = heldBytes();
    const begun = performance.now();
    const { found, ...outcome } = await runTarget(target, kept, { count: Number.POSITIVE_INFINITY, ms: msEach, seed });
    const grownBytes = heldBytes() - before;
    const faults = found.map(({ words, bytes }) => `${words}\n    kept as ${keep(target.name, "found", bytes)}`);
    tell({
      ...outcome,
      seconds: (performance.now() - begun) / 1_000,
      grownBytes,
      faults: [...faults, ...grown(grownBytes)],
    });
  }
}
await http?.stop();
rmSync(credentials, { recursive: true, force: true });
const failed = lines.filter(({ faults }) => faults.length > 0).length;
if (!values.json && lines.length > 0) {
  const fed = lines.reduce((sum, line) => sum + line.fed, 0);
  process.stdout.write(
    `${lines.length} targets, ${fed} damaged inputs, seed ${seed}: ${failed === 0 ? "no fault" : `${failed} FAILED`}\n`,
  );
}
process.exit(failed > 0 ? 1 : 0);
