import { encodeEnvelope, encodeRadarIq } from "../edge-agent/contract/frames.ts";
import { utcMs } from "../edge-agent/contract/units.ts";
import type { ReplayFrame } from "../edge-agent/replay.ts";
import { decodeWire } from "../firmware-bridge/sensors/a121-recording.ts";

export type RecordedEnvelopes =
  | { readonly ok: true; readonly frames: readonly ReplayFrame[] }
  | { readonly ok: false; readonly words: string };

/**
 * Recorded wire bytes of an A121 as the bridge would have published them: a new boot id after each gap, sequence numbers
 * from 0 within it.
 *
 * @param configText the JSON beside the recording
 */
export function recordedEnvelopes(configText: string, wire: Uint8Array): RecordedEnvelopes {
  let json: unknown;
  try {
    json = JSON.parse(configText);
  } catch (cause) {
    return { ok: false, words: `not JSON: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
  const decoded = decodeWire(json, wire);
  if (!decoded.ok) return { ok: false, words: `not the configuration of an A121 recording (${decoded.why})` };
  const firstUs = decoded.frames[0]?.deviceUs;
  if (firstUs === undefined) return { ok: false, words: "the wire bytes hold no whole frame" };
  let boot = 0;
  let sequence = 0;
  const frames = decoded.frames.map(({ frame, deviceUs, afterGap }) => {
    if (afterGap) {
      boot += 1;
      sequence = 0;
    }
    const bootId = boot.toString(16).padStart(32, "0");
    const atMs = (deviceUs - firstUs) / 1_000;
    const header = { kind: "radar-iq", bootId, sequence: sequence++, deviceUs, capturedAt: utcMs(atMs) } as const;
    return { envelope: encodeEnvelope(header, encodeRadarIq(frame)), atMs };
  });
  return { ok: true, frames };
}
