import { type HashReader, hashBytes, storedHashIndex } from "./merkle.ts";

/*
 * A log as static files that any program for transparency logs reads (c2sp.org/tlog-tiles): tiles of 256 hashes each, and bundles of
 * the entries themselves.
 */

/** Hashes in a full tile; also entries in a full bundle. */
export const tileWidth = 256;
const treeLevels = 8;

/** `level` "entries": a bundle. The number in groups of three digits, all but the last with an x before it. */
export function tilePath(level: number | "entries", n: number, width: number): string {
  const digits = String(n).padStart(Math.ceil(String(n).length / 3) * 3, "0");
  const groups = digits.match(/\d{3}/g) ?? [];
  const place = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${place}${width === tileWidth ? "" : `.p/${width}`}`;
}

export interface Tile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Every tile of the tree of the first `size` entries, the last of each level cut to what is there. */
export function* hashTiles(size: number, read: HashReader): Iterable<Tile> {
  for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / tileWidth)) {
    for (let n = 0; n * tileWidth < count; n += 1) {
      const width = Math.min(tileWidth, count - n * tileWidth);
      const bytes = new Uint8Array(width * hashBytes);
      for (let at = 0; at < width; at += 1)
        bytes.set(read(storedHashIndex(level * treeLevels, n * tileWidth + at)), at * hashBytes);
      yield { path: tilePath(level, n, width), bytes };
    }
  }
}

/** Each entry behind its length in two bytes, the higher first. Throws RangeError for an entry of 64 KiB or more. */
export function entryBundle(n: number, entries: readonly Uint8Array[]): Tile {
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const entry of entries) {
    if (entry.length > 0xffff) throw new RangeError(`an entry of ${entry.length} bytes fits into no bundle`);
    view.setUint16(at, entry.length);
    bytes.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return { path: tilePath("entries", n, entries.length), bytes };
}
