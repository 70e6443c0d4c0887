import type { Framed, Framer, Link } from "./sensor.ts";
import { uint16At } from "./wire-bytes.ts";

/*
 * Output packets of Texas Instruments' mmWave SDK on the data port, and the words of the command port.
 *
 *   02 01 04 03 06 05 08 07 | version | total length | platform | frame number | CPU cycles | objects | TLVs | sub-frame
 *   then TLVs: type u32 | length u32, of the payload alone | payload                    all little-endian, no checksum
 *
 * The stated total length is a bound, not the truth: the vital-signs demo states 288 for packets of 256 bytes, and its second
 * TLV claims more than it has. A packet ends where the next one begins, or at its stated length, whichever comes first.
 * Source: mmWave SDK user guide, "Output TLV packet"; checked on the recorded capture of an IWR6843.
 */

const magic = Uint8Array.of(0x02, 0x01, 0x04, 0x03, 0x06, 0x05, 0x08, 0x07);
export const tiHeaderBytes = 40;
const tlvHeaderBytes = 8;
const frameNumberAt = 20;
const tlvCountAt = 32;
const tlvsMax = 32;
/** Points of a crowded room included. */
const packetBytesMax = 16_384;
const pieceBytes = 4_096;
const lineBytesMax = 1_024;

export const uint32At = (bytes: Uint8Array, at: number): number =>
  (uint16At(bytes, at) | (uint16At(bytes, at + 2) << 16)) >>> 0;

export interface Tlv {
  readonly type: number;
  /** Of its payload within the packet. */
  readonly at: number;
  readonly length: number;
}

/** The TLVs of a packet that lie wholly in it, up to the first that does not. `all`: none was cut. */
export function tlvsOf(packet: Uint8Array): { readonly tlvs: readonly Tlv[]; readonly all: boolean } {
  const count = uint32At(packet, tlvCountAt);
  const tlvs: Tlv[] = [];
  let at = tiHeaderBytes;
  for (let k = 0; k < count; k++) {
    if (at + tlvHeaderBytes > packet.length) return { tlvs, all: false };
    const length = uint32At(packet, at + 4);
    if (length > packet.length - at - tlvHeaderBytes) return { tlvs, all: false };
    tlvs.push({ type: uint32At(packet, at), at: at + tlvHeaderBytes, length });
    at += tlvHeaderBytes + length;
  }
  return { tlvs, all: true };
}

/** What a packet between two magic words is to a driver. `broken`: cut on the way. `strange`: whole, of another firmware. */
export type PacketWord = "whole" | "broken" | "strange";

