import type { Stamp } from "../../edge-agent/contract/audit-entry.ts";
import type { AuditIntent } from "../../edge-agent/contract/door.ts";
import type { Actor } from "../../edge-agent/contract/people.ts";
import type { PurposeOfUse } from "../../edge-agent/contract/purpose-of-use.ts";
import type { Log } from "../../edge-agent/platform/log.ts";
import type { Who } from "./sessions.ts";

/** The dashboard's own audit log (records/dashboard-log.ts). `append` returns once the entry is on the disk; throws otherwise. */
export interface ReadingLog {
  append(intent: AuditIntent, stamp: Stamp): void;
}

export interface Opening {
  /** Path of the page without its query: a query may hold a one-time code. */
  readonly page: string;
  readonly bed: string | null;
  /** Whose data: left out, the stay that is in this bed now. */
  readonly stay?: string;
  /** Of what stays open and is closed later: the same in both entries. */
  readonly opening?: string;
  readonly purposeOfEvent: PurposeOfUse;
  /** Through which opening of records by two people (contract/access.ts), and whether the person is told of this look. */
  readonly access?: { readonly number: number; readonly told: boolean };
  readonly refused?: string;
}

export interface Export extends Pick<Opening, "access" | "purposeOfEvent"> {
  readonly bed: string;
  readonly stay: string;
}

/** Writes who opens what before it is served. False: it could not be written, and nothing may be served. */
export class PageTrail {
  private readonly readings: ReadingLog;
  private readonly stamp: () => Stamp;
  private readonly log: Log;
  private readonly stayIn: (bed: string) => string | null;
  private readonly declared: readonly PurposeOfUse[];

  /**
   * @param stayIn the stay that is in a bed now, so that a person can be told later who opened their data.
   * @param declared what this site lets anybody read for.
   */
  constructor(
    readings: ReadingLog,
    stamp: () => Stamp,
    log: Log,
    stayIn: (bed: string) => string | null,
    declared: readonly PurposeOfUse[],
  ) {
    this.readings = readings;
    this.stamp = stamp;
    this.log = log;
    this.stayIn = stayIn;
    this.declared = declared;
  }

  isDeclared(purposeOfEvent: PurposeOfUse): boolean {
    return this.declared.includes(purposeOfEvent);
  }

  /** Also false for a purpose that nobody declared: then the entry says that it was refused. */
  opened(who: Who, opening: Opening): boolean {
    if (this.isDeclared(opening.purposeOfEvent)) return this.enter(who, opening);
    this.enter(who, { ...opening, refused: "undeclared-purpose" });
    return false;
  }

  private enter(who: Who, opening: Opening): boolean {
    const { page, bed, purposeOfEvent, refused, opening: id, access } = opening;
    const stay = opening.stay ?? (bed === null ? null : this.stayIn(bed));
    const told = {
      ...(stay === null ? {} : { stay }),
      ...(id === undefined ? {} : { opening: id }),
      ...(access === undefined ? {} : { access: access.number, told: access.told }),
    };
    return this.write({
      action: "page.open",
      actor: actorOf(who),
      outcome: refused === undefined ? 0 : 4,
      detail: { page, bed, purposeOfEvent, ...told, ...(refused === undefined ? {} : { refused }) },
      phi: null,
    });
  }

  /** The end of what was opened. Where it cannot be written the opening stands in the log without an end. */
  closed(who: Who, closing: { bed: string; stay: string; opening: string; openMs: number }): boolean {
    const detail = { ...closing, openMs: Math.round(closing.openMs) };
    return this.write({ action: "page.close", actor: actorOf(who), outcome: 0, detail, phi: null });
  }

  /** Data of one person that are taken away as a file. False: it could not be written, and nothing may be given. */
  exported(who: Who, { bed, stay, access, purposeOfEvent }: Export): boolean {
    const through = access === undefined ? {} : { access: access.number, told: access.told };
    const detail = { bed, stay, purposeOfEvent, ...through };
    const action = access === undefined ? "person.export" : "access.export";
    if (!this.isDeclared(purposeOfEvent)) {
      const refused = { ...detail, refused: "undeclared-purpose" };
      this.write({ action, actor: actorOf(who), outcome: 4, detail: refused, phi: null });
      return false;
    }
    return this.write({ action, actor: actorOf(who), outcome: 0, detail, phi: null });
  }

  /** A code that the agent did not accept. The code itself is not written: a mistyped one is close to a good one. */
  signInRefused(page: string, why: string): boolean {
    return this.write({
      action: "sign-in.refused",
      actor: actorOf({ is: "nobody" }),
      outcome: 4,
      detail: { page, why },
      phi: null,
    });
  }

  private write(intent: AuditIntent): boolean {
    try {
      this.readings.append(intent, this.stamp());
      return true;
    } catch (cause) {
      this.log.error(
        { cause: String(cause), action: intent.action },
        "the audit log of readings cannot be written: the page is refused",
      );
      return false;
    }
  }
}

function actorOf(who: Who): Actor {
  switch (who.is) {
    case "staff":
      return { kind: "staff", id: who.id, name: who.name, role: who.role };
    case "bedside":
      return { kind: "bedside", bed: who.bed, stay: who.stay };
    case "advocate":
      return { kind: "advocate", number: who.number, bed: who.bed, stay: who.stay };
    case "nobody":
    case "unknown":
      return { kind: "system", part: "dashboard, nobody signed in" };
  }
}
