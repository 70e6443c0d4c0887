import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { type GateRefusal, gateStep, newPacketGate } from "./packet-gate.ts";

/** Waiting for a client that does not read. Above `backlogBytesMax` nothing more is queued for it. */
export const backlogBytesMax = 524_288;
/** No progress for this long and the client is cut: one frozen reader must not hold up the others. */
export const stallMsMax = 2_000;

export interface GuardedConnection extends Duplex {
  /** Lifts the limit on what may be sent before the login. */
  login(): void;
}

/**
 * A socket behind the packet gate, in the shape that the broker takes. Writing never blocks below 1 MiB, so the broker
 * does not wait for one client while it delivers to another; who calls looks at `writableLength` first.
 */
export function guardConnection(socket: Socket, onRefused: (why: GateRefusal | "stalled") => void): GuardedConnection {
  let gate = newPacketGate;
  let loggedIn = false;
  let stall: NodeJS.Timeout | undefined;

  const send = (bytes: Uint8Array, done: (error?: Error | null) => void): void => {
    stall = setTimeout(() => {
      onRefused("stalled");
      duplex.destroy();
    }, stallMsMax);
    socket.write(bytes, (error) => {
      clearTimeout(stall);
      done(error);
    });
  };

  const duplex = new Duplex({
    allowHalfOpen: false,
    writableHighWaterMark: 1_048_576,
    read() {
      socket.resume();
    },
    write(chunk: Buffer, _encoding, done) {
      send(chunk, done);
    },
    // A packet is written in several pieces; together they are one segment on the wire.
    writev(chunks, done) {
      send(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done);
    },
    final(done) {
      socket.end(done);
    },
    destroy(error, done) {
      clearTimeout(stall);
      socket.destroy();
      done(error);
    },
  });

  socket.on("data", (chunk: Buffer) => {
    const next = gateStep(gate, chunk, loggedIn);
    if (typeof next === "string") {
      onRefused(next);
      duplex.destroy();
      return;
    }
    gate = next;
    if (!duplex.push(chunk)) socket.pause();
  });
  socket.on("end", () => duplex.push(null));
  socket.on("error", () => duplex.destroy());
  socket.on("close", () => duplex.destroy());
  return Object.assign(duplex, {
    login: (): void => {
      loggedIn = true;
    },
  });
}
