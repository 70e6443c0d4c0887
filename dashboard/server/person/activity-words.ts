import type { ActivityDay, ActivitySummary } from "../../../edge-agent/contract/activity-summary.ts";
import { momentWords } from "./moment-words.ts";

/** A day of which more is not known than this says nothing about a week. */
const unknownMinMax = 6 * 60;
const daysOfWeek = 7;

interface DayLine {
  readonly day: string;
  readonly inBed: string;
  readonly outOfBed: string;
  readonly unknown: string;
  readonly upAtNight: number;
  /** Of 100, for a bar: in bed, then out of bed. */
  readonly bar: { readonly inBed: number; readonly outOfBed: number };
  /** The day goes on. */
  readonly now: boolean;
}

export interface ActivityView {
  readonly cannotRead: boolean;
  readonly off: boolean;
  readonly since: string;
  readonly days: readonly DayLine[];
  readonly weeks: readonly string[];
}

const nothing = { since: "", days: [], weeks: [] };

export function activityView(read: ActivitySummary | null, nowUtcMs: number, timeZone: string): ActivityView {
  if (read === null) return { ...nothing, cannotRead: true, off: false };
  if (read.sinceUtcMs === null) return { ...nothing, cannotRead: false, off: true };
  const { days, sinceUtcMs } = read;
  return {
    cannotRead: false,
    off: false,
    since: momentWords(sinceUtcMs, nowUtcMs, timeZone),
    days: days.map((day) => lineOf(day, nowUtcMs, timeZone)),
    weeks: weeksOf(days.filter(({ untilUtcMs }) => untilUtcMs < nowUtcMs)),
  };
}

function lineOf(day: ActivityDay, nowUtcMs: number, timeZone: string): DayLine {
  const { fromUtcMs, untilUtcMs, inBedMin, outOfBedMin, unknownMin, upAtNight } = day;
  const wholeMin = inBedMin + outOfBedMin + unknownMin;
  const part = (minutes: number): number => (wholeMin === 0 ? 0 : Math.round((1_000 * minutes) / wholeMin) / 10);
  return {
    day: new Intl.DateTimeFormat("en-GB", { timeZone, weekday: "short", day: "numeric", month: "short" }).format(
      fromUtcMs,
    ),
    inBed: hoursOf(inBedMin),
    outOfBed: hoursOf(outOfBedMin),
    unknown: hoursOf(unknownMin),
    upAtNight,
    bar: { inBed: part(inBedMin), outOfBed: part(outOfBedMin) },
    now: untilUtcMs >= nowUtcMs,
  };
}

/** "6 h 40 min"; nothing finer than a sensor that is asked once a minute can tell. */
export function hoursOf(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** @param days whole ones, the newest first. The newest week first; a week of fewer than four known days is not told. */
function weeksOf(days: readonly ActivityDay[]): string[] {
  const weeks: string[] = [];
  for (let from = 0; from < days.length; from += daysOfWeek) {
    const week = days.slice(from, from + daysOfWeek);
    const known = week.filter(({ unknownMin }) => unknownMin <= unknownMinMax);
    const name = from === 0 ? "The last seven days" : `${from + 1} to ${from + daysOfWeek} days ago`;
    if (known.length < 4) {
      weeks.push(`${name}: too little is known (${known.length} of ${week.length} days).`);
      continue;
    }
    const mean = (of: (day: ActivityDay) => number): number =>
      known.reduce((sum, day) => sum + of(day), 0) / known.length;
    const inBed = hoursOf(Math.round(mean(({ inBedMin }) => inBedMin)));
    const nights = mean(({ upAtNight }) => upAtNight).toFixed(1);
    weeks.push(`${name}: ${inBed} in bed a day, up ${nights} times a night (${known.length} days known).`);
  }
  return weeks;
}
