import type { RadarIqFrame } from "../../edge-agent/contract/frames.ts";
import type { DeviceUs } from "../../edge-agent/contract/units.ts";
import type { RadarMetadata } from "../simulator/frame-source.ts";
import { newA121Decoder } from "./a121-decode.ts";
import { readMetadata } from "./a121-metadata.ts";
import { type A121Settings, type A121Subsweep, a121Prfs, rangesMmOf } from "./a121-settings.ts";
import { newJsonFramer } from "./json-framer.ts";
import { firstOf, type JsonObject, listIn, numberIn, objectIn, wholeIn } from "./json-value.ts";

export interface A121Recording {
  readonly settings: A121Settings;
  readonly metadata: RadarMetadata;
  /** How many frames the file beside it holds; undefined where it does not say. */
  readonly frames: number | undefined;
}

export type RecordingRefusal = "no-session-config" | "bad-subsweep" | "bad-session-config" | "bad-metadata";

export type ReadRecording =
  | { readonly ok: true; readonly value: A121Recording }
  | { readonly ok: false; readonly why: RecordingRefusal };

/** From a file: the JSON beside recorded wire bytes, with `sessionConfig`, `metadata` and `ticksPerSecond`. */
export function settingsFromRecording(json: unknown): ReadRecording {
  const file = objectIn(json);
  const group = objectIn(firstOf(objectIn(file?.sessionConfig)?.groups));
  const [sensorId, config] = Object.entries(group ?? {})[0] ?? [];
  const sensor = objectIn(config);
  if (file === undefined || sensorId === undefined || sensor === undefined) {
    return { ok: false, why: "no-session-config" };
  }
  const subsweeps: A121Subsweep[] = [];
  for (const one of listIn(sensor.subsweeps) ?? []) {
    const subsweep = readSubsweep(objectIn(one));
    if (subsweep === undefined) return { ok: false, why: "bad-subsweep" };
    subsweeps.push(subsweep);
  }
  const id = wholeIn(Number(sensorId), 1, 5);
  const frameRateHz = numberIn(sensor.frame_rate, 0.01, 1_000);
  const sweepsPerFrame = wholeIn(sensor.sweeps_per_frame, 1, 4_096);
  const ticksPerSecond = numberIn(file.ticksPerSecond ?? 1_000_000, 1, 1e9);
  if (
    subsweeps.length === 0 ||
    id === undefined ||
    frameRateHz === undefined ||
    sweepsPerFrame === undefined ||
    ticksPerSecond === undefined
  ) {
    return { ok: false, why: "bad-session-config" };
  }
  const sweepRateHz = numberIn(sensor.sweep_rate, 0, 100_000) ?? 0;
  const settings = { sensorId: id, frameRateHz, sweepsPerFrame, sweepRateHz, subsweeps, ticksPerSecond };
  const metadata = readMetadata(file.metadata, settings);
  if (metadata === undefined) return { ok: false, why: "bad-metadata" };
  return { ok: true, value: { settings, metadata, frames: wholeIn(file.frames, 0, 1e9) } };
}

/** Names as the vendor's Python writes them: `PROFILE_3`, `PRF_15_6_MHz`. */
function readSubsweep(subsweep: JsonObject | undefined): A121Subsweep | undefined {
  const startPoint = wholeIn(subsweep?.start_point, -10_000, 100_000);
  const points = wholeIn(subsweep?.num_points, 1, 4_095);
  const stepLength = wholeIn(subsweep?.step_length, 1, 100_000);
  const profile = ([1, 2, 3, 4, 5] as const).find((one) => subsweep?.profile === `PROFILE_${one}`);
  const hwaas = wholeIn(subsweep?.hwaas, 1, 511);
  const receiverGain = wholeIn(subsweep?.receiver_gain, 0, 23);
  const prf = a121Prfs.find((one) => subsweep?.prf === `PRF_${one}`);
  if (
    startPoint === undefined ||
    points === undefined ||
    stepLength === undefined ||
    profile === undefined ||
    hwaas === undefined ||
    receiverGain === undefined ||
    prf === undefined
  ) {
    return undefined;
  }
  return { startPoint, points, stepLength, profile, hwaas, receiverGain, prf };
}

export type DecodedWire =
  | {
      readonly ok: true;
      readonly settings: A121Settings;
      readonly frames: readonly {
        readonly frame: RadarIqFrame;
        readonly deviceUs: DeviceUs;
        readonly afterGap: boolean;
      }[];
      /** Exact range of each point, mm, also where the points are not evenly spaced. */
      readonly rangesMm: Float64Array;
      readonly counts: { readonly bytesSkipped: number; readonly resyncs: number; readonly malformed: number };
    }
  | { readonly ok: false; readonly why: RecordingRefusal };

/**
 * Recorded wire bytes through the same framer and decoder as a live sensor.
 *
 * @param json the parsed JSON beside the recording
 * @param wire what the server sent from `start_streaming` on
 */
export function decodeWire(json: unknown, wire: Uint8Array): DecodedWire {
  const recording = settingsFromRecording(json);
  if (!recording.ok) return recording;
  const { settings, metadata } = recording.value;
  const framer = newJsonFramer();
  framer.expectPayload(4 * metadata.frame_data_length);
  const decode = newA121Decoder(settings, metadata, settings.ticksPerSecond);
  const frames: { frame: RadarIqFrame; deviceUs: DeviceUs; afterGap: boolean }[] = [];
  let malformed = 0;
  for (const framed of framer.push(wire)) {
    if (framed.payload.length === 0) continue;
    const decoded = decode(framed);
    if (decoded.ok) frames.push({ frame: decoded.frame, deviceUs: decoded.deviceUs, afterGap: decoded.afterGap });
    else malformed += 1;
  }
  return {
    ok: true,
    settings,
    frames,
    rangesMm: rangesMmOf(settings, metadata.base_step_length_m),
    counts: { bytesSkipped: framer.counts.bytesSkipped, resyncs: framer.counts.resyncs, malformed },
  };
}
