import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { fromBase64 } from "../audit/base64.ts";
import { entryBytesMax } from "../audit/entry.ts";
import type { LogExport } from "../audit/verify.ts";
import { checkpointSeparator, exportFiles } from "./export-log.ts";

/** Whether a folder looks like an export of one log. */
export const isExport = (dir: string): boolean => existsSync(join(dir, exportFiles.entries));

/**
 * The files of an export for the verifier. Entries and hashes are read as they are asked for, so that a long log does
 * not have to fit in memory. Throws only where the file system does; what the files say is for the verifier to judge.
 */
export function readExport(dir: string): LogExport {
  const hashes = join(dir, exportFiles.hashes);
  const phi = join(dir, exportFiles.phi);
  return {
    entries: lines(join(dir, exportFiles.entries)),
    storedHashes: existsSync(hashes) ? texts(hashes) : undefined,
    checkpoints: readNotes(readFileSync(join(dir, exportFiles.checkpoints), "utf8")),
    phi: existsSync(phi) ? readPhi(phi) : undefined,
  };
}

/**
 * The notes of a checkpoints file; what stands before the first separator counts as one too, so that nothing is passed
 * over.
 */
export function readNotes(text: string): string[] {
  const notes: string[] = [];
  let note: string[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    if (line !== `${checkpointSeparator}\n`) {
      note.push(line);
      continue;
    }
    if (note.length > 0) notes.push(note.join(""));
    note = [];
  }
  if (note.length > 0) notes.push(note.join(""));
  return notes;
}

/**
 * A line that is no row is given as data that no entry is committed to, under the number that it claims or one that no
 * entry has.
 */
function readPhi(path: string): Map<number, { salt: Uint8Array; phi: unknown }> {
  const rows = new Map<number, { salt: Uint8Array; phi: unknown }>();
  for (const line of texts(path)) {
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch {
      row = undefined;
    }
    const { seq, salt, phi } = typeof row === "object" && row !== null ? (row as Record<string, unknown>) : {};
    const bytes = typeof salt === "string" ? fromBase64(salt) : undefined;
    rows.set(typeof seq === "number" ? seq : -1 - rows.size, { salt: bytes ?? new Uint8Array(0), phi });
  }
  return rows;
}

function* texts(path: string): Iterable<string> {
  for (const line of lines(path)) yield Buffer.from(line).toString("utf8");
}

/**
 * The bytes of each line without its line feed, also of a last one that has none. A line longer than any entry is cut
 * short, so that a file without line feeds cannot fill the memory; it is no entry either way.
 */
function* lines(path: string): Iterable<Uint8Array> {
  const lineBytesMax = 4 * entryBytesMax;
  const file = openSync(path, "r");
  try {
    const chunk = Buffer.alloc(64 * 1024);
    let rest: Buffer[] = [];
    let restBytes = 0;
    for (;;) {
      const length = readSync(file, chunk);
      if (length === 0) break;
      let from = 0;
      for (;;) {
        const end = chunk.subarray(0, length).indexOf(0x0a, from);
        const part = Buffer.from(chunk.subarray(from, end < 0 ? length : end));
        if (restBytes < lineBytesMax) rest.push(part);
        restBytes += part.length;
        if (end < 0) break;
        yield new Uint8Array(Buffer.concat(rest));
        rest = [];
        restBytes = 0;
        from = end + 1;
      }
    }
    if (restBytes > 0) yield new Uint8Array(Buffer.concat(rest));
  } finally {
    closeSync(file);
  }
}
