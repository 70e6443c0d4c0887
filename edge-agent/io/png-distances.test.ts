import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { unpackDepth } from "./depth-unpack.ts";

/* Against pictures of another program (libvips by sharp), and against damage with right checksums, which only a sender can make. */

const chunk = (name: string, data: Uint8Array): Buffer => {
  const named = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
};
const pngOf = (widthPx: number, heightPx: number, ...data: Uint8Array[]): Uint8Array => {
  const head = Buffer.from([0, 0, 0, widthPx, 0, 0, 0, heightPx, 16, 0, 0, 0, 0]);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = data.map((part) => chunk("IDAT", part));
  return Uint8Array.from(Buffer.concat([signature, chunk("IHDR", head), ...parts, chunk("IEND", new Uint8Array())]));
};

/** Filters forwards (9.2), each row with its own. */
function filtered(mm: Uint16Array, widthPx: number, filters: readonly number[]): Uint8Array {
  const rowBytes = 2 * widthPx;
  const raw = Uint8Array.from([...mm].flatMap((value) => [value >> 8, value & 0xff]));
  const out: number[] = [];
  filters.forEach((filter, y) => {
    out.push(filter);
    for (let i = 0; i < rowBytes; i++) {
      const at = (row: number, byte: number) => (row < 0 || byte < 0 ? 0 : (raw[row * rowBytes + byte] ?? 0));
      const [left, above, corner] = [at(y, i - 2), at(y - 1, i), at(y - 1, i - 2)];
      const p = left + above - corner;
      const byDistance = [left, above, corner].map((value) => Math.abs(p - value));
      const paeth = [left, above, corner][byDistance.indexOf(Math.min(...byDistance))] ?? 0;
      const guess = [0, left, above, Math.floor((left + above) / 2), paeth][filter] ?? 0;
      out.push((at(y, i) - guess) & 0xff);
    }
  });
  return Uint8Array.from(out);
}

describe("distances of a PNG", () => {
  it("come back through every filter of the standard, whatever the data's chunks are cut into", async () => {
    const pictures = fc.integer({ min: 1, max: 20 }).chain((widthPx) =>
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 }).chain((filters) =>
        fc.record({
          widthPx: fc.constant(widthPx),
          filters: fc.constant(filters),
          mm: fc
            .array(fc.integer({ min: 0, max: 65_535 }), {
              minLength: widthPx * filters.length,
              maxLength: widthPx * filters.length,
            })
            .map((values) => Uint16Array.from(values)),
          cut: fc.nat(40),
        }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(pictures, async ({ widthPx, filters, mm, cut }) => {
        const data = deflateSync(filtered(mm, widthPx, filters));
        const png = pngOf(widthPx, filters.length, data.subarray(0, cut), data.subarray(cut));
        expect(await unpackDepth(png, widthPx, filters.length)).toEqual(mm);
      }),
      { numRuns: 200 },
    );
  });

  it("are what another program packed", async () => {
    for (const adaptiveFiltering of [true, false]) {
      const mm = Uint16Array.from({ length: 80 * 60 }, (_, i) => (i % 11 === 0 ? 0 : 1_500 + ((i * 37) % 1_400)));
      const png = await sharp(mm, { raw: { width: 80, height: 60, channels: 1 } })
        .toColourspace("grey16")
        .png({ compressionLevel: 3, adaptiveFiltering })
        .toBuffer();
      expect(await unpackDepth(Uint8Array.from(png), 80, 60)).toEqual(mm);
    }
  });

  const rows = (filter: number) => Uint8Array.from([filter, 1, 2, 3, 4, filter, 5, 6, 7, 8]);
  const damaged: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
    ["a filter of nobody's", () => pngOf(2, 2, deflateSync(rows(5))), /filter.*: 5/],
    ["a row too few", () => pngOf(2, 2, deflateSync(rows(0).subarray(0, 5))), /rows are not all there/],
    ["a row too many", () => pngOf(2, 2, deflateSync(Buffer.concat([rows(0), rows(0)]))), /larger than/],
    ["a bomb", () => pngOf(2, 2, deflateSync(new Uint8Array(50_000_000))), /larger than/],
    ["no data", () => pngOf(2, 2), /unexpected end/],
    ["data cut off", () => pngOf(2, 2, deflateSync(rows(0)).subarray(0, 9)), /unexpected end/],
    [
      "a wrong checksum",
      () => {
        const png = pngOf(2, 2, deflateSync(rows(0)));
        png[png.length - 1] = png[png.length - 1]! ^ 1;
        return png;
      },
      /checksum/,
    ],
  ];
  it.each(damaged)("are refused: %s", async (_name, make, why) => {
    await expect(unpackDepth(make(), 2, 2)).rejects.toThrow(why);
  });
});
