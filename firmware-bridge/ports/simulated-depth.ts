import { type DepthFrame, encodeDepth, readDepth } from "../../edge-agent/contract/frames.ts";
import { deviceUs } from "../../edge-agent/contract/units.ts";
import type { Clock } from "../../edge-agent/platform/clock.ts";
import type { Framed, LineSensor, Link } from "../sensors/sensor.ts";
import { type Port, PortError } from "./port.ts";

/*
 * A depth camera computed from physics, on a wire of our own inside this process: real depth sensors bring theirs. Every
 * chunk of bytes is one whole message: a letter, and for a frame its device time (us, float64) and a depth payload.
 */

const letter = { start: 1, stop: 2, started: 3, stopped: 4, frame: 5 } as const;
const timeBytes = 8;
/** After a stall of the machine the schedule slips; it does not burst. */
const framesAtOnceMax = 8;

/** What this port needs of a camera: ten frames a second, endless; `restart` begins the play again. */
export interface DepthSource {
  next(): DepthFrame;
  restart(): void;
}

/** @param speed seconds of sensor time in one second of real time */
export function newSimulatedDepthPort(source: DepthSource, speed: number, clock: Clock): Port {
  let listener: (bytes: Uint8Array, link: Link) => void = () => {};
  let state: "new" | "open" | "closed" = "new";
  let timer: NodeJS.Timeout | undefined;
  let nextMs: number | undefined;
  let elapsedUs = 0;

  const frameNow = (): { bytes: Uint8Array; periodMs: number } => {
    const frame = source.next();
    const payload = encodeDepth(frame);
    const bytes = new Uint8Array(1 + timeBytes + payload.length);
    bytes[0] = letter.frame;
    new DataView(bytes.buffer).setFloat64(1, elapsedUs, true);
    bytes.set(payload, 1 + timeBytes);
    payload.fill(0);
    frame.mm.fill(0);
    elapsedUs += 1e6 / frame.frameRateHz;
    return { bytes, periodMs: 1_000 / (frame.frameRateHz * speed) };
  };
  const wait = (): void => {
    clearTimeout(timer);
    if (state !== "open" || nextMs === undefined) return;
    timer = setTimeout(send, Math.max(1, nextMs - clock.monoMs()));
  };
  const send = (): void => {
    for (let sent = 0; state === "open" && nextMs !== undefined && nextMs <= clock.monoMs(); sent++) {
      if (sent === framesAtOnceMax) {
        nextMs = clock.monoMs();
        break;
      }
      const { bytes, periodMs } = frameNow();
      nextMs += periodMs;
      listener(bytes, "data");
    }
    wait();
  };
  const answer = (word: number): void => {
    // Not within the caller's own call: a socket never answers that fast.
    setImmediate(() => {
      if (state === "open") listener(Uint8Array.of(word), "data");
    });
  };

  return {
    open(signal) {
      if (state !== "new" || signal.aborted) {
        state = "closed";
        return Promise.reject(new PortError("aborted", "not opened: simulated depth sensor"));
      }
      state = "open";
      return Promise.resolve();
    },
    onBytes(heard) {
      listener = heard;
    },
    // It never ends by itself.
    onClose() {},
    write(bytes) {
      if (state !== "open") return;
      if (bytes[0] === letter.start) {
        source.restart();
        elapsedUs = 0;
        nextMs = clock.monoMs();
        answer(letter.started);
      } else {
        nextMs = undefined;
        answer(letter.stopped);
      }
      wait();
    },
    close() {
      state = "closed";
      nextMs = undefined;
      clearTimeout(timer);
    },
  };
}

/** The other end of that wire. */
export const simulatedDepthSensor: LineSensor<DepthFrame> = {
  kind: "depth",
  off: "stops",
  frameRateHz: 10,
  newTalk: () => ({
    framer: {
      push: (bytes): readonly Framed[] =>
        bytes[0] === undefined ? [] : [{ head: { letter: bytes[0] }, payload: bytes.slice(1) }],
      counts: { bytesSkipped: 0, resyncs: 0, checksumErrors: 0, strange: 0 },
      // Keeps nothing.
      clear() {},
    },
    start: () => Uint8Array.of(letter.start),
    stop: () => Uint8Array.of(letter.stop),
    hear({ head }) {
      switch (head.letter) {
        case letter.frame:
          return { heard: "measurement" };
        case letter.started:
          return { heard: "started" };
        case letter.stopped:
          return { heard: "stopped" };
        default:
          return { heard: "nothing" };
      }
    },
    decode({ payload }) {
      if (payload.length < timeBytes) return { ok: false, why: "wrong-size" };
      const at = new DataView(payload.buffer, payload.byteOffset, timeBytes).getFloat64(0, true);
      const frame = readDepth(payload.subarray(timeBytes));
      if (!frame.ok || !Number.isFinite(at)) return { ok: false, why: "field-out-of-range" };
      return { ok: true, frame: frame.value, deviceUs: deviceUs(at), afterGap: false };
    },
  }),
};
