import type Database from "better-sqlite3";
import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { Actor } from "../contract/people.ts";
import { type Refused, refuse } from "../contract/refused.ts";
import { hasStarted, makeAccount } from "./accounts.ts";
import { freshId, freshToken, stationHash, tokenHash } from "./codes.ts";
import { type Append, at, forgetOld, goodInvite, intentOf, useInvite } from "./invites.ts";
import { staffActor, staffCalled, whoIs } from "./people.ts";
import { markIn } from "./sealed-tables.ts";
import { countWrongTry, forgetWrongTries, waitMs } from "./wrong-tries.ts";

/*
 * Signing in with a badge number and a password, or with the PIN where the same screen has seen the password in this shift. The
 * slow part, whether a secret fits its hash, is done by the caller between two of these transactions.
 */

export type SecretKind = "password" | "pin";

/** The board may be seen for so long after the shift; to act somebody signs in. A station is not to go dark at the end of a shift. */
export const boardAfterShiftMs = 12 * 3_600_000;

/** From the browser: what it already has. */
export interface Screen {
  readonly session: string | null;
  readonly station: string | null;
}

export interface Claim {
  readonly kind: SecretKind;
  readonly badge: string;
  readonly screen: Screen;
}

interface AccountRow {
  readonly staff: string;
  readonly name: string;
  readonly role: string;
  readonly until: number | null;
  readonly password: string | null;
  readonly pin: string | null;
  readonly shift: number | null;
}

/** `stored` null: nothing fits, and the caller is to spend the same time finding out. */
export function claimOf(
  db: Database.Database,
  append: Append,
  { kind, badge, screen }: Claim,
  stamp: Stamp,
): { readonly stored: string | null } | Refused {
  const wait = waitMs(db, badge, stamp);
  if (wait > 0) {
    append(refusedEntry(db, badge, kind, "waiting"), stamp);
    return tooMany(wait);
  }
  const account = accountOf(db, badge, screen.station, stamp);
  const usable = account !== undefined && (kind === "password" || account.shift !== null);
  return { stored: usable ? account[kind] : null };
}

/** @param stored what the secret was compared with: an account that changed meanwhile signs nobody in. */
export function decideClaim(
  db: Database.Database,
  append: Append,
  { kind, badge, screen }: Claim,
  { fits, stored, shiftMs }: { readonly fits: boolean; readonly stored: string | null; readonly shiftMs: number },
  stamp: Stamp,
): AskResult | Refused {
  const account = accountOf(db, badge, screen.station, stamp);
  if (!fits || stored === null || account?.[kind] !== stored || (kind === "pin" && account.shift === null)) {
    const wait = countWrongTry(db, badge, stamp);
    append(refusedEntry(db, badge, kind, wait > 0 ? "locked-out" : "wrong"), stamp);
    return wait > 0 ? tooMany(wait) : refuse("code-invalid", wrongWords[kind]);
  }
  forgetWrongTries(db, badge);
  const until = kind === "pin" && account.shift !== null ? account.shift : at(stamp) + shiftMs;
  return openSession(db, append, { ...account, how: kind, until, screen }, stamp);
}

const wrongWords: Readonly<Record<SecretKind, string>> = {
  password: "This badge number and password do not go together. Try again, or ask the nurse in charge for a new code.",
  pin: "This badge number and PIN do not go together here. The first time in a shift, use your password.",
};

function tooMany(wait: number): Refused {
  const minutes = Math.ceil(wait / 60_000);
  const words = `Too many wrong tries. Wait ${minutes === 1 ? "1 minute" : `${minutes} minutes`}, or ask the nurse in charge to unlock you.`;
  return refuse("too-many-tries", words);
}

/** The account that a code starts, before its password is chosen. For the first account nobody is known yet. */
export function startableBy(
  db: Database.Database,
  append: Append,
  { code, badge }: { readonly code: string; readonly badge: string },
  stamp: Stamp,
): { readonly name: string | null } | Refused {
  const invite = goodInvite(db, append, "account", code, stamp);
  if (invite === undefined) return badCode;
  if (invite.first === 1) return hasStarted(db) ? badCode : { name: null };
  if (accountBadge(db, invite.staff, stamp) === badge) return { name: invite.name };
  append(refusedEntry(db, badge, "password", "other-badge"), stamp);
  return badCode;
}

export function startAccount(
  db: Database.Database,
  append: Append,
  chosen: {
    readonly code: string;
    readonly badge: string;
    readonly name: string | null;
    readonly password: string;
    readonly pin: string;
    readonly screen: Screen;
    readonly shiftMs: number;
  },
  stamp: Stamp,
): AskResult | Refused {
  const { badge, password, pin, screen } = chosen;
  const startable = startableBy(db, append, chosen, stamp);
  if ("why" in startable) return startable;
  const invite = useInvite(db, append, "account", chosen.code, stamp);
  if (invite?.role == null) return badCode;
  const first = invite.first === 1;
  if (first && chosen.name === null) return refuse("malformed", "Enter your name.");
  const { name, role } = staffActor(
    { id: freshId(), name: first ? chosen.name : invite.name, role: invite.role },
    "refused",
  );
  const id = invite.staff ?? firstStaff(db, { name, badge, role }, stamp);
  db.prepare("UPDATE main.account SET password = ?, pin = ? WHERE staff = ?").run(password, pin, id);
  forgetWrongTries(db, badge);
  const until = at(stamp) + chosen.shiftMs;
  return openSession(db, append, { staff: id, name, role, how: "code", until, screen }, stamp);
}

