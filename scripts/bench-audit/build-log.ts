import "../trial-data-key.ts";
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { join } from "node:path";
import type { AuditIntent } from "../../edge-agent/contract/door.ts";
import { AuditStore, type AuditStoreOptions } from "../../edge-agent/records/audit-store.ts";
import { openSealedForWriting } from "../../edge-agent/records/open.ts";
import { wardMigrations } from "../../edge-agent/records/ward-schema.ts";

export const benchOrigin = "bench.example/audit";

export interface BenchKey {
  readonly options: AuditStoreOptions;
  readonly publicKey: KeyObject;
}

export function newBenchKey(): BenchKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const boot = randomUUID();
  const options: AuditStoreOptions = {
    origin: benchOrigin,
    boot,
    cfgSha256: null,
    modelSha256: null,
    sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
    publicKey,
  };
  return { options, publicKey };
}

const actions = ["page.open", "check.record", "alert.raise", "consent.grant", "sensor.state"] as const;
/** Like what a ward writes: most are small, every fourth speaks of a person. */
export const benchIntent = (n: number): AuditIntent => ({
  action: actions[n % actions.length] ?? "page.open",
  actor: { kind: "staff", id: "7b1c9c0a6a634f9e9d546a3b7f1f2c11", name: "Sam Reed", role: "nurse" },
  outcome: 0,
  detail: { bed: `room-${(n % 20) + 1}`, page: "/person/room-1", purposeOfEvent: "TREAT" },
  phi: n % 4 === 0 ? { stay: `stay-${n % 20}` } : null,
});

/**
 * A log that grows in one file, thousands of entries a transaction: what is measured is reading it. The sync to the disk is
 * off while it grows, and said so by whoever calls it.
 */
export class GrowingLog {
  readonly path: string;
  private readonly db;
  private readonly store;
  private utcMs = Date.UTC(2026, 0, 1);

  constructor(folder: string, { options }: BenchKey) {
    this.path = join(folder, "ward.sqlite");
    this.db = openSealedForWriting(this.path, wardMigrations);
    this.db.pragma("synchronous = OFF");
    this.store = new AuditStore(this.db, options);
    this.store.checkOnStart();
  }

  get size(): number {
    return this.store.size();
  }

  growTo(size: number): void {
    for (let done = this.size; done < size; ) {
      const until = Math.min(size, done + 5_000);
      this.db.transaction(() => {
        for (; done < until; done += 1) {
          this.utcMs += 100;
          this.store.append(benchIntent(done), { utcMs: this.utcMs, monoNs: BigInt(done) * 100_000_000n });
        }
      })();
      this.store.checkpoint();
    }
  }

  close(): void {
    this.db.close();
  }
}
