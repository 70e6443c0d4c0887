import type Database from "better-sqlite3";
import type { Stamp } from "../contract/audit-entry.ts";
import { at } from "./invites.ts";
import { markIn } from "./sealed-tables.ts";

/*
 * How often a badge number was tried with a wrong password or PIN. Counted for badges that nobody has in the same way: who has to
 * wait learns nothing about who works here.
 */

export const freeTries = 5;
const minuteMs = 60_000;
/** After each further wrong try. A nurse must be able to act again within the night. */
const waitsMin: readonly number[] = [1, 2, 4, 8, 15];
/** Tries of yesterday do not count today. */
const countedMs = 12 * 60 * minuteMs;
const badgesMax = 2_000;

interface Tries {
  readonly tries: number;
  readonly at: number;
  readonly wait_until: number;
}

/** Of a badge number that somebody typed, which may be nobody's. Keyed: a plain hash of one is soon found by trying. */
export const typedBadge = (db: Database.Database, badge: string): Uint8Array => markIn(db, "wrong_try", "badge", badge);

const triesOf = (db: Database.Database, badge: string): Tries | undefined =>
  db.prepare("SELECT tries, at, wait_until FROM wrong_try WHERE badge_sha256 = ?").get(typedBadge(db, badge)) as
    | Tries
    | undefined;

/** ms that are left to wait; 0 where it may be tried now. */
export function waitMs(db: Database.Database, badge: string, stamp: Stamp): number {
  return Math.max(0, (triesOf(db, badge)?.wait_until ?? 0) - at(stamp));
}

/** Returns for how long it now has to wait. */
export function countWrongTry(db: Database.Database, badge: string, stamp: Stamp): number {
  const before = triesOf(db, badge);
  const tries = (before !== undefined && at(stamp) - before.at < countedMs ? before.tries : 0) + 1;
  const wait = tries < freeTries ? 0 : (waitsMin[Math.min(tries - freeTries, waitsMin.length - 1)] ?? 0) * minuteMs;
  db.prepare(
    `INSERT INTO wrong_try (badge_sha256, tries, at, wait_until) VALUES (?, ?, ?, ?)
     ON CONFLICT (badge_sha256) DO UPDATE SET tries = excluded.tries, at = excluded.at, wait_until = excluded.wait_until`,
  ).run(typedBadge(db, badge), tries, at(stamp), at(stamp) + wait);
  // Made-up badges must not fill the disk; those with the fewest tries are the least loss.
  db.prepare(
    "DELETE FROM wrong_try WHERE badge_sha256 IN (SELECT badge_sha256 FROM wrong_try ORDER BY tries DESC, at DESC LIMIT -1 OFFSET ?)",
  ).run(badgesMax);
  return wait;
}

export function forgetWrongTries(db: Database.Database, badge: string): void {
  db.prepare("DELETE FROM wrong_try WHERE badge_sha256 = ?").run(typedBadge(db, badge));
}
