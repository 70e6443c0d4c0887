import "../trial-data-key.ts";
import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readVkey, type Vkey } from "../../edge-agent/audit/note.ts";
import type { AuditIntent } from "../../edge-agent/contract/door.ts";
import { exportLog } from "../../edge-agent/records/export-log.ts";
import { openWard } from "../../edge-agent/records/open-ward.ts";

export interface MadeLog {
  readonly dir: string;
  readonly vkey: Vkey;
}

export const trialKey = (): { privateKey: KeyObject; publicKey: KeyObject } => generateKeyPairSync("ed25519");

/** Exports a log of so many entries, a third of them with personal data, signed every hundred. */
export function makeLog(folder: string, entries: number): MadeLog {
  const database = join(folder, "ward.sqlite");
  const key = trialKey();
  const start = Date.UTC(2026, 10, 22);
  const stampOf = (n: number) => ({ utcMs: start + n * 100, monoNs: BigInt(n) * 100_000_000n });
  const records = openWard(database, {
    domain: "w7.example",
    key,
    boot: randomUUID(),
    cfgSha256: "c".repeat(64),
    modelSha256: null,
    stamp: stampOf(0),
  });
  for (let from = 0; from < entries; from += 100) {
    const some = Array.from({ length: Math.min(100, entries - from) }, (_, n) => intentOf(from + n));
    records.commit(some, [], stampOf(from));
    records.checkpointIfDirty();
  }
  records.close();
  const dir = join(folder, "export");
  exportLog(database, dir, { personalData: "included" });
  const vkey = readVkey(readFileSync(join(dir, "vkey.txt"), "utf8"));
  if (vkey === undefined) throw new Error("the export names no key");
  return { dir, vkey };
}

const intentOf = (n: number): AuditIntent => ({
  action: "page.open",
  actor: { kind: "staff", id: "7b1c9c0a6a63", name: "Sam Reed", role: "nurse" },
  outcome: 0,
  detail: { bed: `room-${(n % 20) + 1}`, purposeOfEvent: "TREAT" },
  phi: n % 3 === 0 ? { stay: `stay-${n % 20}` } : null,
});
