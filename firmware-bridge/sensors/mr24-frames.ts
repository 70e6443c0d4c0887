import type { Framed, Framer } from "./sensor.ts";
import { broken, newShortFramer, noFrame, type ShortFrames, tooFew, unread } from "./short-frames.ts";
import { uint16At } from "./wire-bytes.ts";

/*
 * Frames of Seeed's 24 GHz modules MR24FDB1, MR24HPB1 and MR24BSD1:
 *
 *   55 | LEN u16 | FUNC | ADDR1 | ADDR2 | DATA | CRC u16        little-endian; LEN counts all but the 55
 *
 * CRC-16/MODBUS from the 55 up to the CRC; it holds on what of it is left in 4,704 recorded rows. Functions and addresses:
 * Seeed's user manuals of the three modules, section 8.
 */

export const mr24Start = 0x55;
export const mr24BeforeData = 6;
const crcBytes = 2;
/** LEN without data. */
const lenLeast = mr24BeforeData - 1 + crcBytes;
/** The longest in the recordings has 15. */
const dataBytesMax = 32;

/** FUNC, ADDR1, ADDR2 as one number. A report of its own (04) and an answer to a question (03) have the same content. */
export const mr24Address = {
  occupancy: 0x040305,
  occupancyAsked: 0x030305,
  /** Comes once a minute or so, as a sign of life, with the occupancy. */
  alive: 0x040501,
  movement: 0x040306,
  movementAsked: 0x030306,
  /** Fixed 01 01, then 1 none, 2 nearer, 3 farther: of somebody who only breathes it changes all the time, so it is not read. */
  approach: 0x040307,
} as const;

const readLength = new Map<number, number>([
  [mr24Address.occupancy, 3],
  [mr24Address.occupancyAsked, 3],
  [mr24Address.alive, 3],
  [mr24Address.movement, 4],
  [mr24Address.movementAsked, 4],
]);
const unreadLength = new Map<number, number>([
  [mr24Address.approach, 3],
  // It began anew.
  [0x040502, 1],
  // Sensitivity, scene.
  [0x03040c, 1],
  [0x030410, 1],
]);
/** Who it is: identifier and versions, of any length. The FDB1's alarms of falls and of staying come from elsewhere too. */
const unreadFamilies: readonly number[] = [0x0401, 0x0301, 0x0601, 0x0602];

export type Mr24Use = "read" | "unread" | "unknown";

export function mr24UseOf(address: number, dataBytes: number): Mr24Use {
  if (readLength.get(address) === dataBytes) return "read";
  return unreadLength.get(address) === dataBytes || unreadFamilies.includes(address >> 8) ? "unread" : "unknown";
}

const headOf = new Map<number, Framed["head"]>([...readLength.keys()].map((address) => [address, { address }]));
const headOfOthers: Framed["head"] = { address: 0 };

const crcTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

/** CRC-16/MODBUS; of "123456789": 0x4B37. */
export function crc16Modbus(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xffff;
  for (let i = from; i < to; i++) crc = (crc >>> 8) ^ crcTable[(crc ^ bytes[i]!) & 0xff]!;
  return crc;
}

const addressAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;

const shape: ShortFrames = {
  begins: [mr24Start, mr24Start],
  bytesMax: 1 + lenLeast + dataBytesMax,
  look(bytes, at, held) {
    if (held < 3) return tooFew;
    const length = uint16At(bytes, at + 1);
    // 55 is a frequent byte: such a one without a likely length is no broken frame, it is none.
    if (length < lenLeast || length > lenLeast + dataBytesMax) return noFrame;
    if (held < 1 + length) return tooFew;
    const end = at + 1 + length - crcBytes;
    return crc16Modbus(bytes, at, end) === uint16At(bytes, end) ? 1 + length : broken;
  },
  frame(bytes, at, length) {
    const address = addressAt(bytes, at);
    const dataBytes = length - mr24BeforeData - crcBytes;
    switch (mr24UseOf(address, dataBytes)) {
      case "read": {
        const from = at + mr24BeforeData;
        return { head: headOf.get(address) ?? headOfOthers, payload: bytes.slice(from, from + dataBytes) };
      }
      case "unread":
        return { head: headOfOthers, payload: unread };
      case "unknown":
        return undefined;
    }
  },
};

export const newMr24Framer = (): Framer => newShortFramer(shape);

export function encodeMr24(address: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + lenLeast + data.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = mr24Start;
  view.setUint16(1, lenLeast + data.length, true);
  bytes[3] = address >> 16;
  bytes[4] = address >> 8;
  bytes[5] = address;
  bytes.set(data, mr24BeforeData);
  view.setUint16(bytes.length - crcBytes, crc16Modbus(bytes, 0, bytes.length - crcBytes), true);
  return bytes;
}

export interface TruncatedMr24 {
  readonly address: number;
  /** LEN said so many bytes of data. */
  readonly dataBytes: number;
  readonly framed: Framed;
  /** How much of the CRC is there, and holds. */
  readonly checked: "whole" | "low-byte" | "not-there";
}

/**
 * A frame whose end was cut off when it was recorded, with the beginning of the next one in place of its end: as the rows
 * of published recordings are. For replay and tests only; from a wire a frame without its CRC is none.
 *
 * @returns undefined: no such frame, its data is cut as well, or what is left of its CRC does not hold
 */
export function readTruncatedMr24(row: Uint8Array): TruncatedMr24 | undefined {
  if (row.length < mr24BeforeData || row[0] !== mr24Start) return undefined;
  const dataBytes = uint16At(row, 1) - lenLeast;
  const end = mr24BeforeData + dataBytes;
  if (dataBytes < 0 || dataBytes > dataBytesMax || row.length < end) return undefined;
  const left = Math.min(crcBytes, row.length - end);
  const crc = crc16Modbus(row, 0, end);
  if (left > 0 && row[end] !== (crc & 0xff)) return undefined;
  if (left > 1 && row[end + 1] !== crc >> 8) return undefined;
  const address = addressAt(row, 0);
  const head = headOf.get(address) ?? headOfOthers;
  const isRead = mr24UseOf(address, dataBytes) === "read";
  return {
    address,
    dataBytes,
    framed: { head, payload: isRead ? row.slice(mr24BeforeData, end) : unread },
    checked: left === 0 ? "not-there" : left === 1 ? "low-byte" : "whole",
  };
}
