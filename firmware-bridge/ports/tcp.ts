import { connect, type Socket } from "node:net";
import type { Link } from "../sensors/sensor.ts";
import { type Port, PortError } from "./port.ts";

const connectTimeoutMs = 2_000;
/** What was written last, a command to stop perhaps, has this long to leave. */
const leaveMsMax = 300;

/** A sensor behind a TCP server, such as Acconeer's exploration server on port 6110, or a serial port passed on by another machine. */
export function newTcpPort(address: { readonly host: string; readonly port: number }): Port {
  const at = `${address.host}:${address.port}`;
  let socket: Socket | undefined;
  let bytesListener: (bytes: Uint8Array, link: Link) => void = () => {};
  let closeListener: (why: PortError) => void = () => {};
  let state: "new" | "opening" | "open" | "closed" = "new";

  const shut = (): void => {
    state = "closed";
    socket?.destroy();
  };
  /** A connection that is torn down while its other end still sends takes with it what has not been heard there yet. */
  const shutInOrder = (own: Socket): void => {
    state = "closed";
    const timer = setTimeout(() => own.destroy(), leaveMsMax);
    own.once("close", () => clearTimeout(timer));
    own.end();
  };

  return {
    open(signal) {
      return new Promise<void>((resolve, reject) => {
        if (state !== "new" || signal.aborted) {
          state = "closed";
          reject(new PortError("aborted", `not opened: ${at}`));
          return;
        }
        state = "opening";
        // noDelay: Nagle with a delayed ACK would hold a command back for 40 ms.
        const own = connect({ ...address, noDelay: true });
        socket = own;
        let failure: PortError | undefined;
        const fail = (why: PortError): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", onAbort);
          if (state === "opening") {
            shut();
            reject(why);
          } else if (state === "open") {
            shut();
            closeListener(why);
          }
        };
        const onAbort = (): void => fail(new PortError("aborted", `given up: ${at}`));
        const timer = setTimeout(
          () => fail(new PortError("timeout", `no connection to ${at} within ${connectTimeoutMs} ms`)),
          connectTimeoutMs,
        );
        signal.addEventListener("abort", onAbort, { once: true });
        own.once("connect", () => {
          if (state !== "opening") return;
          clearTimeout(timer);
          signal.removeEventListener("abort", onAbort);
          state = "open";
          resolve();
        });
        own.on("data", (bytes) => {
          if (state === "open") bytesListener(bytes, "data");
          else bytes.fill(0);
        });
        own.on("error", (cause) => {
          failure = errorOf(cause, at);
        });
        own.once("close", () => fail(failure ?? new PortError("closed-by-sensor", `connection closed by ${at}`)));
      });
    },
    onBytes(listener) {
      bytesListener = listener;
    },
    onClose(listener) {
      closeListener = listener;
    },
    write(bytes) {
      if (state === "open") socket?.write(bytes);
    },
    close() {
      if (state === "open" && socket !== undefined) shutInOrder(socket);
      else if (state === "opening") shut();
      state = "closed";
    },
  };
}

function errorOf(cause: Error, at: string): PortError {
  const code = "code" in cause ? cause.code : undefined;
  switch (code) {
    case "ECONNREFUSED":
      return new PortError("refused", `connection refused at ${at}`, cause);
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new PortError("unreachable", `no way to ${at}`, cause);
    case "ETIMEDOUT":
      return new PortError("timeout", `no answer from ${at}`, cause);
    case "ECONNRESET":
    case "EPIPE":
      return new PortError("closed-by-sensor", `connection reset by ${at}`, cause);
    default:
      return new PortError("failed", `connection to ${at} failed: ${cause.message}`, cause);
  }
}
