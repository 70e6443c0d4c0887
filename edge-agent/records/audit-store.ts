import { type KeyObject, randomBytes } from "node:crypto";
import type Database from "better-sqlite3";
import { canonicalBytes, NotCanonical } from "../audit/canonical.ts";
import { openCheckpoint, signCheckpoint } from "../audit/checkpoint.ts";
import { commitment, saltBytes } from "../audit/commitment.ts";
import { makeEntry, type Provenance, readEntry } from "../audit/entry.ts";
import { handoverIntent, keyChain } from "../audit/key-handover.ts";
import { type HashReader, hashesToAppend, leafHash, rootOf, sameHash, storedHashIndex } from "../audit/merkle.ts";
import { readVkey, type Signer, type Vkey, vkeyOf, writeVkey } from "../audit/note.ts";
import { backwardsMsMax } from "../audit/order.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { AuditIntent } from "../contract/door.ts";
import { checkStoredLog } from "./check-log.ts";
import { storedHandovers } from "./key-rotation.ts";
import { cutEntry } from "./sealed-entry.ts";
import { insertSealed, keysOf } from "./sealed-tables.ts";
import { asStoreError, StoreError } from "./store-error.ts";

export interface AuditStoreOptions extends Provenance {
  /**
   * Name of the log and of its key, such as `w7.rxx01.example.nhs.uk/audit/2026`; the same for the life of the
   * database.
   */
  readonly origin: string;
  /** Ed25519 with the private half of `publicKey`. */
  readonly sign: Signer;
  readonly publicKey: KeyObject;
}

interface LastEntry extends Stamp {
  readonly boot: string;
}

const unsignedFound = (from: number, to: number): AuditIntent => ({
  action: "audit.unsigned",
  actor: { kind: "system", part: "audit" },
  outcome: 4,
  detail: { from, to },
  phi: null,
});

const clockStep = (behindMs: number): AuditIntent => ({
  action: "clock.step",
  actor: { kind: "system", part: "audit" },
  outcome: 4,
  detail: { behindPreviousEntryMs: Math.round(behindMs) },
  phi: null,
});

/** Only around the making of an entry: elsewhere a RangeError is a bug of ours. */
function orRefused<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof NotCanonical || cause instanceof RangeError)) throw cause;
    throw new StoreError("refused", cause.message, cause);
  }
}

/**
 * The append-only log in a database that has the tables of audit-schema.ts. `append` belongs into the caller's
 * transaction, beside the rows that the entry explains, so that after a power cut both are there or neither.
 */
export class AuditStore {
  private readonly db: Database.Database;
  private readonly options: AuditStoreOptions;
  /** Entries of an earlier run that nobody had signed: between a power cut and this start anybody could have added them. */
  private unsigned: { readonly from: number; readonly to: number } | undefined;
  /** All that the log had, the one that signs now last. */
  private keys: readonly Vkey[] = [];
  private readonly prepared = new Map<string, Database.Statement>();

  constructor(db: Database.Database, options: AuditStoreOptions) {
    this.db = db;
    this.options = options;
  }

  /** Number of entries. */
  size(): number {
    return this.number("SELECT coalesce(max(idx) + 1, 0) FROM main.entry");
  }

  /** Number of entries that the newest checkpoint signs; 0 before the first. */
  signedSize(): number {
    return this.number("SELECT coalesce(max(size), 0) FROM checkpoint");
  }

  /**
   * Appends the entry of an intent and returns its number. Needs a transaction. Throws StoreError: "refused" for what no
   * entry can hold, so that a caller can tell "never" from "not on this disk".
   *
   * No time in the log goes back without a word. An event that waited while a later one was written gets the time of
   * the entry before it and says in `detail.happenedAt` when it happened; where UTC itself went back by more than 2 s,
   * an entry "clock.step" is written first. The first entry of a run that found unsigned ones is "audit.unsigned".
   */
  append(intent: AuditIntent, stamp: Stamp): number {
    return asStoreError("cannot append to the audit log", () => {
      if (Number.isNaN(new Date(stamp.utcMs).getTime())) {
        throw new StoreError("refused", `no moment that can be written down: ${stamp.utcMs}`);
      }
      if (!this.db.inTransaction) {
        throw new Error("an audit entry is appended inside the transaction of what it explains");
      }
      let last = this.lastEntry();
      if (this.unsigned !== undefined && last !== undefined && last.boot !== this.options.boot) {
        const { from, to } = this.unsigned;
        this.unsigned = undefined;
        this.append(unsignedFound(from, to), stamp);
        this.unsigned = { from, to };
        last = this.lastEntry();
      }
      if (last === undefined || intent.action === "clock.step") return this.write(intent, this.notBefore(last, stamp));
      const waited = last.boot === this.options.boot && stamp.monoNs < last.monoNs;
      const behindMs = last.utcMs - Math.floor(stamp.utcMs);
      if (behindMs > backwardsMsMax && !waited) {
        this.write(clockStep(behindMs), stamp);
        return this.write(intent, stamp);
      }
      if (behindMs <= 0) return this.write(intent, this.notBefore(last, stamp));
      const detail = { ...intent.detail, happenedAt: new Date(stamp.utcMs).toISOString() };
      return this.write({ ...intent, detail }, { ...this.notBefore(last, stamp), utcMs: last.utcMs });
    });
  }

