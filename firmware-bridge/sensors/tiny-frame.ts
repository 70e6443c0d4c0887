import type { Framed, Framer } from "./sensor.ts";
import { broken, newShortFramer, noFrame, type ShortFrames, tooFew, unread } from "./short-frames.ts";

/*
 * "TinyFrame" as Seeed's MR60BHA2 and Hi-Link's LD6002 send it:
 *
 *   01 | ID u16 | LEN u16 | TYPE u16 | HCK u8 | DATA[LEN] | DCK u8      ID, LEN, TYPE big-endian; DATA little-endian
 *
 * HCK is the complement of the XOR of bytes 0 to 6, DCK that of DATA. Source: Seeed's library
 * (Love4yzp/Seeed-mmWave-library), ESPHome's `seeed_mr60bha2`; both checksums hold on 15 frames logged from a device.
 * The type is believed only with its length: another length is another firmware.
 */

export const tinyType = {
  /** 3 x f32: total, breath and heart phase. */
  phases: 0x0a13,
  /** f32, /min; 0: none. */
  breathRate: 0x0a14,
  /** f32; never read. */
  heartRate: 0x0a15,
  /** u32 flag and f32 cm; or 4 bytes of 0 where nothing is in sight. */
  distance: 0x0a16,
  /** u8. */
  present: 0x0f09,
  targets: 0x0a04,
  points: 0x0a08,
  debugText: 0x0100,
  firmware: 0xffff,
} as const;

const start = 0x01;
const headerBytes = 8;
const checkBytes = 1;
/** 31 points of a cloud; a real text of debugging has 17 bytes. */
const dataBytesMax = 500;
const pointBytes = 16;

/** What a frame of this type and length is to the bridge. Undefined: not known. */
type Use = "read" | "unread";

function useOf(type: number, length: number): Use | undefined {
  switch (type) {
    case tinyType.phases:
      return length === 12 ? "read" : undefined;
    case tinyType.breathRate:
      return length === 4 ? "read" : undefined;
    case tinyType.distance:
      return length === 4 || length === 8 ? "read" : undefined;
    case tinyType.present:
      return length === 1 ? "read" : undefined;
    case tinyType.heartRate:
    case tinyType.firmware:
      return length === 4 ? "unread" : undefined;
    case tinyType.targets:
    case tinyType.points:
      return length % pointBytes === 4 ? "unread" : undefined;
    case tinyType.debugText:
      return "unread";
    default:
      return undefined;
  }
}

/** One head for all frames of a type. */
const headOf = new Map<number, Framed["head"]>(Object.values(tinyType).map((type) => [type, { type }]));

const shape: ShortFrames = {
  begins: [start, start],
  bytesMax: headerBytes + dataBytesMax + checkBytes,
  look(bytes, at, held) {
    if (held < headerBytes) return tooFew;
    const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
    let check = 0xff;
    for (let i = at; i < at + 7; i++) check ^= bytes[i]!;
    // 01 is a frequent byte: such a one without its check is no broken frame, it is none.
    if (check !== bytes[at + 7] || length > dataBytesMax) return noFrame;
    const whole = headerBytes + length + checkBytes;
    if (held < whole) return tooFew;
    const end = at + headerBytes + length;
    check = 0xff;
    for (let i = at + headerBytes; i < end; i++) check ^= bytes[i]!;
    return check === bytes[end] ? whole : broken;
  },
  frame(bytes, at, length) {
    const type = (bytes[at + 5]! << 8) | bytes[at + 6]!;
    const dataBytes = length - headerBytes - checkBytes;
    const use = useOf(type, dataBytes);
    const head = headOf.get(type);
    if (use === undefined || head === undefined) return undefined;
    const from = at + headerBytes;
    return { head, payload: use === "read" ? bytes.slice(from, from + dataBytes) : unread };
  },
};

export const newTinyFramer = (): Framer => newShortFramer(shape);

/** @param id counts the sender's messages, u16 that wraps */
export function encodeTinyFrame(type: number, id: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headerBytes + data.length + checkBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = start;
  view.setUint16(1, id & 0xffff);
  view.setUint16(3, data.length);
  view.setUint16(5, type);
  bytes[7] = xorNot(bytes.subarray(0, 7));
  bytes.set(data, headerBytes);
  bytes[bytes.length - 1] = xorNot(data);
  return bytes;
}

const xorNot = (bytes: Uint8Array): number => bytes.reduce((check, byte) => check ^ byte, 0xff);
