import { emptyRoot, type HashReader, hashBytes, nodeHash, sameHash, splitOf, subtreeHash } from "./merkle.ts";

/*
 * Proofs of RFC 6962 2.1.1 and 2.1.2, made from the stored hashes, and their checking after RFC 9162 2.1.3.2 and
 * 2.1.4.2. Checking never throws: proofs come from whoever wants to be believed.
 */

/** Hashes that show entry `index` to be in the tree of `size` entries. Needs 0 <= index < size. */
export function inclusionProof(index: number, size: number, read: HashReader): Uint8Array[] {
  if (!isSize(index) || !isSize(size) || index >= size) throw new RangeError(`no entry ${index} in a log of ${size}`);
  return path(index, 0, size, read);
}

/**
 * Hashes that show the tree of `older` entries to be the beginning of the tree of `newer`. Needs 1 <= older <= newer.
 */
export function consistencyProof(older: number, newer: number, read: HashReader): Uint8Array[] {
  if (!isSize(older) || !isSize(newer) || older < 1 || older > newer) {
    throw new RangeError(`no proof from ${older} to ${newer} entries`);
  }
  return older === newer ? [] : subproof(older, 0, newer, true, read);
}

/** Whether `leaf` (a leaf hash) is entry `index` of the tree of `size` entries with this root. */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || !allHashes([leaf, root, ...proof])) return false;
  let at = index;
  let last = size - 1;
  let sum = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      sum = nodeHash(sibling, sum);
      while (at % 2 === 0 && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      sum = nodeHash(sum, sibling);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && sameHash(sum, root);
}

/**
 * Whether the tree of `older` entries with root `olderRoot` is the beginning of that of `newer`. From an empty log to
 * one with entries is refused: an empty log proves nothing, and whoever means "first seen" has to say so.
 */
export function verifyConsistency(
  older: number,
  newer: number,
  olderRoot: Uint8Array,
  newerRoot: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(older) || !isSize(newer) || older > newer) return false;
  if (older === newer) {
    if (older === 0 && !sameHash(olderRoot, emptyRoot)) return false;
    return proof.length === 0 && sameHash(olderRoot, newerRoot);
  }
  if (older === 0 || !allHashes([olderRoot, newerRoot, ...proof])) return false;
  // RFC 9162 2.1.4.2: when the older size is a power of two its own root begins the path.
  const hashes = isPowerOfTwo(older) ? [olderRoot, ...proof] : proof;
  const [first, ...rest] = hashes;
  if (first === undefined) return false;
  let at = older - 1;
  let last = newer - 1;
  while (at % 2 === 1) {
    at = half(at);
    last = half(last);
  }
  let olderSum = first;
  let newerSum = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      olderSum = nodeHash(sibling, olderSum);
      newerSum = nodeHash(sibling, newerSum);
      while (at % 2 === 0 && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      newerSum = nodeHash(newerSum, sibling);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && sameHash(olderSum, olderRoot) && sameHash(newerSum, newerRoot);
}

/** RFC 6962 2.1.1 PATH(m, D[n]). */
function path(index: number, from: number, to: number, read: HashReader): Uint8Array[] {
  if (to - from === 1) return [];
  const middle = from + splitOf(to - from);
  return index < middle
    ? [...path(index, from, middle, read), subtreeHash(middle, to, read)]
    : [...path(index, middle, to, read), subtreeHash(from, middle, read)];
}

/** RFC 6962 2.1.2 SUBPROOF(m, D[n], b); `older` counts from `from`. */
function subproof(older: number, from: number, to: number, whole: boolean, read: HashReader): Uint8Array[] {
  if (older === to - from) return whole ? [] : [subtreeHash(from, to, read)];
  const split = splitOf(to - from);
  return older <= split
    ? [...subproof(older, from, from + split, whole, read), subtreeHash(from + split, to, read)]
    : [...subproof(older - split, from + split, to, false, read), subtreeHash(from, from + split, read)];
}

const half = (n: number): number => Math.floor(n / 2);
const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
const allHashes = (hashes: readonly Uint8Array[]): boolean => hashes.every((one) => one.length === hashBytes);

function isPowerOfTwo(n: number): boolean {
  let power = 1;
  while (power < n) power *= 2;
  return power === n;
}
