import { hash } from "node:crypto";

/*
 * The Merkle tree of RFC 6962 2.1 over a growing list, kept as the hashes of its complete subtrees in one flat array
 * (the stored hash index of Go's checksum database), so that appending writes 1 + trailing ones of n hashes and
 * rewrites none. A hash is 32 bytes. Sizes and indexes are whole numbers below 2^53; shifts are written as divisions
 * because `>>` stops at 2^31.
 */

/** Reads the stored hash at an index; throws where there is none. */
export type HashReader = (storedIndex: number) => Uint8Array;

export const hashBytes = 32;

export function sha256(data: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = hash("sha256", data, "buffer");
  return new Uint8Array(buffer, byteOffset, length);
}

/** RFC 6962 2.1: the empty tree is SHA-256 of nothing. */
export const emptyRoot: Uint8Array = sha256(new Uint8Array(0));

/** What is hashed is laid out here: memory of its own for each of a million hashes costs more than the hashing. */
let laidOut = new Uint8Array(2048);

/** RFC 6962 2.1: leaf prefix 0x00. */
export function leafHash(entry: Uint8Array): Uint8Array {
  const bytes = roomFor(1 + entry.length);
  bytes[0] = 0x00;
  bytes.set(entry, 1);
  return sha256(bytes);
}

/** RFC 6962 2.1: node prefix 0x01. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = roomFor(1 + left.length + right.length);
  bytes[0] = 0x01;
  bytes.set(left, 1);
  bytes.set(right, 1 + left.length);
  return sha256(bytes);
}

/** Valid until the next call. */
function roomFor(length: number): Uint8Array {
  if (length > laidOut.length) laidOut = new Uint8Array(2 * length);
  return laidOut.subarray(0, length);
}

export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/**
 * Where the hash of the n-th complete subtree of 2^level leaves is stored. (golang.org/x/mod/sumdb/tlog
 * StoredHashIndex)
 */
export function storedHashIndex(level: number, n: number): number {
  let at = n;
  for (let step = 0; step < level; step += 1) at = 2 * at + 1;
  let index = level;
  for (; at > 0; at = Math.floor(at / 2)) index += at;
  return index;
}

/** How many hashes are stored for a list of `size` entries. */
export function storedHashCount(size: number): number {
  if (size === 0) return 0;
  return storedHashIndex(0, size - 1) + 1 + trailingOnes(size - 1);
}

export function trailingOnes(n: number): number {
  let count = 0;
  for (let at = n; at % 2 === 1; at = (at - 1) / 2) count += 1;
  return count;
}

/**
 * The hashes to store when entry `n` is appended, in the order of their stored indexes, the first at
 * storedHashIndex(0, n): the leaf, then each subtree that it completes.
 */
export function hashesToAppend(n: number, leaf: Uint8Array, read: HashReader): Uint8Array[] {
  const hashes = [leaf];
  let top = leaf;
  let at = n;
  for (let level = 0; at % 2 === 1; level += 1) {
    top = nodeHash(read(storedHashIndex(level, at - 1)), top);
    hashes.push(top);
    at = (at - 1) / 2;
  }
  return hashes;
}

/** RFC 6962 2.1: the tree hash of the first `size` entries. */
export function rootOf(size: number, read: HashReader): Uint8Array {
  return size === 0 ? emptyRoot : subtreeHash(0, size, read);
}

/**
 * The tree hash of entries [from, to), where `from` is a multiple of the largest power of two below the length (RFC
 * 6962 splits).
 */
export function subtreeHash(from: number, to: number, read: HashReader): Uint8Array {
  const length = to - from;
  const level = exactLevel(length);
  if (level !== undefined) return read(storedHashIndex(level, from / length));
  const split = splitOf(length);
  return nodeHash(subtreeHash(from, from + split, read), subtreeHash(from + split, to, read));
}

/** RFC 6962 2.1: the largest power of two smaller than `length` (>= 2). */
export function splitOf(length: number): number {
  let split = 1;
  while (split * 2 < length) split *= 2;
  return split;
}

function exactLevel(length: number): number | undefined {
  let level = 0;
  let power = 1;
  for (; power < length; power *= 2) level += 1;
  return power === length ? level : undefined;
}
