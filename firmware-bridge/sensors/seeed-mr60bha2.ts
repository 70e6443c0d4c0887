import { type RadarVitalsFrame, saysNothing } from "../../edge-agent/contract/module-frames.ts";
import { deviceUs } from "../../edge-agent/contract/units.ts";
import { gapUs } from "./a121-decode.ts";
import type { Decoded, DecodeRefusal, Framed, Sample, Sensor, Talk } from "./sensor.ts";
import { newArrivals } from "./short-frames.ts";
import { encodeTinyFrame, newTinyFramer, tinyType } from "./tiny-frame.ts";
import { bytesOfFloats, bytesOfHex, float32At, joinBytes } from "./wire-bytes.ts";

/*
 * Seeed MR60BHA2, 60 GHz, UART 115200: sends by itself from power-up on and has no command to stop it. Frames and their
 * sources in tiny-frame.ts.
 *
 * Wave: the breath phase of 0x0A13, one sample a message, in the module's own radians. Not the total phase: of that nobody
 * has published whether it is unwrapped, so it may jump; if it were the plain phase of a 5 mm wave, a radian would be
 * 5 mm / (4 pi) = 0.40 mm of chest. The breath phase has been filtered by the module; what it does to the size of the wave is
 * not known either, so no millimetres are claimed. Its period is what is read of it, and that has no unit. (None of it
 * confirmed on a device: no recording with phases is known.)
 *
 * A 0x0A16 without a target says that nobody is in sight; with one, that somebody is.
 */

/** Of the phases; the other messages come between them (not confirmed on a device). */
export const mr60bha2FrameRateHz = 20;
const waveStepUs = 1e6 / mr60bha2FrameRateHz;
const noWave = new Float32Array();
const nothing: RadarVitalsFrame = {
  ...saysNothing(mr60bha2FrameRateHz),
  confidence: null,
  waveStepUs: null,
  wave: noWave,
};

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/** From the wire, after both checksums. */
function readMessage(type: unknown, data: Uint8Array): RadarVitalsFrame | DecodeRefusal {
  switch (type) {
    case tinyType.phases: {
      const breath = float32At(data, 4);
      return Number.isFinite(breath) ? { ...nothing, waveStepUs, wave: Float32Array.of(breath) } : "field-out-of-range";
    }
    case tinyType.breathRate: {
      const breathingPerMin = float32At(data, 0);
      return breathingPerMin >= 0 && breathingPerMin <= 200 ? { ...nothing, breathingPerMin } : "field-out-of-range";
    }
    case tinyType.distance: {
      if (data.length === 4) return isZero(data) ? { ...nothing, present: false } : "field-out-of-range";
      if (isZero(data.subarray(0, 4))) return { ...nothing, present: false };
      const distanceMm = 10 * float32At(data, 4);
      return distanceMm >= 0 && distanceMm <= 100_000
        ? { ...nothing, present: true, distanceMm }
        : "field-out-of-range";
    }
    case tinyType.present:
      return data[0]! <= 1 ? { ...nothing, present: data[0] === 1 } : "field-out-of-range";
    default:
      return "missing-field";
  }
}

export function newMr60bha2Talk(): Talk<RadarVitalsFrame> {
  const arrivals = newArrivals(gapUs);
  const silence = new Uint8Array();
  return {
    framer: newTinyFramer(),
    start() {
      arrivals.forget();
      return silence;
    },
    stop: () => silence,
    hear: ({ payload }) => ({ heard: payload.length === 0 ? "nothing" : "measurement" }),
    decode({ head, payload }: Framed, arrivedUs): Decoded<RadarVitalsFrame> {
      const frame = readMessage(head.type, payload);
      if (typeof frame === "string") return { ok: false, why: frame };
      return { ok: true, frame, deviceUs: deviceUs(arrivedUs), afterGap: arrivals.isAfterGap(arrivedUs) };
    },
  };
}

/** True bytes of what the module can say. @param id as in `encodeTinyFrame` */
export const mr60bha2Says = {
  phases: (id: number, totalRad: number, breathRad: number, heartRad: number) =>
    encodeTinyFrame(tinyType.phases, id, bytesOfFloats(totalRad, breathRad, heartRad)),
  breathRate: (id: number, perMin: number) => encodeTinyFrame(tinyType.breathRate, id, bytesOfFloats(perMin)),
  heartRate: (id: number, perMin: number) => encodeTinyFrame(tinyType.heartRate, id, bytesOfFloats(perMin)),
  /** @param distanceMm null: nothing in sight */
  distance: (id: number, distanceMm: number | null) =>
    encodeTinyFrame(
      tinyType.distance,
      id,
      distanceMm === null ? new Uint8Array(4) : Uint8Array.of(1, 0, 0, 0, ...bytesOfFloats(distanceMm / 10)),
    ),
  present: (id: number, somebody: boolean) => encodeTinyFrame(tinyType.present, id, Uint8Array.of(somebody ? 1 : 0)),
  debugText: (id: number, words: string) => encodeTinyFrame(tinyType.debugText, id, new TextEncoder().encode(words)),
} as const;

