import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Framed } from "./sensor.ts";
import { newFrameClock } from "./ti-frame-time.ts";
import {
  encodeTiPacket,
  newTiFramer,
  type TiTlv,
  tiHeaderBytes,
  tiMagic,
  tiPacketBytesMax,
  tlvsOf,
} from "./ti-packets.ts";
import { joinBytes } from "./wire-bytes.ts";

const shape = {
  tlv: (type: number, bytes: number) =>
    type === 50 ? ("take" as const) : type === 60 && bytes !== 12 ? ("strange" as const) : ("leave" as const),
  mayBeEmpty: true,
};
const open = () => newTiFramer(shape);
const packet = (frameNumber: number, ...tlvs: TiTlv[]): Uint8Array =>
  encodeTiPacket({ frameNumber, platform: 0xa6843, cycles: 0, objects: 0, tlvs });
const tlv = (type: number, ...content: number[]): TiTlv => ({ type, content: Uint8Array.from(content) });
const numbers = (frames: readonly Framed[]): unknown[] => frames.map(({ head }) => head.frameNumber);
const put = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
  new DataView(bytes.buffer).setUint32(at, value, true);
  return bytes;
};
const none = { bytesSkipped: 0, resyncs: 0, checksumErrors: 0, strange: 0 };

describe("the framer of TI's packets", () => {
  it("hands out what is for taking and nothing else, as copies", () => {
    const framer = open();
    const wire = packet(7, tlv(1, 9, 9, 9, 9), tlv(50, 1, 2, 3), tlv(60, ...new Array(12).fill(4)), tlv(50, 5));
    const [framed] = framer.push(wire);
    wire.fill(0);
    expect(framed?.head).toEqual({ frameNumber: 7 });
    expect([...tlvsOf(framed?.payload ?? new Uint8Array())]).toEqual([tlv(50, 1, 2, 3), tlv(50, 5)]);
    expect(framer.counts).toEqual(none);
  });

  it("cuts packets of any content, delivered in any pieces", () => {
    const anyTlv = fc.record({ type: fc.constantFrom(1, 50, 1_020), content: fc.uint8Array({ maxLength: 200 }) });
    fc.assert(
      fc.property(
        fc.array(fc.array(anyTlv, { maxLength: 6 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 30 }),
        (packets, sizes) => {
          const wire = joinBytes(...packets.map((tlvs, i) => packet(i, ...tlvs)));
          const framer = open();
          const frames: Framed[] = [];
          for (let at = 0, k = 0; at < wire.length; k++) {
            const size = sizes[k % sizes.length] ?? 1;
            frames.push(...framer.push(wire.slice(at, at + size)));
            at += size;
          }
          expect(frames.map(({ payload }) => [...tlvsOf(payload)])).toEqual(
            packets.map((tlvs) => tlvs.filter(({ type }) => type === 50)),
          );
          expect(framer.counts).toEqual(none);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("believes no stated length beyond the next magic word, and counts nothing for it", () => {
    const first = put(packet(1, tlv(50, 1)), 12, 9_000);
    const framer = open();
    expect(numbers(framer.push(joinBytes(first, packet(2, tlv(50, 2)))))).toEqual([1, 2]);
    expect(framer.counts).toEqual(none);
  });

  it("skips a packet whose last TLV reaches into the next one, and one that is said to be shorter than its TLVs", () => {
    const tooLong = put(put(packet(1, tlv(50, 1, 2, 3, 4)), tiHeaderBytes + 4, 80), 12, 200);
    const tooShort = put(packet(3, tlv(50, 1, 2, 3, 4)), 12, 48);
    const framer = open();
    const wire = joinBytes(tooLong, packet(2, tlv(50, 2)), tooShort, packet(4, tlv(50, 4)));
    expect(numbers(framer.push(wire))).toEqual([2, 4]);
    expect(framer.counts).toEqual({ ...none, bytesSkipped: tooLong.length + tooShort.length, resyncs: 2 });
  });

  it("finds the packet behind a header that cannot be, and behind half a magic word", () => {
    for (const [at, value] of [
      [12, 39],
      [12, tiPacketBytesMax + 1],
      [12, 0xffff_ffff],
      [32, 33],
      [32, 0xffff_ffff],
    ] as const) {
      const framer = open();
      expect(numbers(framer.push(joinBytes(put(packet(1), at, value), packet(2))))).toEqual([2]);
      expect(framer.counts).toEqual({ ...none, bytesSkipped: 64, resyncs: 1 });
    }
    const framer = open();
    expect(numbers(framer.push(joinBytes(tiMagic.subarray(0, 5), tiMagic.subarray(0, 7), packet(3))))).toEqual([3]);
    expect(framer.counts).toEqual({ ...none, bytesSkipped: 12, resyncs: 1 });
  });

  it("counts a packet of another firmware as strange and goes on behind it", () => {
    const framer = open();
    expect(numbers(framer.push(joinBytes(packet(1, tlv(60, 1)), packet(2))))).toEqual([2]);
    expect(framer.counts).toEqual({ ...none, strange: 1 });
    const needy = newTiFramer({ ...shape, mayBeEmpty: false });
    expect(numbers(needy.push(joinBytes(packet(1, tlv(1, 1)), packet(2, tlv(50, 1)))))).toEqual([2]);
    expect(needy.counts).toEqual({ ...none, strange: 1 });
  });

  it("waits for no more than the longest packet", () => {
    const framer = open();
    framer.push(put(put(packet(1, tlv(50, 1)), 12, tiPacketBytesMax), tiHeaderBytes + 4, 16_000));
    // Never a magic word: at the latest when the whole of it has come it is out, and the next one is found.
    framer.push(new Uint8Array(tiPacketBytesMax).fill(0x11));
    expect(numbers(framer.push(packet(2)))).toEqual([2]);
  });

  it("keeps nothing of what it held once it was cleared", () => {
    const framer = open();
    const half = packet(1, tlv(50, 1, 2, 3));
    framer.push(half.subarray(0, 45));
    framer.clear();
    expect(framer.push(half.subarray(45))).toEqual([]);
    expect(numbers(framer.push(packet(2)))).toEqual([2]);
  });
});

describe("the clock of a TI demo", () => {
  const times = (...frameNumbers: number[]) => {
    const clock = newFrameClock(50_000);
    return frameNumbers.map((one) => {
      const at = clock.at(one);
      return at === undefined ? "no" : at.afterGap ? `gap ${at.deviceUs / 50_000}` : at.deviceUs / 50_000;
    });
  };

  it("counts on over lost packets, and over the end of its 32 bits", () => {
    expect(times(663, 664, 666, 705)).toEqual([663, 664, 666, 705]);
    expect(times(2 ** 32 - 2, 2 ** 32 - 1, 0, 1)).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1]);
  });

  it("tells a gap of 3 s, and a new beginning, once a second number bears it out", () => {
    expect(times(10, 69, 129, 130)).toEqual([10, 69, "no", "gap 130"]);
    expect(times(5_000, 1, 2, 3)).toEqual([5_000, "no", "gap 2", 3]);
  });

  it("passes over a number that a changed bit made, and one that stands", () => {
    expect(times(10, 11 ^ (1 << 20), 12, 13)).toEqual([10, "no", 12, 13]);
    expect(times(10, 11, 11, 12)).toEqual([10, 11, "no", 12]);
    expect(times(10, 2, 900_000, 11)).toEqual([10, "no", "no", 11]);
  });

  it("begins anew when it is told to", () => {
    const clock = newFrameClock(90_000);
    clock.at(500);
    clock.forget();
    expect(clock.at(1)).toEqual({ deviceUs: 90_000, afterGap: false });
  });
});
