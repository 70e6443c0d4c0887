import type { Clock } from "../../edge-agent/platform/clock.ts";
import { newExplorationServer } from "../simulator/exploration-server.ts";
import type { RadarFrameSource } from "../simulator/frame-source.ts";
import { type Port, PortError } from "./port.ts";

/**
 * The stand-in server in this process instead of a socket: the same bytes, on timers.
 *
 * @param speed seconds of sensor time in one second of real time
 */
export function newSimulatedPort(source: RadarFrameSource, speed: number, clock: Clock): Port {
  const server = newExplorationServer(source, speed);
  let bytesListener: (bytes: Uint8Array) => void = () => {};
  let state: "new" | "open" | "closed" = "new";
  let timer: NodeJS.Timeout | undefined;

  const wait = (): void => {
    clearTimeout(timer);
    const dueMs = server.nextDueMs;
    if (state !== "open" || dueMs === undefined) return;
    timer = setTimeout(
      () => {
        for (const frame of server.due(clock.monoMs())) if (state === "open") bytesListener(frame);
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
      state = "open";
      return Promise.resolve();
    },
    onBytes(listener) {
      bytesListener = listener;
    },
    // It never ends by itself.
    onClose() {},
    write(bytes) {
      if (state !== "open") return;
      const answers = server.take(bytes, clock.monoMs());
      // Not within the caller's own call: a socket never answers that fast.
      setImmediate(() => {
        for (const answer of answers) if (state === "open") bytesListener(answer);
      });
      wait();
    },
    close() {
      state = "closed";
      clearTimeout(timer);
    },
  };
}
