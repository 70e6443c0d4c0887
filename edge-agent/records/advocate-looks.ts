import type Database from "better-sqlite3";
import { type LookGiven, type LookHours, lookCodeMs } from "../contract/advocate.ts";
import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { Actor } from "../contract/people.ts";
import type { RefusalReason } from "../contract/words.ts";
import { codeHash, freshCode, freshToken, tokenHash } from "./codes.ts";
import { type Append, at, type Invitation, intentOf, refusal } from "./invites.ts";
import type { Known } from "./people.ts";
import { insertSealed, updateSealed } from "./sealed-tables.ts";

/* Each function runs in the caller's transaction and appends its own entry. Codes and tokens are kept as SHA-256 only. */

export const advocateSchema = `
CREATE TABLE advocate_look (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  stay TEXT NOT NULL REFERENCES stay (id),
  code_sha256 BLOB NOT NULL UNIQUE CHECK (length(code_sha256) = 32),
  hours INTEGER NOT NULL CHECK (hours BETWEEN 1 AND 168),
  given_at INTEGER NOT NULL,
  name TEXT,
  token_sha256 BLOB UNIQUE CHECK (length(token_sha256) = 32),
  began_at INTEGER,
  open_until INTEGER CHECK (open_until <= began_at + hours * 3600000),
  ended_at INTEGER,
  CHECK ((name IS NULL) = (token_sha256 IS NULL) AND (name IS NULL) = (began_at IS NULL) AND (name IS NULL) = (open_until IS NULL))
) STRICT;
CREATE INDEX advocate_look_of_stay ON advocate_look (stay);
CREATE TRIGGER advocate_look_of_open_stay BEFORE INSERT ON advocate_look
  WHEN NOT EXISTS (SELECT 1 FROM stay WHERE id = NEW.stay AND ended_at IS NULL)
  BEGIN SELECT RAISE(ABORT, 'the stay is over'); END;
CREATE TRIGGER advocate_look_begins_once BEFORE UPDATE ON advocate_look
  WHEN NEW.stay <> OLD.stay OR NEW.hours <> OLD.hours
    OR (OLD.began_at IS NOT NULL AND (NEW.began_at IS NOT OLD.began_at OR NEW.open_until IS NOT OLD.open_until
      OR NEW.token_sha256 IS NOT OLD.token_sha256))
    OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NOT OLD.ended_at)
  BEGIN SELECT RAISE(ABORT, 'a look begins once, and ends once'); END;
CREATE TRIGGER advocate_look_ends_with_stay AFTER UPDATE OF ended_at ON stay
  BEGIN UPDATE advocate_look SET ended_at = NEW.ended_at WHERE stay = NEW.id AND ended_at IS NULL; END;
`;

type Bedside = Extract<Actor, { kind: "bedside" }>;

export function letLook(
  db: Database.Database,
  append: Append,
  { by, hours }: { readonly by: Bedside; readonly hours: LookHours },
  stamp: Stamp,
): Invitation {
  const invitation = { code: freshCode(), expiresAt: at(stamp) + lookCodeMs };
  append(intentOf("advocate.let", by, { bed: by.bed, stay: by.stay, hours }), stamp);
  const code = codeHash(invitation.code);
  insertSealed(db, "advocate_look", { stay: by.stay, code_sha256: code, hours, given_at: at(stamp) });
  return invitation;
}

export function endLooks(db: Database.Database, append: Append, by: Bedside, stamp: Stamp): AskResult {
  append(intentOf("advocate.end", by, { bed: by.bed, stay: by.stay }), stamp);
  db.prepare("UPDATE main.advocate_look SET ended_at = ? WHERE stay = ? AND ended_at IS NULL").run(at(stamp), by.stay);
  return { is: "done" };
}

interface Row {
  readonly number: number;
  readonly stay: string;
  readonly bed: string;
  readonly hours: number;
  readonly given_at: number;
  readonly began_at: number | null;
  readonly open_until: number | null;
  readonly ended_at: number | null;
}

/** From any browser, before any check. The asker is told only that it was refused; the log says why. */
export function advocateIn(
  db: Database.Database,
  append: Append,
  { code, name }: { readonly code: string; readonly name: string },
  stamp: Stamp,
): AskResult | RefusalReason {
  const row = db
    .prepare("SELECT a.*, stay.bed FROM advocate_look AS a JOIN stay ON stay.id = a.stay WHERE code_sha256 = ?")
    .get(codeHash(code)) as Row | undefined;
  const why = whyNot(row, at(stamp));
  if (row === undefined || why !== undefined) {
    append(
      refusal("sign-in.refused", { kind: "system", part: "sign-in" }, { kind: "advocate", why: why ?? "" }),
      stamp,
    );
    return "code-invalid";
  }
  const { number, bed, stay, hours } = row;
  const token = freshToken();
  const expiresAt = at(stamp) + hours * 3_600_000;
  append(intentOf("advocate.begin", { kind: "advocate", number, bed, stay }, { bed, stay, hours }, { name }), stamp);
  const begun = { began_at: at(stamp), open_until: expiresAt };
  updateSealed(db, "advocate_look", number, { name, token_sha256: tokenHash(token), ...begun });
  return { is: "advocate", session: token, number, bed, stay, expiresAt };
}

function whyNot(row: Row | undefined, nowUtcMs: number): string | undefined {
  if (row === undefined) return "unknown";
  if (row.ended_at !== null) return "ended";
  if (row.began_at !== null) return "used";
  return nowUtcMs < row.given_at + lookCodeMs ? undefined : "expired";
}

/** Undefined for a token that is nobody's, or whose time is over. */
export function advocateOf(db: Database.Database, token: string, utcMs: number): Known | undefined {
  const row = db
    .prepare(
      `SELECT a.*, stay.bed FROM advocate_look AS a JOIN stay ON stay.id = a.stay
       WHERE token_sha256 = ? AND a.ended_at IS NULL AND open_until > ?`,
    )
    .get(tokenHash(token), utcMs) as Row | undefined;
  if (row === undefined) return undefined;
  const { number, bed, stay, open_until } = row;
  return { actor: { kind: "advocate", number, bed, stay }, expiresAt: open_until ?? utcMs };
}

/** Whoever leaves has ended it: on a shared screen nobody comes after them. Undefined: this is no such token. */
export function leaveLook(db: Database.Database, append: Append, token: string, stamp: Stamp): AskResult | undefined {
  const known = advocateOf(db, token, stamp.utcMs);
  if (known?.actor.kind !== "advocate") return undefined;
  const { number, bed, stay } = known.actor;
  append(intentOf("advocate.end", known.actor, { bed, stay }), stamp);
  db.prepare("UPDATE main.advocate_look SET ended_at = ? WHERE number = ?").run(at(stamp), number);
  return { is: "done" };
}

/** Those that are open now or may yet be used, the newest first. */
export const readLooks = (db: Database.Database, stay: string, nowUtcMs: number): LookGiven[] =>
  db
    .prepare(
      `SELECT open_until AS openUntilUtcMs FROM advocate_look WHERE stay = @stay AND ended_at IS NULL
       AND CASE WHEN open_until IS NULL THEN given_at + ${lookCodeMs} ELSE open_until END > @nowUtcMs ORDER BY number DESC`,
    )
    .all({ stay, nowUtcMs }) as LookGiven[];
