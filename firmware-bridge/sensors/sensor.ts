import type { DepthFrame, FrameKind, RadarIqFrame } from "../../edge-agent/contract/frames.ts";
import type { RadarTargetsFrame, RadarVitalsFrame } from "../../edge-agent/contract/module-frames.ts";
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
  /** Frames whose checksum did not hold; their bytes are counted as skipped as well. */
  readonly checksumErrors: number;
  /** Whole frames, checksum and all, of a type or length that this driver does not know: another firmware. */
  readonly strange: number;
}

/** `commands`: the second port of a sensor that has one for commands beside the one for its data. */
export type Link = "data" | "commands";

/** Cuts a stream of bytes, arriving in any pieces, into frames. Memory is bounded; never throws. */
export interface Framer {
  /** @param link where the bytes came from; sensors with one port have only `data` */
  push(bytes: Uint8Array, link?: Link): readonly Framed[];
  readonly counts: FramerCounts;
  /** Overwrites and forgets what is buffered. */
  clear(): void;
}

/** What a frame means for the conversation. `measurement`: decode it, if its use is allowed. */
export type Heard =
  | { readonly heard: "measurement" }
  /** The next command of the start, to be written now; `baudRate`: once the port has changed to it, as the sensor has. */
  | { readonly heard: "go-on"; readonly write: Uint8Array; readonly baudRate?: number }
  | { readonly heard: "started" }
  | { readonly heard: "stopped" }
  | { readonly heard: "recording-ended" }
  | { readonly heard: "refused"; readonly words: string }
  | { readonly heard: "nothing" };

export type DecodeRefusal = "not-set-up" | "wrong-size" | "missing-field" | "field-out-of-range";

/** What the bridge can turn a sensor's bytes into. */
export type SensorFrame = RadarIqFrame | DepthFrame | RadarVitalsFrame | RadarTargetsFrame;

export type Decoded<F extends SensorFrame = SensorFrame> =
  | {
      readonly ok: true;
      readonly frame: F;
      readonly deviceUs: DeviceUs;
      /** The sensor's clock jumped by 3 s or more since the frame before: nothing may be reckoned across. */
      readonly afterGap: boolean;
    }
  | { readonly ok: false; readonly why: DecodeRefusal };

/** One connection to one sensor: its framer and where the conversation stands. */
export interface Talk<F extends SensorFrame = SensorFrame> {
  readonly framer: Framer;
  /** First command of the start; the rest follow from `hear`. Empty: the sensor sends by itself. */
  start(): Uint8Array;
  /** May be sent at any time, also where nothing was started. Answered by `stopped`, where the sensor can stop. */
  stop(): Uint8Array;
  hear(framed: Framed): Heard;
  /** @param arrivedUs when the frame's last byte came, on the bridge's own clock: the time of a sensor without one */
  decode(framed: Framed, arrivedUs: number): Decoded<F>;
}

export interface Sample<F extends SensorFrame = SensorFrame> {
  readonly name: string;
  /** What the sensor sends, from the answers to the start on. */
  readonly wire: Uint8Array;
  /** Which port it comes from; `data` unless said. */
  readonly link?: Link;
  readonly heard: readonly Heard["heard"][];
  /** What the measurements in it decode to, in order: as much of the frame as the sample is about. */
  readonly decodesTo: readonly (
    | { readonly ok: true; readonly deviceUs?: number; readonly frame: Partial<F> }
    | { readonly ok: false; readonly why: DecodeRefusal }
  )[];
  /** What the framer counts; nothing unless said. */
  readonly counts?: Partial<FramerCounts>;
}

/** As much of a sensor as a line to it needs. */
export interface LineSensor<F extends SensorFrame = SensorFrame> {
  readonly kind: FrameKind;
  /**
   * `stops`: confirms that it was told to stop. `ignored`: it cannot be stopped; the bridge does not read it, and the screens
   * say so. Such a sensor has begun with its first measurement.
   */
  readonly off: "stops" | "ignored";
  /** Nominal, of the measurements. */
  readonly frameRateHz: number;
  newTalk(): Talk<F>;
}

export interface Sensor<F extends SensorFrame = SensorFrame> extends LineSensor<F> {
  readonly name: string;
  readonly dataSheet: string;
  readonly rangeMm: { readonly from: number; readonly to: number };
  /**
   * Of its serial port, where it has one; `commands` where that is a second port. `breakFirst`: it is told by a break to go back
   * to this rate, since it changes it in the course of a conversation.
   */
  readonly baudRate: { readonly data: number; readonly commands?: number; readonly breakFirst?: boolean } | null;
  /** Whether a checksum covers the readings: then no changed byte may decode to another reading. */
  readonly checksum: boolean;
  readonly samples: readonly Sample<F>[];
}
