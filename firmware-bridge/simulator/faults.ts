import type { DepthFrame } from "../../edge-agent/contract/frames.ts";
import type { SensorFault } from "../../edge-agent/contract/scene.ts";
import type { RadarFrameSource, RadarWireFrame } from "./frame-source.ts";

/*
 * What goes wrong with a sensor, in its true bytes: from `fromSec` of the play on until it begins again. Which fault is one of
 * the scene.
 */

/** A frame every so often is lost; more of them where the sensor is slow. */
const lostEvery = { gaps: 12, "slow-frames": 3 } as const;

/** Frames of an A121. */
export function withRadarFault<S extends RadarFrameSource>(source: S, { what, fromSec }: SensorFault): S {
  let played = 0;
  let held: RadarWireFrame | undefined;
  return {
    ...source,
    restart() {
      played = 0;
      held = undefined;
      source.restart();
    },
    next() {
      const frame = source.next();
      played += 1;
      if (frame === undefined || played <= fromSec * source.frameRateHz) return frame;
      if ((what === "gaps" || what === "slow-frames") && played % lostEvery[what] === 0) {
        return { ...frame, lost: true };
      }
      held ??= { ...frame, payload: frame.payload.slice() };
      switch (what) {
        case "frozen":
          return { ...frame, payload: held.payload.slice() };
        case "clock-stuck":
          return { ...frame, tick: held.tick };
        case "covered":
          return {
            ...frame,
            payload: scaled(frame.payload, source.metadata.sweep_data_length, (p) => (p < 3 ? 2 : 0.15)),
          };
        case "moved":
          return {
            ...frame,
            payload: scaled(frame.payload, source.metadata.sweep_data_length, (p) =>
              p % 4 === 1 ? 1 : p % 2 === 0 ? 2.2 : 0.3,
            ),
          };
        case "hot":
          return { ...frame, temperature: 95 };
        case "saturated":
          return { ...frame, data_saturated: true };
        case "calibration-needed":
          return { ...frame, calibration_needed: true };
        case "gaps":
        case "slow-frames":
        case "other-firmware":
        case "checksum-errors":
          return frame;
      }
    },
  };
}

/** Each range point by its own factor, as far as its converter reaches. */
function scaled(payload: Uint8Array, points: number, factorOf: (point: number) => number): Uint8Array {
  const bytes = payload.slice();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += 2) {
    const value = view.getInt16(at, true) * factorOf(Math.floor(at / 4) % points);
    view.setInt16(at, Math.max(-32_767, Math.min(32_767, Math.round(value))), true);
  }
  return bytes;
}

/** How much farther everything is once the sensor hangs askew. */
const tiltedMm = 450;

/** Of depth frames; what only a radar has leaves them as they are. */
export function newDepthFault({ what, fromSec }: SensorFault) {
  let played = 0;
  let held: Uint16Array | undefined;
  return {
    restart(): void {
      played = 0;
      held = undefined;
    },
    spoil(frame: DepthFrame): DepthFrame {
      played += 1;
      if (played <= fromSec * frame.frameRateHz) return frame;
      held ??= frame.mm.slice();
      switch (what) {
        case "frozen":
          return { ...frame, mm: held.slice() };
        case "covered":
          return { ...frame, mm: frame.mm.map((mm, i) => (mm === 0 ? 0 : 60 + ((i + mm) % 7))) };
        case "moved":
          return { ...frame, mm: frame.mm.map((mm) => (mm === 0 ? 0 : mm + tiltedMm)) };
        case "clock-stuck":
        case "hot":
        case "saturated":
        case "calibration-needed":
        case "gaps":
        case "slow-frames":
        case "other-firmware":
        case "checksum-errors":
          return frame;
      }
    },
  };
}
