import type Database from "better-sqlite3";
import type { AccessAsk } from "../contract/access.ts";
import type { AdvocateAsk } from "../contract/advocate.ts";
import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { AuditIntent, RoomRecord, StoreRow } from "../contract/door.ts";
import type { ErasureAsk } from "../contract/erasure.ts";
import type { Actor } from "../contract/people.ts";
import type { Refused } from "../contract/refused.ts";
import type { Purged, RetentionPolicy } from "../contract/retention.ts";
import type { RefusalReason, StaffRole } from "../contract/words.ts";
import { decideAccess } from "./access.ts";
import * as looks from "./advocate-looks.ts";
import { AuditStore, type AuditStoreOptions } from "./audit-store.ts";
import { setCharacteristics } from "./characteristics.ts";
import { eraseWords } from "./erasure.ts";
import { answerFeedback } from "./feedback-answers.ts";
import type { Append, Invitation } from "./invites.ts";
import { openSealedForWriting } from "./open.ts";
import * as people from "./people.ts";
import { RaisedLately } from "./raised-lately.ts";
import { readRoom } from "./restore-room.ts";
import { purge } from "./retention.ts";
import { StaffRecords } from "./staff-records.ts";
import { asStoreError, StoreError } from "./store-error.ts";
import { keepWallClock } from "./wall-clock.ts";
import { type AudioEntry, onDuty, readAudio, writeAudio } from "./ward-audio.ts";
import { writeRow } from "./ward-rows.ts";
import { wardMigrations } from "./ward-schema.ts";

/** Entries of these are signed at once: an alarm or a consent is what people will ask about. */
const signedAtOnce = ["alert.", "consent."];

/**
 * The ward's database: the store of the loop (WardStore of edge-agent/ports.ts) and the people who may use it. One
 * writer. Each change is one transaction with the audit entries that justify it.
 */
export class WardRecords {
  /** Accounts of staff. */
  readonly staff = new StaffRecords((work) => this.inTransaction(work));
  private readonly raised = new RaisedLately();
  private readonly path: string;
  private readonly options: AuditStoreOptions;
  private readonly timeZone: string | undefined;
  private open: { readonly db: Database.Database; readonly audit: AuditStore } | undefined;
  /**
   * After the disk failed nothing is known of what SQLite holds in memory: the file is read again before the next use.
   */
  private state: "closed" | "usable" | "failed" = "closed";

  /** `timeZone`: of the ward (IANA). Where it was never told, the store takes no fact of a consent with agreed hours. */
  constructor(path: string, options: AuditStoreOptions, timeZone?: string) {
    this.path = path;
    this.options = options;
    this.timeZone = timeZone;
  }

  /** Opens, migrates and checks the whole log. Throws StoreError; then it stays closed. */
  start(): void {
    const db = openSealedForWriting(this.path, wardMigrations);
    try {
      const { timeZone } = this;
      if (timeZone !== undefined) asStoreError("cannot keep the ward's clock", () => keepWallClock(db, timeZone));
      const audit = new AuditStore(db, this.options);
      audit.checkOnStart();
      this.raised.restore(db);
      this.open = { db, audit };
      this.state = "usable";
    } catch (cause) {
      db.close();
      throw cause;
    }
  }

  /** Signs what is not signed yet and closes. Closed twice is closed. */
  close(): void {
    const { open } = this;
    if (open === undefined) return;
    try {
      if (this.state === "usable") this.checkpointIfDirty();
    } finally {
      this.open = undefined;
      this.state = "closed";
      open.db.close();
    }
  }

  commit(intents: readonly AuditIntent[], rows: readonly StoreRow[], stamp: Stamp): void {
    this.inTransaction((db, append) => {
      for (const intent of intents) append(intent, stamp);
      for (const row of rows) writeRow(db, row);
    });
  }

  restoreRoom(bed: string): RoomRecord {
    return asStoreError(`cannot read ${bed}`, () => readRoom(this.usable().db, bed));
  }

  /** Signs the log where entries came since the last checkpoint. Called each second. Throws StoreError. */
  checkpointIfDirty(): void {
    const { audit } = this.usable();
    this.watched(() => {
      if (audit.size() > audit.signedSize()) audit.checkpoint();
    });
  }

  inviteStaff(who: { readonly name: string; readonly role: StaffRole; readonly by: Actor }, stamp: Stamp): Invitation {
    return this.inTransaction((db, append) => people.inviteStaff(db, append, who, stamp));
  }

  inviteBedside(where: { readonly bed: string; readonly by: Actor }, stamp: Stamp): Invitation | RefusalReason {
    return this.inTransaction((db, append) => people.inviteBedside(db, append, where, stamp));
  }

  revokeBedside(where: { readonly bed: string; readonly by: Actor }, stamp: Stamp): AskResult | RefusalReason {
    return this.inTransaction((db, append) => people.revokeBedside(db, append, where, stamp));
  }

  takeFeedback(said: Parameters<typeof people.takeFeedback>[2], stamp: Stamp): AskResult {
    return this.inTransaction((db, append) => people.takeFeedback(db, append, said, stamp));
  }

