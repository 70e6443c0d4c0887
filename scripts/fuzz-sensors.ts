import "../edge-agent/platform/node-version.ts";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { sensors } from "../firmware-bridge/sensors/index.ts";
import type { Sensor } from "../firmware-bridge/sensors/sensor.ts";
import { fuzzSensor, sampleStreams } from "./fuzz-sensor.ts";
import { readArguments } from "./read-arguments.ts";
import { recordedStreams } from "./recorded-streams.ts";

const usage = `npm run fuzz:sensors [-- --count 100000] [--seed 1] [--sensor NAME] [--json]

Damages the streams of every sensor (its samples, and real recordings where they are) and feeds them to its driver. Exits 1
where a driver throws, hangs, grows, decodes what it must not, or does not find the next good frame.`;

/** More than this after everything was collected is kept by somebody. */
const growthMaxBytes = 4 * 1_024 * 1_024;

const values = readArguments(usage, {
  count: { type: "string", default: "100000" },
  seed: { type: "string", default: "1" },
  sensor: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
});
const count = Number(values.count);
const seed = Number(values.seed);
const chosen = Object.values<Sensor>(sensors).filter(
  ({ name }) => values.sensor === undefined || name === values.sensor,
);
if (values.help || !Number.isInteger(count) || count < 100 || !Number.isInteger(seed) || chosen.length === 0) {
  process.stderr.write(`${usage}\n`);
  process.exit(values.help ? 0 : 2);
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
function heldBytes(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

let failed = false;
for (const sensor of chosen) {
  const streams = [...sampleStreams(sensor), ...recordedStreams(sensor.name)];
  // Compiled code and caches come with the first of them.
  fuzzSensor(sensor, streams, Math.min(2_000, count), seed + 1);
  const heldBefore = heldBytes();
  const begun = performance.now();
  const outcome = fuzzSensor(sensor, streams, count, seed);
  const seconds = (performance.now() - begun) / 1_000;
  const grownBytes = heldBytes() - heldBefore;
  const faults = [...outcome.faults, ...(grownBytes > growthMaxBytes ? [`grew by ${grownBytes} bytes`] : [])];
  failed ||= faults.length > 0;
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ ...outcome, faults, streams: streams.length, seconds, grownBytes })}\n`);
    continue;
  }
  const { name } = sensor;
  process.stdout.write(
    `${name.padEnd(18)} ${count} mutations of ${streams.length} streams, ${(outcome.bytes / 1e6).toFixed(0)} MB, ` +
      `${seconds.toFixed(0)} s; readings ${outcome.decoded}, refused ${outcome.refused}; slowest ${outcome.slowestMs.toFixed(1)} ms; ` +
      `found again within ${outcome.tailsMax} good streams; ${(grownBytes / 1_024).toFixed(0)} KiB more held; ` +
      `${faults.length === 0 ? "no fault" : `${faults.length} FAULTS`}\n`,
  );
  for (const words of faults) process.stdout.write(`  ${words}\n`);
}
process.exit(failed ? 1 : 0);
