import { connect, createServer, type Socket } from "node:net";

/**
 * Between a client and its broker, as a network cable: while it is cut nothing comes through and neither side is told; mended, what
 * waited on the way arrives late, and whoever was given up meanwhile learns it.
 */
export interface Cable {
  readonly port: number;
  cut(): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function layCable(brokerPort: number): Promise<Cable> {
  const ends = new Map<Socket, Socket>();
  let isCut = false;
  const join = (from: Socket, to: Socket): void => {
    ends.set(from, to);
    from.setNoDelay(true);
    from.on("data", (bytes) => {
      if (to.write(bytes)) return;
      from.pause();
      to.once("drain", () => void (isCut || from.resume()));
    });
    from.on("error", () => from.destroy());
    from.on("close", () => {
      if (!isCut) to.destroy();
    });
    if (isCut) from.pause();
  };
  const server = createServer((client) => {
    const broker = connect(brokerPort, "127.0.0.1");
    join(client, broker);
    join(broker, client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return {
    port: address.port,
    cut() {
      isCut = true;
      for (const end of ends.keys()) end.pause();
    },
    mend() {
      isCut = false;
      for (const [end, other] of ends) {
        if (end.destroyed) {
          other.destroy();
          ends.delete(end);
        } else end.resume();
      }
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const end of ends.keys()) end.destroy();
      await closed;
    },
  };
}
