import { createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../edge-agent/platform/clock.ts";
import { newExplorationServer } from "./simulator/exploration-server.ts";
import type { RadarFrameSource } from "./simulator/frame-source.ts";

export interface StandInOptions {
  /** One for each client: each has the source to itself. */
  readonly newSource: () => RadarFrameSource;
  /** Seconds of sensor time in one second. */
  readonly speed: number;
  readonly clock: Clock;
  /** 0: any that is free. */
  readonly port: number;
  /** What a client sent, before it is obeyed. */
  readonly onBytes?: (bytes: Uint8Array) => void;
}

export interface StandIn {
  readonly port: number;
  readonly clients: ReadonlySet<Socket>;
  /** Ends every connection as well. */
  stop(): Promise<void>;
}

/** The stand-in for an A121's exploration server on 127.0.0.1. Rejects where the port is taken. */
export async function serveStandIn(options: StandInOptions): Promise<StandIn> {
  const clients = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    clients.add(socket);
    serveClient(socket, options);
    socket.on("close", () => clients.delete(socket));
  });
  const port = await listen(server, options.port);
  return {
    port,
    clients,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const client of clients) client.destroy();
      }),
  };
}

function serveClient(socket: Socket, { newSource, speed, clock, onBytes }: StandInOptions): void {
  const exploration = newExplorationServer(newSource(), speed);
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    const dueMs = exploration.nextDueMs;
    if (dueMs === undefined || socket.destroyed) return;
    timer = setTimeout(
      () => {
        for (const frame of exploration.due(clock.monoMs())) socket.write(frame);
        wait();
      },
      Math.max(1, dueMs - clock.monoMs()),
    );
  };
  socket.on("data", (bytes) => {
    onBytes?.(bytes);
    for (const answer of exploration.take(bytes, clock.monoMs())) socket.write(answer);
    wait();
  });
  // A client that vanished: its close follows.
  socket.on("error", () => {});
  socket.on("close", () => clearTimeout(timer));
}

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
      else reject(new Error("no address"));
    });
  });
