import { connect, type MqttClient } from "mqtt";
import { encodeGatewayLine } from "../sensors/mqtt-gateway.ts";
import { type Port, PortError } from "./port.ts";

const connectTimeoutMs = 3_000;
/** Until the broker has confirmed every topic. */
const openTimeoutMs = 5_000;
/** A larger payload is no reading. */
const payloadBytesMax = 4_096;

/** A gateway's topics at a broker on this machine; each message becomes a line. Nothing is ever published. */
export function newMqttPort(at: {
  readonly host: string;
  readonly port: number;
  readonly topics: readonly string[];
}): Port {
  const url = `mqtt://${at.host}:${at.port}`;
  let client: MqttClient | undefined;
  let bytesListener: Parameters<Port["onBytes"]>[0] = () => {};
  let closeListener: (why: PortError) => void = () => {};
  let state: "new" | "opening" | "open" | "closed" = "new";

  const shut = (): void => {
    state = "closed";
    client?.end(true);
  };

  return {
    open(signal) {
      return new Promise<void>((resolve, reject) => {
        if (state !== "new" || signal.aborted) {
          state = "closed";
          reject(new PortError("aborted", `not opened: ${url}`));
          return;
        }
        state = "opening";
        const own = connect(url, { reconnectPeriod: 0, connectTimeout: connectTimeoutMs, clean: true });
        client = own;
        const timer = setTimeout(
          () =>
            fail(
              new PortError("timeout", `the broker at ${url} did not confirm the topics within ${openTimeoutMs} ms`),
            ),
          openTimeoutMs,
        );
        const fail = (why: PortError): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", onAbort);
          const was = state;
          if (was === "closed") return;
          shut();
          if (was === "opening") reject(why);
          else closeListener(why);
        };
        const onAbort = (): void => fail(new PortError("aborted", `given up: ${url}`));
        signal.addEventListener("abort", onAbort, { once: true });
        own.on("error", (cause) => fail(new PortError("refused", `no broker at ${url}: ${cause.message}`, cause)));
        own.on("close", () => fail(new PortError("closed-by-sensor", `the broker at ${url} closed the connection`)));
        own.on("message", (topic, payload, { retain }) => {
          // What a broker kept is of another time: a gateway that died says nothing, and must be heard to say nothing.
          if (state !== "open" || retain || payload.length > payloadBytesMax) return;
          bytesListener(encodeGatewayLine(topic, payload.toString("utf8")), "data");
        });
        own.on("connect", () => {
          own.subscribe([...at.topics], { qos: 0 }, (cause, granted) => {
            const refused = granted?.filter(({ qos }) => qos > 2).map(({ topic }) => topic) ?? [];
            if (cause || refused.length > 0) {
              fail(new PortError("refused", `the broker at ${url} does not let us hear ${refused.join(", ")}`));
              return;
            }
            if (state !== "opening") return;
            clearTimeout(timer);
            state = "open";
            resolve();
          });
        });
      });
    },
    onBytes(listener) {
      bytesListener = listener;
    },
    onClose(listener) {
      closeListener = listener;
    },
    // A gateway takes no commands from here.
    write() {},
    close() {
      if (state === "opening" || state === "open") shut();
      state = "closed";
    },
  };
}
