import type Database from "better-sqlite3";
import { localHour } from "../../edge-agent/contract/local-hour.ts";
import { consentsAt, isOn } from "./bed-day.ts";
import type { Chance } from "./chance.ts";
import type { StayPlan } from "./stay-plan.ts";

/** A statement that lasts: one fact every few seconds at each bed makes millions. Every rule of the store holds for it. */
export const prepareFact = (db: Database.Database): Database.Statement =>
  db.prepare(
    `INSERT INTO fact (stay, at, occupancy, movement, place, people, breathing_per_min, low_per_min, high_per_min, quality, reason)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );

/** What the sensors of one bed would have told at this moment; false: nothing is allowed. */
export function writeFact(
  insert: Database.Statement,
  stay: StayPlan,
  utcMs: number,
  timeZone: string,
  chance: Chance,
): boolean {
  const movement = isOn(stay, "movement-alerts", utcMs, timeZone);
  const breathing = isOn(stay, "breathing-rate", utcMs, timeZone);
  if (!movement && !breathing) return false;
  const hour = localHour(utcMs, timeZone);
  const night = hour >= 22 || hour < 7;
  // Up for some minutes about twice a night, and out of the room for most of the day: the same for a quarter of an hour.
  const quarter = Math.floor(utcMs / 900_000);
  const draw = (Math.imul(quarter ^ stay.id.charCodeAt(5), 0x9e3779b1) >>> 0) / 2 ** 32;
  const inBed = night ? draw > 0.06 : draw < 0.18;
  const occupancy = inBed ? "in-bed" : "empty";
  const rate = breathing && inBed && chance.next() > 0.15 ? 14 + 4 * chance.next() : null;
  const reason = rate !== null || !breathing ? null : inBed ? "moving" : movement ? "nobody-in-bed" : "withheld";
  insert.run(
    stay.id,
    Math.round(utcMs),
    movement ? occupancy : null,
    movement ? Math.round((inBed ? 20 : 2) * chance.next()) : null,
    movement ? (inBed ? "in-bed" : "empty") : null,
    movement ? (inBed ? "one" : "none") : null,
    rate,
    rate === null ? null : rate - 1,
    rate === null ? null : rate + 1,
    breathing ? 0.9 : null,
    reason,
  );
  return true;
}

/** Nothing is recorded in the second of a change: which of the two was first is the store's to say. */
export const isSettled = (stay: StayPlan, utcMs: number): boolean =>
  consentsAt(stay, utcMs - 1_000) === consentsAt(stay, utcMs + 1_000) &&
  utcMs > stay.fromUtcMs + 1_000 &&
  utcMs < stay.untilUtcMs - 1_000;
