import type Database from "better-sqlite3";
import { CareOrder } from "../contract/people.ts";
import type { BedPlace, NoRateReason, Occupancy, PeopleSeen } from "../contract/words.ts";
import { StoreError } from "./store-error.ts";

/** One recorded moment. The words are as this program wrote them: a trigger keeps facts from being changed. */
export interface FactRow {
  readonly atUtcMs: number;
  readonly occupancy: Occupancy | null;
  readonly movement: number | null;
  readonly place: BedPlace | null;
  readonly people: PeopleSeen | null;
  readonly breathingPerMin: number | null;
  readonly quality: number | null;
  readonly reason: NoRateReason | null;
}
type Raw = readonly [
  number,
  Occupancy | null,
  number | null,
  BedPlace | null,
  PeopleSeen | null,
  number | null,
  number | null,
  NoRateReason | null,
];

/** An hour at once: a row at a time costs a third more, and a whole night too much memory. */
const chunkMs = 3_600_000;

/** In order of time. @param untilUtcMs not included. */
export function* readFacts(
  db: Database.Database,
  stay: string,
  sinceUtcMs: number,
  untilUtcMs: number,
): Generator<FactRow> {
  const read = db
    .prepare(
      `SELECT at, occupancy, movement, place, people, breathing_per_min, quality, reason
       FROM fact WHERE stay = ? AND at >= ? AND at < ? ORDER BY at`,
    )
    .raw();
  for (let from = sinceUtcMs; from < untilUtcMs; from += chunkMs) {
    const rows = read.all(stay, Math.round(from), Math.round(Math.min(from + chunkMs, untilUtcMs))) as Raw[];
    for (const [atUtcMs, occupancy, movement, place, people, breathingPerMin, quality, reason] of rows)
      yield { atUtcMs, occupancy, movement, place, people, breathingPerMin, quality, reason };
  }
}

/** Stays that were not over by then, the newest first. */
export function staysSince(db: Database.Database, sinceUtcMs: number): string[] {
  return db
    .prepare("SELECT id FROM stay WHERE ended_at IS NULL OR ended_at > ? ORDER BY started_at DESC")
    .pluck()
    .all(Math.round(sinceUtcMs)) as string[];
}

/** The newest order of a stay, whether it still holds or not; null without any. Throws StoreError "damaged". */
export function newestOrder(db: Database.Database, stay: string): CareOrder | null {
  const text: unknown = db
    .prepare("SELECT care_order FROM care_order WHERE stay = ? ORDER BY number DESC LIMIT 1")
    .pluck()
    .get(stay);
  if (typeof text !== "string") return null;
  const order = CareOrder.safeParse(JSON.parse(text));
  if (!order.success) throw new StoreError("damaged", `the order of stay ${stay} is no order`, order.error);
  return order.data;
}
