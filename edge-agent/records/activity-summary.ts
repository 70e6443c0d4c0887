import type Database from "better-sqlite3";
import { type ActivityDay, type ActivitySummary, activityDaysMax } from "../contract/activity-summary.ts";
import type { Hours } from "../contract/consent.ts";
import { isWithin, localHour, localMidnight } from "../contract/local-hour.ts";
import { allowingStates, type ConsentState } from "../contract/words.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

interface Minute {
  readonly minute: number;
  readonly inBed: number;
  readonly empty: number;
}

/** Reads nothing that the person does not allow at this moment, and nothing from before they allowed it. */
export function readActivity(
  db: Database.Database,
  stay: string,
  { nowUtcMs, timeZone, rest }: { readonly nowUtcMs: number; readonly timeZone: string; readonly rest: Hours },
): ActivitySummary {
  const sinceUtcMs = allowedSince(db, stay, nowUtcMs);
  if (sinceUtcMs === null) return { sinceUtcMs };
  const bounds = daysBefore(nowUtcMs, timeZone);
  const from = Math.max(sinceUtcMs, bounds.at(-1)?.fromUtcMs ?? nowUtcMs);
  const minutes = db
    .prepare(
      `SELECT at / 60000 AS minute, sum(occupancy = 'in-bed') AS inBed, sum(occupancy = 'empty') AS empty
       FROM fact WHERE stay = ? AND at >= ? AND at < ? AND occupancy IS NOT NULL GROUP BY at / 60000 ORDER BY at / 60000`,
    )
    .all(stay, Math.round(from), Math.round(nowUtcMs)) as Minute[];
  const isRest = (utcMs: number): boolean => isWithin(rest, localHour(utcMs, timeZone));
  return {
    sinceUtcMs,
    days: bounds
      .filter(({ untilUtcMs }) => untilUtcMs > from)
      .map(({ fromUtcMs, untilUtcMs }) => dayOf(minutes, Math.max(fromUtcMs, from), untilUtcMs, isRest)),
  };
}

/** When it was last turned on; null: it is off now, or has run out. */
function allowedSince(db: Database.Database, stay: string, nowUtcMs: number): number | null {
  const changes = db
    .prepare(
      "SELECT state, at, until FROM consent WHERE stay = ? AND purpose = 'activity-summary' ORDER BY transition DESC",
    )
    .all(stay) as { readonly state: ConsentState; readonly at: number; readonly until: number | null }[];
  const last = changes[0];
  if (last === undefined || !allowingStates.includes(last.state) || (last.until ?? 0) <= nowUtcMs) return null;
  const before = changes.findIndex(({ state }) => !allowingStates.includes(state));
  return changes[before === -1 ? changes.length - 1 : before - 1]?.at ?? last.at;
}

/** Days of the ward's clock, of 23 and 25 hours too, the newest first. */
function daysBefore(nowUtcMs: number, timeZone: string): { readonly fromUtcMs: number; readonly untilUtcMs: number }[] {
  const days: { fromUtcMs: number; untilUtcMs: number }[] = [];
  for (let untilUtcMs = nowUtcMs; days.length < activityDaysMax; ) {
    const fromUtcMs = localMidnight(untilUtcMs - 1, timeZone);
    days.push({ fromUtcMs, untilUtcMs });
    untilUtcMs = fromUtcMs;
  }
  return days;
}

function dayOf(
  minutes: readonly Minute[],
  fromUtcMs: number,
  untilUtcMs: number,
  isRest: (utcMs: number) => boolean,
): ActivityDay {
  let [inBedMin, outOfBedMin, upAtNight] = [0, 0, 0];
  let wasInBedAt = Number.NEGATIVE_INFINITY;
  for (const { minute, inBed, empty } of minutes) {
    const at = minute * minuteMs;
    if (at < fromUtcMs - minuteMs || at >= untilUtcMs) continue;
    const isIn = inBed >= empty && inBed > 0;
    if (at >= fromUtcMs) {
      if (isIn) inBedMin += 1;
      else if (empty > 0) outOfBedMin += 1;
      // Seen in bed within the hour before: a sensor that was off for longer does not make somebody get up.
      if (!isIn && empty > 0 && at - wasInBedAt <= hourMs) {
        if (isRest(at)) upAtNight += 1;
        wasInBedAt = Number.NEGATIVE_INFINITY;
      }
    }
    if (isIn) wasInBedAt = at;
  }
  const wholeMin = Math.round((untilUtcMs - fromUtcMs) / minuteMs);
  const unknownMin = Math.max(0, wholeMin - inBedMin - outOfBedMin);
  return { fromUtcMs, untilUtcMs, inBedMin, outOfBedMin, unknownMin, upAtNight };
}
