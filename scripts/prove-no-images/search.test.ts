import { randomBytes } from "node:crypto";
import { deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import { markedPicture, needlesOf, newMark } from "./mark.ts";
import { searchMark } from "./search.ts";

const mark = newMark(7);
const needles = needlesOf(mark);
const picture = { widthPx: 80, heightPx: 60, cellPx: 1, middle: 2_200, reach: 600 };
const depth = markedPicture(mark, picture);
const bytesOf = (values: ArrayLike<number> & { readonly buffer: ArrayBufferLike }) => new Uint8Array(values.buffer);
const scaled = (factor: number, offset: number) => depth.map((value) => factor * value + offset);
/** Where a leak would lie: among other things, and not at a round place. */
const among = (leak: Uint8Array) => Buffer.concat([randomBytes(1_237), leak, randomBytes(611)]);
const small = Uint8Array.from(depth, (value) => value / 13);
const png = (channels: 1 | 3) => {
  const raw =
    channels === 1 ? small : Uint8Array.from({ length: 3 * small.length }, (_, n) => small[Math.floor(n / 3)] ?? 0);
  return sharp(raw, { raw: { width: 80, height: 60, channels } })
    .png()
    .toBuffer();
};
const halved = () => {
  const { widthPx, heightPx } = picture;
  return Uint16Array.from({ length: (widthPx * heightPx) / 4 }, (_, n) => {
    const from = 2 * (n % (widthPx / 2)) + 2 * widthPx * Math.floor(n / (widthPx / 2));
    return ((depth[from] ?? 0) + (depth[from + 1] ?? 0)) / 2;
  });
};
const turned = () => Uint16Array.from({ length: 4_800 }, (_, n) => depth[(n % 60) * 80 + Math.floor(n / 60)] ?? 0);
const big = () => {
  const view = Buffer.from(bytesOf(depth.slice()));
  return view.swap16();
};
const rowOf = (one: (value: number) => string, between: string) => Array.from(depth.slice(0, 160), one).join(between);

const leaks: readonly (readonly [string, () => Uint8Array | Promise<Uint8Array>])[] = [
  ["z16 as it is", () => bytesOf(depth)],
  ["the other byte first", big],
  ["shifted by a constant", () => bytesOf(scaled(1, 4_321))],
  ["scaled and shifted", () => bytesOf(scaled(0.11, 90))],
  ["light and dark turned round", () => bytesOf(scaled(-1, 6_000))],
  ["in 8 bits", () => small],
  ["in 4 bits", () => Uint8Array.from(depth, (value) => (value - 1_500) / 94)],
  ["as 1/z", () => bytesOf(Float32Array.from(depth, (value) => 1 / value))],
  ["f64", () => bytesOf(Float64Array.from(depth))],
  ["mirrored", () => bytesOf(depth.slice().reverse())],
  ["turned by a quarter", () => bytesOf(turned())],
  ["at half the size", () => bytesOf(halved())],
  [
    "with noise of the sensor",
    () => {
      const random = newRandom(3);
      return bytesOf(depth.map((value) => value + 25 * random.gaussian()));
    },
  ],
  ["RGBA", () => Uint8Array.from({ length: 4 * small.length }, (_, n) => (n % 4 === 3 ? 255 : (small[n >> 2] ?? 0)))],
  ["JSON", () => Buffer.from(JSON.stringify({ frame: 7, mm: [...depth] }))],
  ["CSV with an index", () => Buffer.from(rowOf((value) => `${value & 15}0;${(value / 1_000).toFixed(3)}`, "\n"))],
  ["gzip", () => gzipSync(bytesOf(depth))],
  ["zstd", () => zstdCompressSync(bytesOf(depth))],
  [
    "one message of a WebSocket, deflated",
    () => Buffer.concat([Buffer.from([0x78, 0x9c]), deflateRawSync(small, { finishFlush: 2 })]),
  ],
  ["grey PNG", () => png(1)],
  ["coloured PNG", () => png(3)],
  ["PNG in base64 in JSON", async () => Buffer.from(JSON.stringify({ picture: (await png(1)).toString("base64") }))],
  ["a data address", async () => Buffer.from(`<img src="data:image/png;base64,${(await png(1)).toString("base64")}">`)],
  ["base64url after a word", () => Buffer.from(`frame${Buffer.from(small).toString("base64url")}`)],
  ["hex", () => Buffer.from(`x'${Buffer.from(small).toString("hex")}'`)],
  ["gzip in base64 in gzip", () => gzipSync(Buffer.from(gzipSync(bytesOf(depth)).toString("base64")))],
  ["eight rows of eight zones", () => bytesOf(markedPicture(mark, { ...picture, widthPx: 8, heightPx: 8, cellPx: 1 }))],
];

describe("the mark is found, in whatever form", () => {
  test.each(leaks)("%s", async (_name, leak) => {
    expect(await searchMark(among(await leak()), needles)).toBeDefined();
  });
});

describe("what has no mark is passed", () => {
  const other = newMark(8);
  const innocent: readonly (readonly [string, () => Uint8Array | Promise<Uint8Array>])[] = [
    ["chance", () => randomBytes(100_000)],
    ["another picture", () => bytesOf(markedPicture(other, picture))],
    ["a ramp", () => bytesOf(Uint16Array.from({ length: 9_000 }, (_, n) => 3 * n))],
    ["zeros", () => new Uint8Array(20_000)],
    ["text", () => Buffer.from("Room 3, in bed for 1 h 27 min, 15 breaths a minute (13 to 16). ".repeat(300))],
    [
      "what cannot be unpacked",
      () => Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), randomBytes(500), Buffer.from([0x89, 0x50, 0x4e, 0x47])]),
    ],
  ];
  test.each(innocent)("%s", async (_name, bytes) => {
    expect(await searchMark(await bytes(), needles)).toBeUndefined();
  });
});
