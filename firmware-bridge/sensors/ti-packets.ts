import type { Framed, Framer } from "./sensor.ts";

/*
 * Packets of TI's mmWave SDK demos on their data port (xWR16xx, 18xx, 68xx), all numbers little-endian:
 *
 * offset size
 *      0    8 magic word 02 01 04 03 06 05 08 07
 *      8    4 version
 *     12    4 length of the whole packet, padding included
 *     16    4 platform
 *     20    4 frame number
 *     24    4 time, CPU cycles
 *     28    4 detected objects
 *     32    4 TLVs
 *     36    4 subframe
 *     40      TLVs: type u32, length of the content u32, content; then padding to a multiple of 32
 *
 * Source: the demos of mmWave SDK 3 (`MmwDemo_output_message_header`); checked on a capture of a vital-signs demo, whose packets
 * say 288 bytes where 256 are sent, and whose last TLV says 92 where 72 are sent. So neither length is believed beyond the
 * next magic word, and what is needed of a packet is taken as soon as it is whole. There is no checksum.
 */

export const tiMagic = Uint8Array.of(2, 1, 4, 3, 6, 5, 8, 7);
export const tiHeaderBytes = 40;
export const tlvHeaderBytes = 8;
/** People tracking with a full cloud of points stays below 12 kB; a larger claim is damage. */
export const tiPacketBytesMax = 16_384;
const tlvsMax = 32;
const paddedTo = 32;

/** What a demo puts into its packets. */
export interface TiShape {
  /**
   * `take`: handed on; `leave`: known and passed over, its content never looked at; `last`: handed on, and nothing behind it is
   * needed; `strange`: of a length or type that this demo does not send.
   */
  tlv(type: number, bytes: number): "take" | "leave" | "last" | "strange";
  /** Whether a packet in which no TLV was for taking is one of this demo's. */
  readonly mayBeEmpty: boolean;
}

/** Where the magic word stands, or what is there of it at the end; -1: nowhere. */
function findMagic(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; ; at++) {
    at = bytes.indexOf(2, at);
    if (at < 0 || at >= to) return -1;
    let same = 1;
    while (same < tiMagic.length && at + same < to && bytes[at + same] === tiMagic[same]) same += 1;
    if (same === tiMagic.length || at + same === to) return at;
  }
}

/**
 * The head of what is handed out is `{ frameNumber }`; the payload is the TLVs that were for taking, one behind the other, each
 * with its header.
 */
