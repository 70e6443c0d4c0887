import type { Clock } from "../../edge-agent/platform/clock.ts";
import type { Link } from "../sensors/sensor.ts";
import type { StandIn } from "../simulator/stand-ins.ts";
import { type Port, PortError } from "./port.ts";

/**
 * A sensor's stand-in in this process instead of a wire: the same bytes, on timers.
 *
 * @param open makes the stand-in once the port opens: its play begins then
 * @param answersOn where its answers come from: `commands` for a sensor with a second port for them
 */
export function newSimulatedPort(open: () => StandIn, clock: Clock, answersOn: Link = "data"): Port {
  let bytesListener: (bytes: Uint8Array, link: Link) => void = () => {};
  let state: "new" | "open" | "closed" = "new";
  let standIn: StandIn | undefined;
  let timer: NodeJS.Timeout | undefined;

  const wait = (): void => {
    clearTimeout(timer);
    const dueMs = standIn?.nextDueMs;
    if (state !== "open" || dueMs === undefined) return;
    timer = setTimeout(
      () => {
        for (const bytes of standIn?.due(clock.monoMs()) ?? []) if (state === "open") bytesListener(bytes, "data");
        wait();
      },
      Math.max(1, dueMs - clock.monoMs()),
    );
  };

  return {
    open(signal) {
      if (state !== "new" || signal.aborted) {
        state = "closed";
        return Promise.reject(new PortError("aborted", "not opened: simulated sensor"));
      }
      try {
        standIn = open();
      } catch (cause) {
        state = "closed";
        const words = cause instanceof Error ? cause.message : String(cause);
        return Promise.reject(new PortError("missing", `what it should play cannot be had: ${words}`, cause));
      }
      state = "open";
      wait();
      return Promise.resolve();
    },
    onBytes(listener) {
      bytesListener = listener;
    },
    // It never ends by itself.
    onClose() {},
    write(bytes) {
      if (state !== "open" || standIn === undefined) return;
      const answers = standIn.take(bytes, clock.monoMs());
      // Not within the caller's own call: a socket never answers that fast.
      setImmediate(() => {
        for (const answer of answers) if (state === "open") bytesListener(answer, answersOn);
      });
      wait();
    },
    close() {
      state = "closed";
      standIn = undefined;
      clearTimeout(timer);
    },
  };
}
