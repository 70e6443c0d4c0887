import { parentPort } from "node:worker_threads";
import { readCleanEntries, readCleanRows } from "../../edge-agent/audit/clean-walk.ts";
import { rowOf } from "../../edge-agent/records/read-export.ts";
import { linesOf, readPart, type Slice } from "./slices.ts";

/* Reads one slice of a file after the other; answers undefined where anything in it is in doubt. */

function readSlice({ file, from, to, kind }: Slice) {
  const lines = linesOf(readPart(file, from, to));
  if (kind === "entries") return readCleanEntries(lines);
  return readCleanRows(lines.map((line) => rowOf(Buffer.from(line.buffer, line.byteOffset, line.length).toString())));
}

parentPort?.on("message", (slice: Slice) => {
  const clean = readSlice(slice);
  const [more] = clean === undefined ? [] : "leaves" in clean ? [clean.leaves] : [clean.seqs];
  const moved = clean === undefined || more === undefined ? [] : [clean.commitments.buffer, more.buffer];
  parentPort?.postMessage(clean, moved as ArrayBuffer[]);
});
