import { type FrameKind, type Parsed, readDepth, readRadarIq } from "../contract/frames.ts";
import { readRadarTargets, readRadarVitals } from "../contract/module-frames.ts";
import type { RoomFrame } from "./room-perception.ts";

/** A payload as it is on the wire, after the consent gate; a packed depth payload needs `unpack` first. */
export function readFrame(kind: FrameKind, payload: Uint8Array): Parsed<RoomFrame> {
  switch (kind) {
    case "radar-iq": {
      const frame = readRadarIq(payload);
      return frame.ok ? { ok: true, value: { kind, frame: frame.value } } : frame;
    }
    case "depth": {
      const frame = readDepth(payload);
      return frame.ok ? { ok: true, value: { kind, frame: frame.value } } : frame;
    }
    case "radar-vitals": {
      const frame = readRadarVitals(payload);
      return frame.ok ? { ok: true, value: { kind, frame: frame.value } } : frame;
    }
    case "radar-targets": {
      const frame = readRadarTargets(payload);
      return frame.ok ? { ok: true, value: { kind, frame: frame.value } } : frame;
    }
  }
}
