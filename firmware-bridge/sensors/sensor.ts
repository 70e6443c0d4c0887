import type { DepthFrame, FrameKind, RadarIqFrame } from "../../edge-agent/contract/frames.ts";
import type { DeviceUs } from "../../edge-agent/contract/units.ts";

/*
 * What a sensor is to the bridge: data and small pure parts. No IO, no timers, no clock. Adding a sensor is one file that
 * makes a `Sensor`, and one line in index.ts; the tests walk that list.
 */

/** One unit of the sensor's wire: what it says of itself (`head`), and the measurement (`payload`), which nobody has looked into. */
export interface Framed {
  readonly head: Readonly<Record<string, unknown>>;
  /** A copy of its own: whoever has it overwrites it when done. */
  readonly payload: Uint8Array;
}

export interface FramerCounts {
  /** Bytes that belonged to no frame. */
  readonly bytesSkipped: number;
  /** How often the framer lost the thread and found it again. */
  readonly resyncs: number;
}

/** Cuts a stream of bytes, arriving in any pieces, into frames. Memory is bounded; never throws. */
export interface Framer {
  push(bytes: Uint8Array): readonly Framed[];
  readonly counts: FramerCounts;
  /** Overwrites and forgets what is buffered. */
  clear(): void;
}

/** What a frame means for the conversation. `measurement`: decode it, if its use is allowed. */
export type Heard =
  | { readonly heard: "measurement" }
  /** The next command of the start, to be written now. */
  | { readonly heard: "go-on"; readonly write: Uint8Array }
  | { readonly heard: "started" }
  | { readonly heard: "stopped" }
  | { readonly heard: "recording-ended" }
  | { readonly heard: "refused"; readonly words: string }
  | { readonly heard: "nothing" };

export type DecodeRefusal = "not-set-up" | "wrong-size" | "missing-field" | "field-out-of-range";

/** What the bridge can turn a sensor's bytes into. */
export type SensorFrame = RadarIqFrame | DepthFrame;

export type Decoded<F extends SensorFrame = RadarIqFrame> =
  | {
      readonly ok: true;
      readonly frame: F;
      readonly deviceUs: DeviceUs;
      /** The sensor's clock jumped by 3 s or more since the frame before: nothing may be reckoned across. */
      readonly afterGap: boolean;
    }
  | { readonly ok: false; readonly why: DecodeRefusal };

/** One connection to one sensor: its framer and where the conversation stands. */
export interface Talk<F extends SensorFrame = RadarIqFrame> {
  readonly framer: Framer;
  /** First command of the start; the rest follow from `hear`. */
  start(): Uint8Array;
  /** May be sent at any time, also where nothing was started. Answered by `stopped`. */
  stop(): Uint8Array;
  hear(framed: Framed): Heard;
  decode(framed: Framed): Decoded<F>;
}

export interface Sample {
  readonly name: string;
  /** What the sensor sends, from the answers to the start on. */
  readonly wire: Uint8Array;
  readonly heard: readonly Heard["heard"][];
  /** What the measurements in it decode to, in order. */
  readonly decodesTo: readonly (
    | { readonly ok: true; readonly deviceUs: number; readonly firstIq: readonly [number, number] }
    | { readonly ok: false; readonly why: DecodeRefusal }
  )[];
}

/** As much of a sensor as a line to it needs. */
export interface LineSensor<F extends SensorFrame = RadarIqFrame> {
  readonly kind: FrameKind;
  newTalk(): Talk<F>;
}

export interface Sensor extends LineSensor {
  readonly name: string;
  readonly dataSheet: string;
  readonly frameRateHz: number;
  readonly rangeMm: { readonly from: number; readonly to: number };
  readonly samples: readonly Sample[];
}
