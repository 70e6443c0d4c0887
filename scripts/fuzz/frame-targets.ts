import {
  encodeDepth,
  encodeEnvelope,
  encodeRadarIq,
  readDepth,
  readEnvelope,
  readRadarIq,
} from "../../edge-agent/contract/frames.ts";
import {
  encodeRadarTargets,
  encodeRadarVitals,
  readRadarTargets,
  readRadarVitals,
  saysNothing,
} from "../../edge-agent/contract/module-frames.ts";
import { encodePackedDepth, readPackedDepth, unpackedFrame } from "../../edge-agent/contract/packed-depth.ts";
import { deviceUs, utcMs } from "../../edge-agent/contract/units.ts";
import { unpackDepth } from "../../edge-agent/io/depth-unpack.ts";
import { packDepth } from "../../firmware-bridge/depth-codec.ts";
import { must, type Target } from "./target.ts";

/* What a bridge publishes: the envelope, the payload of each kind, and packed pictures of depth. */

const radar = encodeRadarIq({
  sweeps: 2,
  points: 5,
  firstPointMm: 400,
  pointStepMm: 12.5,
  frameRateHz: 20,
  saturated: false,
  delayed: true,
  calibrationNeeded: false,
  temperatureC: 31,
  iq: Int16Array.from({ length: 20 }, (_, n) => (n - 10) * 900),
});
const geometry = { frameRateHz: 10, acrossDeg: 61, downDeg: 47 };
const depthFrame = (widthPx: number, heightPx: number) => ({
  ...geometry,
  widthPx,
  heightPx,
  mm: Uint16Array.from({ length: widthPx * heightPx }, (_, n) => (n % 17 === 0 ? 0 : 1_500 + (n % 640))),
});
const depth = encodeDepth(depthFrame(8, 8));
const vitals = encodeRadarVitals({
  ...saysNothing(10),
  present: true,
  moving: false,
  breathingPerMin: 14,
  confidence: 0.75,
  waveStepUs: 50_000,
  wave: Float32Array.from([0, 0.25, 0.5, -0.25]),
});
const targets = encodeRadarTargets({
  ...saysNothing(5),
  present: true,
  targets: [{ xMm: -300, yMm: 1_200, speedMmPerSec: 40 }],
});
const head = {
  bootId: "00112233445566778899aabbccddeeff",
  deviceUs: deviceUs(1_000_000),
  capturedAt: utcMs(1_790_000_000_000),
};
const envelope = (
  kind: "radar-iq" | "depth" | "radar-vitals" | "radar-targets",
  sequence: number,
  payload: Uint8Array,
) => encodeEnvelope({ ...head, kind, sequence }, payload);

/** Every number of a frame that was accepted is one: nothing that follows asks again. */
function finite(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (ArrayBuffer.isView(value)) return true;
  return typeof value !== "object" || value === null || Object.values(value).every(finite);
}

interface Payload<T> {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  readonly read: (bytes: Uint8Array) => { readonly ok: true; readonly value: T } | { readonly ok: false };
  readonly write: (value: T) => Uint8Array;
}

/** Accepted: its numbers are numbers, and written again it says the same, and of the same length. */
const payload = <T>({ name, seeds, read, write }: Payload<T>): Target => ({
  name,
  shape: "bytes",
  seeds,
  feed: (bytes) => {
    const parsed = read(bytes);
    if (!parsed.ok) return "refused";
    must(finite(parsed.value), () => `accepted what is no number: ${JSON.stringify(parsed.value).slice(0, 200)}`);
    const once = write(parsed.value);
    must(once.length === bytes.length, () => `written again it has ${once.length} bytes, not ${bytes.length}`);
    const again = read(once);
    must(again.ok, () => "what was accepted is refused when it is written again");
    must(Buffer.compare(write(again.value), once) === 0, () => "written again it says something else");
    return "accepted";
  },
});

const packedSeeds = [await packDepth(depthFrame(80, 60)), await packDepth(depthFrame(64, 32))];

export const frameTargets: readonly Target[] = [
  payload({
    name: "envelope",
    seeds: [envelope("radar-iq", 1, radar), envelope("depth", 2 ** 40, depth), envelope("radar-vitals", 0, vitals)],
    read: readEnvelope,
    write: ({ header, payload: content }) => encodeEnvelope(header, content),
  }),
  payload({ name: "radar-iq", seeds: [radar], read: readRadarIq, write: encodeRadarIq }),
  payload({ name: "depth", seeds: [depth, encodeDepth(depthFrame(12, 9))], read: readDepth, write: encodeDepth }),
  payload({ name: "radar-vitals", seeds: [vitals], read: readRadarVitals, write: encodeRadarVitals }),
  payload({ name: "radar-targets", seeds: [targets], read: readRadarTargets, write: encodeRadarTargets }),
  {
    name: "packed-depth",
    shape: "bytes",
    seeds: packedSeeds,
    feed: async (bytes) => {
      const packed = readPackedDepth(bytes);
      if (!packed?.ok) return "refused";
      const { png, widthPx, heightPx } = packed.value;
      const copy = png.slice();
      const mm = await unpackDepth(png, widthPx, heightPx).catch((cause: unknown) => {
        must(
          cause instanceof Error && cause.constructor === Error,
          () => `an error that nobody declared: ${String(cause)}`,
        );
        return undefined;
      });
      must(
        png.every((byte) => byte === 0),
        () => "the picture was not overwritten",
      );
      if (mm === undefined) return "refused";
      const frame = unpackedFrame(packed.value, mm);
      must(frame !== undefined, () => `${mm.length} distances where ${widthPx}x${heightPx} were announced`);
      must(
        Buffer.compare(encodePackedDepth(packed.value, copy), bytes) === 0,
        () => "written again it says something else",
      );
      return "accepted";
    },
  },
];
