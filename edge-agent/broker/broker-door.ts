import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { readRevoked, readTlsFiles, type TlsFiles } from "../platform/tls-files.ts";

/*
 * The door of an embedded broker: TCP on loopback, or TLS 1.3 where both ends show a certificate of the ward's authority. A revoked
 * one is thrown out within `lookEveryMs`, also in the middle of a connection.
 */

export interface BrokerTls {
  readonly files: () => TlsFiles;
  /** Names whose certificate is worth nothing any more. */
  readonly revoked: () => ReadonlySet<string>;
}

export const brokerTlsOf = (dataDir: string): BrokerTls => ({
  files: () => readTlsFiles(dataDir, "broker"),
  revoked: () => readRevoked(dataDir),
});

export interface DoorKeeper {
  /** Before anything of it is read. */
  mayEnter(socket: Socket): boolean;
  /** @param certified the name in its certificate; undefined where there is no TLS */
  enter(socket: Socket, certified: string | undefined): void;
  refused(words: string, fields: Record<string, unknown>): void;
}

export interface Door {
  readonly server: Server;
  stop(): void;
}

/** As long as a client has for its CONNECT. */
const handshakeMsMax = 5_000;
const lookEveryMs = 1_000;

/** Throws TlsError where the files cannot be used. */
export function newDoor(tls: BrokerTls | undefined, keeper: DoorKeeper): Door {
  if (tls === undefined) {
    const server = createServer({ noDelay: true }, (socket) => {
      if (keeper.mayEnter(socket)) keeper.enter(socket, undefined);
      else socket.destroy();
    });
    return { server, stop: () => {} };
  }
  let files = tls.files();
  let revoked = tls.revoked();
  const inside = new Map<TLSSocket, string>();
  const server = createTlsServer({
    ...contextOf(files),
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: handshakeMsMax,
    noDelay: true,
  });
  server.prependListener("connection", (socket: Socket) => {
    if (!keeper.mayEnter(socket)) socket.destroy();
  });
  server.on("tlsClientError", (error: Error & { code?: string }, socket: TLSSocket) => {
    keeper.refused("a TLS connection was refused", { address: socket.remoteAddress, why: error.code ?? error.message });
    // After a handshake that took too long Node leaves it to us.
    socket.destroy();
  });
  server.on("secureConnection", (socket) => {
    const { CN } = socket.getPeerCertificate().subject ?? {};
    // A resumed session is not held against the list of what was revoked.
    if (typeof CN !== "string" || revoked.has(CN) || socket.isSessionReused()) {
      keeper.refused("a TLS connection was refused", { address: socket.remoteAddress, why: "revoked or resumed" });
      socket.destroy();
      return;
    }
    inside.set(socket, CN);
    socket.once("close", () => inside.delete(socket));
    keeper.enter(socket, CN);
  });
  const timer = setInterval(() => {
    try {
      const next = tls.files();
      if (JSON.stringify(next) !== JSON.stringify(files)) server.setSecureContext(contextOf(next));
      files = next;
      revoked = tls.revoked();
    } catch (cause) {
      // Half of a renewal: what was read before still holds.
      keeper.refused("the broker's TLS files cannot be read", { why: String(cause) });
    }
    for (const [socket, name] of inside) {
      if (!revoked.has(name)) continue;
      keeper.refused("a revoked client was thrown out", { client: name });
      socket.destroy();
    }
  }, lookEveryMs);
  return { server, stop: () => clearInterval(timer) };
}

const contextOf = ({ ca, cert, key, crl }: TlsFiles) => ({
  ...{ ca, cert, key, minVersion: "TLSv1.3" as const },
  ...(crl === undefined ? {} : { crl }),
});
