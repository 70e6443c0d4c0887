import "../trial-data-key.ts";
import { spawnSync } from "node:child_process";
import type { KeyObject } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readEntry } from "../../edge-agent/audit/entry.ts";
import { vkeyOf } from "../../edge-agent/audit/note.ts";
import { verifyLog } from "../../edge-agent/audit/verify.ts";
import { exportLog } from "../../edge-agent/records/export-log.ts";
import { openWard } from "../../edge-agent/records/open-ward.ts";
import { readExport } from "../../edge-agent/records/read-export.ts";
import { trialKey } from "./made-log.ts";

/*
 * A process that appends is killed (SIGKILL) at one place after the other: before and after each statement that writes, and at each
 * write and sync of the file that a commit makes (the kernel's calls, met by strace). After each round the database is opened again,
 * which derives the whole tree anew, and the export is verified.
 */

export interface KillRound {
  readonly round: number;
  readonly at: string;
  readonly acknowledged: number;
  readonly stored: number;
}

export class KillTrial {
  private readonly folder: string;
  private readonly database: string;
  private readonly keyFile: string;
  private readonly key: { readonly privateKey: KeyObject; readonly publicKey: KeyObject } = trialKey();
  private acknowledged = 0;

  constructor(folder: string) {
    this.folder = folder;
    this.database = join(folder, "ward.sqlite");
    this.keyFile = join(folder, "key.pem");
    writeFileSync(this.keyFile, this.key.privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    this.open().close();
  }

  /** One kill and what was found after it. Throws where an acknowledged entry is lost or the log is not whole. */
  round(round: number): KillRound {
    const inKernel = round % 2 === 1;
    const place = 1 + Math.floor(round / 2);
    const at = inKernel ? `call ${place} that writes or syncs` : `statement point ${place}`;
    this.append(inKernel ? 0 : place, inKernel ? place : 0);
    const stored = this.storedAfter(round);
    if (stored < this.acknowledged)
      throw new Error(`${at}: ${this.acknowledged} were acknowledged, ${stored} are here`);
    if (stored > this.acknowledged + 1) throw new Error(`${at}: ${stored} are here, told were ${this.acknowledged}`);
    const found = { round, at, acknowledged: this.acknowledged, stored };
    this.acknowledged = stored;
    return found;
  }

  private append(statementPoint: number, kernelCall: number): void {
    const child = fileURLToPath(new URL("append-child.ts", import.meta.url));
    const node = [process.execPath, child, this.database, this.keyFile, String(statementPoint)];
    // Only calls on the database's own files count; the first ones are those of opening it.
    const files = ["", "-wal", "-shm"].flatMap((end) => ["-P", `${this.database}${end}`]);
    const calls = "pwrite64,fdatasync,fsync";
    const inject = `inject=${calls}:signal=KILL:when=${kernelCall}`;
    const strace = ["strace", "-f", "-qq", "-o", "/dev/null", ...files, "-e", `trace=${calls}`, "-e", inject];
    const [program = "", ...args] = kernelCall === 0 ? node : [...strace, ...node];
    const ended = spawnSync(program, args, { encoding: "utf8" });
    if (ended.error !== undefined) throw ended.error;
    if (ended.signal !== "SIGKILL") throw new Error(`it was not killed: ${ended.status} ${ended.stderr}`);
    // A line may be cut by the kill: only a whole one was told.
    const told = ended.stdout
      .split("\n")
      .slice(0, -1)
      .filter((line) => /^\d+$/.test(line));
    this.acknowledged = Math.max(this.acknowledged, ...told.map(Number));
  }

  private storedAfter(round: number): number {
    // Opening derives the root from all entries and throws where it is not the one that was stored or signed.
    const records = this.open();
    const stored = records.restoreRoom("room-1").leaseNumber;
    records.close();
    if (stored === 0) return 0;
    const out = join(this.folder, `out-${round}`);
    exportLog(this.database, out, { personalData: "included" });
    const log = readExport(out);
    const entries = [...log.entries];
    const vkey = vkeyOf(`w7.example/audit/${new Date().getUTCFullYear()}`, this.key.publicKey);
    const verdict = verifyLog({ ...log, entries }, { vkeys: [vkey], known: [] });
    if (!verdict.ok) throw new Error(`round ${round}: ${verdict.faults[0]?.words ?? "not whole"}`);
    const numbers = entries.flatMap((bytes) => {
      const read = readEntry(bytes);
      return read.ok && typeof read.entry.detail.number === "number" ? [read.entry.detail.number] : [];
    });
    // Entry and row of one commit are both there or neither.
    if (numbers.length !== stored || numbers.some((number, place) => number !== place + 1)) {
      throw new Error(`round ${round}: the entries tell of ${numbers.length} commits, the rows of ${stored}`);
    }
    rmSync(out, { recursive: true });
    return stored;
  }

  private open() {
    const utcMs = Date.now();
    return openWard(this.database, {
      domain: "w7.example",
      key: this.key,
      boot: crypto.randomUUID(),
      cfgSha256: null,
      modelSha256: null,
      stamp: { utcMs, monoNs: process.hrtime.bigint() },
    });
  }
}
