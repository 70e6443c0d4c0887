import { type RadarTargetsFrame, saysNothing } from "../../edge-agent/contract/module-frames.ts";
import { deviceUs } from "../../edge-agent/contract/units.ts";
import { gapUs } from "./a121-decode.ts";
import {
  encodeHilinkAnswer,
  hilinkCommand,
  hilinkCommandBegins,
  hilinkCommandBytesMax,
  lookForCommand,
  lookForHilink,
  newHilinkConversation,
  readCommand,
} from "./hilink-commands.ts";
import type { Decoded, Framed, Framer, Sample, Sensor, Talk } from "./sensor.ts";
import { newArrivals, newShortFramer, type ShortFrames } from "./short-frames.ts";
import { bytesOfHex, bytesOfUint16, joinBytes, uint16At } from "./wire-bytes.ts";

/*
 * Hi-Link LD2410, 24 GHz, UART 256000: presence, distances and energies. Without a checksum.
 *
 *   F4 F3 F2 F1 | LEN u16 | type 01 engineering, 02 basic | AA | state: 1 moving, 2 still | move cm u16 | move energy u8
 *   | still cm u16 | still energy u8 | detection cm u16 | [engineering: 22 bytes] | 55 00 | F8 F7 F6 F5     little-endian
 *
 * Engineering adds the farthest gates, the energies of nine gates each, light and the state of a pin: none of them is in a
 * frame. Source: ESPHome's `ld2410` and its test fixtures; Hi-Link's protocol V1.02. Commands in hilink-commands.ts.
 *
 * The hand-made frames of ESPHome's fixtures have one byte more than their LEN says, between the distance and the 55; ESPHome
 * ends a frame where its tail is. So a tail one byte late is taken as well.
 */

/** Basic frames come about every 0.1 s (not confirmed on a device). */
export const ld2410FrameRateHz = 10;
const dataHead = [0xf4, 0xf3, 0xf2, 0xf1] as const;
const dataTail = [0xf8, 0xf7, 0xf6, 0xf5] as const;
const basicBytes = 13;
const engineeringBytes = 35;
const lateBytes = 1;
/** Head and LEN. */
const beforeData = 6;
/** Which kind it is, and AA. */
const kindBytes = 2;
/** State to detection distance. */
const readBytes = 9;

const reading: Framed["head"] = { is: "reading" };

const shape: ShortFrames = {
  begins: [dataHead[0], hilinkCommandBegins],
  bytesMax: hilinkCommandBytesMax,
  look: (bytes, at, held) =>
    bytes[at] === dataHead[0]
      ? lookForHilink(bytes, at, held, dataHead, dataTail, engineeringBytes, lateBytes)
      : lookForCommand(bytes, at, held),
  frame(bytes, at, length) {
    if (bytes[at] !== dataHead[0]) return readCommand(bytes, at, length);
    const dataBytes = length - beforeData - dataTail.length;
    const kind = bytes[at + beforeData];
    const stated = uint16At(bytes, at + 4);
    const known =
      ((kind === 2 && stated === basicBytes) || (kind === 1 && stated === engineeringBytes)) &&
      bytes[at + beforeData + 1] === 0xaa &&
      bytes[at + beforeData + dataBytes - 2] === 0x55 &&
      bytes[at + beforeData + dataBytes - 1] === 0;
    if (!known) return undefined;
    const from = at + beforeData + kindBytes;
    return { head: reading, payload: bytes.slice(from, from + readBytes) };
  },
};

export const newLd2410Framer = (): Framer => newShortFramer(shape);

export interface Ld2410Reading {
  /** Both may be. */
  readonly moving: boolean;
  readonly still: boolean;
  readonly movingCm: number;
  /** 0..100. */
  readonly movingEnergy: number;
  readonly stillCm: number;
  /** 0..100. */
  readonly stillEnergy: number;
  readonly detectionCm: number;
}

/** True bytes of a reading. @param engineering 22 bytes more, as the module adds them in that mode */
export function encodeLd2410(said: Ld2410Reading, engineering?: Uint8Array): Uint8Array {
  const length = engineering === undefined ? basicBytes : engineeringBytes;
  return Uint8Array.of(
    ...dataHead,
    ...bytesOfUint16(length),
    engineering === undefined ? 2 : 1,
    0xaa,
    (said.moving ? 1 : 0) | (said.still ? 2 : 0),
    ...bytesOfUint16(said.movingCm),
    said.movingEnergy,
    ...bytesOfUint16(said.stillCm),
    said.stillEnergy,
    ...bytesOfUint16(said.detectionCm),
    ...(engineering ?? []),
    0x55,
    0,
    ...dataTail,
  );
}

