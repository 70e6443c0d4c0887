import type Database from "better-sqlite3";
import { type CheckRecord, CheckSeen, ObservationOrder } from "../contract/checks.ts";
import { CommunicationNeeds, commonNeeds, PurposeConsent } from "../contract/consent.ts";
import type { RoomRecord } from "../contract/door.ts";
import { CareOrder } from "../contract/people.ts";
import { allowingStates, ConsentState, type Purpose, purposes } from "../contract/words.ts";
import { openAlarmsOf } from "./restore-alarms.ts";
import { sedationOf } from "./sedation.ts";
import { StoreError } from "./store-error.ts";
import { storedWord as word } from "./stored-word.ts";

/**
 * What the ward database holds of a bed now. Throws StoreError "damaged" for a row that this program could not have
 * written.
 */
export function readRoom(db: Database.Database, bed: string): RoomRecord {
  const stay = db.prepare("SELECT id, label, demonstration FROM stay WHERE bed = ? AND ended_at IS NULL").get(bed) as
    | { id: string; label: string; demonstration: number }
    | undefined;
  const lease = db.prepare("SELECT number, stay FROM lease_number WHERE bed = ?").get(bed) as
    | { number: number; stay: string | null }
    | undefined;
  return {
    stay: stay === undefined ? null : { id: stay.id, label: stay.label, demonstration: stay.demonstration === 1 },
    needs: stay === undefined ? commonNeeds : needsOf(db, stay.id),
    checks: stay === undefined ? null : checksOf(db, stay.id),
    sedation: stay === undefined ? null : sedationOf(db, stay.id),
    consents: stay === undefined ? [] : consentsOf(db, stay.id),
    order: stay === undefined ? null : orderOf(db, stay.id),
    alarms: stay === undefined ? [] : openAlarmsOf(db, stay.id),
    leaseNumber: lease?.number ?? 0,
    leaseLeftOpen: lease === undefined || lease.stay === null ? null : { stay: lease.stay },
    lastSeen: stay === undefined ? null : lastSeenOf(db, stay.id),
    alarmCount: alarmCountOf(db, bed),
    recordedUtcMs: stay === undefined ? null : recordedOf(db, stay.id),
  };
}

function consentsOf(db: Database.Database, stay: string): RoomRecord["consents"] {
  const latest = db.prepare(
    "SELECT state, at, until, held FROM consent WHERE stay = ? AND purpose = ? ORDER BY transition DESC LIMIT 1",
  );
  return purposes.flatMap((purpose) => {
    const row = latest.get(stay, purpose) as
      | { state: string; at: number; until: number | null; held: string }
      | undefined;
    return row === undefined ? [] : [consentOf(purpose, row)];
  });
}

function consentOf(
  purpose: Purpose,
  row: { state: string; at: number; until: number | null; held: string },
): PurposeConsent {
  const state = word(ConsentState, row.state);
  // Of an earlier release, which knew no end: off, until it is offered again.
  if (row.held === "{}") {
    const alive = allowingStates.includes(state) || state === "offered";
    const bare = { sinceUtcMs: row.at, untilUtcMs: null, pause: null, hours: null, askAgain: null };
    return { purpose, ...bare, state: alive ? "expired" : state, personSaidNo: state === "withdrawn" };
  }
  const consent = PurposeConsent.safeParse({ ...JSON.parse(row.held), purpose, state, untilUtcMs: row.until });
  if (!consent.success) throw new StoreError("damaged", `the consent for ${purpose} is none`, consent.error);
  return consent.data;
}

function needsOf(db: Database.Database, stay: string): CommunicationNeeds {
  const text: unknown = db
    .prepare("SELECT needs FROM needs WHERE stay = ? ORDER BY number DESC LIMIT 1")
    .pluck()
    .get(stay);
  if (typeof text !== "string") return commonNeeds;
  const needs = CommunicationNeeds.safeParse(JSON.parse(text));
  if (!needs.success) throw new StoreError("damaged", `the communication needs of stay ${stay} are none`, needs.error);
  return needs.data;
}

