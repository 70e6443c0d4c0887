import { type RecordingRefusal, settingsFromRecording } from "../sensors/a121-recording.ts";
import { newJsonFramer } from "../sensors/json-framer.ts";
import { firstOf, objectIn, wholeIn } from "../sensors/json-value.ts";
import type { RadarFrameSource, RadarWireFrame } from "./frame-source.ts";

export type RecordingSource =
  | { readonly ok: true; readonly source: RadarFrameSource }
  | { readonly ok: false; readonly why: RecordingRefusal | "damaged-wire" | "no-frames" };

/** Sensor time between the last frame of one round and the first of the next: longer than any reader bridges. */
export const loopGapUs = 5_000_000;

/**
 * Recorded frames as a source. With `loop` they begin again behind a gap of 5 s in sensor time, so that nothing reckons
 * across the joint.
 *
 * @param json the parsed JSON beside the recording
 * @param wire what the server sent from `start_streaming` on
 */
export function recordingSource(json: unknown, wire: Uint8Array, options: { readonly loop: boolean }): RecordingSource {
  const recording = settingsFromRecording(json);
  if (!recording.ok) return recording;
  const { settings, metadata } = recording.value;
  const framer = newJsonFramer();
  framer.expectPayload(4 * metadata.frame_data_length);
  const frames: RadarWireFrame[] = [];
  for (const { head, payload } of framer.push(wire)) {
    const info = objectIn(firstOf(firstOf(head.result_info)));
    if (info === undefined) continue;
    const tick = wholeIn(info.tick, 0, 2 ** 32 - 1);
    const temperature = wholeIn(info.temperature, -128, 127);
    if (tick === undefined || temperature === undefined) return { ok: false, why: "damaged-wire" };
    frames.push({
      tick,
      temperature,
      data_saturated: info.data_saturated === true,
      frame_delayed: info.frame_delayed === true,
      calibration_needed: info.calibration_needed === true,
      payload,
    });
  }
  if (framer.counts.bytesSkipped > 0) return { ok: false, why: "damaged-wire" };
  const first = frames[0];
  const last = frames.at(-1);
  if (first === undefined || last === undefined) return { ok: false, why: "no-frames" };

  const tickRange = 2 ** 32;
  const gapTicks = (loopGapUs * settings.ticksPerSecond) / 1e6;
  const roundTicks = ((last.tick - first.tick + tickRange) % tickRange) + gapTicks;
  let at = 0;
  let round = 0;
  return {
    ok: true,
    source: {
      metadata,
      frameRateHz: settings.frameRateHz,
      restart() {
        at = 0;
        round = 0;
      },
      next() {
        if (at === frames.length && options.loop) {
          at = 0;
          round += 1;
        }
        const frame = frames[at];
        if (frame === undefined) return undefined;
        at += 1;
        return { ...frame, tick: (frame.tick + round * roundTicks) % tickRange };
      },
    },
  };
}
