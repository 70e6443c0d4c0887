import "../edge-agent/platform/node-version.ts";
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { parseArgs } from "node:util";
import { systemClock } from "../edge-agent/platform/clock.ts";
import { endWithParent } from "../edge-agent/platform/parent.ts";
import { newExplorationServer } from "./simulator/exploration-server.ts";
import { recordingSource } from "./simulator/recording-source.ts";

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

const clients = new Set<Socket>();
const server = createServer({ noDelay: true }, (socket) => {
  const recorded = recordingSource(json, wire, { loop: values.loop });
  if (!recorded.ok) {
    socket.destroy();
    return;
  }
  const exploration = newExplorationServer(recorded.source, speed);
  clients.add(socket);
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    const dueMs = exploration.nextDueMs;
    if (dueMs === undefined || socket.destroyed) return;
    timer = setTimeout(
      () => {
        for (const frame of exploration.due(systemClock.monoMs())) socket.write(frame);
        wait();
      },
      Math.max(1, dueMs - systemClock.monoMs()),
    );
  };
  socket.on("data", (bytes) => {
    for (const answer of exploration.take(bytes, systemClock.monoMs())) socket.write(answer);
    wait();
  });
  // A client that vanished: its close follows.
  socket.on("error", () => {});
  socket.on("close", () => {
    clearTimeout(timer);
    clients.delete(socket);
  });
});

const first = recordingSource(json, wire, { loop: false });
if (!first.ok) {
  process.stderr.write(`${values.config} and ${values.wire} cannot be played: ${first.why}\n`);
  process.exit(2);
}
server.on("error", (cause) => {
  process.stderr.write(`cannot listen on port ${port}: ${cause.message}\n`);
  process.exit(1);
});
server.listen(port, "127.0.0.1", () => {
  const address = server.address();
  const listening = typeof address === "object" && address !== null ? address.port : port;
  process.stdout.write(`${JSON.stringify({ port: listening })}\n`);
});

const end = (): void => {
  server.close();
  for (const client of clients) client.destroy();
};
process.once("SIGTERM", end);
process.once("SIGINT", end);
endWithParent(end);