  answerFeedback(answer: Parameters<typeof answerFeedback>[2], stamp: Stamp): AskResult | RefusalReason {
    return this.inTransaction((db, append) => answerFeedback(db, append, answer, stamp));
  }

  eraseWords(ask: ErasureAsk, by: Actor, stamp: Stamp): AskResult | Refused {
    return this.inTransaction((db, append) => eraseWords(db, append, ask, by, stamp));
  }

  /** Undefined: this actor may not. */
  decideAdvocate(ask: AdvocateAsk, by: Actor | undefined, stamp: Stamp): AskResult | RefusalReason | undefined {
    return this.inTransaction((db, append) => {
      switch (ask.do) {
        case "let-look":
          if (by?.kind !== "bedside") return undefined;
          return { is: "code", ...looks.letLook(db, append, { by, hours: ask.hours }, stamp) };
        case "end-looks":
          return by?.kind === "bedside" ? looks.endLooks(db, append, by, stamp) : undefined;
        case "advocate-in":
          return looks.advocateIn(db, append, ask, stamp);
      }
    });
  }

  decideAccess(ask: AccessAsk, by: Extract<Actor, { kind: "staff" }>, stamp: Stamp): AskResult | Refused {
    return this.inTransaction((db, append) => decideAccess(db, append, ask, by, stamp));
  }

  setCharacteristics(told: Parameters<typeof setCharacteristics>[2], stamp: Stamp): AskResult | RefusalReason {
    return this.inTransaction((db, append) => setCharacteristics(db, append, told, stamp));
  }

  signIn(code: string, stamp: Stamp): AskResult | RefusalReason {
    return this.inTransaction((db, append) => people.signIn(db, append, code, stamp));
  }

  pair(code: string, stamp: Stamp): AskResult | RefusalReason {
    return this.inTransaction((db, append) => people.pair(db, append, code, stamp));
  }

  signOut(token: string, stamp: Stamp): AskResult | RefusalReason {
    return this.inTransaction(
      (db, append) => looks.leaveLook(db, append, token, stamp) ?? people.signOut(db, append, token, stamp),
    );
  }

  whoIs(token: string, utcMs: number): people.Known | undefined {
    return asStoreError("cannot read sessions", () => {
      const { db } = this.usable();
      return people.whoIs(db, token, utcMs) ?? looks.advocateOf(db, token, utcMs);
    });
  }

  /** Takes away what was kept long enough. Once a day, and before anything is served. */
  purge(policy: RetentionPolicy, stamp: Stamp): Purged {
    return this.inTransaction((db, append) => purge(db, append, policy, stamp));
  }

  writeAudio(entry: AudioEntry, stamp: Stamp): void {
    this.inTransaction((db, append) => writeAudio(db, append, entry, stamp));
  }

  readAudio(): ReturnType<typeof readAudio> {
    return asStoreError("cannot read the ward's sounds", () => readAudio(this.usable().db));
  }

  /** Alarms that came up within the last ten minutes, each time that they did. */
  raisedLately(utcMs: number): number {
    return this.raised.count(utcMs);
  }

  onDuty(utcMs: number): ReturnType<typeof onDuty> {
    return asStoreError("cannot read who is on duty", () => onDuty(this.usable().db, utcMs));
  }

  /**
   * One immediate transaction. What fails inside leaves nothing behind. A checkpoint that cannot be written afterwards
   * is tried again by checkpointIfDirty: what was committed stays committed.
   */
  private inTransaction<T>(work: (db: Database.Database, append: Append) => T): T {
    const { db, audit } = this.usable();
    let sign = false;
    const raisedAt: number[] = [];
    const append: Append = (intent, stamp) => {
      audit.append(intent, stamp);
      if (intent.action === "alert.raise") raisedAt.push(stamp.utcMs);
      if (signedAtOnce.some((start) => intent.action.startsWith(start))) sign = true;
    };
    const result = this.watched(() => db.transaction(() => work(db, append)).immediate());
    for (const utcMs of raisedAt) this.raised.hear(utcMs);
    if (sign) this.signNow(audit);
    return result;
  }

  private signNow(audit: AuditStore): void {
    try {
      this.watched(() => audit.checkpoint());
    } catch (cause) {
      // What was committed stays committed, so this may not throw; checkpointIfDirty meets the same trouble within a
      // second and does.
      if (!(cause instanceof StoreError)) throw cause;
    }
  }

  private watched<T>(work: () => T): T {
    try {
      return asStoreError("cannot write the ward's records", work);
    } catch (cause) {
      if (cause instanceof StoreError && cause.code === "io") this.state = "failed";
      throw cause;
    }
  }

  private usable(): { readonly db: Database.Database; readonly audit: AuditStore } {
    if (this.state === "failed") this.reopen();
    if (this.open === undefined) throw new StoreError("closed", "the ward's records are not open");
    return this.open;
  }

  /** Reads everything again from the file, as after a crash: what the failed connection believed does not count. */
  private reopen(): void {
    const { open } = this;
    this.open = undefined;
    asStoreError("cannot close after the disk failed", () => open?.db.close());
    this.start();
  }
}
