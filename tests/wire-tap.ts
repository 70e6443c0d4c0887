import { connect, createServer, type Socket } from "node:net";
import mqttPacket from "mqtt-packet";

export interface WireTap {
  readonly port: number;
  /** From now on nothing goes through, either way, and nobody is told: as a cut cable. */
  cut(): void;
  stop(): Promise<void>;
}

/** Stands between a client and its broker, and tells of each message that the client publishes, before the broker has it. */
export async function tapWire(brokerPort: number, onPublish: (topic: string) => void): Promise<WireTap> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    const broker = connect(brokerPort, "127.0.0.1");
    keep(client);
    keep(broker);
    const parser = mqttPacket.parser({ protocolVersion: 4 });
    parser.on("packet", (packet) => {
      if (packet.cmd === "publish") onPublish(packet.topic);
    });
    client.on("data", (bytes) => {
      if (isCut) return;
      parser.parse(bytes);
      broker.write(bytes);
    });
    broker.on("data", (bytes) => {
      if (!isCut) client.write(bytes);
    });
    // A broken cable tells neither side; an orderly end is told.
    client.on("end", () => void (isCut || broker.end()));
    broker.on("end", () => void (isCut || client.end()));
    client.on("close", () => void (isCut || broker.destroy()));
    broker.on("close", () => void (isCut || client.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return {
    port: address.port,
    cut() {
      isCut = true;
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
