import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/* Which files a process writes, as the kernel saw it (strace): what was there and has gone as well. */

const writing = /\b(?:openat|open|creat)\((?:AT_FDCWD, )?"([^"]+)"(?:, ([A-Z_|]+))?.*\) = \d+/;
const naming = /\b(?:rename|renameat2?|link|linkat)\(.*"([^"]+)"[^"]*\) = 0/;
const inMemory = /\bmemfd_create\("([^"]*)"/;
/** No files: what the kernel answers, terminals, and nothing. */
const noFile = /^\/(?:proc|sys|dev\/(?:null|tty|pts|urandom|random))(?:\/|$)/;

/** Paths that a line of strace says were written, or could have been. @param from relative paths begin here. */
export function writtenIn(line: string, from: string): string[] {
  const opened = writing.exec(line);
  const made = line.includes("creat(") || /O_WRONLY|O_RDWR|O_CREAT/.test(opened?.[2] ?? "");
  const paths = [made ? opened?.[1] : undefined, naming.exec(line)?.[1]].filter((path) => path !== undefined);
  const memory = inMemory.exec(line);
  if (memory !== null) paths.push(`/memfd:${memory[1]}`);
  return paths.map((path) => (isAbsolute(path) ? path : join(from, path))).filter((path) => !noFile.test(path));
}

export class TracedFiles {
  private readonly folder: string;
  private readonly from: string;
  private readonly tracers = new Map<ChildProcess, string>();
  private readonly held = new Set<string>();

  /** @param folder of the traces themselves */
  constructor(folder: string, from: string) {
    this.folder = folder;
    this.from = from;
  }

  /** From now on; what it has open already counts. Rejects where the system forbids it. */
  async follow(pid: number): Promise<void> {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const path = linkOf(`/proc/${pid}/fd/${fd}`);
      if (path?.startsWith("/") === true && !noFile.test(path)) this.held.add(path.replace(/ \(deleted\)$/, ""));
    }
    const out = join(this.folder, `trace-${pid}-${this.tracers.size}`);
    const calls = "trace=open,openat,creat,rename,renameat,renameat2,link,linkat,memfd_create";
    const tracer = spawn("strace", ["-f", "-ttt", "-s", "4096", "-e", calls, "-o", out, "-p", String(pid)], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.tracers.set(tracer, out);
    await new Promise<void>((resolve, reject) => {
      let said = "";
      tracer.stderr?.on("data", (bytes: Buffer) => {
        said += bytes.toString();
        if (said.includes("attached")) resolve();
      });
      tracer.once("error", (cause) => reject(new Error("strace is missing: apt-get install strace", { cause })));
      tracer.once("exit", () => reject(new Error(`strace could not follow ${pid}: ${said.trim()}`)));
    });
  }

  async stop(): Promise<void> {
    for (const tracer of this.tracers.keys()) {
      if (tracer.exitCode !== null || tracer.signalCode !== null) continue;
      const gone = new Promise((resolve) => tracer.once("exit", resolve));
      tracer.kill("SIGINT");
      await gone;
    }
  }

  /** Each path, and when it was last opened for writing, ms since 1970; 0: before it was followed. */
  paths(): Map<string, number> {
    const paths = new Map([...this.held].map((path) => [path, 0]));
    for (const out of this.tracers.values()) {
      for (const line of readFileSync(out, "utf8").split("\n")) {
        const atMs = 1_000 * Number(/^\d+\s+(\d+\.\d+) /.exec(line)?.[1] ?? Number.NaN);
        for (const path of writtenIn(line, this.from)) paths.set(path, Math.max(atMs, paths.get(path) ?? 0));
      }
    }
    return paths;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
