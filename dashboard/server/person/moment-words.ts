import type { Hours } from "../../../edge-agent/contract/consent.ts";

/* Times as staff read them, on the ward's wall clock and not on the server's. */

const formats = new Map<string, Intl.DateTimeFormat>();

function format(timeZone: string, kind: "time" | "day", options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${kind} ${timeZone}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat("en-GB", { timeZone, ...options });
  formats.set(key, known);
  return known;
}

const time = (utcMs: number, timeZone: string): string =>
  format(timeZone, "time", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(utcMs);
const day = (utcMs: number, timeZone: string): string =>
  format(timeZone, "day", { weekday: "short", day: "numeric", month: "short" }).format(utcMs);

const dayMs = 86_400_000;

/** "today 02:14", "yesterday 21:04", "tomorrow 14:00", "Thu 26 Nov, 14:00". */
export function momentWords(utcMs: number, nowUtcMs: number, timeZone: string): string {
  const on = day(utcMs, timeZone);
  const near = [
    ["today", nowUtcMs],
    ["yesterday", nowUtcMs - dayMs],
    ["tomorrow", nowUtcMs + dayMs],
  ] as const;
  // Half a year away the same day and month are none of these.
  const word =
    Math.abs(utcMs - nowUtcMs) > 3 * dayMs ? undefined : near.find(([, at]) => day(at, timeZone) === on)?.[0];
  return word === undefined ? `${on}, ${time(utcMs, timeZone)}` : `${word} ${time(utcMs, timeZone)}`;
}

export const timeWords = time;

const hourWords = (hour: number): string => `${String(hour).padStart(2, "0")}:00`;

/** "22:00 to 07:00". */
export const hoursWords = (hours: Hours | null): string =>
  hours === null ? "the whole day and night" : `${hourWords(hours.fromHour)} to ${hourWords(hours.toHour)}`;

/** "1 day", "3 days", "1 week". */
export function spanWords(hours: number): string {
  const [count, unit] =
    hours % 168 === 0 ? [hours / 168, "week"] : hours % 24 === 0 ? [hours / 24, "day"] : [hours, "hour"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** "every day", "every 3 days". */
export const everyWords = (hours: number): string => `every ${spanWords(hours).replace(/^1 /, "")}`;

/** "2 h 5 min", "41 h", "12 min". */
export function minutesWords(minutes: number): string {
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 || minutes >= 600 ? `${Math.round(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}
