import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { fromBase64 } from "../audit/base64.ts";
import { canonical } from "../audit/canonical.ts";
import { entryBytesMax } from "../audit/entry.ts";
import type { LogExport, PersonalRow } from "../audit/verify.ts";
import { checkpointSeparator, exportFiles } from "./export-files.ts";

/** Whether a folder looks like an export of one log, or like what somebody left of one. */
export const isExport = (dir: string): boolean =>
  Object.values(exportFiles).some((file) => existsSync(join(dir, file)));

/**
 * The files of an export for the verifier. Entries and hashes are read as they are asked for, so that a long log does
 * not have to fit in memory. Throws only where the file system does; what the files say is for the verifier to judge.
 */
export function readExport(dir: string): LogExport {
  const [entries, hashes] = [join(dir, exportFiles.entries), join(dir, exportFiles.hashes)];
  const [checkpoints, phi] = [join(dir, exportFiles.checkpoints), join(dir, exportFiles.phi)];
  return {
    // Without these two files nothing is there or nothing is signed, and the verifier says so.
    entries: existsSync(entries) ? lines(entries) : [],
    checkpoints: existsSync(checkpoints) ? readNotes(readFileSync(checkpoints, "utf8")) : [],
    storedHashes: existsSync(hashes) ? texts(hashes) : undefined,
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
  for (const line of text === "" ? [] : text.split(/(?<=\n)/)) {
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
 * A line that is not exactly a row's canonical form is given as a row of no entry: a second member of the same name, or
 * one more, would show a reader what was not checked.
 */
function* readPhi(path: string): Iterable<PersonalRow> {
  for (const line of texts(path)) yield rowOf(line) ?? { seq: null, salt: new Uint8Array(0), phi: null };
}

/** Undefined for what is not exactly what an export writes. */
export function rowOf(line: string): PersonalRow | undefined {
  try {
    const row: unknown = JSON.parse(line);
    if (typeof row !== "object" || row === null) return undefined;
    const { seq, salt, phi } = row as Record<string, unknown>;
    const bytes = typeof salt === "string" ? fromBase64(salt) : undefined;
    if (typeof seq !== "number" || bytes === undefined || canonical({ seq, salt, phi }) !== line) return undefined;
    return { seq, salt: bytes, phi };
  } catch {
    // Not JSON, or no canonical form.
    return undefined;
  }
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
        if (end >= 0 && restBytes === 0) {
          yield Uint8Array.prototype.slice.call(chunk, from, end);
          from = end + 1;
          continue;
        }
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
