import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { haveVectors, vectorsPath } from "../../tests/shared-material.ts";
import { hashesToAppend, leafHash, rootOf } from "./merkle.ts";
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from "./proof.ts";

const stored: Uint8Array[] = [];
const read = (index: number): Uint8Array => stored[index] ?? expect.fail(`no stored hash ${index}`);
const leaves = Array.from({ length: 300 }, (_, n) => leafHash(new TextEncoder().encode(`entry ${n}`)));
leaves.forEach((leaf, n) => {
  stored.push(...hashesToAppend(n, leaf, read));
});
const leafAt = (n: number): Uint8Array => leaves[n] ?? expect.fail(`no leaf ${n}`);
const bytes = (text: string | null): Uint8Array => new Uint8Array(Buffer.from(text ?? "", "base64"));

interface InclusionVector {
  name: string;
  leafIdx: number;
  treeSize: number;
  root: string;
  leafHash: string;
  proof: string[] | null;
  wantErr: boolean;
}
interface ConsistencyVector {
  name: string;
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[] | null;
  wantErr: boolean;
}
const vectors = <T>(file: string): T[] => JSON.parse(readFileSync(`${vectorsPath}/${file}`, "utf8")) as T[];

describe.skipIf(!haveVectors)("published vectors (transparency-dev/merkle)", () => {
  it("98 inclusion proofs", () => {
    const all = vectors<InclusionVector>("rfc6962-inclusion.json");
    expect(all).toHaveLength(98);
    for (const one of all) {
      const proof = (one.proof ?? []).map(bytes);
      const holds = verifyInclusion(one.leafIdx, one.treeSize, bytes(one.leafHash), proof, bytes(one.root));
      expect(holds, one.name).toBe(!one.wantErr);
    }
  });

  it("98 consistency proofs", () => {
    const all = vectors<ConsistencyVector>("rfc6962-consistency.json");
    expect(all).toHaveLength(98);
    for (const one of all) {
      const proof = (one.proof ?? []).map(bytes);
      const holds = verifyConsistency(one.size1, one.size2, bytes(one.root1), bytes(one.root2), proof);
      expect(holds, one.name).toBe(!one.wantErr);
    }
  });
});

/** The same bytes with one bit of one byte changed. */
function flipped(hash: Uint8Array, at: number): Uint8Array {
  const copy = hash.slice();
  const place = Math.floor(at / 8) % copy.length;
  copy[place] = (copy[place] ?? 0) ^ (1 << (at % 8));
  return copy;
}

describe("proofs of our own logs", () => {
  it("all pairs up to 40", () => {
    for (let size = 1; size <= 40; size += 1) {
      const root = rootOf(size, read);
      for (let n = 0; n < size; n += 1) {
        expect(verifyInclusion(n, size, leafAt(n), inclusionProof(n, size, read), root)).toBe(true);
        const older = n + 1;
        expect(verifyConsistency(older, size, rootOf(older, read), root, consistencyProof(older, size, read))).toBe(
          true,
        );
      }
    }
  });

  const pair = fc
    .tuple(fc.integer({ min: 0, max: 299 }), fc.integer({ min: 1, max: 300 }))
    .filter(([n, size]) => n < size);

  it("inclusion holds; any bit changed, hash lost, added or swapped, other index or size does not", () => {
    fc.assert(
      fc.property(pair, fc.nat(), fc.nat(), ([n, size], which, bit) => {
        const proof = inclusionProof(n, size, read);
        const root = rootOf(size, read);
        const leaf = leafAt(n);
        expect(verifyInclusion(n, size, leaf, proof, root)).toBe(true);
        expect(verifyInclusion(n, size, flipped(leaf, bit), proof, root)).toBe(false);
        expect(verifyInclusion(n, size, leaf, proof, flipped(root, bit))).toBe(false);
        expect(verifyInclusion(n, size, leaf, [...proof, leaf], root)).toBe(false);
        expect(verifyInclusion((n + 1) % size, size, leaf, proof, root)).toBe(size === 1);
        expect(verifyInclusion(n, size, leaf.slice(1), proof, root)).toBe(false);
        expect(verifyInclusion(n + 0.5, size, leaf, proof, root)).toBe(false);
        if (proof.length === 0) return;
        const at = which % proof.length;
        const broken = proof.map((hash, index) => (index === at ? flipped(hash, bit) : hash));
        expect(verifyInclusion(n, size, leaf, broken, root)).toBe(false);
        expect(verifyInclusion(n, size, leaf, proof.toSpliced(at, 1), root)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("consistency holds; any bit changed, hash lost or added does not", () => {
    fc.assert(
      fc.property(pair, fc.nat(), fc.nat(), ([n, newer], which, bit) => {
        const older = n + 1;
        const [first, last] = [rootOf(older, read), rootOf(newer, read)];
        const proof = consistencyProof(older, newer, read);
        expect(verifyConsistency(older, newer, first, last, proof)).toBe(true);
        expect(verifyConsistency(older, newer, flipped(first, bit), last, proof)).toBe(false);
        expect(verifyConsistency(older, newer, first, flipped(last, bit), proof)).toBe(false);
        expect(verifyConsistency(older, newer, first, last, [...proof, last])).toBe(false);
        if (proof.length === 0) return;
        const at = which % proof.length;
        const broken = proof.map((hash, index) => (index === at ? flipped(hash, bit) : hash));
        expect(verifyConsistency(older, newer, first, last, broken)).toBe(false);
        expect(verifyConsistency(older, newer, first, last, proof.toSpliced(at, 1))).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("makes no proof of what is not there", () => {
    expect(() => inclusionProof(5, 5, read)).toThrow(RangeError);
    expect(() => consistencyProof(0, 5, read)).toThrow(RangeError);
    expect(() => consistencyProof(6, 5, read)).toThrow(RangeError);
    expect(verifyConsistency(0, 5, rootOf(0, read), rootOf(5, read), [])).toBe(false);
    expect(verifyConsistency(0, 0, rootOf(0, read), rootOf(0, read), [])).toBe(true);
  });
});
