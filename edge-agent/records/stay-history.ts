import type Database from "better-sqlite3";
import { type ConsentChange, ConsentRow, readConsentRecord } from "../contract/consent-history.ts";
import type { Purpose } from "../contract/words.ts";
import { StoreError } from "./store-error.ts";

/* What a stay's rows tell afterwards, for those who look after the person. Reads only. */

/** Every change of consent of one stay, the oldest first. Throws StoreError "damaged" for a row that is none. */
export function readConsentHistory(db: Database.Database, stay: string): ConsentChange[] {
  return db
    .prepare("SELECT purpose, state, at, by, by_person, until, record FROM consent WHERE stay = ? ORDER BY transition")
    .all(stay)
    .map((found) => {
      const row = ConsentRow.safeParse(found);
      if (!row.success) throw new StoreError("damaged", `a change of consent of stay ${stay} is none`, row.error);
      const { purpose, state, at, by, by_person, until, record } = row.data;
      const change = { purpose, state, atUtcMs: at, by, byPerson: by_person === 1, untilUtcMs: until };
      return { ...change, record: readConsentRecord(record) };
    });
}

/** Columns of a fact that each purpose may fill (records/ward-schema.ts). */
const factsOf: Readonly<Partial<Record<Purpose, string>>> = {
  "movement-alerts": "coalesce(occupancy, movement)",
  "breathing-rate": "coalesce(breathing_per_min, low_per_min, high_per_min, quality, reason)",
};

/** Minutes since then in which something was recorded for this purpose; null for one that runs no sensor. */
export function sensedMinutes(
  db: Database.Database,
  stay: string,
  purpose: Purpose,
  sinceUtcMs: number,
): number | null {
  const columns = factsOf[purpose];
  if (columns === undefined) return null;
  const minutes: unknown = db
    .prepare(`SELECT count(DISTINCT at / 60000) FROM fact WHERE stay = ? AND at >= ? AND ${columns} IS NOT NULL`)
    .pluck()
    .get(stay, Math.round(sinceUtcMs));
  return typeof minutes === "number" ? minutes : 0;
}