/** @param wordOf judges what the framer has cut; only whole packets are handed on, the magic word included */
export function newTiFramer(wordOf: (packet: Uint8Array) => PacketWord): Framer {
  const buffer = new Uint8Array(packetBytesMax + pieceBytes);
  let held = 0;
  let line = "";
  let bytesSkipped = 0;
  let resyncs = 0;
  let strange = 0;
  let lost = false;

  const skip = (count: number): void => {
    if (count === 0) return;
    bytesSkipped += count;
    lost = true;
  };

  const take = (frames: Framed[]): void => {
    let at = 0;
    for (;;) {
      const begins = findMagic(buffer, at, held);
      // The last bytes may be the beginning of a magic word.
      if (begins < 0) {
        const rest = Math.max(at, held - tailOfMagic(buffer, at, held));
        skip(rest - at);
        at = rest;
        break;
      }
      skip(begins - at);
      at = begins;
      if (held - at < tiHeaderBytes) break;
      const stated = uint32At(buffer, at + 12);
      if (uint32At(buffer, at + tlvCountAt) > tlvsMax || stated < tiHeaderBytes || stated > packetBytesMax) {
        skip(magic.length);
        at += magic.length;
        continue;
      }
      const next = findMagic(buffer, at + magic.length, Math.min(held, at + stated + magic.length));
      if (next < 0 && held - at < stated) break;
      const end = next < 0 ? at + stated : Math.min(next, at + stated);
      const packet = buffer.slice(at, end);
      const word = packet.length < tiHeaderBytes ? "broken" : wordOf(packet);
      if (word === "broken") {
        skip(packet.length);
        packet.fill(0);
      } else {
        if (lost) resyncs += 1;
        lost = false;
        if (word === "strange") strange += 1;
        else frames.push({ head: { frameNumber: uint32At(packet, frameNumberAt) }, payload: packet });
      }
      at = end;
    }
    if (at === 0) return;
    buffer.copyWithin(0, at, held);
    buffer.fill(0, held - at, held);
    held -= at;
  };

  const hearWords = (bytes: Uint8Array, frames: Framed[]): void => {
    for (const byte of bytes) {
      if (byte === 0x0a || byte === 0x0d) {
        const words = line.trim();
        if (words !== "") frames.push({ head: { line: words }, payload: new Uint8Array() });
        line = "";
      } else if (byte >= 0x20 && byte <= 0x7e && line.length < lineBytesMax) {
        line += String.fromCharCode(byte);
      }
    }
  };

  return {
    push(bytes: Uint8Array, link: Link = "data") {
      const frames: Framed[] = [];
      if (link === "commands") {
        hearWords(bytes, frames);
        return frames;
      }
      for (let from = 0; from < bytes.length; from += pieceBytes) {
        const piece = bytes.subarray(from, from + pieceBytes);
        buffer.set(piece, held);
        held += piece.length;
        take(frames);
      }
      return frames;
    },
    get counts() {
      // There is no checksum to fail.
      return { bytesSkipped, resyncs, checksumErrors: 0, strange };
    },
    clear() {
      buffer.fill(0);
      held = 0;
      line = "";
      lost = false;
    },
  };
}

/** Where the next magic word begins, from `from` to `to` (not included); -1: none. */
function findMagic(bytes: Uint8Array, from: number, to: number): number {
  search: for (let at = bytes.indexOf(magic[0]!, from); at >= 0; at = bytes.indexOf(magic[0]!, at + 1)) {
    if (at + magic.length > to) return -1;
    for (let i = 1; i < magic.length; i++) if (bytes[at + i] !== magic[i]) continue search;
    return at;
  }
  return -1;
}

/** How many of the last bytes may be the beginning of a magic word. */
function tailOfMagic(bytes: Uint8Array, from: number, to: number): number {
  for (let length = Math.min(magic.length - 1, to - from); length > 0; length--) {
    let same = true;
    for (let i = 0; i < length && same; i++) same = bytes[to - length + i] === magic[i];
    if (same) return length;
  }
  return 0;
}

/** As the SDK writes it; `stated`: its total length, where it is not the true one. */
export function encodeTiPacket(
  frameNumber: number,
  tlvs: readonly { readonly type: number; readonly payload: Uint8Array; readonly stated?: number }[],
  stated?: number,
): Uint8Array {
  const content = tlvs.reduce((sum, { payload }) => sum + tlvHeaderBytes + payload.length, tiHeaderBytes);
  // Padded to whole blocks of 32 bytes.
  const bytes = new Uint8Array(32 * Math.ceil(content / 32));
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint32(8, 0x0305_0004, true);
  view.setUint32(12, stated ?? bytes.length, true);
  view.setUint32(16, 0x000a_6843, true);
  view.setUint32(frameNumberAt, frameNumber, true);
  view.setUint32(tlvCountAt, tlvs.length, true);
  let at = tiHeaderBytes;
  for (const { type, payload, stated: claimed } of tlvs) {
    view.setUint32(at, type, true);
    view.setUint32(at + 4, claimed ?? payload.length, true);
    bytes.set(payload, at + tlvHeaderBytes);
    at += tlvHeaderBytes + payload.length;
  }
  return bytes;
}
