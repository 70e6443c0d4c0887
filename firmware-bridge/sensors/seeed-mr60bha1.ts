import { type RadarVitalsFrame, saysNothing } from "../../edge-agent/contract/module-frames.ts";
import { deviceUs } from "../../edge-agent/contract/units.ts";
import { gapUs } from "./a121-decode.ts";
import type { Decoded, DecodeRefusal, Framed, Framer, Sample, Sensor, Talk } from "./sensor.ts";
import { broken, newArrivals, newShortFramer, noFrame, type ShortFrames, tooFew, unread } from "./short-frames.ts";
import { bytesOfHex, joinBytes } from "./wire-bytes.ts";

/*
 * Seeed MR60BHA1 (and MicRadar's R60ABD1 family), 60 GHz, UART 115200:
 *
 *   53 59 | CTRL | CMD | LEN u16 | DATA[LEN] | SUM8 of all before | 54 43       all numbers big-endian
 *
 * Source: limengdu/Seeed-Studio-MR60BHA1-Sensor, `60ghzbreathheart.{h,cpp}` and its frames, on four of which the checksum
 * holds. Module, manual and library disagree from firmware to firmware (its issue 1), so whatever is not as written here
 * is counted as strange and not guessed.
 *
 * It sends by itself; the start asks for real-time mode, as in sleep mode it reports its rates once in ten minutes only. It
 * has no command to stop it. Sleep stages and scores, turns and heart rates are no purpose of a stay: never read.
 *
 * Wave: 81/05, five bytes a second, 0.2 s apart, around 128 (centre and spacing not confirmed on a device).
 */

/** Presence, movement, rate and wave about once a second each or less (not confirmed on a device). */
export const mr60bha1FrameRateHz = 3;
const waveStepUs = 200_000;
const waveSamples = 5;
const waveCentre = 128;

const head1 = 0x53;
const head2 = 0x59;
const tail1 = 0x54;
const tail2 = 0x43;
const beforeData = 6;
const behindData = 3;
/** The longest that is documented, the report of a night, has 12; an identifier is longer. */
const dataBytesMax = 40;

/** CTRL and CMD as one number -> length of the data. */
const read = new Map<number, number>([
  [0x8001, 1],
  [0x8002, 1],
  [0x8003, 1],
  [0x8004, 2],
  [0x8101, 1],
  [0x8102, 1],
  [0x8105, 5],
]);
/** Position in space; the bed, stages and times of sleep, its scores and mode; heart rate and wave. */
const notRead = new Map<number, number>([
  [0x8005, 6],
  [0x8401, 1],
  [0x8402, 1],
  [0x8403, 2],
  [0x8404, 2],
  [0x8405, 2],
  [0x8406, 1],
  [0x840c, 8],
  [0x840d, 12],
  [0x840e, 1],
  [0x840f, 1],
  [0x8502, 1],
  [0x8505, 5],
]);
/** The module's word that it is alive, what it is, new firmware, whether it works, its range: no readings, of any length. */
const aboutItself: readonly number[] = [0x01, 0x02, 0x03, 0x05, 0x07];

const headOf = new Map<number, Framed["head"]>([...read.keys()].map((what) => [what, { what }]));
const headOfOthers: Framed["head"] = { what: 0 };

const shape: ShortFrames = {
  begins: [head1, head1],
  bytesMax: beforeData + dataBytesMax + behindData,
  look(bytes, at, held) {
    if (held < 2) return tooFew;
    if (bytes[at + 1] !== head2) return noFrame;
    if (held < beforeData) return tooFew;
    const length = (bytes[at + 4]! << 8) | bytes[at + 5]!;
    if (length > dataBytesMax) return broken;
    const whole = beforeData + length + behindData;
    if (held < whole) return tooFew;
    const end = at + beforeData + length;
    let sum = 0;
    for (let i = at; i < end; i++) sum += bytes[i]!;
    return (sum & 0xff) === bytes[end] && bytes[end + 1] === tail1 && bytes[end + 2] === tail2 ? whole : broken;
  },
  frame(bytes, at, length) {
    const what = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const dataBytes = length - beforeData - behindData;
    const head = headOf.get(what);
    if (head !== undefined && read.get(what) === dataBytes) {
      return { head, payload: bytes.slice(at + beforeData, at + beforeData + dataBytes) };
    }
    const known = notRead.get(what) === dataBytes || aboutItself.includes(what >> 8);
    return known ? { head: headOfOthers, payload: unread } : undefined;
  },
};