/** The newest order of checks in person, and the newest check that was recorded in time. */
function checksOf(db: Database.Database, stay: string): CheckRecord | null {
  const ordered = db
    .prepare("SELECT observation, at FROM observation_order WHERE stay = ? ORDER BY number DESC LIMIT 1")
    .get(stay) as { observation: string; at: number } | undefined;
  if (ordered === undefined) return null;
  const order = ObservationOrder.safeParse(JSON.parse(ordered.observation));
  if (!order.success) throw new StoreError("damaged", `the observation order of stay ${stay} is none`, order.error);
  const made = db
    .prepare(
      `SELECT seen_at, by_name, seen FROM person_check
       WHERE stay = ? AND retrospective IS NULL AND json_extract(seen, '$.where') <> 'not-found'
       ORDER BY seen_at DESC LIMIT 1`,
    )
    .get(stay) as { seen_at: number; by_name: string; seen: string } | undefined;
  if (made === undefined) return { order: order.data, orderedUtcMs: ordered.at, lastMade: null };
  const seen = CheckSeen.safeParse(JSON.parse(made.seen));
  if (!seen.success) throw new StoreError("damaged", `a check of stay ${stay} is none`, seen.error);
  const { where, how } = seen.data;
  const lastMade = { atUtcMs: made.seen_at, by: made.by_name, where, how };
  return { order: order.data, orderedUtcMs: ordered.at, lastMade };
}

function orderOf(db: Database.Database, stay: string): CareOrder | null {
  const text: unknown = db
    .prepare(
      `SELECT CASE WHEN ended.at IS NULL THEN given.care_order END
       FROM care_order given LEFT JOIN care_order_end ended ON ended.care_order = given.number
       WHERE given.stay = ? ORDER BY given.number DESC LIMIT 1`,
    )
    .pluck()
    .get(stay);
  if (typeof text !== "string") return null;
  const order = CareOrder.safeParse(JSON.parse(text));
  if (!order.success) throw new StoreError("damaged", `the order of stay ${stay} is no order`, order.error);
  return order.data;
}

function recordedOf(db: Database.Database, stay: string): number | null {
  const at: unknown = db.prepare("SELECT max(at) FROM fact WHERE stay = ?").pluck().get(stay);
  return typeof at === "number" ? at : null;
}

/** Whether the person was seen in bed, and if not any more, since when not. Null: never seen in bed in this stay. */
function lastSeenOf(db: Database.Database, stay: string): RoomRecord["lastSeen"] {
  const inBedAt: unknown = db
    .prepare("SELECT max(at) FROM fact WHERE stay = ? AND occupancy = 'in-bed'")
    .pluck()
    .get(stay);
  if (typeof inBedAt !== "number") return null;
  const awayAt: unknown = db
    .prepare("SELECT min(at) FROM fact WHERE stay = ? AND occupancy = 'empty' AND at > ?")
    .pluck()
    .get(stay, inBedAt);
  return typeof awayAt === "number" ? { inBed: false, sinceUtcMs: awayAt } : { inBed: true, sinceUtcMs: inBedAt };
}

/**
 * The highest number that an alarm of this bed carries at the end of its id, or how many there are if that is more: the
 * next id must be new, also where an alarm between was told but could not be stored.
 */
function alarmCountOf(db: Database.Database, bed: string): number {
  const count: unknown = db
    .prepare(
      `SELECT max(count(*), coalesce(max(CAST(substr(alarm.id, length(rtrim(alarm.id, '0123456789')) + 1) AS INTEGER)), 0))
       FROM alarm JOIN stay ON stay.id = alarm.stay WHERE stay.bed = ?`,
    )
    .pluck()
    .get(bed);
  return typeof count === "number" ? count : 0;
}