export function newTiFramer(shape: TiShape): Framer {
  const buffer = new Uint8Array(2 * tiPacketBytesMax);
  const view = new DataView(buffer.buffer);
  let start = 0;
  let end = 0;
  /** Of the packet at `start`: so many bytes hold no further magic word. */
  let clean = 0;
  /** Bytes behind the last packet that belong to it and are not needed. */
  let rest = 0;
  let lost = false;
  let bytesSkipped = 0;
  let resyncs = 0;
  let strange = 0;
  /** Of the packet that was looked at last. */
  let takenBytes = 0;
  let isStrange = false;

  const drop = (count: number): void => {
    buffer.fill(0, start, start + count);
    start += count;
    clean = 0;
    if (start === end) start = end = 0;
  };
  const skip = (count: number): void => {
    if (count === 0) return;
    bytesSkipped += count;
    lost = true;
    drop(count);
  };

  /** Behind a packet, up to the next magic word or as far as the packet says that it reaches. False: more bytes are needed. */
  const passOver = (): boolean => {
    const most = Math.min(end - start, rest);
    const at = findMagic(buffer, start, Math.min(end, start + most + tiMagic.length));
    const found = at >= 0 && at - start <= most;
    const isWhole = found && at + tiMagic.length <= end;
    const over = found ? at - start : most;
    rest = isWhole ? 0 : rest - over;
    drop(over);
    return rest === 0;
  };

  /** How far what is needed of the packet reaches; -1: more bytes are needed; 0: it cannot be. */
  const look = (): number => {
    const held = end - start;
    const said = view.getUint32(start + 12, true);
    const tlvs = view.getUint32(start + 32, true);
    if (said < tiHeaderBytes || said > tiPacketBytesMax || tlvs > tlvsMax) return 0;
    takenBytes = 0;
    isStrange = false;
    let at = tiHeaderBytes;
    for (let i = 0; i < tlvs; i++) {
      if (at + tlvHeaderBytes > said) return 0;
      if (at + tlvHeaderBytes > held) return -1;
      const bytes = view.getUint32(start + at + 4, true);
      const behind = at + tlvHeaderBytes + bytes;
      const is = shape.tlv(view.getUint32(start + at, true), bytes);
      if (is === "strange") isStrange = true;
      if (behind > said) return 0;
      if (behind > held) return -1;
      if (is === "take" || is === "last") takenBytes += tlvHeaderBytes + bytes;
      at = behind;
      if (is === "last") break;
    }
    return at;
  };

  const handOut = (reach: number): Framed | undefined => {
    if (isStrange || (takenBytes === 0 && !shape.mayBeEmpty)) return undefined;
    const payload = new Uint8Array(takenBytes);
    let put = 0;
    for (let at = tiHeaderBytes; at < reach; ) {
      const bytes = tlvHeaderBytes + view.getUint32(start + at + 4, true);
      const is = shape.tlv(view.getUint32(start + at, true), bytes - tlvHeaderBytes);
      if (is === "take" || is === "last") {
        payload.set(buffer.subarray(start + at, start + at + bytes), put);
        put += bytes;
      }
      at += bytes;
    }
    return { head: { frameNumber: view.getUint32(start + 20, true) }, payload };
  };

  /** Takes what is whole off the front. */
  const take = (frames: Framed[]): void => {
    for (;;) {
      if (rest > 0 && !passOver()) return;
      const at = findMagic(buffer, start, end);
      skip(at < 0 ? end - start : at - start);
      if (end - start < tiHeaderBytes) return;
      const reach = look();
      const to = reach > 0 ? start + reach : end;
      const from = start + Math.max(tiMagic.length, clean);
      const next = from < to ? findMagic(buffer, from, to) : -1;
      if (next >= 0 && next + tiMagic.length <= to) {
        // Cut short: another packet begins inside.
        skip(next - start);
        continue;
      }
      if (reach === 0) {
        skip(tiMagic.length);
        continue;
      }
      if (reach < 0) {
        clean = Math.max(tiMagic.length, end - start - tiMagic.length + 1);
        return;
      }
      const framed = handOut(reach);
      if (framed === undefined) strange += 1;
      else frames.push(framed);
      if (lost) resyncs += 1;
      lost = false;
      rest = view.getUint32(start + 12, true) - reach;
      drop(reach);
    }
  };

  return {
    push(bytes) {
      const frames: Framed[] = [];
      for (let from = 0; from < bytes.length; from += tiPacketBytesMax) {
        const piece = bytes.subarray(from, from + tiPacketBytesMax);
        if (end + piece.length > buffer.length) {
          buffer.copyWithin(0, start, end);
          buffer.fill(0, end - start, end);
          end -= start;
          start = 0;
        }
        buffer.set(piece, end);
        end += piece.length;
        take(frames);
      }
      return frames;
    },
    get counts() {
      return { bytesSkipped, resyncs, checksumErrors: 0, strange };
    },
    clear() {
      buffer.fill(0);
      start = end = clean = rest = 0;
      lost = false;
    },
  };
}

export interface TiTlv {
  readonly type: number;
  readonly content: Uint8Array;
}

/** The TLVs of a payload that the framer handed out, in order. */
export function* tlvsOf(payload: Uint8Array): Generator<TiTlv> {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  for (let at = 0; at + tlvHeaderBytes <= payload.length; ) {
    const bytes = view.getUint32(at + 4, true);
    at += tlvHeaderBytes;
    yield { type: view.getUint32(at - tlvHeaderBytes, true), content: payload.subarray(at, at + bytes) };
    at += bytes;
  }
}

export interface TiPacket {
  readonly frameNumber: number;
  /** Of the chip, as the demo's source names it. */
  readonly platform: number;
  readonly cycles: number;
  readonly objects: number;
  readonly tlvs: readonly TiTlv[];
}

/** True bytes of a packet; `0xBE` is what people tracking pads with. */
export function encodeTiPacket({ frameNumber, platform, cycles, objects, tlvs }: TiPacket): Uint8Array {
  const used = tlvs.reduce((sum, { content }) => sum + tlvHeaderBytes + content.length, tiHeaderBytes);
  const bytes = new Uint8Array(paddedTo * Math.ceil(used / paddedTo)).fill(0xbe, used);
  const view = new DataView(bytes.buffer);
  bytes.set(tiMagic);
  [0x03_06_00_00, bytes.length, platform, frameNumber, cycles, objects, tlvs.length, 0].forEach((value, i) => {
    view.setUint32(8 + 4 * i, value >>> 0, true);
  });
  let at = tiHeaderBytes;
  for (const { type, content } of tlvs) {
    view.setUint32(at, type, true);
    view.setUint32(at + 4, content.length, true);
    bytes.set(content, at + tlvHeaderBytes);
    at += tlvHeaderBytes + content.length;
  }
  return bytes;
}
