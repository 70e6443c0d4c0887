import { type RadarTarget, type RadarTargetsFrame, saysNothing } from "../../edge-agent/contract/module-frames.ts";
import { deviceUs } from "../../edge-agent/contract/units.ts";
import { gapUs } from "./a121-decode.ts";
import {
  encodeHilinkAnswer,
  hilinkCommand,
  hilinkCommandBegins,
  hilinkCommandBytesMax,
  lookForCommand,
  newHilinkConversation,
  readCommand,
} from "./hilink-commands.ts";
import type { Decoded, Framed, Framer, Sample, Sensor, Talk } from "./sensor.ts";
import { newArrivals, newShortFramer, noFrame, type ShortFrames, tooFew } from "./short-frames.ts";
import { bytesOfHex, bytesOfUint16, joinBytes, uint16At } from "./wire-bytes.ts";

/*
 * Hi-Link LD2450, 24 GHz, UART 256000: up to three targets in a plane. Without a checksum.
 *
 *   AA FF 03 00 | 3 x (x u16 mm | y u16 mm | speed u16 cm/s | resolution u16 mm) | 55 CC       little-endian
 *
 * x, y and speed have a sign of their own: the highest bit is 1 for positive and 0 for negative. A target of zeros is none.
 * A positive speed goes away (ESPHome's `ld2450`), here one that comes nearer is positive. Source: ESPHome and its test
 * fixtures, with the vendor's sample in a comment. Commands in hilink-commands.ts.
 */

export const ld2450FrameRateHz = 10;
const dataHead = [0xaa, 0xff, 0x03, 0x00] as const;
const dataTail = [0x55, 0xcc] as const;
const targetBytes = 8;
const targetCount = 3;
const wholeBytes = dataHead.length + targetCount * targetBytes + dataTail.length;

const reading: Framed["head"] = { is: "reading" };

const shape: ShortFrames = {
  begins: [dataHead[0], hilinkCommandBegins],
  bytesMax: hilinkCommandBytesMax,
  look(bytes, at, held) {
    if (bytes[at] !== dataHead[0]) return lookForCommand(bytes, at, held);
    for (let i = 1; i < dataHead.length && i < held; i++) if (bytes[at + i] !== dataHead[i]) return noFrame;
    if (held < wholeBytes) return tooFew;
    const end = at + wholeBytes - dataTail.length;
    return bytes[end] === dataTail[0] && bytes[end + 1] === dataTail[1] ? wholeBytes : noFrame;
  },
  frame(bytes, at, length) {
    if (bytes[at] !== dataHead[0]) return readCommand(bytes, at, length);
    return { head: reading, payload: bytes.slice(at + dataHead.length, at + wholeBytes - dataTail.length) };
  },
};

export const newLd2450Framer = (): Framer => newShortFramer(shape);

/** As the module counts. */
export interface Ld2450Target {
  readonly xMm: number;
  readonly yMm: number;
  /** Positive: goes away. */
  readonly speedCmPerSec: number;
  readonly resolutionMm: number;
}

/** The other way round than two's complement: the highest bit says "positive". */
const signedAt = (bytes: Uint8Array, at: number): number => {
  const word = uint16At(bytes, at);
  return word & 0x8000 ? word & 0x7fff : 0 - word;
};
const bytesOfSigned = (value: number): readonly [number, number] =>
  bytesOfUint16(value > 0 ? value | 0x8000 : Math.abs(value));

/** Up to three targets; true bytes. */
export function encodeLd2450(targets: readonly Ld2450Target[]): Uint8Array {
  const bytes = new Uint8Array(wholeBytes);
  bytes.set(dataHead);
  for (const [i, { xMm, yMm, speedCmPerSec, resolutionMm }] of targets.slice(0, targetCount).entries()) {
    const words = [bytesOfSigned(xMm), bytesOfSigned(yMm), bytesOfSigned(speedCmPerSec), bytesOfUint16(resolutionMm)];
    bytes.set(words.flat(), dataHead.length + i * targetBytes);
  }
  bytes.set(dataTail, wholeBytes - dataTail.length);
  return bytes;
}

