import { describe, expect, it } from "vitest";
import {
  emptyRoot,
  hashesToAppend,
  leafHash,
  nodeHash,
  rootOf,
  sameHash,
  storedHashCount,
  storedHashIndex,
  trailingOnes,
} from "./merkle.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** RFC 6962 2.1 as it is written there, over the entries themselves. */
function treeHash(entries: readonly Uint8Array[]): Uint8Array {
  const [only] = entries;
  if (only === undefined) return emptyRoot;
  if (entries.length === 1) return leafHash(only);
  let split = 1;
  while (split * 2 < entries.length) split *= 2;
  return nodeHash(treeHash(entries.slice(0, split)), treeHash(entries.slice(split)));
}

describe("merkle", () => {
  it("has the hashes of RFC 6962", () => {
    expect(hex(emptyRoot)).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(hex(leafHash(ascii("")))).toBe("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    expect(hex(leafHash(ascii("L123456")))).toBe("395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
    expect(hex(nodeHash(ascii("N123"), ascii("N456")))).toBe(
      "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb",
    );
  });

  it("stores 1 + trailing ones of n hashes for entry n, in order and without a gap, and the root is that of RFC 6962", () => {
    const entries: Uint8Array[] = [];
    const stored: Uint8Array[] = [];
    const read = (index: number): Uint8Array => stored[index] ?? expect.fail(`no stored hash ${index}`);
    expect(sameHash(rootOf(0, read), emptyRoot)).toBe(true);
    for (let n = 0; n < 130; n += 1) {
      const entry = ascii(`entry ${n}`);
      entries.push(entry);
      const hashes = hashesToAppend(n, leafHash(entry), read);
      expect(hashes).toHaveLength(1 + trailingOnes(n));
      hashes.forEach((_, level) => {
        expect(storedHashIndex(level, Math.floor(n / 2 ** level))).toBe(stored.length + level);
      });
      stored.push(...hashes);
      expect(stored).toHaveLength(storedHashCount(n + 1));
      expect(hex(rootOf(n + 1, read))).toBe(hex(treeHash(entries)));
    }
    // Older roots come out of the same hashes.
    for (const size of [1, 2, 63, 64, 65, 100])
      expect(hex(rootOf(size, read))).toBe(hex(treeHash(entries.slice(0, size))));
  });

  it("counts past 2^31", () => {
    const n = 2 ** 33 - 1;
    expect(storedHashIndex(33, 0)).toBe(storedHashIndex(0, n) + 33);
    expect(storedHashCount(2 ** 33)).toBe(2 ** 34 - 1);
  });
});
