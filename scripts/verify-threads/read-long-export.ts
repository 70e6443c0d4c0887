import { existsSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { type CleanEntries, type CleanRows, CleanWalk, lineBytes } from "../../edge-agent/audit/clean-walk.ts";
import type { LogExport, Walk } from "../../edge-agent/audit/verify.ts";
import { exportFiles } from "../../edge-agent/records/export-files.ts";
import { readExport } from "../../edge-agent/records/read-export.ts";
import { readPart, readSlice, type Slice, slicesOf } from "./slices.ts";

export interface Threads {
  /** An export with fewer bytes of entries is read by the one thread that is here. */
  readonly longBytes: number;
  readonly sliceBytes: number;
  /** 0: the slices are read one after the other by the thread that is here. */
  readonly count: number;
}

const usual: Threads = { longBytes: 32 * 1024 * 1024, sliceBytes: 4 * 1024 * 1024, count: availableParallelism() };

/**
 * The files of an export for the verifier, as readExport gives them. Where it is long, all cores have read it, and found it clean
 * as far as that goes; at any doubt it is left to the verifier to read it in order.
 */
export async function readLongExport(dir: string, threads: Threads = usual): Promise<LogExport> {
  const entries = join(dir, exportFiles.entries);
  const log = readExport(dir);
  if (!existsSync(entries) || statSync(entries).size < threads.longBytes) return log;
  return { ...log, walked: await walk(dir, entries, threads) };
}

async function walk(dir: string, entriesFile: string, threads: Threads): Promise<Walk | undefined> {
  const [phi, hashes] = [join(dir, exportFiles.phi), join(dir, exportFiles.hashes)];
  const entries = slicesOf(entriesFile, "entries", threads.sliceBytes);
  const rows = existsSync(phi) ? slicesOf(phi, "rows", threads.sliceBytes) : [];
  if (entries === undefined || rows === undefined) return undefined;
  const clean = new CleanWalk();
  const cleanRows: CleanRows[] = [];
  const stored = existsSync(hashes) ? new StoredHashes(hashes) : undefined;
  const take = (answer: CleanEntries | CleanRows): boolean => {
    if ("leaves" in answer) return clean.add(answer) && stored?.areThose(clean) !== false;
    cleanRows.push(answer);
    return true;
  };
  const all = await inThreads([...entries, ...rows], threads.count, take);
  return all && stored?.end() !== false ? clean.finish(cleanRows) : undefined;
}

/** The file of stored hashes, held against the tree as it grows. */
class StoredHashes {
  private readonly file: string;
  private seen = 0;
  private bytes = 0;

  constructor(file: string) {
    this.file = file;
  }

  areThose(clean: CleanWalk): boolean {
    const bytes = (clean.hashes() - this.seen) * lineBytes;
    const those = clean.areHashLines(readPart(this.file, this.bytes, this.bytes + bytes), this.seen);
    this.seen = clean.hashes();
    this.bytes += bytes;
    return those;
  }

  end(): boolean {
    return statSync(this.file).size === this.bytes;
  }
}

/** Hands out the slices in order and takes the answers in the same order. False where one of them is in doubt; throws where a thread failed. */
async function inThreads(
  slices: readonly Slice[],
  count: number,
  take: (answer: CleanEntries | CleanRows) => boolean,
): Promise<boolean> {
  if (count === 0) {
    return slices.every((slice) => {
      const answer = readSlice(slice);
      return answer !== undefined && take(answer);
    });
  }
  const answers = new Map<number, CleanEntries | CleanRows>();
  let [given, taken] = [0, 0];
  const workers = Array.from(
    { length: Math.min(count, slices.length) },
    () => new Worker(new URL("./slice-thread.ts", import.meta.url)),
  );
  try {
    return await new Promise<boolean>((done, failed) => {
      if (slices.length === 0) done(true);
      for (const worker of workers) {
        let mine = given;
        const next = () => {
          mine = given;
          given += 1;
          if (mine < slices.length) worker.postMessage(slices[mine]);
        };
        worker.on("error", failed);
        worker.on("message", (answer: CleanEntries | CleanRows | undefined) => {
          if (answer === undefined) return done(false);
          answers.set(mine, answer);
          next();
          for (let ready = answers.get(taken); ready !== undefined; ready = answers.get(taken)) {
            answers.delete(taken);
            taken += 1;
            if (!take(ready)) return done(false);
          }
          if (taken === slices.length) done(true);
        });
        next();
      }
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
