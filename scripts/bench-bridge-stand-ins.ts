import { createServer } from "node:net";
import { systemClock } from "../edge-agent/platform/clock.ts";
import { endWithParent } from "../edge-agent/platform/parent.ts";
import { readScene } from "../firmware-bridge/ports/scene-file.ts";
import { standIns } from "../firmware-bridge/simulator/stand-ins.ts";
import { standAt } from "../tests/pseudo-terminal.ts";

/*
 * The sensors of `npm run bench:bridge`, in a process of their own: what they cost is not the bridge's. Each listens on a TCP
 * port of 127.0.0.1; {"ports":[...]} is printed as one line, in the order of the models that were named.
 *
 *   node scripts/bench-bridge-stand-ins.ts acconeer-a121 depth-camera seeed-mr60bha2
 */

const models = process.argv.slice(2);
const scene = readScene("asleep");
const ports = await Promise.all(
  models.map(async (model) => {
    if (!Object.hasOwn(standIns, model)) throw new Error(`no sensor is called ${model}`);
    const open = standIns[model as keyof typeof standIns];
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on("error", () => {});
      standAt(socket, open(scene, 1));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    return typeof address === "object" ? address?.port : undefined;
  }),
);
process.stdout.write(`${JSON.stringify({ ports, at: systemClock.utcMs() })}\n`);
endWithParent(() => process.exit(0));
