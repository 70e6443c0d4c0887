import type { FramerCounts } from "./sensors/sensor.ts";

/* What framers of one sensor after another counted. */

export const framedNothing: FramerCounts = { bytesSkipped: 0, resyncs: 0, checksumErrors: 0, strange: 0 };

export const addCounts = (a: FramerCounts, b: FramerCounts): FramerCounts => ({
  bytesSkipped: a.bytesSkipped + b.bytesSkipped,
  resyncs: a.resyncs + b.resyncs,
  checksumErrors: a.checksumErrors + b.checksumErrors,
  strange: a.strange + b.strange,
});

/** What came in place of readings, in words for an engineer; empty where nothing came. */
export function insteadOfReadings({ strange, checksumErrors, bytesSkipped }: FramerCounts, malformed: number): string {
  const said = [
    strange > 0 ? `${strange} frames of a kind or length that this driver does not know` : "",
    checksumErrors > 0 ? `${checksumErrors} with a wrong checksum` : "",
    malformed > 0 ? `${malformed} with content that cannot be` : "",
  ].filter((words) => words !== "");
  if (said.length === 0 && bytesSkipped > 0) said.push(`${bytesSkipped} bytes that belong to no frame`);
  return said.join(", ");
}
