import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { AuditIntent } from "../contract/door.ts";
import type { Log } from "../platform/log.ts";
import { packagesListName } from "./package-files.ts";
import type { PackagesWork } from "./packages-worker.ts";

/** After each MiB: 400 MB take some 10 s of a processor, spread over half a minute. */
const restMs = 20;

interface Watched {
  /** Of the program. */
  readonly root: string;
  readonly configFile: string;
  /** Number of the signed release; null: none is asked for, and nothing is read. */
  readonly release: number | null;
  readonly write: (entry: AuditIntent) => void;
  readonly log: Log;
}

/**
 * Whether the packages are those that were signed, read once after each start, in a thread and with pauses: a start waits for none of it.
 * What differs is an entry of the log, an error for the engineer, and stays in `differing` for the pages.
 */
export class PackagesWatch {
  /** In words; empty: nothing that is known. */
  differing: readonly string[] = [];
  private readonly watched: Watched;
  private worker: Worker | undefined;

  constructor(watched: Watched) {
    this.watched = watched;
  }

  start(): void {
    const { root, configFile, release, log } = this.watched;
    if (release === null) return;
    const file = join(dirname(configFile), packagesListName);
    if (!existsSync(file)) {
      log.warn({ file }, "this release was signed without its packages: sign it again (npm run release:sign)");
      return;
    }
    const workerData: PackagesWork = { root, list: readFileSync(file, "utf8"), restMs };
    const worker = new Worker(new URL("packages-worker.ts", import.meta.url), { workerData });
    worker.unref();
    this.worker = worker;
    worker.on("message", (differing: string[]) => this.found(differing));
    worker.on("error", (cause) => this.found([`the packages cannot be read: ${String(cause)}`]));
  }

  async stop(): Promise<void> {
    await this.worker?.terminate();
  }

  private found(differing: readonly string[]): void {
    const { release, log, write } = this.watched;
    this.differing = differing;
    if (differing.length === 0) {
      log.info({ release }, "every file of the packages is as it was signed");
      return;
    }
    log.error(
      { release, differing },
      "packages are not what was signed: somebody changed this program; put the release in again",
    );
    try {
      write({
        action: "release.changed",
        actor: { kind: "system", part: "agent" },
        outcome: 8,
        detail: { release, differing: [...differing] },
        phi: null,
      });
    } catch (cause) {
      log.error({ cause: String(cause) }, "changed packages could not be written into the log");
    }
  }
}
