import "../edge-agent/platform/node-version.ts";
import { realpathSync } from "node:fs";
import { parseArgs } from "node:util";
import { listSerialPorts } from "../firmware-bridge/ports/serial-list.ts";
import { sensors } from "../firmware-bridge/sensors/index.ts";
import { type Found, probePort } from "./probe-port.ts";
import { pasted, wordsOf } from "./probe-words.ts";

const usage = `npm run bridge:probe [-- PATH ...]

Hears every serial port (or those given), recognises the sensor on each by its bytes, and prints what to put under "sensors" of a
bed in the configuration. Nothing is started; what measures and can be stopped is stopped. About 20 s for a port on which
nothing is recognised. Exits 1 where no sensor was found.`;

function pathsGiven(): readonly string[] {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: "boolean" } } });
    if (!values.help) return positionals;
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}\n`);
    process.exit(2);
  }
}

const realOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

const given = pathsGiven();
const there = await listSerialPorts();
// A path that was typed is told by its stable name, where it has one.
const paths = given.map((path) => there.find((one) => realOf(one) === realOf(path)) ?? path);
const asked = paths.length > 0 ? paths : there;
if (asked.length === 0) process.stderr.write("this machine has no serial port\n");

const results = await Promise.all(
  asked.map(async (path) => {
    const probed = await probePort(path, {
      sensors: Object.values(sensors),
      listenMs: 1_200,
      answerWithinMs: 800,
    });
    process.stderr.write(`${wordsOf(path, probed)}\n`);
    return { path, probed };
  }),
);
const found = results.flatMap(({ path, probed }): { path: string; found: Found }[] =>
  probed.is === "found" ? [{ path, found: probed }] : [],
);
if (found.length > 0) {
  const toPaste = pasted(found, [...new Set([...there, ...asked])]);
  if (toPaste.some(({ placement }) => placement === null)) {
    process.stderr.write("placement: measure where the depth sensor hangs and where the bed stands\n");
  }
  process.stdout.write(`${JSON.stringify({ sensors: toPaste }, null, 2)}\n`);
}
process.exit(found.length > 0 ? 0 : 1);
