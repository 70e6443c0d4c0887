import type { SensorFrame } from "./sensors/sensor.ts";

/** What a frame holds of a person; its head says nothing of them. */
export function overwriteFrame(frame: SensorFrame): void {
  if ("iq" in frame) frame.iq.fill(0);
  else if ("mm" in frame) frame.mm.fill(0);
  else if ("wave" in frame) frame.wave.fill(0);
}
