import type Database from "better-sqlite3";
import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import { Actor } from "../contract/people.ts";
import type { RefusalReason, StaffRole } from "../contract/words.ts";
import { codeHash, freshCode, freshId, freshToken, tokenHash } from "./codes.ts";
import { type Append, at, forgetOld, type Invitation, intentOf, refusal, useInvite } from "./invites.ts";
import { insertSealed, markIn } from "./sealed-tables.ts";
import { StoreError } from "./store-error.ts";

/*
 * Who may sign in, and who is signed in. Every function runs inside the caller's transaction and appends its own audit
 * entry, so that no session exists that the log does not tell of. Whether the asker may ask is decided before. Throws
 * StoreError only: "refused" for what can never be written.
 */

export interface Known {
  readonly actor: Actor;
  readonly expiresAt: number;
  /** Of a session of an account: until when its PIN is enough. */
  readonly shiftUntilUtcMs?: number;
  /** No current training is written down for this account. */
  readonly untrained?: true;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
export const staffCodeMs = 60 * minuteMs;
export const bedsideCodeMs = 15 * minuteMs;
export const staffSessionMs = 12 * hourMs;
export const bedsideSessionMs = 30 * dayMs;

export function inviteStaff(
  db: Database.Database,
  append: Append,
  who: { readonly name: string; readonly role: StaffRole; readonly by: Actor },
  stamp: Stamp,
): Invitation {
  forgetOld(db, stamp);
  // Refused now and not at the bedside of the shift: a code that nobody can sign in with would be found out too late.
  const { name, role } = staffActor({ id: freshId(), name: who.name, role: who.role }, "refused");
  const invitation = { code: freshCode(), expiresAt: at(stamp) + staffCodeMs };
  const row = { code_sha256: codeHash(invitation.code), kind: "staff", name, role };
  insertSealed(db, "invite", { ...row, expires_at: invitation.expiresAt });
  append(intentOf("staff.invite", who.by, { role }, { name }), stamp);
  return invitation;
}

/** A code for a touch screen beside the bed; "not-found" where nobody is admitted to it. */
export function inviteBedside(
  db: Database.Database,
  append: Append,
  where: { readonly bed: string; readonly by: Actor },
  stamp: Stamp,
): Invitation | RefusalReason {
  forgetOld(db, stamp);
  const stay: unknown = db.prepare("SELECT id FROM stay WHERE bed = ? AND ended_at IS NULL").pluck().get(where.bed);
  if (typeof stay !== "string") {
    append(refusal("ask.refused", where.by, { do: "invite-bedside", bed: where.bed, why: "not-found" }), stamp);
    return "not-found";
  }
  const invitation = { code: freshCode(), expiresAt: at(stamp) + bedsideCodeMs };
  db.prepare("INSERT INTO main.invite (code_sha256, kind, stay, expires_at) VALUES (?, 'bedside', ?, ?)").run(
    codeHash(invitation.code),
    stay,
    invitation.expiresAt,
  );
  append(intentOf("bedside.invite", where.by, { bed: where.bed, stay }), stamp);
  return invitation;
}

/**
 * A staff code for a session. The name decides who it is: the same name is the same person at the next shift; the role
 * is that of this invitation and of this session only.
 */
export function signIn(db: Database.Database, append: Append, code: string, stamp: Stamp): AskResult | RefusalReason {
  const invite = useInvite(db, append, "staff", code, stamp);
  if (invite?.name == null || invite.role === null) return "code-invalid";
  const id = staffCalled(db, invite.name, stamp);
  const actor = staffActor({ id, name: invite.name, role: invite.role }, "damaged");
  const token = freshToken();
  const expiresAt = at(stamp) + staffSessionMs;
  db.prepare("INSERT INTO session (token_sha256, staff, role, started_at, expires_at) VALUES (?, ?, ?, ?, ?)").run(
    tokenHash(token),
    id,
    actor.role,
    at(stamp),
    expiresAt,
  );
  append(intentOf("sign-in", actor, { role: actor.role }), stamp);
  return { is: "staff", session: token, id, name: actor.name, role: actor.role, expiresAt };
}

/** The same name is the same person; a new one is written down. Returns the id. */
export function staffCalled(db: Database.Database, name: string, stamp: Stamp): string {
  const mark = markIn(db, "staff", "name", name);
  const kept: unknown = db.prepare("SELECT id FROM main.staff WHERE name_mark = ?").pluck().get(mark);
  if (typeof kept === "string") return kept;
  const id = freshId();
  insertSealed(db, "staff", { id, name, since: at(stamp) });
  return id;
}

/**
 * A bedside code for a session that ends with the stay, at the latest after 30 days. One screen a stay: pairing another ends
 * the one before, so that a lost device loses its say.
 */
export function pair(db: Database.Database, append: Append, code: string, stamp: Stamp): AskResult | RefusalReason {
  const invite = useInvite(db, append, "bedside", code, stamp);
  if (invite?.stay == null || invite.bed === null) return "code-invalid";
  const { bed, stay } = invite;
  const token = freshToken();
  const expiresAt = at(stamp) + bedsideSessionMs;
  db.prepare("UPDATE session SET ended_at = ? WHERE stay = ? AND ended_at IS NULL").run(at(stamp), stay);
  db.prepare("INSERT INTO session (token_sha256, stay, started_at, expires_at) VALUES (?, ?, ?, ?)").run(
    tokenHash(token),
    stay,
    at(stamp),
    expiresAt,
  );
  append(intentOf("bedside.pair", { kind: "bedside", bed, stay }, { bed, stay }), stamp);
  return { is: "bedside", session: token, bed, stay, expiresAt };
}

/**
 * Undefined for a token that is unknown, signed out, over, or whose stay or account has ended. From a browser, before any check.
 */
export function whoIs(db: Database.Database, token: string, utcMs: number): Known | undefined {
  const row = db
    .prepare(
      `SELECT session.role, session.expires_at, session.shift_until, staff.id, staff.name, stay.bed, stay.id AS stay,
              stay.ended_at, account.staff AS account,
              (SELECT valid_until FROM training WHERE training.staff = account.staff ORDER BY number DESC LIMIT 1) AS trained_until
       FROM session LEFT JOIN staff ON staff.id = session.staff LEFT JOIN stay ON stay.id = session.stay
         LEFT JOIN account ON account.staff = session.staff
       WHERE token_sha256 = ? AND session.ended_at IS NULL AND session.expires_at > ?
         AND account.ended_at IS NULL AND (account.until IS NULL OR account.until > ?)`,
    )
    .get(tokenHash(token), utcMs, utcMs) as SessionRow | undefined;
  if (row === undefined || row.ended_at !== null) return undefined;
  const actor =
    row.stay === null
      ? staffActor({ id: row.id, name: row.name, role: row.role }, "damaged")
      : actorOf({ kind: "bedside", bed: row.bed, stay: row.stay }, "damaged");
  const shift = row.shift_until === null ? {} : { shiftUntilUtcMs: row.shift_until };
  // Whoever has no account signed in to a demonstration.
  const today = new Date(utcMs).toISOString().slice(0, 10);
  const untrained = row.account !== null && (row.trained_until ?? "") < today;
  return { actor, expiresAt: row.expires_at, ...shift, ...(untrained ? { untrained: true as const } : {}) };
}

export function signOut(db: Database.Database, append: Append, token: string, stamp: Stamp): AskResult | RefusalReason {
  const known = whoIs(db, token, stamp.utcMs);
  if (known === undefined) return "not-signed-in";
  db.prepare("UPDATE session SET ended_at = ? WHERE token_sha256 = ?").run(at(stamp), tokenHash(token));
  append(intentOf("sign-out", known.actor, {}), stamp);
  return { is: "done" };
}

/** The screen of the stay now in this bed has no say any more. */
export function revokeBedside(
  db: Database.Database,
  append: Append,
  where: { readonly bed: string; readonly by: Actor },
  stamp: Stamp,
): AskResult | RefusalReason {
  const stay: unknown = db.prepare("SELECT id FROM stay WHERE bed = ? AND ended_at IS NULL").pluck().get(where.bed);
  if (typeof stay !== "string") return "not-found";
  const ended = db
    .prepare("UPDATE session SET ended_at = ? WHERE stay = ? AND ended_at IS NULL")
    .run(at(stamp), stay).changes;
  // A code that was given but not used yet would let the lost screen in again.
  db.prepare("UPDATE main.invite SET expires_at = ? WHERE stay = ? AND used_at IS NULL").run(at(stamp), stay);
  append(intentOf("bedside.revoke", where.by, { bed: where.bed, stay, screens: ended }), stamp);
  return { is: "done" };
}

/** What a person said about this, for governance. The log says that it came; the words are erasable. */
export function takeFeedback(
  db: Database.Database,
  append: Append,
  said: {
    readonly by: Extract<Actor, { kind: "bedside" }>;
    readonly about: string;
    readonly feels: string | null;
    readonly words: string | null;
  },
  stamp: Stamp,
): AskResult {
  const { by, about, feels, words } = said;
  append(intentOf("feedback", by, { bed: by.bed, stay: by.stay, about }, { feels, words }), stamp);
  insertSealed(db, "feedback", { stay: by.stay, about, feels, words, at: at(stamp) });
  return { is: "done" };
}

/** @param code "refused" for what somebody asks to be written, "damaged" for what the database gave. */
function actorOf(value: unknown, code: "refused" | "damaged"): Actor {
  const parsed = Actor.safeParse(value);
  if (parsed.success) return parsed.data;
  const words = parsed.error.issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`).join("; ");
  throw new StoreError(code, `nobody can be called so: ${words}`);
}

export function staffActor(
  who: { readonly id: unknown; readonly name: unknown; readonly role: unknown },
  code: "refused" | "damaged",
): Extract<Actor, { kind: "staff" }> {
  const actor = actorOf({ kind: "staff", ...who }, code);
  if (actor.kind !== "staff") throw new StoreError(code, "no member of staff");
  return actor;
}

interface SessionRow {
  readonly account: string | null;
  readonly trained_until: string | null;
  readonly role: string | null;
  readonly expires_at: number;
  readonly shift_until: number | null;
  readonly id: string | null;
  readonly name: string | null;
  readonly bed: string | null;
  readonly stay: string | null;
  readonly ended_at: number | null;
}
