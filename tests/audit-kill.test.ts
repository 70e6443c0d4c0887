import { spawn } from "node:child_process";
import { createPublicKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readEntry } from "../edge-agent/audit/entry.ts";
import { vkeyOf } from "../edge-agent/audit/note.ts";
import { verifyLog } from "../edge-agent/audit/verify.ts";
import { exportLog } from "../edge-agent/records/export-log.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { openWard } from "../edge-agent/records/open-ward.ts";
import { readExport } from "../edge-agent/records/read-export.ts";

const child = fileURLToPath(new URL("audit-append-child.ts", import.meta.url));
const { privateKey } = generateKeyPairSync("ed25519");
const publicKey = createPublicKey(privateKey);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-kill-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Lets the child commit until it has acknowledged so many, kills it without a word, and returns the last number it
 * told.
 */
async function appendAndKill(database: string, keyFile: string, acknowledgedMin: number): Promise<number> {
  const run = spawn(process.execPath, [child, database, keyFile], { stdio: ["ignore", "pipe", "pipe"] });
  const gone = once(run, "exit");
  let complaint = "";
  run.stderr.on("data", (chunk) => {
    complaint += String(chunk);
  });
  let last = 0;
  let count = 0;
  for await (const line of createInterface({ input: run.stdout })) {
    // A line may be cut by the kill: only a whole number is one that was told.
    if (/^\d+$/.test(line)) last = Number(line);
    count += 1;
    if (count === acknowledgedMin) run.kill("SIGKILL");
  }
  await gone;
  expect(run.signalCode, complaint).toBe("SIGKILL");
  return last;
}

it("kill -9 while writing loses nothing that was acknowledged, and the log stays whole", async () => {
  const database = join(folder, "ward.sqlite");
  const keyFile = join(folder, "key.pem");
  writeFileSync(keyFile, privateKey.export({ type: "pkcs8", format: "pem" }));
  for (const [round, acknowledgedMin] of [1, 7, 23, 40].entries()) {
    const acknowledged = await appendAndKill(database, keyFile, acknowledgedMin);
    expect(acknowledged).toBeGreaterThan(round);

    // Reopening checks the whole log and throws where it is damaged.
    const records = openWard(database, {
      domain: "w7.example",
      key: { privateKey, publicKey },
      boot: randomUUID(),
      cfgSha256: null,
      modelSha256: null,
      stamp: { utcMs: Date.now(), monoNs: process.hrtime.bigint() },
    });
    const stored = records.restoreRoom("room-1").leaseNumber;
    expect(stored).toBeGreaterThanOrEqual(acknowledged);
    const out = join(folder, `out-${round}`);
    records.close();
    exportLog(database, out, { personalData: "left-out" });

    const log = readExport(out);
    const entries = [...log.entries];
    const numbers = entries.flatMap((bytes) => {
      const read = readEntry(bytes);
      // Each run says first what the killed one before it had not signed.
      if (read.ok && read.entry.action === "audit.unsigned") return [];
      return [read.ok ? read.entry.detail.number : read.words];
    });
    // Entry and row of one commit are both there or neither: the row's number is that of the last entry.
    expect(numbers).toEqual(Array.from({ length: stored }, (_, index) => index + 1));
    const origin = `w7.example/audit/${new Date().getUTCFullYear()}`;
    const verdict = verifyLog({ ...log, entries }, { vkeys: [vkeyOf(origin, publicKey)], known: [] });
    expect(verdict.faults).toEqual([]);
    const db = openForReading(database);
    expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
    db.close();
  }
});