const badCode = refuse(
  "code-invalid",
  "This code and badge number do not go together, or the code is used or too old. Ask the nurse in charge for a new one.",
);

function firstStaff(
  db: Database.Database,
  { name, badge, role }: { readonly name: string; readonly badge: string; readonly role: string },
  stamp: Stamp,
): string {
  const id = staffCalled(db, name, stamp);
  // Accounts that were made and never started have no password: the first account may take their badge.
  const mark = markIn(db, "account", "badge", badge);
  db.prepare("DELETE FROM main.account WHERE (staff = ? OR badge_mark = ?) AND password IS NULL").run(id, mark);
  makeAccount(db, { id, badge, role, agency: false, until: null, by: "the first account" }, stamp);
  return id;
}

/** The session and what says that it is this screen; ends what the screen had before. */
export function openSession(
  db: Database.Database,
  append: Append,
  who: {
    readonly staff: string;
    readonly name: string;
    readonly role: string;
    readonly how: SecretKind | "code" | "oidc";
    readonly until: number;
    readonly screen: Screen;
  },
  stamp: Stamp,
): AskResult {
  forgetOld(db, stamp);
  const { staff, how, until, screen } = who;
  const actor = staffActor({ id: staff, name: who.name, role: who.role }, "damaged");
  endSessionBefore(db, append, screen.session, stamp);
  // A station's token that nobody here gave out would let its maker stand in for this screen.
  const known = screen.station !== null && knowsStation(db, screen.station, stamp);
  const station = known && screen.station !== null ? screen.station : freshToken();
  db.prepare(
    `INSERT INTO station_shift (station_sha256, staff, until) VALUES (?, ?, ?)
     ON CONFLICT (station_sha256, staff) DO UPDATE SET until = excluded.until`,
  ).run(stationHash(station), staff, until);
  const token = freshToken();
  const expiresAt = until + boardAfterShiftMs;
  db.prepare(
    "INSERT INTO session (token_sha256, staff, role, started_at, expires_at, shift_until) VALUES (?, ?, ?, ?, ?, ?)",
  ).run(tokenHash(token), staff, actor.role, at(stamp), expiresAt, until);
  append(intentOf("sign-in", actor, { role: actor.role, how }), stamp);
  return { is: "staff", session: token, id: staff, name: actor.name, role: actor.role, expiresAt, station };
}

/** One screen, one person: the token from before is of no use any more, also to whoever put it there. */
function endSessionBefore(db: Database.Database, append: Append, token: string | null, stamp: Stamp): void {
  const before = token === null ? undefined : whoIs(db, token, stamp.utcMs);
  if (token === null || before?.actor.kind !== "staff") return;
  db.prepare("UPDATE session SET ended_at = ? WHERE token_sha256 = ?").run(at(stamp), tokenHash(token));
  append(intentOf("sign-out", before.actor, { replaced: true }), stamp);
}

const knowsStation = (db: Database.Database, station: string, stamp: Stamp): boolean =>
  db
    .prepare("SELECT 1 FROM station_shift WHERE station_sha256 = ? AND until > ?")
    .get(stationHash(station), at(stamp)) !== undefined;

/** Only one that is not over. `shift`: until when this screen knows the person. */
const accountOf = (
  db: Database.Database,
  badge: string,
  station: string | null,
  stamp: Stamp,
): AccountRow | undefined =>
  db
    .prepare(
      `SELECT account.staff, name, role, account.until, password, pin, station_shift.until AS shift
       FROM main.account JOIN staff ON staff.id = account.staff
         LEFT JOIN station_shift ON station_shift.staff = account.staff AND station_sha256 = ? AND station_shift.until > ?
       WHERE badge_mark = ? AND ended_at IS NULL AND (account.until IS NULL OR account.until > ?)`,
    )
    .get(stationHash(station ?? ""), at(stamp), markIn(db, "account", "badge", badge), at(stamp)) as
    | AccountRow
    | undefined;

const accountBadge = (db: Database.Database, staff: string | null, stamp: Stamp): unknown =>
  db
    .prepare("SELECT badge FROM account WHERE staff = ? AND ended_at IS NULL AND (until IS NULL OR until > ?)")
    .pluck()
    .get(staff, at(stamp));

/**
 * The badge number is told only where it is somebody's: what was typed there may be a password in the wrong field.
 */
function refusedEntry(db: Database.Database, badge: string, how: SecretKind, why: string) {
  const staff: unknown = db
    .prepare("SELECT staff FROM main.account WHERE badge_mark = ? AND ended_at IS NULL")
    .pluck()
    .get(markIn(db, "account", "badge", badge));
  const actor: Actor = { kind: "system", part: "sign-in" };
  const detail = { kind: "account", how, why, staff: typeof staff === "string" ? staff : null };
  return { action: "sign-in.refused", actor, outcome: 4, detail, phi: null } as const;
}
