import type { Hours } from "./consent.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

/** Hour of the day, 0 to 23, on the wall clock of a time zone; right over the change to and from summer time. */
export function localHour(utcMs: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", hourCycle: "h23" });
    formats.set(timeZone, format);
  }
  return Number(format.format(utcMs));
}

export function isWithin({ fromHour, toHour }: Hours, hour: number): boolean {
  return fromHour < toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour;
}

const hoursOfDay = Array.from({ length: 24 }, (_, hour) => hour);
const covered = (hours: Hours | null): number[] => hoursOfDay.filter((hour) => hours === null || isWithin(hours, hour));

/** Whether every hour of `wanted` is one of those before; null: the whole day. */
export const isNoWider = (wanted: Hours | null, before: Hours | null): boolean => {
  const had = covered(before);
  return covered(wanted).every((hour) => had.includes(hour));
};

/** No wider, and at least one hour is gone. */
export const isFewer = (wanted: Hours | null, before: Hours | null): boolean =>
  isNoWider(wanted, before) && !isNoWider(before, wanted);

/** The last local midnight, ms since 1970 UTC; right on days of 23 and 25 hours. */
export function localMidnight(utcMs: number, timeZone: string): number {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone, hourCycle: "h23", timeStyle: "medium" }).format(utcMs);
  const [hour = 0, minute = 0, second = 0] = clock.split(":").map(Number);
  const whole = Math.floor(utcMs / 1_000) * 1_000;
  const guess = whole - ((hour * 60 + minute) * 60 + second) * 1_000;
  // Where the clocks changed since, the guess is an hour beside it.
  const there = localHour(guess, timeZone);
  return there === 0 ? guess : guess + (there > 12 ? 1 : -there) * 3_600_000;
}

/** The wall clock as a form's field has it: "2026-11-23T02:05". */
export const wallClock = (utcMs: number, timeZone: string): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" })
    .format(utcMs)
    .replace(" ", "T");

/**
 * ms since 1970 UTC of a moment on the wall clock, as a form's field has it; undefined: no moment. Of an hour that comes twice the
 * first, and of one that is left out the moment at which the clocks changed or shortly after.
 */
export function wallClockMoment(text: string, timeZone: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text)) return undefined;
  const asUtc = (words: string): number => Date.parse(`${words}:00Z`);
  const wanted = asUtc(text);
  if (Number.isNaN(wanted)) return undefined;
  // A day before and after hold both offsets that can apply.
  const offsets = [-1, 1].map((days) => {
    const near = wanted + days * 86_400_000;
    return asUtc(wallClock(near, timeZone)) - near;
  });
  const guesses = offsets.map((offset) => wanted - offset).sort((a, b) => a - b);
  return guesses.find((utcMs) => wallClock(utcMs, timeZone) === text) ?? guesses.at(-1);
}
