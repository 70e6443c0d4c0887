import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import {
  type CleanEntries,
  type CleanRows,
  readCleanEntries,
  readCleanRows,
} from "../../edge-agent/audit/clean-walk.ts";
import { entryBytesMax } from "../../edge-agent/audit/entry.ts";
import { rowOf } from "../../edge-agent/records/read-export.ts";

/** A run of whole lines of a file. */
export interface Slice {
  readonly file: string;
  readonly kind: "entries" | "rows";
  readonly from: number;
  readonly to: number;
}

const lineFeed = 0x0a;

/** Cuts a file after line feeds, about `sliceBytes` apart; undefined where a line is longer than any that an export writes. */
export function slicesOf(file: string, kind: Slice["kind"], sliceBytes: number): Slice[] | undefined {
  const handle = openSync(file, "r");
  try {
    const { size } = fstatSync(handle);
    const window = Buffer.alloc(4 * entryBytesMax);
    const slices: Slice[] = [];
    for (let from = 0; from < size; ) {
      let to = from + sliceBytes;
      if (to < size) {
        const length = readSync(handle, window, 0, window.length, to - 1);
        const end = window.subarray(0, length).indexOf(lineFeed);
        if (end < 0 && to - 1 + length < size) return undefined;
        to = end < 0 ? size : to + end;
      }
      slices.push({ file, kind, from, to: Math.min(to, size) });
      from = to;
    }
    return slices;
  } finally {
    closeSync(handle);
  }
}

/** Undefined where anything in it is in doubt. */
export function readSlice({ file, from, to, kind }: Slice): CleanEntries | CleanRows | undefined {
  const lines = linesOf(readPart(file, from, to));
  if (kind === "entries") return readCleanEntries(lines);
  return readCleanRows(lines.map((line) => rowOf(line.toString("utf8"))));
}

/** Shorter than asked where the file ends before. */
export function readPart(file: string, from: number, to: number): Buffer {
  const handle = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(to - from);
    let length = 0;
    for (;;) {
      const more = readSync(handle, bytes, length, bytes.length - length, from + length);
      length += more;
      if (more === 0 || length === bytes.length) return bytes.subarray(0, length);
    }
  } finally {
    closeSync(handle);
  }
}

/** Without their line feeds, also a last one that has none. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(lineFeed, from);
    lines.push(bytes.subarray(from, end < 0 ? bytes.length : end));
    from = end < 0 ? bytes.length : end + 1;
  }
  return lines;
}
