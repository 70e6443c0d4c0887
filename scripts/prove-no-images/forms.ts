import { createInflateRaw, zstdDecompressSync } from "node:zlib";
import sharp from "sharp";

/*
 * What bytes can be besides themselves: numbers of every width, numbers written as text, and other bytes that were packed,
 * encoded or drawn.
 */

export interface Numbers {
  readonly form: string;
  /** Of one kind of array for all, so that the search is compiled once. */
  readonly values: Float64Array;
  /** Every n-th belongs together, as with the colours of a pixel. */
  readonly step: number;
}

/** A number of 4 or 8 bytes that no sensor's value can be would hide what lies beside it. */
const sound = (value: number): number => (Math.abs(value) < 1e9 ? value : 0);

/** Floating point numbers are looked for where a picture's could lie: from any byte on. */
export function* numbersIn(bytes: Uint8Array): Generator<Numbers> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const singly = Float64Array.from(bytes);
  yield { form: "u8", values: singly, step: 1 };
  for (const step of [3, 4]) yield { form: `u8, every ${step}th`, values: singly, step };
  const read = (form: string, width: number, one: (at: number) => number, step = 1): Numbers[] =>
    Array.from({ length: width }, (_, from) => {
      const length = Math.max(0, Math.floor((bytes.length - from) / width));
      return { form, values: Float64Array.from({ length }, (_unused, n) => one(from + width * n)), step };
    });
  yield* read("u16 little-endian", 2, (at) => view.getUint16(at, true));
  yield* read("u16 big-endian", 2, (at) => view.getUint16(at));
  yield* read("i16 little-endian, I and Q", 2, (at) => view.getInt16(at, true), 2);
  yield* read("f32 little-endian", 4, (at) => sound(view.getFloat32(at, true)));
  yield* read("f64 little-endian", 8, (at) => sound(view.getFloat64(at, true)));
}

const numberInText = /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/gi;
/** Printable text between control bytes: what is written in words. */
const text = /[\t\n\r\x20-\x7e]{64,}/g;

export function* numbersInText(bytes: Uint8Array): Generator<Numbers> {
  for (const [run] of Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1").matchAll(text)) {
    const values = Float64Array.from(run.match(numberInText) ?? [], Number);
    if (values.length > 0) yield { form: "numbers in text", values, step: 1 };
    // With a key, an index or a name beside each.
    for (const step of [2, 3]) if (values.length > 0) yield { form: "numbers in text", values, step };
  }
}

export interface Inner {
  readonly form: string;
  readonly bytes: Uint8Array;
}

/** What is unpacked may be this large; more is told as not looked at. */
const unpackedMax = 64 * 1_024 * 1_024;
const startsWith = (bytes: Uint8Array, at: number, magic: readonly number[]): boolean =>
  magic.every((byte, n) => bytes[at + n] === byte);
const unpackers = [
  { form: "gzip", magic: [0x1f, 0x8b, 0x08], unpack: (bytes: Uint8Array) => inflate(bytes, gzipHead(bytes)) },
  ...[0x01, 0x5e, 0x9c, 0xda].map((level) => ({
    form: "zlib",
    magic: [0x78, level],
    unpack: (bytes: Uint8Array) => inflate(bytes, 2),
  })),
  { form: "ZIP", magic: [0x50, 0x4b, 0x03, 0x04], unpack: (bytes: Uint8Array) => inflate(bytes, zipHead(bytes)) },
  {
    form: "zstd",
    magic: [0x28, 0xb5, 0x2f, 0xfd],
    unpack: async (bytes: Uint8Array) => zstdDecompressSync(bytes, lenient),
  },
];
const pictures = [
  { form: "PNG", magic: [0x89, 0x50, 0x4e, 0x47] },
  { form: "JPEG", magic: [0xff, 0xd8, 0xff] },
  { form: "WebP or AVI", magic: [0x52, 0x49, 0x46, 0x46] },
] as const;
/** Of a part that ends in an error nothing is given out: so parts are small. */
const lenient = { maxOutputLength: unpackedMax, chunkSize: 1_024 } as const;

/**
 * What comes out before the first byte that does not fit: without the sums at the end, which a WebSocket's deflate does not
 * have and a torn file has lost.
 */
async function inflate(bytes: Uint8Array, from: number): Promise<Uint8Array> {
  const stream = createInflateRaw(lenient);
  const parts: Buffer[] = [];
  const ended = new Promise<void>((resolve) => {
    stream.on("data", (part: Buffer) => parts.push(part));
    for (const end of ["end", "error", "close"]) stream.on(end, () => resolve());
  });
  stream.end(bytes.subarray(from));
  await ended;
  stream.destroy();
  return Buffer.concat(parts);
}

/** RFC 1952, section 2.3: ten bytes, then what the flags say. */
function gzipHead(bytes: Uint8Array): number {
  const flags = bytes[3] ?? 0;
  let at = 10;
  if ((flags & 4) !== 0) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  for (const flag of [8, 16]) if ((flags & flag) !== 0) at = bytes.indexOf(0, at) + 1;
  return (flags & 2) === 0 ? at : at + 2;
}

function zipHead(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return 30 + view.getUint16(26, true) + view.getUint16(28, true);
}

/** Bytes that these bytes hold in another form. What looks packed and is not gives nothing. */
export async function* innerOf(bytes: Uint8Array): AsyncGenerator<Inner> {
  for (let at = 0; at + 4 <= bytes.length; at++) {
    for (const { form, magic, unpack } of unpackers) {
      if (!startsWith(bytes, at, magic)) continue;
      const found = await unpack(bytes.subarray(at)).catch(() => undefined);
      if (found !== undefined && found.length > 0) yield { form, bytes: found };
    }
    for (const { form, magic } of pictures) {
      if (!startsWith(bytes, at, magic)) continue;
      for (const drawn of await draw(bytes.subarray(at))) yield { form, bytes: drawn };
    }
  }
  const written = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  for (const [run] of written.matchAll(/[A-Za-z0-9+/_-]{40,}/g)) {
    // Letters before the first of it, or after a word, put it out of step.
    for (let skip = 0; skip < 4; skip++) yield { form: "base64", bytes: Buffer.from(run.slice(skip), "base64url") };
  }
  for (const [run] of written.matchAll(/[0-9a-fA-F]{64,}/g)) {
    for (const skip of [0, 1]) yield { form: "hex", bytes: Buffer.from(run.slice(skip), "hex") };
  }
}

/** Each of its colours as u16, one after the other. */
async function draw(bytes: Uint8Array): Promise<Uint8Array[]> {
  try {
    const picture = sharp(bytes, { limitInputPixels: unpackedMax / 8 });
    const { channels } = await picture.metadata();
    return await Promise.all(
      ([0, 1, 2, 3] as const)
        .filter((n) => n < channels)
        .map((n) => picture.clone().extractChannel(n).raw({ depth: "ushort" }).toBuffer()),
    );
  } catch {
    return [];
  }
}
