import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Log } from "./log.ts";

/*
 * Where the system may write this process's memory, which holds names and what sensors see: a core dump after a crash, and swap.
 * Linux only (proc(5)); elsewhere nothing can be said.
 */

/** The soft limit of "Max core file size" in /proc/PID/limits, as it stands there; undefined: not in it. */
export const coreLimitIn = (limits: string): string | undefined => /^Max core file size\s+(\S+)/m.exec(limits)?.[1];

/** Names of what is swapped to, from /proc/swaps: a line of titles, then one line each. */
export const swapsIn = (swaps: string): string[] =>
  swaps
    .split("\n")
    .slice(1)
    .flatMap((line) => line.trim().split(/\s+/)[0] || []);

/** Turns core dumps of this process off, and says what is left open. Returns the log. */
export function keepMemoryOffDisk(log: Log): Log {
  if (process.platform !== "linux") return log;
  if (coreLimit() !== "0") {
    // A process cannot set its own limits from JavaScript: util-linux does it from outside.
    spawnSync("prlimit", ["--core=0", "--pid", String(process.pid)], { timeout: 5_000 });
  }
  const limit = coreLimit();
  if (limit !== "0") {
    log.warn(
      { limit },
      "core dumps are on: a crash would write names and readings to the disk; use LimitCORE=0 or ulimit -c 0",
    );
  }
  const swaps = swapsIn(readOr("/proc/swaps"));
  if (swaps.length > 0) {
    log.warn(
      { swaps },
      "swap is on: memory with names and readings may be written there; turn it off, or keep it encrypted",
    );
  }
  return log;
}

const coreLimit = (): string | undefined => coreLimitIn(readOr("/proc/self/limits"));

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
