import type Database from "better-sqlite3";
import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { Actor } from "../contract/people.ts";
import { type Refused, refuse } from "../contract/refused.ts";
import type { StaffAsk } from "../contract/staff.ts";
import { actorWords } from "./actor-words.ts";
import { codeHash, freshCode, freshId } from "./codes.ts";
import { type Append, at, forgetOld, type Invitation, intentOf } from "./invites.ts";
import { staffActor, staffCalled } from "./people.ts";
import { insertSealed, markIn } from "./sealed-tables.ts";
import { forgetWrongTries } from "./wrong-tries.ts";

/*
 * Accounts of staff: made, given a new code, ended, unlocked, and their training. Every function runs inside the caller's
 * transaction and appends its own entry. Whether the asker may ask is decided before.
 */

type Of<Do extends StaffAsk["do"]> = Omit<Extract<StaffAsk, { do: Do }>, "do"> & { readonly by: Actor };
export const accountCodeMs = 60 * 60_000;
const dayMs = 24 * 3_600_000;
const firstName = "first account";

const unknown = refuse("not-found", "There is no such account. Load the page again.");

/** A code for the first account; refused once there is an account that somebody started. */
export function inviteFirst(db: Database.Database, append: Append, by: Actor, stamp: Stamp): AskResult | Refused {
  if (hasStarted(db)) return refuse("already-done", "This ward has accounts. The nurse in charge adds more.");
  const role = "nurse-in-charge";
  // The one before was printed on a console that scrolled away: one at a time.
  db.prepare("UPDATE main.invite SET expires_at = ? WHERE first = 1 AND used_at IS NULL").run(at(stamp));
  const invitation = invite(db, { name: firstName, role, staff: null, first: 1 }, stamp);
  append(intentOf("staff.invite", by, { role, first: true }), stamp);
  return { is: "code", ...invitation };
}

export function addStaff(
  db: Database.Database,
  append: Append,
  { badge, name: typed, role, agency, untilUtcMs, by }: Of<"add-staff">,
  agencyDaysMax: number,
  stamp: Stamp,
): AskResult | Refused {
  const { name } = staffActor({ id: freshId(), name: typed, role }, "refused");
  if (untilUtcMs !== null && untilUtcMs <= stamp.utcMs)
    return refuse("policy", "The account would be over already. Choose a later day.");
  if (agency && (untilUtcMs === null || untilUtcMs > stamp.utcMs + agencyDaysMax * dayMs))
    return refuse("policy", `An agency account is for ${agencyDaysMax} days at most. Choose an earlier day.`);
  const holder = db
    .prepare(
      `SELECT staff.name FROM main.account JOIN staff ON staff.id = account.staff
       WHERE badge_mark = ? AND ended_at IS NULL`,
    )
    .pluck()
    .get(markIn(db, "account", "badge", badge));
  if (typeof holder === "string")
    return refuse("already-done", `${holder} has this badge number. Check the number, or end that account first.`);
  const kept = db
    .prepare(
      "SELECT id, account.staff, ended_at FROM main.staff LEFT JOIN main.account ON account.staff = id WHERE name_mark = ?",
    )
    .get(markIn(db, "staff", "name", name)) as
    | { id: string; staff: string | null; ended_at: number | null }
    | undefined;
  if (kept !== undefined && kept.staff !== null && kept.ended_at === null)
    return refuse("already-done", `There is an account for ${name}. For another person of that name add an initial.`);
  const id = staffCalled(db, name, stamp);
  makeAccount(db, { id, badge, role, agency, until: untilUtcMs, by: actorWords(by) }, stamp);
  const invitation = invite(db, { name, role, staff: id, first: 0 }, stamp);
  append(intentOf("staff.add", by, { staff: id, role, agency, untilUtcMs }, { name, badge }), stamp);
  return { is: "code", ...invitation };
}

export function makeAccount(
  db: Database.Database,
  account: {
    readonly id: string;
    readonly badge: string;
    readonly role: string;
    readonly agency: boolean;
    readonly until: number | null;
    readonly by: string;
  },
  stamp: Stamp,
): void {
  const { id, badge, role, agency, until, by } = account;
  // A person who left and came back has the same line again.
  db.prepare("DELETE FROM main.account WHERE staff = ? AND ended_at IS NOT NULL").run(id);
  const added = { added_at: at(stamp), added_by: by };
  insertSealed(db, "account", { staff: id, badge, role, agency: agency ? 1 : 0, until, ...added });
}

