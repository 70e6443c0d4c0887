import { closeSync, existsSync, fsyncSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { z } from "zod";
import type { Stamp } from "../contract/audit-entry.ts";
import type { PurposeConsent } from "../contract/consent.ts";
import type { RoomRecord } from "../contract/door.ts";
import { Purpose, purposes } from "../contract/words.ts";
import type { Log } from "../platform/log.ts";
import type { WardStore, Withdrawal, WithdrawalReserve } from "../ports.ts";

const Kept = z.array(
  z.strictObject({
    stay: z.string(),
    purpose: Purpose,
    atUtcMs: z.number(),
    /** An earlier release did not say whose it was. */
    personSaidNo: z.boolean().default(true),
  }),
);

/** Room for some 500 withdrawals. Made in advance and only ever overwritten in place: a full disk has no say in it. */
const reserveBytes = 65_536;

/**
 * `<data>/withdrawals.reserve`: JSON, filled up with spaces. A power cut in the middle of a write leaves something that
 * does not parse, and where not even this file can be written it is removed, which takes no space at all: then nothing is
 * taken as granted, in any bed, until each person touches again.
 */
export class ReserveFile implements WithdrawalReserve {
  private readonly path: string;
  private readonly log: Log;

  constructor(path: string, log: Log) {
    this.path = path;
    this.log = log;
  }

  /** Makes the file for a new ward; beside records of an earlier run a missing file says that it had to be removed. */
  start(beside: { readonly records: "new" | "old" }): void {
    if (beside.records === "new" && !existsSync(this.path)) this.write([]);
  }

  keep(withdrawals: readonly Withdrawal[]): boolean {
    try {
      this.write(withdrawals);
      return true;
    } catch (cause) {
      this.log.error(
        { cause: String(cause) },
        "withdrawals cannot be kept one by one: after a restart nothing is granted",
      );
    }
    try {
      unlinkSync(this.path);
      return true;
    } catch (cause) {
      this.log.error({ cause: String(cause) }, "a withdrawal cannot be kept: do not restart before the disk is mended");
      return !existsSync(this.path);
    }
  }

  clear(): void {
    if (this.read().length > 0 || this.unreadable()) this.write([]);
  }

  /** What is kept; empty also where the file cannot be read, see `unreadable`. */
  read(): readonly Withdrawal[] {
    return this.parsed() ?? [];
  }

  unreadable(): boolean {
    return this.parsed() === undefined;
  }

  /** The record of a room as the person last left it: what the reserve holds goes before what the database says. */
  apply(record: RoomRecord): RoomRecord {
    const kept = this.parsed();
    const withdrawals = purposes.flatMap((purpose): readonly Ended[] => {
      const found = kept?.find((one) => one.stay === record.stay?.id && one.purpose === purpose);
      // Where nothing can be known, it may have been the person's no.
      return kept === undefined ? [{ purpose, personSaidNo: "perhaps" }] : found === undefined ? [] : [found];
    });
    if (withdrawals.length === 0) return record;
    return {
      ...record,
      consents: record.consents.map((consent) => {
        const found = withdrawals.find(({ purpose }) => purpose === consent.purpose);
        return found === undefined ? consent : { ...consent, ...withdrawnFrom(consent, found.personSaidNo) };
      }),
    };
  }

  /**
   * At the start: writes into the ward database what an earlier run could only keep here. Where that fails again it stays
   * here, and `apply` goes on holding it.
   */
  settle(store: WardStore, beds: readonly string[], stamp: Stamp): void {
    const known = !this.unreadable();
    if (this.read().length === 0 && known) return;
    try {
      for (const bed of beds) {
        const stored = store.restoreRoom(bed);
        const stay = stored.stay?.id;
        if (stay === undefined) continue;
        const now = this.apply(stored);
        for (const purpose of purposes) {
          const was = stored.consents.find((consent) => consent.purpose === purpose);
          const is = now.consents.find((consent) => consent.purpose === purpose);
          if (is === undefined || was === undefined) continue;
          if (was.state === is.state && was.personSaidNo === is.personSaidNo) continue;
          store.commit(
            [
              {
                action: "consent.withdraw",
                actor: { kind: "system", part: "reserve" },
                outcome: 0,
                detail: { bed, stay, purpose, state: is.state, why: "could not be written when it was done" },
                phi: null,
              },
            ],
            [
              {
                table: "consent",
                stay,
                consent: is,
                atUtcMs: stamp.utcMs,
                by: "kept from before a restart",
                byPerson: known && is.personSaidNo,
                record: null,
              },
            ],
            stamp,
          );
        }
      }
      this.clear();
      this.log.warn({}, "withdrawals that could not be written before are in the records now");
    } catch (cause) {
      this.log.error(
        { cause: String(cause) },
        "withdrawals kept in the reserve cannot be written yet; they are in force",
      );
    }
  }

  private parsed(): readonly Withdrawal[] | undefined {
    try {
      return Kept.parse(JSON.parse(readFileSync(this.path, "utf8")));
    } catch {
      return undefined;
    }
  }

  private write(withdrawals: readonly Withdrawal[]): void {
    const bytes = Buffer.from(JSON.stringify(oneOfEach(withdrawals)).padEnd(reserveBytes, " "));
    // Never a part of them: what does not fit is told, and then nothing is taken as granted.
    if (bytes.length > reserveBytes) throw new RangeError("more withdrawals than the reserve holds");
    const file = openSync(this.path, existsSync(this.path) ? "r+" : "wx", 0o600);
    try {
      // A disk that is nearly full may take a part and say so only by the number.
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, done);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
}

interface Ended {
  readonly purpose: Purpose;
  readonly personSaidNo: boolean | "perhaps";
}

/** One of each stay and purpose: whoever touches often must not push out what somebody else said. */
function oneOfEach(withdrawals: readonly Withdrawal[]): Withdrawal[] {
  const newest = new Map<string, Withdrawal>();
  for (const one of withdrawals) {
    const key = `${one.stay} ${one.purpose}`;
    newest.set(key, { ...one, personSaidNo: one.personSaidNo || newest.get(key)?.personSaidNo === true });
  }
  return [...newest.values()];
}

/** As if it had been written when it was done. What was decided for a person is not theirs to turn on again without an offer. */
function withdrawnFrom(consent: PurposeConsent, saidNo: Ended["personSaidNo"]): Partial<PurposeConsent> {
  const said = { personSaidNo: consent.personSaidNo || saidNo !== false };
  switch (consent.state) {
    case "never-offered":
      return {};
    case "offered":
      if (saidNo === "perhaps") return said;
      return saidNo ? { ...said, state: "refused" } : { state: "withdrawn", untilUtcMs: null, hours: null };
    case "granted":
      return { ...said, state: "withdrawn", pause: null };
    case "best-interests":
      return { ...said, state: "withdrawn", pause: null, untilUtcMs: null, hours: null };
    case "paused": {
      const theirs = consent.pause?.from === "granted" ? {} : { untilUtcMs: null, hours: null };
      return { ...said, state: "withdrawn", pause: null, ...theirs };
    }
    case "withdrawn":
    case "refused":
    case "expired":
    case "ended":
      return said;
  }
}
