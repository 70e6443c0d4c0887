import { createHash, randomInt } from "node:crypto";
import type Database from "better-sqlite3";
import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { Actor } from "../contract/people.ts";
import { type Refused, refuse } from "../contract/refused.ts";
import type { StaffRole } from "../contract/words.ts";
import { openSession, type Screen } from "./account-sessions.ts";
import { makeAccount } from "./accounts.ts";
import { tokenHash } from "./codes.ts";
import { type Append, at, intentOf, refusal } from "./invites.ts";
import { staffCalled } from "./people.ts";
import { insertSealed, markIn } from "./sealed-tables.ts";

/*
 * Accounts of people whom the trust's identity provider knows. Each is tied to the provider's own name for the person (issuer and
 * sub), never to what they are called: two people of one name are two accounts. Every function runs inside the caller's transaction
 * and appends its own entry. That the tokens are good is found out before.
 */

export const oidcSchema = `
CREATE TABLE oidc_account (
  staff TEXT PRIMARY KEY REFERENCES staff (id),
  subject TEXT NOT NULL,
  subject_mark BLOB NOT NULL UNIQUE CHECK (length(subject_mark) = 32)
) STRICT;
-- Of a session that the provider opened: its own name for it; empty where it has none.
ALTER TABLE session ADD COLUMN oidc_sid_sha256 BLOB CHECK (length(oidc_sid_sha256) = 32);
-- Tokens that were used once, until they are of no use by themselves.
CREATE TABLE oidc_token (
  token_sha256 BLOB PRIMARY KEY CHECK (length(token_sha256) = 32),
  until INTEGER NOT NULL
) STRICT;
`;

export type OidcRefusal = keyof typeof refusalWords;

const startAgain = "This sign-in is not valid, or was used before. Start again, or use your ward password.";
/** Each is told differently: what helps is different. */
const refusalWords = {
  signature: startAgain,
  issuer: startAgain,
  audience: startAgain,
  nonce: startAgain,
  events: startAgain,
  userinfo: startAgain,
  malformed: startAgain,
  "not-an-id-token": startAgain,
  replayed: startAgain,
  expired: "This sign-in took too long. Start again, or use your ward password.",
  "auth-time": "The identity service did not ask again who you are. Start again, or use your ward password.",
  unreachable: "The identity service cannot be reached. Use your ward password.",
  "authentication-assurance":
    "You signed in with something that is not strong enough here. Use your smartcard or security key, or your ward password.",
  "identity-assurance":
    "Your identity was not checked as far as this ward needs. Ask your registration authority, or use your ward password.",
  "no-role": "You have no role on this ward. Choose another role, or ask the nurse in charge for an account.",
  "no-name": "The identity service did not tell your name. Ask your registration authority, or use your ward password.",
  ended: "Your account on this ward is closed. Ask the nurse in charge.",
} as const;

const signInPart: Actor = { kind: "system", part: "sign-in" };
const whyOf = (why: OidcRefusal): Refused["why"] => {
  if (why === "unreachable") return "unavailable";
  return refusalWords[why] === startAgain || why === "expired" || why === "auth-time" ? "code-invalid" : "not-allowed";
};

export function refuseOidc(
  append: Append,
  { why, what, staff = null }: { readonly why: OidcRefusal; readonly what: string; readonly staff?: string | null },
  stamp: Stamp,
): Refused {
  append(refusal("sign-in.refused", signInPart, { kind: "oidc", do: what, why, staff }), stamp);
  return refuse(whyOf(why), refusalWords[why]);
}

export interface OidcPerson {
  readonly issuer: string;
  readonly subject: string;
  /** The provider's name for its session; null where it has none. */
  readonly sid: string | null;
  readonly name: string;
  readonly role: StaffRole;
  readonly idToken: string;
  readonly tokenUntilUtcMs: number;
  readonly screen: Screen;
  readonly shiftMs: number;
}

/** An account is made at the first sign-in; the role is what the provider says today. */
export function signInByOidc(
  db: Database.Database,
  append: Append,
  person: OidcPerson,
  stamp: Stamp,
): AskResult | Refused {
  const what = "sign-in-oidc";
  if (!useOnce(db, "id", person.idToken, person.tokenUntilUtcMs, stamp))
    return refuseOidc(append, { why: "replayed", what }, stamp);
  const staff = staffOf(db, person) ?? makeStaff(db, append, person, stamp);
  const account = db
    .prepare(
      `SELECT name, account.until FROM account JOIN staff ON id = staff
       WHERE staff = ? AND ended_at IS NULL AND (account.until IS NULL OR account.until > ?)`,
    )
    .get(staff, at(stamp)) as { name: string; until: number | null } | undefined;
  if (account === undefined) return refuseOidc(append, { why: "ended", what, staff }, stamp);
  const { role, screen } = person;
  // Else a role that the trust took away would live on behind the ward's own password.
  db.prepare("UPDATE main.account SET role = ? WHERE staff = ?").run(role, staff);
  const until = at(stamp) + person.shiftMs;
  const opened = openSession(db, append, { staff, name: account.name, role, how: "oidc", until, screen }, stamp);
  if (opened.is === "staff" && opened.session !== null)
    db.prepare("UPDATE session SET oidc_sid_sha256 = ? WHERE token_sha256 = ?").run(
      sidHash(person.issuer, person.sid),
      tokenHash(opened.session),
    );
  return opened;
}