/** From the wire. Energies of more than 100 and states beyond 3 are none that it has: without a checksum this is all there is. */
function readData(data: Uint8Array): RadarTargetsFrame | undefined {
  const state = data[0]!;
  const movement = data[3]!;
  const cm = uint16At(data, 7);
  if (state > 3 || movement > 100 || data[6]! > 100 || cm > 10_000) return undefined;
  const present = state !== 0;
  return {
    ...saysNothing(ld2410FrameRateHz),
    present,
    moving: (state & 1) !== 0,
    movement,
    distanceMm: present ? 10 * cm : null,
    targets: [],
  };
}

export function newLd2410Talk(): Talk<RadarTargetsFrame> {
  const arrivals = newArrivals(gapUs);
  const conversation = newHilinkConversation([hilinkCommand.engineeringOff]);
  return {
    framer: newLd2410Framer(),
    start() {
      arrivals.forget();
      return conversation.start();
    },
    stop: conversation.stop,
    hear: (framed) => (framed.head === reading ? { heard: "measurement" } : conversation.hear(framed)),
    decode({ payload }, arrivedUs): Decoded<RadarTargetsFrame> {
      const frame = readData(payload);
      if (frame === undefined) return { ok: false, why: "field-out-of-range" };
      return { ok: true, frame, deviceUs: deviceUs(arrivedUs), afterGap: arrivals.isAfterGap(arrivedUs) };
    },
  };
}

const says = (frame: Partial<RadarTargetsFrame>) => ({ ok: true as const, frame });
const enabled = encodeHilinkAnswer(hilinkCommand.enableConfiguration, true, 1, 0, 0x40, 0);
const basicMode = encodeHilinkAnswer(hilinkCommand.engineeringOff);
const ended = encodeHilinkAnswer(hilinkCommand.endConfiguration);
const asleep: Ld2410Reading = {
  moving: false,
  still: true,
  movingCm: 81,
  movingEnergy: 12,
  stillCm: 75,
  stillEnergy: 100,
  detectionCm: 75,
};
const nobody: Ld2410Reading = { ...asleep, still: false, movingEnergy: 0, stillEnergy: 4, stillCm: 0, detectionCm: 0 };

const samples: readonly Sample<RadarTargetsFrame>[] = [
  {
    name: "a start, somebody still, moving, gone; a stop",
    wire: joinBytes(
      enabled,
      basicMode,
      ended,
      encodeLd2410(asleep),
      encodeLd2410({ ...asleep, moving: true, movingEnergy: 100 }),
      encodeLd2410(nobody),
      encodeLd2410(asleep, new Uint8Array(22)),
      enabled,
    ),
    heard: ["go-on", "go-on", "started", "measurement", "measurement", "measurement", "measurement", "stopped"],
    decodesTo: [
      says({ present: true, moving: false, movement: 12, distanceMm: 750, targets: [], breathingPerMin: null }),
      says({ present: true, moving: true, movement: 100, distanceMm: 750 }),
      says({ present: false, moving: false, movement: 0, distanceMm: null }),
      says({ present: true, moving: false, movement: 12, distanceMm: 750 }),
    ],
  },
  {
    name: "garbage and a frame that was cut, then whole ones",
    wire: joinBytes(bytesOfHex("deadbeef001122"), bytesOfHex("f4f3f2f10d0002aa"), encodeLd2410(asleep)),
    heard: ["measurement"],
    decodesTo: [says({ distanceMm: 750 })],
    counts: { bytesSkipped: 15, resyncs: 1 },
  },
  {
    name: "impossible states and energies, and frames of another firmware",
    wire: joinBytes(
      encodeLd2410(asleep).map((byte, i) => (i === 8 ? 4 : byte)),
      encodeLd2410({ ...asleep, movingEnergy: 101 }),
      encodeLd2410({ ...asleep, stillEnergy: 200 }),
      encodeLd2410({ ...asleep, detectionCm: 65_535 }),
      encodeLd2410(asleep).map((byte, i) => (i === 6 ? 3 : byte)),
    ),
    heard: ["measurement", "measurement", "measurement", "measurement"],
    decodesTo: Array.from({ length: 4 }, () => ({ ok: false as const, why: "field-out-of-range" as const })),
    counts: { strange: 1 },
  },
  {
    name: "a start that it refuses, answers to nothing that was asked",
    wire: joinBytes(ended, encodeHilinkAnswer(hilinkCommand.enableConfiguration, false), enabled),
    heard: ["nothing", "refused", "nothing"],
    decodesTo: [],
  },
];

export const hilinkLd2410: Sensor<RadarTargetsFrame> = {
  name: "hilink-ld2410",
  dataSheet: "https://www.hlktech.net/index.php?id=988",
  kind: "radar-targets",
  off: "stops",
  baudRate: { data: 256_000 },
  checksum: false,
  frameRateHz: ld2410FrameRateHz,
  rangeMm: { from: 0, to: 6_000 },
  newTalk: newLd2410Talk,
  samples,
};
