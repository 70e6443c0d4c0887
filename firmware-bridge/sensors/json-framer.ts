import type { Framed, Framer } from "./sensor.ts";

/*
 * Framing of Acconeer's exploration server: a JSON object on one line, and where it says `payload_size`, that many raw
 * bytes after the newline. There is no checksum and no sync word, so the thread is found again at the next line that ends
 * in a JSON object with a `status`.
 */

/** A setup answer with calibration data is about 1 kB. */
export const headBytesMax = 16_384;
/** More than any measurement that fits an envelope; a larger claim is damage. */
export const payloadBytesMax = 65_000;

export interface JsonFramer extends Framer {
  /**
   * From now on a measurement (an object with a filled `result_info`) of another size is damage: known after the setup,
   * it keeps a broken `payload_size` from swallowing the frames behind it. Undefined: any size.
   */
  expectPayload(bytes: number | undefined): void;
}

const newline = 0x0a;
const openBrace = 0x7b;
const quote = 0x22;
const ascii = new TextDecoder("ascii");

export function newJsonFramer(): JsonFramer {
  let buffer = new Uint8Array(4_096);
  let used = 0;
  let head: { readonly json: Framed["head"]; readonly payloadBytes: number } | undefined;
  let expected: number | undefined;
  let bytesSkipped = 0;
  let resyncs = 0;
  let lost = false;

  const append = (bytes: Uint8Array): void => {
    if (used + bytes.length > buffer.length) {
      const larger = new Uint8Array(2 * (used + bytes.length));
      larger.set(buffer.subarray(0, used));
      buffer.fill(0);
      buffer = larger;
    }
    buffer.set(bytes, used);
    used += bytes.length;
  };
  const drop = (count: number): void => {
    buffer.copyWithin(0, count, used);
    buffer.fill(0, used - count, used);
    used -= count;
  };
  const skip = (count: number): void => {
    if (count === 0) return;
    bytesSkipped += count;
    lost = true;
    drop(count);
  };

  /** Takes the next head or frame off the front; undefined: more bytes are needed. */
  const next = (): Framed | "again" | undefined => {
    if (head !== undefined) {
      if (used < head.payloadBytes) return undefined;
      const framed = { head: head.json, payload: buffer.slice(0, head.payloadBytes) };
      drop(head.payloadBytes);
      head = undefined;
      return framed;
    }
    const end = buffer.subarray(0, used).indexOf(newline);
    if (end < 0) {
      // Keep the last byte: it may be the brace whose quote has not come yet.
      if (used > headBytesMax) skip(used - 1);
      return undefined;
    }
    const found = findHead(buffer.subarray(0, end), expected);
    if (found === undefined) {
      skip(end + 1);
      return "again";
    }
    skip(found.at);
    drop(end - found.at + 1);
    if (lost) resyncs += 1;
    lost = false;
    head = found;
    return "again";
  };

  return {
    push(bytes) {
      const frames: Framed[] = [];
      // In pieces, so that a huge delivery cannot make the buffer large.
      for (let from = 0; from < bytes.length; from += headBytesMax) {
        append(bytes.subarray(from, from + headBytesMax));
        for (let one = next(); one !== undefined; one = next()) if (one !== "again") frames.push(one);
      }
      return frames;
    },
    get counts() {
      // There is no checksum to fail, and an unknown object is no frame.
      return { bytesSkipped, resyncs, checksumErrors: 0, strange: 0 };
    },
    expectPayload(bytes) {
      expected = bytes;
    },
    clear() {
      buffer.fill(0);
      used = 0;
      head = undefined;
      expected = undefined;
      lost = false;
    },
  };
}

/** From the wire, before any check. Looks at each `{"` of the line, so that a head behind damage on the same line is found. */
function findHead(
  line: Uint8Array,
  expected: number | undefined,
): { at: number; json: Framed["head"]; payloadBytes: number } | undefined {
  // From the end, since an inner object is never valid up to the end of the line. A bounded number of braces keeps a
  // hostile line cheap.
  const first = Math.max(0, line.length - headBytesMax);
  for (let at = line.length - 2, tries = 0; at >= first && tries < 32; at--) {
    if (line[at] !== openBrace || line[at + 1] !== quote) continue;
    tries += 1;
    const json = parseObject(line.subarray(at));
    if (json === undefined) continue;
    const size = json.payload_size ?? 0;
    if (typeof json.status !== "string" && json.payload_size === undefined) continue;
    if (typeof size !== "number" || !Number.isInteger(size) || size < 0 || size > payloadBytesMax) continue;
    const measures = Array.isArray(json.result_info) && json.result_info.length > 0;
    if (measures && expected !== undefined && size !== expected) continue;
    return { at, json, payloadBytes: size };
  }
  return undefined;
}

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  // The server writes ASCII. Any other byte is payload, not a head.
  for (const byte of bytes) if (byte > 0x7e || (byte < 0x20 && byte !== 0x0d && byte !== 0x09)) return undefined;
  try {
    const value: unknown = JSON.parse(ascii.decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
