import type { Tile } from "../contract/tile.ts";
import { elapsedMs, type MonoMs } from "../contract/units.ts";
import type { NoRateReason, SensorState } from "../contract/words.ts";

/** What is known about the sensor's data path, and what must be said about it. Silence is never calm: every gap has a word. */
export interface Sensing {
  readonly consented: boolean;
  readonly audit: "ok" | "failed";
  readonly clock: "usable" | "stepped";
  readonly sensor: SensorState;
  /** The bridge says of every running sensor that its readings cannot be believed. */
  readonly unsound: boolean;
  /** When the lease in force began; null without one. */
  readonly leasedSince: MonoMs | null;
  readonly newestFrameAt: MonoMs | null;
  /** When a sensor was last well again after its frames had been refused; null: it always was. */
  readonly soundSince: MonoMs | null;
  /** So much longer than any other sensor this room's may be silent. */
  readonly pauseMs: number;
  readonly modelFailed: boolean;
}

export interface SensingLimits {
  readonly staleAfterMs: number;
  readonly sensorLostAfterMs: number;
}

/** Time after a lease began in which the sensor may still be starting. */
const startingMs = 5_000;

export function dataAgeMs(sensing: Sensing, at: MonoMs): number | null {
  return sensing.newestFrameAt === null ? null : elapsedMs(sensing.newestFrameAt, at);
}

/** The sensor should be on, and no frame comes: its own technical alarm. */
export function sensorLost(sensing: Sensing, limits: SensingLimits, at: MonoMs): boolean {
  if (sensing.leasedSince === null || sensing.sensor === "recording-ended") return false;
  if (sensing.sensor === "lost") return true;
  // It is there, and its frames are refused: that has a word of its own.
  if (sensing.unsound) return false;
  const heard = sensing.newestFrameAt ?? sensing.leasedSince;
  // Frames that were refused were no silence: the first that counts is on its way.
  const since = Math.max(heard, sensing.soundSince ?? heard) as MonoMs;
  const silentMs = Math.max(limits.sensorLostAfterMs, sensing.newestFrameAt === null ? startingMs : 0);
  return elapsedMs(since, at) > silentMs + sensing.pauseMs;
}

/** Why nothing sensed can be trusted, or null while the room is monitored. */
export function notMonitored(sensing: Sensing, limits: SensingLimits, at: MonoMs): Tile["notMonitored"] {
  if (!sensing.consented) return "no-consent";
  if (sensing.audit === "failed") return "audit";
  if (sensing.clock === "stepped") return "clock";
  if (sensing.sensor === "recording-ended") return "recording-ended";
  if (sensorLost(sensing, limits, at)) return "sensor-lost";
  const ignored = sensing.sensor === "ignored";
  if (sensing.leasedSince === null || ignored || sensing.sensor === "off" || sensing.sensor === "stopping") {
    if (sensing.leasedSince !== null && elapsedMs(sensing.leasedSince, at) < startingMs) return "sensor-starting";
    return ignored ? "sensor-ignored" : "sensor-off";
  }
  if (sensing.unsound) return "sensor-unsound";
  if (sensing.newestFrameAt === null) return "sensor-starting";
  if (elapsedMs(sensing.newestFrameAt, at) > limits.staleAfterMs + sensing.pauseMs) return "stale";
  if (sensing.modelFailed) return "model";
  return null;
}

/** The reason for no breathing rate that comes from the data path; null where the data path is sound. */
export function noRateBecause(place: Tile["notMonitored"]): NoRateReason | null {
  switch (place) {
    case null:
      return null;
    case "no-consent":
      return "not-consented";
    case "sensor-off":
    case "sensor-ignored":
    case "clock":
    case "audit":
      return "sensor-off";
    case "sensor-starting":
      return "learning";
    case "sensor-lost":
      return "sensor-lost";
    case "sensor-unsound":
      return "sensor-unsound";
    case "stale":
      return "stale";
    case "model":
      return "model-failed";
    // The rate itself is as good as it was.
    case "undelivered":
    case "too-much-sent":
      return null;
    case "recording-ended":
      return "recording-ended";
  }
}
