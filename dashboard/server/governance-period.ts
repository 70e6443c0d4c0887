import { localMidnight } from "../../edge-agent/contract/local-hour.ts";
import type { AuditPeriod } from "../../edge-agent/contract/ward-audit.ts";

/** What a governance lead asks for: whole days on the ward's wall clock. */
export interface AskedPeriod extends AuditPeriod {
  readonly choice: "this-month" | "last-month" | "any";
  readonly firstDay: string;
  readonly lastDay: string;
  /** The only periods whose figures may leave the ward: two that overlap could be subtracted from one another. */
  readonly isWholeMonth: boolean;
}

const daysMax = 366;
const dayMs = 86_400_000;
const isDay = (day: unknown): day is string =>
  typeof day === "string" &&
  /^\d{4}-\d\d-\d\d$/.test(day) &&
  new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) === day;
const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);

/** Undefined: no such period, or longer than a year. Without a choice: this month. */
export function askedPeriod(
  query: Readonly<Record<string, unknown>>,
  nowUtcMs: number,
  timeZone: string,
): AskedPeriod | undefined {
  const today = new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(nowUtcMs);
  const firstOfMonth = `${today.slice(0, 7)}-01`;
  const { period: choice = "this-month", from, until } = query;
  if (choice === "this-month") return periodOf(choice, firstOfMonth, today);
  const lastOfBefore = addDays(firstOfMonth, -1);
  if (choice === "last-month") return periodOf(choice, `${lastOfBefore.slice(0, 7)}-01`, lastOfBefore);
  if (choice !== "any" || !isDay(from) || !isDay(until) || from > until || from > today) return undefined;
  return addDays(from, daysMax) <= until ? undefined : periodOf(choice, from, [until, today].sort()[0] ?? today);

  function periodOf(chosen: AskedPeriod["choice"], firstDay: string, lastDay: string): AskedPeriod {
    // Noon lies in its own day in every time zone of a ward.
    const midnight = (day: string): number => localMidnight(Date.parse(`${day}T12:00:00Z`), timeZone);
    const after = addDays(lastDay, 1);
    return {
      choice: chosen,
      firstDay,
      lastDay,
      fromUtcMs: midnight(firstDay),
      untilUtcMs: Math.min(midnight(after), nowUtcMs),
      isWholeMonth:
        lastDay < today &&
        firstDay.endsWith("-01") &&
        after.endsWith("-01") &&
        firstDay.slice(0, 7) === lastDay.slice(0, 7),
    };
  }
}
