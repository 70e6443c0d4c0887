import type { StaffRole } from "./words.ts";

/** Staff, or whom the person let look. */
export type Looker = StaffRole | "advocate";

/** One opening of a person's data by somebody else, as the dashboard's own log tells it. */
export interface Looked {
  readonly atUtcMs: number;
  /** How long it stayed open; null: not known, or a page that is read once. */
  readonly openMs: number | null;
  readonly role: Looker;
  /** Null: only the person knows whom they gave a code. */
  readonly name: string | null;
  /** Path of the page; what was taken away is `export`. */
  readonly page: string;
  /** HL7 v3 PurposeOfUse. */
  readonly purposeOfEvent: string;
}

export interface WhoLooked {
  /** The newest first. */
  readonly looked: readonly Looked[];
  /** There were more than are told. */
  readonly more: boolean;
}

/** A signed root of the audit log, by which a day can be checked later. */
export interface DayRoot {
  /** The Merkle root, lower-case hex. */
  readonly rootSha256: string;
  readonly entries: number;
  /** The whole signed note (c2sp.org/tlog-checkpoint). */
  readonly note: string;
  /** When the newest entry that it covers was written. */
  readonly lastEntryUtcMs: number;
}
