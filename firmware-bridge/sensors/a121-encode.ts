import type { RadarMetadata, RadarWireFrame } from "../simulator/frame-source.ts";

/** A JSON line of the exploration protocol, in both directions. */
export const encodeLine = (value: Readonly<Record<string, unknown>>): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value)}\n`);

/** The answer to `setup`. `tick_period` stands beside the metadata, as the real server has it. */
export function encodeSetupAnswer(metadata: RadarMetadata): Uint8Array {
  const { tick_period, ...rest } = metadata;
  return encodeLine({ status: "ok", tick_period, payload_size: 0, metadata: [[rest]] });
}

/** A measurement: the line and the raw samples behind it. */
export function encodeFrame(frame: RadarWireFrame): Uint8Array {
  const { tick, data_saturated, temperature, frame_delayed, calibration_needed, payload } = frame;
  const head = encodeLine({
    status: "ok",
    result_info: [[{ tick, data_saturated, temperature, frame_delayed, calibration_needed }]],
    payload_size: payload.length,
  });
  const bytes = new Uint8Array(head.length + payload.length);
  bytes.set(head);
  bytes.set(payload, head.length);
  return bytes;
}
