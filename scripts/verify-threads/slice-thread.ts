import { parentPort } from "node:worker_threads";
import { readSlice, type Slice } from "./slices.ts";

/* Reads one slice of a file after the other; answers undefined where anything in it is in doubt. */

parentPort?.on("message", (slice: Slice) => {
  const clean = readSlice(slice);
  const moved =
    clean === undefined ? [] : [clean.commitments.buffer, "leaves" in clean ? clean.leaves.buffer : clean.seqs.buffer];
  parentPort?.postMessage(clean, moved as ArrayBuffer[]);
});