export const newMr60bha1Framer = (): Framer => newShortFramer(shape);

/** A frame as either end writes it. */
export function encodeMr60bha1(ctrl: number, cmd: number, ...data: readonly number[]): Uint8Array {
  const front = [head1, head2, ctrl, cmd, data.length >> 8, data.length & 0xff, ...data];
  return Uint8Array.of(...front, front.reduce((sum, byte) => sum + byte, 0) & 0xff, tail1, tail2);
}

/** True bytes of what the module says. */
export const mr60bha1Says = {
  present: (somebody: boolean) => encodeMr60bha1(0x80, 0x01, somebody ? 1 : 0),
  motion: (word: "nobody" | "still" | "active") => encodeMr60bha1(0x80, 0x02, { nobody: 0, still: 1, active: 2 }[word]),
  movement: (score: number) => encodeMr60bha1(0x80, 0x03, score),
  /** 0: nothing in sight. */
  distance: (cm: number) => encodeMr60bha1(0x80, 0x04, cm >> 8, cm & 0xff),
  breathState: (word: "normal" | "rapid" | "slow" | "none") =>
    encodeMr60bha1(0x81, 0x01, { normal: 1, rapid: 2, slow: 3, none: 4 }[word]),
  breathRate: (perMin: number) => encodeMr60bha1(0x81, 0x02, perMin),
  /** Five bytes. */
  wave: (bytes: Uint8Array) => encodeMr60bha1(0x81, 0x05, ...bytes),
  heartRate: (perMin: number) => encodeMr60bha1(0x85, 0x02, perMin),
  mode: (word: "real-time" | "sleep") => encodeMr60bha1(0x84, 0x0f, word === "sleep" ? 1 : 0),
} as const;

const nothing: RadarVitalsFrame = {
  ...saysNothing(mr60bha1FrameRateHz),
  confidence: null,
  waveStepUs: null,
  wave: new Float32Array(),
};
const outOfRange = "field-out-of-range";

/** From the wire, after its checksum. */
function readMessage(what: unknown, data: Uint8Array): RadarVitalsFrame | DecodeRefusal {
  const first = data[0]!;
  switch (what) {
    case 0x8001:
      return first <= 1 ? { ...nothing, present: first === 1 } : outOfRange;
    case 0x8002:
      if (first === 0) return { ...nothing, present: false };
      return first <= 2 ? { ...nothing, present: true, moving: first === 2 } : outOfRange;
    case 0x8003:
      return first <= 100 ? { ...nothing, movement: first } : outOfRange;
    case 0x8004: {
      const cm = (first << 8) | data[1]!;
      // Nothing is nearer than its least range: 0 stands for no distance.
      return cm <= 10_000 ? { ...nothing, distanceMm: cm === 0 ? null : 10 * cm } : outOfRange;
    }
    case 0x8101:
      if (first < 1 || first > 4) return outOfRange;
      return first === 4 ? { ...nothing, breathingPerMin: 0 } : nothing;
    case 0x8102:
      return first <= 200 ? { ...nothing, breathingPerMin: first } : outOfRange;
    case 0x8105: {
      const wave = new Float32Array(waveSamples);
      for (let i = 0; i < waveSamples; i++) wave[i] = data[i]! - waveCentre;
      return { ...nothing, waveStepUs, wave };
    }
    default:
      return "missing-field";
  }
}

export function newMr60bha1Talk(): Talk<RadarVitalsFrame> {
  const arrivals = newArrivals(gapUs);
  return {
    framer: newMr60bha1Framer(),
    start() {
      arrivals.forget();
      return mr60bha1Says.mode("real-time");
    },
    stop: () => new Uint8Array(),
    hear: ({ payload }) => ({ heard: payload.length === 0 ? "nothing" : "measurement" }),
    decode({ head, payload }, arrivedUs): Decoded<RadarVitalsFrame> {
      const frame = readMessage(head.what, payload);
      if (typeof frame === "string") return { ok: false, why: frame };
      return { ok: true, frame, deviceUs: deviceUs(arrivedUs), afterGap: arrivals.isAfterGap(arrivedUs) };
    },
  };
}

