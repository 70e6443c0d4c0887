import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type DataLock =
  /** `afterCrash`: the one before was killed, or the power was cut. */
  | { readonly is: "held"; readonly afterCrash: boolean; release(): void }
  | { readonly is: "taken"; readonly pid: number; readonly path: string };

/**
 * One supervisor over one data folder: two would both write the same databases. The file names a process by its id and its
 * start time, so that a file left by a power cut does not lock out whoever got the same id later.
 */
export function lockData(dataDir: string): DataLock {
  const path = join(dataDir, "supervisor.lock");
  const mine = `${process.pid} ${startOf(process.pid) ?? ""}\n`;
  const temporary = join(dataDir, `.lock-${randomBytes(4).toString("hex")}`);
  writeFileSync(temporary, mine, { flag: "wx", mode: 0o600 });
  let afterCrash = false;
  try {
    for (;;) {
      if (link(temporary, path)) return { is: "held", afterCrash, release: () => releaseIfMine(path, mine) };
      const held = read(path);
      if (held !== undefined && isAlive(held.pid, held.start)) return { is: "taken", pid: held.pid, path };
      remove(path);
      afterCrash = true;
    }
  } finally {
    remove(temporary);
  }
}

function releaseIfMine(path: string, mine: string): void {
  try {
    if (readFileSync(path, "utf8") === mine) unlinkSync(path);
  } catch {
    // Gone already: nothing to give back.
  }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") return false;
    throw cause;
  }
}

function read(path: string): { pid: number; start: string } | undefined {
  try {
    const [pid = "", start = ""] = readFileSync(path, "utf8").trim().split(" ");
    return /^\d+$/.test(pid) ? { pid: Number(pid), start } : undefined;
  } catch {
    return undefined;
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another start removed it first.
  }
}

function isAlive(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // EPERM: it lives and belongs to somebody else.
    if (!(cause instanceof Error && "code" in cause && cause.code === "EPERM")) return false;
  }
  const now = startOf(pid);
  return now === undefined || start === "" || now === start;
}

/** Start time in ticks since boot (proc(5), field 22 of stat; the name in field 2 may hold spaces); undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
