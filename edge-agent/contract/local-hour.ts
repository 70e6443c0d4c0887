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
