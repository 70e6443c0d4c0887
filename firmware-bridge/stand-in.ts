import "../edge-agent/platform/node-version.ts";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { systemClock } from "../edge-agent/platform/clock.ts";
import { endWithParent } from "../edge-agent/platform/parent.ts";
import { recordingSource } from "./simulator/recording-source.ts";
import { serveStandIn } from "./stand-in-server.ts";

/*
 * A stand-in for the exploration server of an A121, on 127.0.0.1, that plays a recording:
 *
 *   node firmware-bridge/stand-in.ts --config X.json --wire X.wire.bin [--port N] [--speed S] [--loop]
 *
 * Prints {"port":N} as one line when it listens. Each client has the recording to itself, from the first frame.
 */

const { values } = parseArgs({
  options: {
    config: { type: "string" },
    wire: { type: "string" },
    port: { type: "string", default: "0" },
    speed: { type: "string", default: "1" },
    loop: { type: "boolean", default: false },
  },
});
const port = Number(values.port);
const speed = Number(values.speed);
if (
  values.config === undefined ||
  values.wire === undefined ||
  !Number.isInteger(port) ||
  !(speed > 0 && speed <= 50)
) {
  process.stderr.write("usage: stand-in --config X.json --wire X.wire.bin [--port N] [--speed 0.1..50] [--loop]\n");
  process.exit(2);
}
const json: unknown = JSON.parse(readFileSync(values.config, "utf8"));
const wire = readFileSync(values.wire);

const play = () => recordingSource(json, wire, { loop: values.loop });
const first = play();
if (!first.ok) {
  process.stderr.write(`${values.config} and ${values.wire} cannot be played: ${first.why}\n`);
  process.exit(2);
}
const newSource = () => {
  const again = play();
  return again.ok ? again.source : first.source;
};

serveStandIn({ newSource, speed, clock: systemClock, port }).then(
  (standIn) => {
    process.stdout.write(`${JSON.stringify({ port: standIn.port })}\n`);
    const end = (): void => {
      standIn.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    };
    process.once("SIGTERM", end);
    process.once("SIGINT", end);
    endWithParent(end);
  },
  (cause: unknown) => {
    process.stderr.write(`cannot listen on port ${port}: ${cause instanceof Error ? cause.message : String(cause)}\n`);
    process.exit(1);
  },
);
