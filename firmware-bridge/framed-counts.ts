import type { FramerCounts } from "./sensors/sensor.ts";

/* What framers of one sensor after another counted. */

export const framedNothing: FramerCounts = { bytesSkipped: 0, resyncs: 0, checksumErrors: 0, strange: 0 };

export const addCounts = (a: FramerCounts, b: FramerCounts): FramerCounts => ({
  bytesSkipped: a.bytesSkipped + b.bytesSkipped,
  resyncs: a.resyncs + b.resyncs,
  checksumErrors: a.checksumErrors + b.checksumErrors,
  strange: a.strange + b.strange,
});
