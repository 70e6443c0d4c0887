import type Database from "better-sqlite3";
import type { Stamp } from "../contract/audit-entry.ts";
import type { AuditAction, AuditIntent } from "../contract/door.ts";
import type { Actor } from "../contract/people.ts";
import { codeHash } from "./codes.ts";

/* One-time codes: whether one is good, and that it is used once. */

export type Append = (intent: AuditIntent, stamp: Stamp) => void;
export interface Invitation {
  readonly code: string;
  readonly expiresAt: number;
}

/** `account`: it starts the account of a named person; `staff`: it signs somebody in by itself. */
export type InviteKind = "staff" | "bedside" | "account";

export interface InviteRow {
  readonly kind: string;
  readonly name: string | null;
  readonly role: string | null;
  /** Whose account it starts; null without one. */
  readonly staff: string | null;
  readonly first: number;
  readonly stay: string | null;
  readonly bed: string | null;
  readonly stay_ended_at: number | null;
  readonly expires_at: number;
  readonly used_at: number | null;
}

const dayMs = 24 * 3_600_000;

/** Marks a good code as used. The asker is told only that it was refused; the log says why. */
export function useInvite(
  db: Database.Database,
  append: Append,
  kind: InviteKind,
  code: string,
  stamp: Stamp,
): InviteRow | undefined {
  const invite = goodInvite(db, append, kind, code, stamp);
  if (invite !== undefined)
    db.prepare("UPDATE main.invite SET used_at = ? WHERE code_sha256 = ?").run(at(stamp), codeHash(code));
  return invite;
}

/** As `useInvite`, and the code can be used still. */
export function goodInvite(
  db: Database.Database,
  append: Append,
  kind: InviteKind,
  code: string,
  stamp: Stamp,
): InviteRow | undefined {
  const invite = db
    .prepare(
      `SELECT invite.*, stay.bed, stay.ended_at AS stay_ended_at
       FROM invite LEFT JOIN stay ON stay.id = invite.stay WHERE code_sha256 = ?`,
    )
    .get(codeHash(code)) as InviteRow | undefined;
  const why = whyNot(invite, kind, stamp);
  if (why !== undefined) {
    append(refusal("sign-in.refused", { kind: "system", part: "sign-in" }, { kind, why }), stamp);
    return undefined;
  }
  return invite;
}

const kindOf = ({ kind, staff, first }: InviteRow): string => (staff !== null || first === 1 ? "account" : kind);

function whyNot(invite: InviteRow | undefined, kind: InviteKind, stamp: Stamp): string | undefined {
  if (invite === undefined) return "unknown";
  if (kindOf(invite) !== kind) return "other-kind";
  if (invite.used_at !== null) return "used";
  if (invite.expires_at <= stamp.utcMs) return "expired";
  return invite.stay_ended_at === null ? undefined : "stay-ended";
}

/** Codes and sessions that are over are of no use after a day; the log has what happened. */
export function forgetOld(db: Database.Database, stamp: Stamp): void {
  const before = at(stamp) - dayMs;
  db.prepare("DELETE FROM main.invite WHERE expires_at < ?").run(before);
  db.prepare("DELETE FROM session WHERE expires_at < ? OR ended_at < ?").run(before, before);
  db.prepare("DELETE FROM station_shift WHERE until < ?").run(before);
  db.prepare("DELETE FROM wrong_try WHERE at < ?").run(before);
}

export const at = (stamp: Stamp): number => Math.round(stamp.utcMs);

export const intentOf = (
  action: AuditAction,
  actor: Actor,
  detail: AuditIntent["detail"],
  phi: AuditIntent["phi"] = null,
): AuditIntent => ({ action, actor, outcome: 0, detail, phi });

export const refusal = (action: AuditAction, actor: Actor, detail: AuditIntent["detail"]): AuditIntent => ({
  action,
  actor,
  outcome: 4,
  detail,
  phi: null,
});
