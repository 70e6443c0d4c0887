import type Database from "better-sqlite3";
import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { Actor } from "../contract/people.ts";
import type { Refused } from "../contract/refused.ts";
import type { StaffAsk } from "../contract/staff.ts";
import * as sessions from "./account-sessions.ts";
import * as accounts from "./accounts.ts";
import type { Append } from "./invites.ts";
import * as oidc from "./oidc-accounts.ts";

type InTransaction = <T>(work: (db: Database.Database, append: Append) => T) => T;
/** Asks that change an account or the ward's order. */
export type AccountAsk = Exclude<StaffAsk, { do: "lock-screen" | "still-here" }>;
export interface SiteLimits {
  readonly agencyDaysMax: number;
  readonly beds: readonly string[];
}

/** The accounts part of the ward's database: each call is one transaction with its entries. Throws StoreError. */
export class StaffRecords {
  private readonly inTransaction: InTransaction;

  constructor(inTransaction: InTransaction) {
    this.inTransaction = inTransaction;
  }

  decide(ask: AccountAsk, by: Actor, limits: SiteLimits, stamp: Stamp): AskResult | Refused {
    return this.inTransaction((db, append) => {
      switch (ask.do) {
        case "invite-first":
          return accounts.inviteFirst(db, append, by, stamp);
        case "add-staff":
          return accounts.addStaff(db, append, { ...ask, by }, limits.agencyDaysMax, stamp);
        case "renew-staff":
          return accounts.renewStaff(db, append, { ...ask, by }, stamp);
        case "end-staff":
          return accounts.endStaff(db, append, { ...ask, by }, stamp);
        case "unlock-staff":
          return accounts.unlockStaff(db, append, { ...ask, by }, stamp);
        case "record-training":
          return accounts.recordTraining(db, append, { ...ask, by }, stamp);
        case "floor-order":
          return accounts.setFloorOrder(db, append, { ...ask, by }, limits.beds, stamp);
      }
    });
  }

  claimOf(claim: sessions.Claim, stamp: Stamp): ReturnType<typeof sessions.claimOf> {
    return this.inTransaction((db, append) => sessions.claimOf(db, append, claim, stamp));
  }

  decideClaim(
    claim: sessions.Claim,
    found: Parameters<typeof sessions.decideClaim>[3],
    stamp: Stamp,
  ): AskResult | Refused {
    return this.inTransaction((db, append) => sessions.decideClaim(db, append, claim, found, stamp));
  }

  signInByOidc(person: oidc.OidcPerson, stamp: Stamp): AskResult | Refused {
    return this.inTransaction((db, append) => oidc.signInByOidc(db, append, person, stamp));
  }

  endOidcSessions(told: Parameters<typeof oidc.endOidcSessions>[2], stamp: Stamp): AskResult | Refused {
    return this.inTransaction((db, append) => oidc.endOidcSessions(db, append, told, stamp));
  }

  refuseOidc(refused: Parameters<typeof oidc.refuseOidc>[1], stamp: Stamp): Refused {
    return this.inTransaction((_db, append) => oidc.refuseOidc(append, refused, stamp));
  }

  startableBy(given: Parameters<typeof sessions.startableBy>[2], stamp: Stamp) {
    return this.inTransaction((db, append) => sessions.startableBy(db, append, given, stamp));
  }

  startAccount(chosen: Parameters<typeof sessions.startAccount>[2], stamp: Stamp): AskResult | Refused {
    return this.inTransaction((db, append) => sessions.startAccount(db, append, chosen, stamp));
  }
}
