import type Database from "better-sqlite3";
import type { Vkey } from "../audit/note.ts";
import { type Policy, quorumOf } from "../audit/policy.ts";
import { verifyLog } from "../audit/verify.ts";
import type { Verification, WitnessSeen } from "../contract/audit-policy.ts";
import { askWitness, type Witness } from "./ask-witness.ts";
import { openForReading } from "./open.ts";
import { newestCheckpoint, readStoredLog } from "./stored-log.ts";
import { WatchStore, watchFileOf } from "./watch-store.ts";

/** One log seen from beside it, by another process than its writer: shown to witnesses, and verified as a whole. */
export class WatchedLog {
  private readonly file: string;
  private readonly vkeys: readonly Vkey[];
  private open: { readonly db: Database.Database; readonly store: WatchStore } | undefined;

  /** @param vkeys of the log, from its key file and not from its database. */
  constructor(file: string, vkeys: readonly Vkey[]) {
    this.file = file;
    this.vkeys = vkeys;
  }

  /** All witnesses are shown the same checkpoint. Empty while nothing is signed. Throws StoreError for a log that cannot be read. */
  async show(witnesses: readonly Witness[], policy: Policy | null): Promise<WitnessSeen[]> {
    const { db, store } = this.opened();
    store.keepOnly(witnesses.map(({ name }) => name));
    const newest = newestCheckpoint(db);
    if (newest === undefined) return [];
    const seen = await Promise.all(witnesses.map((witness) => askWitness(db, store, witness, newest)));
    const cosigned = newest.note + store.linesAt(newest.size).join("");
    store.keepQuorum(policy === null ? null : quorumOf(cosigned, policy).met);
    return seen;
  }

  /**
   * Every entry, hash, commitment and signature up to the newest checkpoint, as `npm run audit:verify` does it with an export.
   * @param known checkpoints of this log that others kept.
   */
  verify(
    known: readonly string[],
    clock: { readonly utcMs: () => number; readonly monoMs: () => number },
  ): Verification {
    const { db, store } = this.opened();
    const from = clock.monoMs();
    const { ok, entries, faults } = db.transaction(() => verifyLog(readStoredLog(db), { vkeys: this.vkeys, known }))();
    const words = faults.length === 0 ? "" : `${faults[0]?.why}: ${faults[0]?.words}`;
    const verification = { atUtcMs: clock.utcMs(), tookMs: clock.monoMs() - from, entries, ok, words };
    store.keepVerification(verification);
    return verification;
  }

  close(): void {
    this.open?.db.close();
    this.open?.store.close();
    this.open = undefined;
  }

  private opened(): { readonly db: Database.Database; readonly store: WatchStore } {
    if (this.open === undefined) {
      const db = openForReading(this.file);
      this.open = { db, store: new WatchStore(watchFileOf(this.file)) };
    }
    return this.open;
  }
}
