import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Captured } from "./captures.ts";
import type { Needle } from "./mark.ts";
import { searchMark } from "./search.ts";

/** A message beyond this is cut: the mark begins anew with every picture. */
const pieceMax = 1_048_576;
/** Short messages are searched together: a mark may be spread over them. */
const togetherBytes = 262_144;

export interface Finding {
  readonly where: string;
  readonly how: string;
}

/** All that could hold the mark: each thing once, and where it was met first. */
export class Evidence {
  private readonly seen = new Set<string>();
  private readonly pieces: Captured[] = [];
  bytes = 0;

  add({ where, bytes }: Captured): void {
    for (let from = 0; from < Math.max(1, bytes.length); from += pieceMax) {
      // A little of the next, or a mark on the cut would be missed.
      this.addPiece(where, bytes.subarray(from, from + pieceMax + 4_096));
    }
  }

  private addPiece(where: string, bytes: Buffer): void {
    const hash = createHash("sha256").update(bytes).digest("base64");
    if (bytes.length === 0 || this.seen.has(hash)) return;
    this.seen.add(hash);
    this.bytes += bytes.length;
    this.pieces.push({ where, bytes: Buffer.from(bytes) });
  }

  /** @param told how much of it is done, 0 to 1 */
  async search(needles: readonly Needle[], told: (done: number) => void): Promise<Finding[]> {
    const finds: Finding[] = [];
    let done = 0;
    for (const { where, bytes } of this.gathered()) {
      const how = await searchMark(bytes, needles);
      if (how !== undefined) finds.push({ where, how });
      done += bytes.length;
      told(done / Math.max(1, this.bytes));
    }
    return finds;
  }

  private *gathered(): Generator<Captured> {
    const small = new Map<string, Buffer[]>();
    for (const piece of this.pieces) {
      if (piece.bytes.length > 16_384) {
        yield piece;
        continue;
      }
      small.set(piece.where, [...(small.get(piece.where) ?? []), piece.bytes]);
    }
    for (const [where, all] of small) {
      let from = 0;
      while (from < all.length) {
        const group: Buffer[] = [];
        let size = 0;
        while (from < all.length && size < togetherBytes) {
          const next = all[from] as Buffer;
          group.push(next);
          size += next.length;
          from += 1;
        }
        yield { where, bytes: Buffer.concat(group) };
      }
    }
  }
}

/** Every file below a folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Undefined: there is no such file any more, or it is none. */
export function bytesOf(path: string): Buffer | undefined {
  try {
    return lstatSync(path).isFile() ? readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}
