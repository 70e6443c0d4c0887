import { chmodSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { Log } from "./log.ts";

/** sockaddr_un of Linux (unix(7)): 108 bytes with the zero at its end. */
const pathBytesMax = 107;

/**
 * GET / on a socket file that only its own account and root can open: what `read` returns, as JSON. Nothing of it is on a network. What
 * cannot be opened is said and costs nobody their ward. Returns how to stop.
 */
export async function openStateDoor(path: string, read: () => unknown, log: Log): Promise<() => Promise<void>> {
  if (Buffer.byteLength(path) > pathBytesMax) {
    log.warn({ path }, "the data folder's name is too long for a socket: an update cannot ask how the ward is");
    return async () => {};
  }
  const server = createServer((_request, response) => {
    try {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(read()));
    } catch (cause) {
      log.error({ cause: String(cause) }, "the state of the ward could not be told to an update");
      response.writeHead(500).end();
    }
  });
  // What a process that was killed left there listens to nobody; a ward has one agent, which its lock sees to.
  rmSync(path, { force: true });
  const opened = await new Promise<Error | undefined>((resolve) => {
    server.once("error", resolve);
    server.listen(path, () => resolve(undefined));
  });
  if (opened !== undefined) {
    log.error({ path, cause: opened.message }, "no socket for updates: an update cannot ask how the ward is");
    return async () => {};
  }
  chmodSync(path, 0o600);
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}