/** Ends what the provider opened for this person (sub), or in this session of theirs (sid). One that is over already is no error. */
export function endOidcSessions(
  db: Database.Database,
  append: Append,
  told: {
    readonly issuer: string;
    readonly subject: string | null;
    readonly sid: string | null;
    readonly jti: string;
    readonly until: number;
  },
  stamp: Stamp,
): AskResult | Refused {
  const { issuer, subject, sid, jti, until } = told;
  if (!useOnce(db, "logout", `${issuer}\n${jti}`, until, stamp))
    return refuseOidc(append, { why: "replayed", what: "oidc-logout" }, stamp);
  const staff = subject === null ? null : (staffOf(db, { issuer, subject }) ?? "");
  const open = db
    .prepare(
      `SELECT token_sha256 AS token, staff FROM session
       WHERE oidc_sid_sha256 IS NOT NULL AND ended_at IS NULL AND (:staff IS NULL OR staff = :staff) AND (:sid IS NULL OR oidc_sid_sha256 = :sid)`,
    )
    .all({ staff, sid: sid === null ? null : sidHash(issuer, sid) }) as { token: Uint8Array; staff: string }[];
  append(
    intentOf(
      "sign-out",
      { kind: "system", part: "identity provider" },
      {
        backChannel: true,
        sessions: open.length,
        staff: [...new Set(open.map((one) => one.staff))],
      },
    ),
    stamp,
  );
  for (const { token, staff: whose } of open) {
    db.prepare("UPDATE session SET ended_at = ? WHERE token_sha256 = ?").run(at(stamp), token);
    // The PIN is not to open again what the provider closed.
    db.prepare("DELETE FROM station_shift WHERE staff = ?").run(whose);
  }
  return { is: "done" };
}

const subjectText = (issuer: string, subject: string): string => `${issuer}\n${subject}`;

function staffOf(
  db: Database.Database,
  { issuer, subject }: Pick<OidcPerson, "issuer" | "subject">,
): string | undefined {
  const mark = markIn(db, "oidc_account", "subject", subjectText(issuer, subject));
  const found: unknown = db.prepare("SELECT staff FROM main.oidc_account WHERE subject_mark = ?").pluck().get(mark);
  return typeof found === "string" ? found : undefined;
}

function makeStaff(db: Database.Database, append: Append, person: OidcPerson, stamp: Stamp): string {
  const badge = freshBadge(db);
  const taken = db
    .prepare("SELECT 1 FROM main.staff WHERE name_mark = ?")
    .get(markIn(db, "staff", "name", person.name));
  // Somebody of this name is here already, and need not be the same person.
  const name = taken === undefined ? person.name : `${person.name} (${badge})`;
  const staff = staffCalled(db, name, stamp);
  const { issuer, subject, role } = person;
  makeAccount(db, { id: staff, badge, role, agency: false, until: null, by: "identity provider" }, stamp);
  insertSealed(db, "oidc_account", { staff, subject: subjectText(issuer, subject) });
  const actor: Actor = { kind: "system", part: "identity provider" };
  append(intentOf("staff.add", actor, { staff, role, agency: false, untilUtcMs: null }, { name, badge }), stamp);
  return staff;
}

/** For the ward's own password, should the nurse in charge give a code for one. */
function freshBadge(db: Database.Database): string {
  for (;;) {
    const badge = `OIDC-${String(randomInt(1_000_000)).padStart(6, "0")}`;
    const holder = db
      .prepare("SELECT 1 FROM main.account WHERE badge_mark = ?")
      .get(markIn(db, "account", "badge", badge));
    if (holder === undefined) return badge;
  }
}

/** False: this token was used before. */
function useOnce(
  db: Database.Database,
  kind: "id" | "logout",
  token: string,
  untilUtcMs: number,
  stamp: Stamp,
): boolean {
  db.prepare("DELETE FROM oidc_token WHERE until < ?").run(at(stamp));
  const sha256 = sha256Of(`quietround oidc ${kind}\n`, token);
  return (
    db
      .prepare("INSERT OR IGNORE INTO oidc_token (token_sha256, until) VALUES (?, ?)")
      .run(sha256, Math.ceil(untilUtcMs)).changes === 1
  );
}

const sidHash = (issuer: string, sid: string | null): Uint8Array =>
  sha256Of("quietround oidc session\n", `${issuer}\n${sid ?? ""}`);
const sha256Of = (purpose: string, text: string): Uint8Array =>
  new Uint8Array(createHash("sha256").update(purpose).update(text).digest());