  /**
   * Signs the log as it stands and returns the note once it is on the disk. A size is signed once: asked again, the
   * stored note comes back. Undefined for an empty log. Call it outside a transaction: what is signed must not be
   * rolled back.
   */
  checkpoint(): string | undefined {
    return asStoreError("cannot store a checkpoint", () => {
      if (this.db.inTransaction) throw new Error("a checkpoint is signed after the commit, never inside a transaction");
      const size = this.size();
      if (size === 0) return undefined;
      const root = rootOf(size, this.readHash);
      const kept = this.statement("SELECT note FROM checkpoint WHERE size = ?").pluck().get(size);
      if (typeof kept === "string") {
        this.insistOn(kept, size, root);
        return kept;
      }
      if (this.signedSize() > size) throw new StoreError("log-damaged", `fewer entries (${size}) than were signed`);
      const note = signCheckpoint(size, root, this.vkey(), this.options.sign);
      // A signature that its own public key does not accept would be found out only by the auditor.
      this.insistOn(note, size, root);
      this.statement("INSERT INTO checkpoint (size, note) VALUES (?, ?)").run(size, note);
      return note;
    });
  }

  /**
   * To be called once, before anything is appended: derives the end of the tree again from its entries and holds it against the
   * stored hashes and checkpoints (check-log.ts). Throws StoreError "log-damaged" naming the place, or "refused" where the database
   * belongs to another origin or key.
   *
   * @param lost the key that signs now is not the one that the log was handed to, because that one was lost: said in an entry
   */
  checkOnStart(lost: { readonly reason: string; readonly stamp: Stamp } | null = null): void {
    asStoreError("cannot check the audit log", () => {
      const { origin } = this.options;
      const vkey = writeVkey(this.vkey());
      this.statement("INSERT INTO log_identity (one, origin, vkey) VALUES (1, ?, ?) ON CONFLICT DO NOTHING").run(
        origin,
        vkey,
      );
      const identity = this.statement("SELECT origin, vkey FROM log_identity").get() as {
        origin: string;
        vkey: string;
      };
      const first = readVkey(identity.vkey);
      if (first === undefined) throw new StoreError("log-damaged", "the database does not say whose log it is");
      this.keys = keyChain(first, storedHandovers(this.db));
      const current = this.keys.at(-1) ?? first;
      if (identity.origin !== origin || (writeVkey(current) !== vkey && lost === null)) {
        throw new StoreError("refused", `this log is ${writeVkey(current)}, and the key given is ${vkey}`);
      }
      checkStoredLog(this.db, this.keys);
      const [signed, size] = [this.signedSize(), this.size()];
      this.unsigned = signed < size ? { from: signed, to: size - 1 } : undefined;
      if (lost === null) return;
      const intent = handoverIntent(current, this.vkey(), this.options.sign, lost.reason);
      this.db.transaction(() => this.append(intent, lost.stamp)).immediate();
      this.keys = [...this.keys, this.vkey()];
    });
  }

  private write(intent: AuditIntent, stamp: Stamp): number {
    const seq = this.size();
    const salt = intent.phi === null ? null : new Uint8Array(randomBytes(saltBytes));
    const data = orRefused(() => {
      const subj = salt === null ? null : commitment(intent.phi, salt, seq);
      return makeEntry(intent, seq, stamp, this.options, subj);
    });
    const cut = cutEntry(keysOf(this.db), data, seq);
    this.statement("INSERT INTO main.entry (idx, data, who) VALUES (?, ?, ?)").run(seq, cut.data, cut.who);
    const first = storedHashIndex(0, seq);
    const insertHash = this.statement("INSERT INTO hash (idx, h) VALUES (?, ?)");
    for (const [level, hash] of hashesToAppend(seq, leafHash(data), this.readHash).entries()) {
      insertHash.run(first + level, hash);
    }
    if (salt !== null) {
      insertSealed(this.db, "phi", { seq, salt, blob: canonicalBytes(intent.phi) });
    }
    return seq;
  }

  private readonly readHash: HashReader = (index) => {
    const hash: unknown = this.statement("SELECT h FROM hash WHERE idx = ?").pluck().get(index);
    if (!(hash instanceof Uint8Array)) throw new StoreError("log-damaged", `stored hash ${index} is missing`);
    return hash;
  };

  /** Within one run the monotonic time of the entries never goes back. */
  private notBefore(last: LastEntry | undefined, stamp: Stamp): Stamp {
    if (last?.boot !== this.options.boot || last.monoNs <= stamp.monoNs) return stamp;
    return { ...stamp, monoNs: last.monoNs };
  }

  private lastEntry(): LastEntry | undefined {
    const data: unknown = this.statement("SELECT data FROM entry ORDER BY idx DESC LIMIT 1").pluck().get();
    if (!(data instanceof Uint8Array)) return undefined;
    const read = readEntry(data);
    if (!read.ok) throw new StoreError("log-damaged", `the last entry is ${read.why}`);
    const { t, mono, boot } = read.entry;
    return { utcMs: Date.parse(t), monoNs: BigInt(mono), boot };
  }

  private insistOn(note: string, size: number, root: Uint8Array): void {
    const opened = openCheckpoint(note, [...this.keys, this.vkey()]);
    if (!opened.ok) throw new StoreError("log-damaged", `the checkpoint of ${size} entries: ${opened.why}`);
    const { checkpoint } = opened;
    if (checkpoint.size === size && sameHash(checkpoint.root, root)) return;
    throw new StoreError("log-damaged", `the checkpoint of ${size} entries was signed for another root`);
  }

  private vkey(): Vkey {
    return vkeyOf(this.options.origin, this.options.publicKey);
  }

  private number(sql: string): number {
    const value: unknown = this.statement(sql).pluck().get();
    if (typeof value !== "number") throw new StoreError("damaged", `no number from ${sql}`);
    return value;
  }

  private statement(sql: string): Database.Statement {
    let statement = this.prepared.get(sql);
    if (statement === undefined) {
      statement = this.db.prepare(sql);
      this.prepared.set(sql, statement);
    }
    return statement;
  }
}
