import type Database from "better-sqlite3";
import { allowingStates } from "../contract/words.ts";

/*
 * The ward's wall clock as a table, so that the database itself knows the local hour of a fact: agreed hours are a rule of the store,
 * for every connection, with no code of ours behind it. A time that the table does not cover has no hour, and is refused.
 */

const words = allowingStates.map((state) => `'${state}'`).join(", ");

const hourOfFact =
  "(SELECT (NEW.at + offset_ms) / 3600000 % 24 FROM wall_clock WHERE from_at <= NEW.at AND NEW.at < until_at)";

/** 1: no hours were agreed, or the fact lies within them. Not 1: outside, or not to be told. */
const withinHours = `CASE json_type(held, '$.hours') WHEN 'null' THEN 1 WHEN 'object' THEN
      (SELECT CASE WHEN begins < ends THEN hour >= begins AND hour < ends ELSE hour >= begins OR hour < ends END FROM
        (SELECT json_extract(held, '$.hours.fromHour') AS begins, json_extract(held, '$.hours.toHour') AS ends, ${hourOfFact} AS hour))
    END`;

const allowsAt = (purpose: string): string =>
  `(SELECT state IN (${words}) AND NEW.at < until AND ${withinHours} FROM consent
    WHERE stay = NEW.stay AND purpose = '${purpose}' ORDER BY transition DESC LIMIT 1)`;

export const wallClockSchema = `
CREATE TABLE wall_clock (
  from_at INTEGER PRIMARY KEY,
  until_at INTEGER NOT NULL,
  -- Local time less UTC.
  offset_ms INTEGER NOT NULL CHECK (abs(offset_ms) <= 57600000),
  CHECK (from_at < until_at)
) STRICT;
DROP TRIGGER fact_needs_movement_grant;
CREATE TRIGGER fact_needs_movement_grant BEFORE INSERT ON fact
  WHEN coalesce(NEW.occupancy, NEW.movement) IS NOT NULL AND ${allowsAt("movement-alerts")} IS NOT 1
  BEGIN SELECT RAISE(ABORT, 'no grant'); END;
DROP TRIGGER fact_place_needs_movement_grant;
CREATE TRIGGER fact_place_needs_movement_grant BEFORE INSERT ON fact
  WHEN coalesce(NEW.place, NEW.people) IS NOT NULL AND ${allowsAt("movement-alerts")} IS NOT 1
  BEGIN SELECT RAISE(ABORT, 'no grant'); END;
DROP TRIGGER fact_needs_breathing_grant;
CREATE TRIGGER fact_needs_breathing_grant BEFORE INSERT ON fact
  WHEN coalesce(NEW.breathing_per_min, NEW.low_per_min, NEW.high_per_min, NEW.quality, NEW.reason) IS NOT NULL
    AND ${allowsAt("breathing-rate")} IS NOT 1
  BEGIN SELECT RAISE(ABORT, 'no grant'); END;
`;

export interface ClockSpan {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly offsetMs: number;
}

const firstMs = Date.UTC(2020, 0, 1);
const lastMs = Date.UTC(2060, 0, 1);
/** No time zone changes its clock twice in a week. */
const strideMs = 7 * 24 * 3_600_000;

/** From 2020 to 2060, in which spans the clocks of a time zone (IANA name) stay the same. */
export function clockSpans(timeZone: string): ClockSpan[] {
  const offsetAt = offsetsOf(timeZone);
  const spans: ClockSpan[] = [];
  let fromMs = firstMs;
  let offsetMs = offsetAt(firstMs);
  for (let nextMs = firstMs; nextMs < lastMs; ) {
    const beforeMs = nextMs;
    nextMs = Math.min(lastMs, nextMs + strideMs);
    if (offsetAt(nextMs) === offsetMs) continue;
    const changeMs = changeBetween(offsetAt, beforeMs, nextMs);
    spans.push({ fromMs, untilMs: changeMs, offsetMs });
    fromMs = changeMs;
    offsetMs = offsetAt(changeMs);
  }
  return [...spans, { fromMs, untilMs: lastMs, offsetMs }];
}

function changeBetween(offsetAt: (utcMs: number) => number, lowMs: number, highMs: number): number {
  const before = offsetAt(lowMs);
  let [low, high] = [lowMs, highMs];
  while (high - low > 1_000) {
    const middle = Math.floor((low + high) / 2_000) * 1_000;
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

function offsetsOf(timeZone: string): (utcMs: number) => number {
  const format = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric" },
    ...{ hour: "numeric", minute: "numeric", second: "numeric" },
  });
  return (utcMs) => {
    const parts = new Map(format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
    const of = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? Number.NaN;
    return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second")) - utcMs;
  };
}

/** Puts the ward's time zone into the database; nothing is written where it is there already. */
export function keepWallClock(db: Database.Database, timeZone: string): void {
  const wanted = clockSpans(timeZone).map(({ fromMs, untilMs, offsetMs }) => [fromMs, untilMs, offsetMs]);
  db.transaction(() => {
    const kept = db.prepare("SELECT from_at, until_at, offset_ms FROM wall_clock ORDER BY from_at").raw().all();
    if (JSON.stringify(kept) === JSON.stringify(wanted)) return;
    db.exec("DELETE FROM wall_clock");
    const insert = db.prepare("INSERT INTO wall_clock (from_at, until_at, offset_ms) VALUES (?, ?, ?)");
    for (const span of wanted) insert.run(...span);
  }).immediate();
}
