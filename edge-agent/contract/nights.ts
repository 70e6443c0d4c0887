import type { Hours } from "./consent.ts";
import { isWithin, localHour } from "./local-hour.ts";

export interface Night {
  readonly fromUtcMs: number;
  readonly untilUtcMs: number;
}

const hourMs = 3_600_000;

/** The last nights on the ward's wall clock that have begun, the newest first; the one that goes on ends now. */
export function lastNights(nowUtcMs: number, hours: Hours, timeZone: string, count: number): Night[] {
  const nights: Night[] = [];
  let untilUtcMs: number | null = null;
  const thisHour = Math.floor(nowUtcMs / hourMs) * hourMs;
  // Two days more than wanted, so that the oldest night is whole.
  for (let from = thisHour; from > thisHour - (count + 2) * 24 * hourMs && nights.length < count; from -= hourMs) {
    if (isWithin(hours, localHour(from, timeZone))) {
      untilUtcMs ??= Math.min(from + hourMs, nowUtcMs);
      continue;
    }
    if (untilUtcMs !== null) nights.push({ fromUtcMs: from + hourMs, untilUtcMs });
    untilUtcMs = null;
  }
  return nights;
}

/** On a night in which the clock does not change. */
export const nightMs = ({ fromHour, toHour }: Hours): number => ((toHour - fromHour + 24) % 24 || 24) * hourMs;
