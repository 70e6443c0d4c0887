import { encodeEnvelope, encodeRadarIq, type RadarIqFrame } from "../edge-agent/contract/frames.ts";
import { deviceUs, utcMs } from "../edge-agent/contract/units.ts";
import { type Bedroom, openBedroom } from "../firmware-bridge/simulator/bedroom.ts";

/** Whole, valid envelopes of a bedroom, of a person asleep unless said, as a bridge would publish them that asks nobody. */
export function* rogueFrames(
  count: number,
  capturedAt: (n: number) => number = Date.now,
  source: Bedroom = openBedroom("asleep", 3),
): Generator<Uint8Array> {
  for (let n = 0; n < count; n++) {
    const frame = source.next();
    if (frame === undefined) return;
    const header = {
      kind: "radar-iq",
      bootId: "ab".repeat(16),
      sequence: n,
      deviceUs: deviceUs(n * 50_000),
      capturedAt: utcMs(capturedAt(n)),
    } as const;
    yield encodeEnvelope(header, encodeRadarIq(decodeWirePayload(frame.payload)));
  }
}

/** The A121 payload of the default settings (16 sweeps x 21 points) as a frame. */
function decodeWirePayload(payload: Uint8Array): RadarIqFrame {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const iq = new Int16Array(2 * 16 * 21);
  for (let i = 0; i < iq.length; i++) iq[i] = view.getInt16(2 * i, true);
  return {
    sweeps: 16,
    points: 21,
    firstPointMm: 297.77,
    pointStepMm: 60.05,
    frameRateHz: 20,
    saturated: false,
    delayed: false,
    calibrationNeeded: false,
    temperatureC: 25,
    iq,
  };
}
