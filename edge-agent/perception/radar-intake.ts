import type { RadarIqFrame } from "../contract/frames.ts";
import { modelFirstPointMm, modelPointStepMm, modelPoints, modelRateHz } from "./radar-breathing.ts";
import { type PresenceReading, type RadarPresence, readPresence } from "./radar-presence.ts";
import { medianStepUs, paceFits, type StreamChecks } from "./stream-checks.ts";

/*
 * What each full second of a radar's stream was like, written down when it was full. Answers come late; what they are
 * told beside is the second that they speak of, not the moment.
 */

/** Whether the model was made for such frames. */
export type Fit = "right" | "frame-rate" | "sensor-settings";

/** By what the frame states of itself. The rate comes first: a shape may be right for another rate only. */
export function statedFit(frame: RadarIqFrame): Fit {
  // Turned round so that a number that is none does not fit.
  if (!(Math.abs(frame.frameRateHz - modelRateHz) <= 0.02 * modelRateHz)) return "frame-rate";
  const shape =
    frame.points === modelPoints &&
    frame.sweeps >= 2 &&
    Math.abs(frame.firstPointMm - modelFirstPointMm) <= 10 &&
    Math.abs(frame.pointStepMm - modelPointStepMm) <= 1;
  return shape ? "right" : "sensor-settings";
}

/** A silence that begins a new window: 1 s, or a few frames of a sensor that is slow by nature. */
export function gapUs(checks: StreamChecks, frame: RadarIqFrame): number {
  const stepUs = Math.max(1e6 / frame.frameRateHz, medianStepUs(checks) ?? 0);
  return Math.min(5e6, Math.max(1e6, 2.5 * stepUs));
}

export interface SecondNote {
  readonly fit: Fit;
  readonly presence: PresenceReading;
}

/** Presence is told of frames at most this old, us, and of at least three frames of a slow sensor. */
const presenceUsMax = 3e6;

/**
 * @param fit what the newest frame stated
 * @param quietUs how long ago presence had its last frame, us
 */
export function noteSecond(checks: StreamChecks, fit: Fit, presence: RadarPresence, quietUs: number): SecondNote {
  const old = quietUs > Math.max(presenceUsMax, 3 * (medianStepUs(checks) ?? 0));
  return {
    fit: paceFits(checks) ? fit : "frame-rate",
    presence: old ? { occupancy: "unknown", movement: 0 } : readPresence(presence),
  };
}
