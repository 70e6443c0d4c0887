import type { DataKeys } from "./data-keys.ts";
import { seal, unseal } from "./sealed-value.ts";
import { StoreError } from "./store-error.ts";

/*
 * An entry of the audit log is hashed with the names of whoever did it and whoever ordered it. At rest they are cut out of its bytes
 * and sealed beside them; what is left is JSON that reports look through, and both together are the bytes that were hashed.
 */

/**
 * Where a name stands. Of RFC 8785 bytes: there is no space, keys are sorted, so that the actor comes before the detail, both are
 * flat, and quotes within a string are escaped, so that no typed word can look like one of these.
 */
const places = [
  { within: Buffer.from('"actor":{'), key: Buffer.from('"name":"') },
  { within: Buffer.from('"detail":{'), key: Buffer.from('"by":"') },
] as const;

export interface CutEntry {
  readonly data: Uint8Array;
  /** Null: nobody is named. */
  readonly who: Buffer | null;
}

export function cutEntry(keys: DataKeys, whole: Uint8Array, idx: number): CutEntry {
  const bytes = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength);
  const left: Buffer[] = [];
  const cut: Buffer[] = [];
  let done = 0;
  for (const place of places) {
    const span = nameIn(bytes, place);
    if (span === undefined) continue;
    const head = Buffer.alloc(8);
    head.writeUInt32BE(span.from, 0);
    head.writeUInt32BE(span.until - span.from, 4);
    cut.push(head, bytes.subarray(span.from, span.until));
    left.push(bytes.subarray(done, span.from));
    done = span.until;
  }
  if (cut.length === 0) return { data: whole, who: null };
  const who = seal(keys, Buffer.concat(cut), { table: "entry", column: "who", row: idx });
  return { data: Buffer.concat([...left, bytes.subarray(done)]), who };
}

/** The bytes that were hashed. Throws StoreError. */
export function wholeEntry(
  keys: DataKeys,
  { data, who }: { readonly data: Uint8Array; readonly who: Uint8Array | null },
  idx: number,
): Uint8Array {
  if (who === null) return data;
  const cut = unseal(keys, who, { table: "entry", column: "who", row: idx });
  const parts: Uint8Array[] = [];
  let taken = 0;
  let length = 0;
  for (let at = 0; at < cut.length; ) {
    const from = cut.readUInt32BE(at);
    const name = cut.subarray(at + 8, at + 8 + cut.readUInt32BE(at + 4));
    if (taken + from - length > data.length) throw new StoreError("damaged", `entry ${idx} is shorter than it was`);
    parts.push(data.subarray(taken, taken + from - length), name);
    taken += from - length;
    length = from + name.length;
    at += 8 + name.length;
  }
  return Buffer.concat([...parts, data.subarray(taken)]);
}

/** From its first byte to the quote that ends it. An actor ends before the first brace that follows its marks. */
function nameIn(
  bytes: Buffer,
  { within, key }: (typeof places)[number],
): { readonly from: number; readonly until: number } | undefined {
  const begin = bytes.indexOf(within);
  const mark = begin < 0 ? -1 : bytes.indexOf(key, begin);
  if (mark < 0 || mark > endOfObject(bytes, begin + within.length)) return undefined;
  const from = mark + key.length;
  return { from, until: endOfString(bytes, from) };
}

function endOfObject(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    if (bytes[at] === 0x22) at = endOfString(bytes, at + 1);
    else if (bytes[at] === 0x7d) return at;
  }
  return bytes.length;
}

function endOfString(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    if (bytes[at] === 0x5c) at += 1;
    else if (bytes[at] === 0x22) return at;
  }
  return bytes.length;
}
