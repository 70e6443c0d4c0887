import type Database from "better-sqlite3";
import { AlarmSpanRow, CheckMarkRow, ConsentSpanRow, OrderMarkRow } from "../contract/history-rows.ts";
import { CareOrder } from "../contract/people.ts";
import { type HistoryConsent, historySpanMs, historyStepsMax, type PersonHistory } from "../contract/person-history.ts";
import { allowingStates, type ConsentState, type Purpose, sensingPurposes } from "../contract/words.ts";
import { type FactRow, foldSteps } from "./history-steps.ts";
import { StoreError } from "./store-error.ts";

const marksMax = 500;

/**
 * The last hours of one stay. What the person does not allow at this moment is not even read.
 *
 * @throws StoreError "damaged" for a row that is none.
 */
export function readPersonHistory(db: Database.Database, stay: string, nowUtcMs: number): PersonHistory {
  const stepMs = historySpanMs / historyStepsMax;
  // Steps at the same places at each reading, so that a picture that is drawn again does not shimmer.
  const untilUtcMs = Math.ceil(nowUtcMs / stepMs) * stepMs;
  const fromUtcMs = untilUtcMs - historySpanMs;
  const consents = readConsents(db, stay, fromUtcMs, untilUtcMs);
  const isAllowed = (purpose: Purpose): boolean =>
    consents.some((one) => one.purpose === purpose && one.untilUtcMs === untilUtcMs && allows(one.state)) &&
    endsAfter(db, stay, purpose, nowUtcMs);
  const shown = { breathing: isAllowed("breathing-rate"), movement: isAllowed("movement-alerts") };
  return {
    fromUtcMs,
    untilUtcMs,
    stepMs,
    shown,
    steps: foldSteps(factsOf(db, stay, fromUtcMs, shown), fromUtcMs, stepMs),
    alarms: readAlarms(db, stay, fromUtcMs),
    checks: readChecks(db, stay, fromUtcMs),
    consents: consents.filter(({ state }) => allows(state)),
    orders: readOrders(db, stay, fromUtcMs),
  };
}

const allows = (state: ConsentState): boolean => allowingStates.includes(state);

/** Columns by what each purpose may fill (ward-schema.ts). */
function factsOf(
  db: Database.Database,
  stay: string,
  fromUtcMs: number,
  { breathing, movement }: PersonHistory["shown"],
): Iterable<FactRow> {
  if (!breathing && !movement) return [];
  const column = (name: string, may: boolean): string => (may ? name : `NULL AS ${name}`);
  const columns = [
    ...["occupancy", "movement"].map((name) => column(name, movement)),
    ...["breathing_per_min", "low_per_min", "high_per_min", "reason"].map((name) => column(name, breathing)),
  ];
  return db
    .prepare(`SELECT at, ${columns.join(", ")} FROM fact WHERE stay = ? AND at >= ? ORDER BY at`)
    .iterate(stay, fromUtcMs) as Iterable<FactRow>;
}

/** Spans of each sensing purpose's states; the last one ends with the picture. */
function readConsents(db: Database.Database, stay: string, fromUtcMs: number, untilUtcMs: number): HistoryConsent[] {
  const changes = readRows(
    db,
    ConsentSpanRow,
    "SELECT purpose, state, at FROM consent WHERE stay = ? ORDER BY transition",
    stay,
  );
  return sensingPurposes.flatMap((purpose) => {
    const own = changes.filter((change) => change.purpose === purpose);
    return own.flatMap(({ state, at }, index) => {
      const end = Math.min(own[index + 1]?.at ?? untilUtcMs, untilUtcMs);
      return end <= fromUtcMs ? [] : [{ purpose, state, fromUtcMs: Math.max(at, fromUtcMs), untilUtcMs: end }];
    });
  });
}

/** A grant that ran out while the agent was away was not yet written down as expired. */
function endsAfter(db: Database.Database, stay: string, purpose: Purpose, nowUtcMs: number): boolean {
  const until: unknown = db
    .prepare("SELECT until FROM consent WHERE stay = ? AND purpose = ? ORDER BY transition DESC LIMIT 1")
    .pluck()
    .get(stay, purpose);
  return typeof until === "number" && until > nowUtcMs;
}

function readAlarms(db: Database.Database, stay: string, fromUtcMs: number): PersonHistory["alarms"] {
  const sql = `SELECT condition, priority, raised_at, cleared_at, acknowledged_by, acknowledged_at FROM alarm
    WHERE stay = ? AND (raised_at >= ? OR cleared_at IS NULL OR cleared_at >= ?) ORDER BY raised_at DESC LIMIT ${marksMax}`;
  return readRows(db, AlarmSpanRow, sql, stay, fromUtcMs, fromUtcMs)
    .map(({ condition, priority, raised_at, cleared_at, acknowledged_by, acknowledged_at }) => ({
      condition,
      priority,
      raisedAtUtcMs: raised_at,
      clearedAtUtcMs: cleared_at,
      acknowledged:
        acknowledged_by === null || acknowledged_at === null
          ? null
          : { name: acknowledged_by, atUtcMs: acknowledged_at },
    }))
    .toReversed();
}

/** Without those that another entry corrects. */
function readChecks(db: Database.Database, stay: string, fromUtcMs: number): PersonHistory["checks"] {
  const sql = `SELECT seen_at, by_name FROM person_check WHERE stay = ? AND seen_at >= ?
    AND id NOT IN (SELECT supersedes FROM person_check WHERE stay = ? AND supersedes IS NOT NULL)
    ORDER BY seen_at DESC LIMIT ${marksMax}`;
  return readRows(db, CheckMarkRow, sql, stay, fromUtcMs, stay)
    .map(({ seen_at, by_name }) => ({ seenAtUtcMs: seen_at, name: by_name }))
    .toReversed();
}

/** Those of these hours, and the one that held when they began. */
function readOrders(db: Database.Database, stay: string, fromUtcMs: number): PersonHistory["orders"] {
  const found = readRows(
    db,
    OrderMarkRow,
    `SELECT care_order, at FROM care_order WHERE stay = ? ORDER BY number DESC LIMIT ${marksMax}`,
    stay,
  );
  const before = found.findIndex(({ at }) => at < fromUtcMs);
  return found
    .slice(0, before === -1 ? undefined : before + 1)
    .map(({ care_order, at }) => ({ atUtcMs: at, order: CareOrder.parse(JSON.parse(care_order)) }))
    .toReversed();
}

interface Row<T> {
  safeParse(
    found: unknown,
  ): { readonly success: true; readonly data: T } | { readonly success: false; readonly error: unknown };
}

function readRows<T>(db: Database.Database, row: Row<T>, sql: string, ...values: (string | number)[]): T[] {
  return db
    .prepare(sql)
    .all(...values)
    .map((found) => {
      const read = row.safeParse(found);
      if (!read.success) throw new StoreError("damaged", "a row of a stay's last hours is none", read.error);
      return read.data;
    });
}