const says = (frame: Partial<RadarVitalsFrame>) => ({ ok: true as const, frame });
const measured = (count: number) => Array.from({ length: count }, () => "measurement" as const);

const samples: readonly Sample<RadarVitalsFrame>[] = [
  {
    name: "a second of somebody asleep, with what is not read",
    wire: joinBytes(
      mr60bha1Says.mode("real-time"),
      mr60bha1Says.present(true),
      mr60bha1Says.motion("still"),
      mr60bha1Says.movement(4),
      mr60bha1Says.distance(123),
      mr60bha1Says.breathState("normal"),
      mr60bha1Says.breathRate(16),
      mr60bha1Says.heartRate(64),
      mr60bha1Says.wave(Uint8Array.of(128, 140, 151, 140, 20)),
      mr60bha1Says.motion("active"),
    ),
    heard: ["nothing", ...measured(6), "nothing", ...measured(2)],
    decodesTo: [
      says({ present: true, moving: null, movement: null, distanceMm: null, breathingPerMin: null, confidence: null }),
      says({ present: true, moving: false }),
      says({ present: null, movement: 4 }),
      says({ distanceMm: 1_230 }),
      says({ breathingPerMin: null }),
      says({ breathingPerMin: 16 }),
      says({ waveStepUs: 200_000, wave: Float32Array.of(0, 12, 23, 12, -108) }),
      says({ present: true, moving: true }),
    ],
  },
  {
    name: "nobody there, in every form",
    wire: joinBytes(
      mr60bha1Says.present(false),
      mr60bha1Says.motion("nobody"),
      mr60bha1Says.movement(0),
      mr60bha1Says.distance(0),
      mr60bha1Says.breathState("none"),
      mr60bha1Says.breathRate(0),
    ),
    heard: measured(6),
    decodesTo: [
      says({ present: false }),
      says({ present: false, moving: null }),
      // A score of nothing is no word that nobody is there.
      says({ present: null, movement: 0 }),
      says({ present: null, distanceMm: null }),
      says({ breathingPerMin: 0 }),
      says({ breathingPerMin: 0 }),
    ],
  },
  {
    name: "the four documented frames, an unknown command, a known one of another length",
    wire: joinBytes(
      bytesOfHex("5359010200010FBF5443"),
      bytesOfHex("5359840F000100405443"),
      bytesOfHex("5359840F000101415443"),
      bytesOfHex("535902A100010F5F5443"),
      encodeMr60bha1(0x86, 0x01, 1),
      encodeMr60bha1(0x81, 0x02, 16, 0),
    ),
    heard: ["nothing", "nothing", "nothing", "nothing"],
    decodesTo: [],
    counts: { strange: 2 },
  },
  {
    name: "sound frames of impossible content",
    wire: joinBytes(
      encodeMr60bha1(0x80, 0x01, 2),
      encodeMr60bha1(0x80, 0x02, 3),
      mr60bha1Says.movement(101),
      mr60bha1Says.distance(10_001),
      encodeMr60bha1(0x81, 0x01, 0),
      mr60bha1Says.breathRate(201),
    ),
    heard: measured(6),
    decodesTo: Array.from({ length: 6 }, () => ({ ok: false as const, why: outOfRange as "field-out-of-range" })),
  },
  {
    name: "a broken rate between two sound ones",
    wire: joinBytes(
      mr60bha1Says.breathRate(14),
      mr60bha1Says.breathRate(15).map((byte, i) => (i === 6 ? byte ^ 1 : byte)),
      mr60bha1Says.breathRate(16),
    ),
    heard: measured(2),
    decodesTo: [says({ breathingPerMin: 14 }), says({ breathingPerMin: 16 })],
    counts: { bytesSkipped: 10, resyncs: 1, checksumErrors: 1 },
  },
];

export const seeedMr60bha1: Sensor<RadarVitalsFrame> = {
  name: "seeed-mr60bha1",
  dataSheet: "https://wiki.seeedstudio.com/Radar_MR60BHA1/",
  kind: "radar-vitals",
  off: "ignored",
  baudRate: { data: 115_200 },
  checksum: true,
  frameRateHz: mr60bha1FrameRateHz,
  rangeMm: { from: 400, to: 2_000 },
  newTalk: newMr60bha1Talk,
  samples,
};