/** A new code for somebody who forgot: the password, the PIN and every session they had are void. */
export function renewStaff(
  db: Database.Database,
  append: Append,
  { staff, by }: Of<"renew-staff">,
  stamp: Stamp,
): AskResult | Refused {
  const account = openAccount(db, staff);
  if (account === undefined) return unknown;
  // Else whoever sits at an open screen could make it theirs.
  if (by.kind === "staff" && by.id === staff)
    return refuse("policy", "Another nurse in charge gives you a new code, or the engineer on the ward computer.");
  db.prepare("UPDATE main.account SET password = NULL, pin = NULL WHERE staff = ?").run(staff);
  signOutEverywhere(db, staff, stamp);
  forgetWrongTries(db, account.badge);
  const invitation = invite(db, { name: account.name, role: account.role, staff, first: 0 }, stamp);
  append(intentOf("staff.renew", by, { staff }), stamp);
  return { is: "code", ...invitation };
}

export function endStaff(
  db: Database.Database,
  append: Append,
  { staff, by }: Of<"end-staff">,
  stamp: Stamp,
): AskResult | Refused {
  if (openAccount(db, staff) === undefined) return unknown;
  if (by.kind === "staff" && by.id === staff)
    return refuse("policy", "Nobody ends their own account. Another nurse in charge does.");
  db.prepare("UPDATE main.account SET ended_at = ?, password = NULL, pin = NULL WHERE staff = ?").run(at(stamp), staff);
  const sessions = signOutEverywhere(db, staff, stamp);
  append(intentOf("staff.end", by, { staff, sessions }), stamp);
  return { is: "done" };
}

export function unlockStaff(
  db: Database.Database,
  append: Append,
  { staff, by }: Of<"unlock-staff">,
  stamp: Stamp,
): AskResult | Refused {
  const account = openAccount(db, staff);
  if (account === undefined) return unknown;
  forgetWrongTries(db, account.badge);
  append(intentOf("staff.unlock", by, { staff }), stamp);
  return { is: "done" };
}

export function recordTraining(
  db: Database.Database,
  append: Append,
  { staff, doneOn, validUntil, by }: Of<"record-training">,
  stamp: Stamp,
): AskResult | Refused {
  if (openAccount(db, staff) === undefined) return unknown;
  if (validUntil <= doneOn) return refuse("policy", "The training has to be valid for a time after its day.");
  if (Date.parse(doneOn) > stamp.utcMs) return refuse("policy", "The day of the training has to be today or before.");
  append(intentOf("staff.training", by, { staff, doneOn, validUntil }), stamp);
  const training = { staff, done_on: doneOn, valid_until: validUntil };
  insertSealed(db, "training", { ...training, at: at(stamp), by: actorWords(by) });
  return { is: "done" };
}

/** @param wardBeds all beds of the ward. */
export function setFloorOrder(
  db: Database.Database,
  append: Append,
  { beds, by }: Of<"floor-order">,
  wardBeds: readonly string[],
  stamp: Stamp,
): AskResult | Refused {
  if ([...beds].sort().join() !== [...wardBeds].sort().join())
    return refuse("malformed", "The beds of the ward have changed. Load the page again.");
  append(intentOf("floor.order", by, { beds }), stamp);
  insertSealed(db, "floor_order", { beds: JSON.stringify(beds), at: at(stamp), by: actorWords(by) });
  return { is: "done" };
}

export const hasStarted = (db: Database.Database): boolean =>
  db.prepare("SELECT 1 FROM account WHERE password IS NOT NULL LIMIT 1").get() !== undefined;

interface OpenAccount {
  readonly name: string;
  readonly badge: string;
  readonly role: string;
}
const openAccount = (db: Database.Database, staff: string): OpenAccount | undefined =>
  db
    .prepare("SELECT name, badge, role FROM account JOIN staff ON id = staff WHERE staff = ? AND ended_at IS NULL")
    .get(staff) as OpenAccount | undefined;

/** Sessions, stations that knew them, and codes that were not used yet. */
function signOutEverywhere(db: Database.Database, staff: string, stamp: Stamp): number {
  db.prepare("DELETE FROM station_shift WHERE staff = ?").run(staff);
  db.prepare("UPDATE main.invite SET expires_at = ? WHERE staff = ? AND used_at IS NULL").run(at(stamp), staff);
  return db.prepare("UPDATE session SET ended_at = ? WHERE staff = ? AND ended_at IS NULL").run(at(stamp), staff)
    .changes;
}

function invite(
  db: Database.Database,
  whom: { readonly name: string; readonly role: string; readonly staff: string | null; readonly first: 0 | 1 },
  stamp: Stamp,
): Invitation {
  forgetOld(db, stamp);
  const invitation = { code: freshCode(), expiresAt: at(stamp) + accountCodeMs };
  const code = { code_sha256: codeHash(invitation.code), kind: "staff", expires_at: invitation.expiresAt };
  insertSealed(db, "invite", { ...code, ...whom });
  return invitation;
}