function readData(data: Uint8Array): RadarTargetsFrame {
  const targets: RadarTarget[] = [];
  let distanceMm: number | null = null;
  let moving = false;
  for (let at = 0; at < data.length; at += targetBytes) {
    if (uint16At(data, at) === 0 && uint16At(data, at + 2) === 0 && uint16At(data, at + 6) === 0) continue;
    const xMm = signedAt(data, at);
    const yMm = signedAt(data, at + 2);
    const awayCmPerSec = signedAt(data, at + 4);
    targets.push({ xMm, yMm, speedMmPerSec: 0 - 10 * awayCmPerSec });
    distanceMm = Math.min(distanceMm ?? Number.POSITIVE_INFINITY, Math.sqrt(xMm * xMm + yMm * yMm));
    if (awayCmPerSec !== 0) moving = true;
  }
  return { ...saysNothing(ld2450FrameRateHz), present: targets.length > 0, moving, distanceMm, targets };
}

export function newLd2450Talk(): Talk<RadarTargetsFrame> {
  const arrivals = newArrivals(gapUs);
  const conversation = newHilinkConversation([]);
  return {
    framer: newLd2450Framer(),
    start() {
      arrivals.forget();
      return conversation.start();
    },
    stop: conversation.stop,
    hear: (framed) => (framed.head === reading ? { heard: "measurement" } : conversation.hear(framed)),
    decode: ({ payload }, arrivedUs): Decoded<RadarTargetsFrame> => ({
      ok: true,
      frame: readData(payload),
      deviceUs: deviceUs(arrivedUs),
      afterGap: arrivals.isAfterGap(arrivedUs),
    }),
  };
}

const says = (frame: Partial<RadarTargetsFrame>) => ({ ok: true as const, frame });
const enabled = encodeHilinkAnswer(hilinkCommand.enableConfiguration, true, 1, 0, 0x40, 0);
const ended = encodeHilinkAnswer(hilinkCommand.endConfiguration);

const samples: readonly Sample<RadarTargetsFrame>[] = [
  {
    name: "a start, two people, one who lies still, nobody; a stop",
    wire: joinBytes(
      enabled,
      ended,
      encodeLd2450([
        { xMm: -500, yMm: 1_000, speedCmPerSec: -5, resolutionMm: 320 },
        { xMm: 300, yMm: 400, speedCmPerSec: 3, resolutionMm: 100 },
      ]),
      encodeLd2450([{ xMm: 300, yMm: 400, speedCmPerSec: 0, resolutionMm: 100 }]),
      encodeLd2450([]),
      enabled,
    ),
    heard: ["go-on", "started", "measurement", "measurement", "measurement", "stopped"],
    decodesTo: [
      says({
        present: true,
        moving: true,
        distanceMm: 500,
        movement: null,
        breathingPerMin: null,
        targets: [
          { xMm: -500, yMm: 1_000, speedMmPerSec: 50 },
          { xMm: 300, yMm: 400, speedMmPerSec: -30 },
        ],
      }),
      says({ present: true, moving: false, distanceMm: 500, targets: [{ xMm: 300, yMm: 400, speedMmPerSec: 0 }] }),
      says({ present: false, moving: false, distanceMm: null, targets: [] }),
    ],
  },
  {
    name: "garbage and a frame that was cut, then a whole one",
    wire: joinBytes(
      bytesOfHex("deadbeef001122"),
      bytesOfHex("aaff030001020304"),
      encodeLd2450([{ xMm: 0, yMm: 1_200, speedCmPerSec: 0, resolutionMm: 360 }]),
    ),
    heard: ["measurement"],
    decodesTo: [says({ distanceMm: 1_200 })],
    counts: { bytesSkipped: 15, resyncs: 1 },
  },
  {
    name: "answers to nothing that was asked, a refusal",
    wire: joinBytes(ended, encodeHilinkAnswer(hilinkCommand.enableConfiguration, false), enabled),
    heard: ["nothing", "refused", "nothing"],
    decodesTo: [],
  },
];

export const hilinkLd2450: Sensor<RadarTargetsFrame> = {
  name: "hilink-ld2450",
  dataSheet: "https://www.hlktech.net/index.php?id=1157",
  kind: "radar-targets",
  off: "stops",
  baudRate: { data: 256_000 },
  checksum: false,
  frameRateHz: ld2450FrameRateHz,
  rangeMm: { from: 0, to: 6_000 },
  newTalk: newLd2450Talk,
  samples,
};
