import type Database from "better-sqlite3";
import type { StaffMember } from "../contract/staff.ts";
import { typedBadge } from "./wrong-tries.ts";

/* The staff list and the order of the beds, for pages. Reads only. */

const membersMax = 500;

interface Row extends Omit<StaffMember, "agency" | "started" | "waitUntilUtcMs" | "training"> {
  readonly agency: number;
  readonly started: number;
  readonly doneOn: string | null;
  readonly validUntil: string | null;
  readonly recordedBy: string | null;
}

/** Who works here by name, then who has left. */
export function readStaff(ward: Database.Database, nowUtcMs: number): StaffMember[] {
  const rows = ward
    .prepare(
      `SELECT staff.id, name, badge, role, agency, account.until AS untilUtcMs, ended_at AS endedAtUtcMs,
              password IS NOT NULL OR EXISTS (SELECT 1 FROM main.oidc_account AS o WHERE o.staff = account.staff) AS started, added_by AS addedBy,
              done_on AS doneOn, valid_until AS validUntil, training.by AS recordedBy
       FROM account JOIN staff ON staff.id = account.staff
         LEFT JOIN training ON number = (SELECT max(number) FROM training WHERE training.staff = account.staff)
       ORDER BY ended_at IS NOT NULL, name LIMIT ?`,
    )
    .all(membersMax) as Row[];
  const wait = ward.prepare("SELECT wait_until FROM wrong_try WHERE badge_sha256 = ? AND wait_until > ?").pluck();
  return rows.map(({ agency, started, doneOn, validUntil, recordedBy, ...row }) => ({
    ...row,
    agency: agency === 1,
    started: started === 1,
    waitUntilUtcMs: (wait.get(typedBadge(ward, row.badge), nowUtcMs) as number | undefined) ?? null,
    training: doneOn === null || validUntil === null || recordedBy === null ? null : { doneOn, validUntil, recordedBy },
  }));
}

/** As it was last set; null where nobody has set one. */
export function readFloorOrder(ward: Database.Database): string[] | null {
  const beds: unknown = ward.prepare("SELECT beds FROM floor_order ORDER BY number DESC LIMIT 1").pluck().get();
  return typeof beds === "string" ? (JSON.parse(beds) as string[]) : null;
}
