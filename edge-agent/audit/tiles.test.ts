import { describe, expect, it } from "vitest";
import { HashList } from "./hash-list.ts";
import { hashesToAppend, leafHash, nodeHash, rootOf } from "./merkle.ts";
import { entryBundle, hashTiles, tilePath, tileWidth } from "./tiles.ts";

const treeOf = (size: number): HashList => {
  const tree = new HashList();
  for (let n = 0; n < size; n += 1)
    for (const hash of hashesToAppend(n, leafHash(new TextEncoder().encode(`entry ${n}`)), tree.read)) tree.push(hash);
  return tree;
};
const hashesOf = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: bytes.length / 32 }, (_, at) => bytes.subarray(at * 32, at * 32 + 32));
/** Of a whole tile: a perfect tree. */
const topOf = (hashes: readonly Uint8Array[]): Uint8Array =>
  hashes.length === 1
    ? (hashes[0] as Uint8Array)
    : topOf(hashes.flatMap((hash, at) => (at % 2 === 0 ? [nodeHash(hash, hashes[at + 1] as Uint8Array)] : [])));

describe("tiles of a log", () => {
  // c2sp.org/tlog-tiles: 1234067 is x001/x234/067.
  it.each([
    [0, 0, 256, "tile/0/000"],
    [0, 1_234_067, 256, "tile/0/x001/x234/067"],
    [1, 7, 3, "tile/1/007.p/3"],
    ["entries", 1_000, 12, "tile/entries/x001/000.p/12"],
  ] as const)("lie where the specification says: level %s, number %d, width %d", (level, n, width, path) => {
    expect(tilePath(level, n, width)).toBe(path);
  });

  it.each([1, 255, 256, 257, 1_000])("hold every hash of a log of %d entries, and the tops of those below", (size) => {
    const tiles = new Map([...hashTiles(size, treeOf(size).read)].map(({ path, bytes }) => [path, hashesOf(bytes)]));
    const leaves = [...tiles].filter(([path]) => path.startsWith("tile/0/")).flatMap(([, hashes]) => hashes);
    expect(leaves).toHaveLength(size);
    const again = new HashList();
    for (const [n, leaf] of leaves.entries()) for (const hash of hashesToAppend(n, leaf, again.read)) again.push(hash);
    expect(rootOf(size, again.read)).toEqual(rootOf(size, treeOf(size).read));
    const above = [...tiles].filter(([path]) => path.startsWith("tile/1/")).flatMap(([, hashes]) => hashes);
    expect(above).toHaveLength(Math.floor(size / tileWidth));
    for (const [n, top] of above.entries()) expect(top).toEqual(topOf(tiles.get(tilePath(0, n, tileWidth)) ?? []));
  });

  it("bundles entries behind their lengths", () => {
    const { path, bytes } = entryBundle(0, [new Uint8Array([1, 2, 3]), new Uint8Array(300).fill(7)]);
    expect(path).toBe("tile/entries/000.p/2");
    expect([...bytes.subarray(0, 7)]).toEqual([0, 3, 1, 2, 3, 1, 44]);
    expect(bytes.length).toBe(2 + 3 + 2 + 300);
    expect(() => entryBundle(0, [new Uint8Array(65_536)])).toThrow(RangeError);
  });
});
