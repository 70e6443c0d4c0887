import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readVkey } from "../../edge-agent/audit/note.ts";
import { verifyExports } from "../../edge-agent/audit/verify-exports.ts";
import { exportFiles } from "../../edge-agent/records/export-files.ts";
import { readExport } from "../../edge-agent/records/read-export.ts";
import type { MadeLog } from "./made-log.ts";

export interface Flip {
  readonly file: string;
  readonly byte: number;
  readonly bit: number;
}

/** Every `every`-th byte of every file of an export, each with one bit that the place decides, so that a run can be repeated. */
export function* flipsOf(dir: string, every: number, from = 0): Generator<Flip> {
  for (const file of readdirSync(dir).toSorted()) {
    const bytes = readFileSync(join(dir, file)).length;
    for (let byte = from % every; byte < bytes; byte += every) yield { file, byte, bit: (byte * 5 + 3) % 8 };
  }
}

/** The flips that the verifier, which has the key by another way, did not refuse. */
export function accepted({ dir, vkey }: MadeLog, scratch: string, flips: Iterable<Flip>): Flip[] {
  mkdirSync(scratch, { recursive: true });
  const whole = new Map(readdirSync(dir).map((file) => [file, readFileSync(join(dir, file))]));
  for (const [file, bytes] of whole) writeFileSync(join(scratch, file), bytes);
  const passed: Flip[] = [];
  for (const flip of flips) {
    const bytes = whole.get(flip.file);
    if (bytes === undefined) throw new Error(`no file ${flip.file}`);
    const changed = Buffer.from(bytes);
    changed[flip.byte] = (changed[flip.byte] ?? 0) ^ (1 << flip.bit);
    writeFileSync(join(scratch, flip.file), changed);
    if (verifies(scratch, vkey)) passed.push(flip);
    writeFileSync(join(scratch, flip.file), bytes);
  }
  return passed;
}

/** As npm run audit:verify -- DIR --key FILE. */
export function verifies(dir: string, vkey: MadeLog["vkey"]): boolean {
  const key = readVkey(readFileSync(join(dir, exportFiles.vkey), "utf8"));
  const named = key === undefined ? [] : [key];
  return verifyExports([{ folder: dir, log: readExport(dir), named }], [vkey], []).ok;
}
