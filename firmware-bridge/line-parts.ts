import type { BridgeStatus } from "../edge-agent/contract/bridge-status.ts";
import type { EnvelopeHeader } from "../edge-agent/contract/frames.ts";
import type { MonoMs } from "../edge-agent/contract/units.ts";
import type { SensorState } from "../edge-agent/contract/words.ts";
import type { Clock } from "../edge-agent/platform/clock.ts";
import type { Port } from "./ports/port.ts";
import type { LineSensor, SensorFrame } from "./sensors/sensor.ts";

/* What a line to a sensor needs, and what it is to the bridge. */

export interface LineParts<F extends SensorFrame> {
  readonly sensor: LineSensor<F>;
  readonly newPort: () => Port;
  readonly clock: Clock;
  /** Whether a lease covers this very moment. */
  readonly mayPass: (at: MonoMs) => boolean;
  /** The frame is overwritten after the call. */
  readonly onFrame: (header: EnvelopeHeader, frame: F) => void;
  /** The state or the detail changed. */
  readonly onChange: () => void;
  readonly random: () => number;
  /** The longest wait between two tries, in place of 5 s. */
  readonly retryMsMax?: number;
  /** Seconds of sensor time in one of the clock's, where that is not 1. */
  readonly speed?: number;
}

export type LineCounts = Pick<
  BridgeStatus["counts"],
  "framesRefused" | "bytesSkipped" | "resyncs" | "checksumErrors" | "strange" | "malformed" | "reconnects"
>;

export interface SensorLine {
  start(signal: AbortSignal): void;
  /** On: runs until wished off, over lost connections. Off: told to stop at once, or not read from now on. */
  wish(wanted: "on" | "off"): void;
  /** Stops and starts, so that frames before and after share no boot id. */
  restart(): void;
  readonly state: SensorState;
  readonly detail: string;
  readonly bootId: string | null;
  /** Jumps of the sensor's clock within 10 s, where there are so many that its frames are refused; else 0. */
  readonly clockJumps: number;
  readonly counts: LineCounts;
  /** For good: nothing starts it again. Stops the sensor, waits at most 1.5 s for its word, and closes. */
  stop(): Promise<void>;
}