const says = (frame: Partial<RadarVitalsFrame>) => ({ ok: true as const, frame });
const measured = (count: number) => Array.from({ length: count }, () => "measurement" as const);

/** Two seconds of somebody who breathes 15 times a minute. */
const breaths = Array.from({ length: 40 }, (_, i) => Math.fround(1.5 * Math.sin((2 * Math.PI * i) / 80)));

export const mr60bha2Samples: readonly Sample<RadarVitalsFrame>[] = [
  {
    name: "two seconds of somebody asleep",
    wire: joinBytes(
      mr60bha2Says.present(1, true),
      mr60bha2Says.breathRate(2, 15.5),
      mr60bha2Says.heartRate(3, 61),
      mr60bha2Says.distance(4, 666.4),
      ...breaths.map((rad, i) => mr60bha2Says.phases(5 + i, 3 + 4 * rad, rad, 0.1)),
    ),
    heard: ["measurement", "measurement", "nothing", ...measured(41)],
    decodesTo: [
      says({ present: true, moving: null, movement: null, distanceMm: null, breathingPerMin: null }),
      says({ present: null, breathingPerMin: 15.5, confidence: null }),
      says({ present: true, distanceMm: 10 * Math.fround(66.64) }),
      ...breaths.map((rad) => says({ present: null, waveStepUs, wave: Float32Array.of(rad) })),
    ],
  },
  {
    name: "nobody there, in every form: no target in 4 bytes and in 8, no rate, no presence",
    wire: joinBytes(
      bytesOfHex("013a1d00040a16c100000000ff"),
      encodeTinyFrame(tinyType.distance, 2, new Uint8Array(8)),
      bytesOfHex("013a3300040a14ed00000000ff"),
      mr60bha2Says.present(4, false),
    ),
    heard: measured(4),
    decodesTo: [
      says({ present: false, distanceMm: null }),
      says({ present: false, distanceMm: null }),
      says({ present: null, breathingPerMin: 0 }),
      says({ present: false }),
    ],
  },
  {
    name: "what is known and not read, and what is not known",
    wire: joinBytes(
      mr60bha2Says.debugText(1, "invalid BR = 7082"),
      encodeTinyFrame(tinyType.firmware, 2, Uint8Array.of(1, 1, 6, 10)),
      encodeTinyFrame(
        tinyType.targets,
        3,
        Uint8Array.of(1, 0, 0, 0, ...bytesOfFloats(0.1, 0.9), 2, 0, 0, 0, 0, 0, 0, 0),
      ),
      encodeTinyFrame(0x0e02, 4, Uint8Array.of(1)),
      encodeTinyFrame(tinyType.breathRate, 5, new Uint8Array(8)),
      mr60bha2Says.present(6, true),
    ),
    heard: ["nothing", "nothing", "nothing", "measurement"],
    decodesTo: [says({ present: true })],
    counts: { strange: 2 },
  },
  {
    name: "sound frames of impossible content",
    wire: joinBytes(
      mr60bha2Says.phases(1, 0, Number.NaN, 0),
      mr60bha2Says.breathRate(2, -4),
      mr60bha2Says.distance(3, Number.POSITIVE_INFINITY),
      encodeTinyFrame(tinyType.present, 4, Uint8Array.of(7)),
      encodeTinyFrame(tinyType.distance, 5, Uint8Array.of(0, 0, 0, 1)),
    ),
    heard: measured(5),
    decodesTo: Array.from({ length: 5 }, () => ({ ok: false as const, why: "field-out-of-range" as const })),
  },
  {
    name: "a broken rate between two sound ones",
    wire: joinBytes(
      mr60bha2Says.breathRate(1, 14),
      mr60bha2Says.breathRate(2, 15).map((byte, i) => (i === 10 ? byte ^ 0x10 : byte)),
      mr60bha2Says.breathRate(3, 16),
    ),
    heard: measured(2),
    decodesTo: [says({ breathingPerMin: 14 }), says({ breathingPerMin: 16 })],
    counts: { bytesSkipped: 13, resyncs: 1, checksumErrors: 1 },
  },
];

export const seeedMr60bha2: Sensor<RadarVitalsFrame> = {
  name: "seeed-mr60bha2",
  dataSheet: "https://wiki.seeedstudio.com/getting_started_with_mr60bha2_mmwave_kit/",
  kind: "radar-vitals",
  off: "ignored",
  baudRate: { data: 115_200 },
  checksum: true,
  frameRateHz: mr60bha2FrameRateHz,
  rangeMm: { from: 400, to: 1_500 },
  newTalk: newMr60bha2Talk,
  samples: mr60bha2Samples,
};
