import type { Burst } from "./signal-table.ts";

/** One pulse as a gain over time: nothing, up to full, held, down to nothing. Times are ms since the burst's first 90 %. */
export interface Pulse {
  readonly risesAtMs: number;
  readonly fullAtMs: number;
  readonly fallsAtMs: number;
  readonly endsAtMs: number;
}

/** A straight ramp spends 80 % of its time between 10 % and 90 % of its height. */
const rampMs = (tenToNinetyMs: number): number => tenToNinetyMs / 0.8;

export function pulsesOf(burst: Burst): Pulse[] {
  const [rise, fall] = [rampMs(burst.riseMs), rampMs(burst.fallMs)];
  let atMs = 0;
  return [...burst.gapsMs, 0].map((gapMs) => {
    const [from, to] = [atMs, atMs + burst.pulseMs];
    atMs = to + gapMs;
    return {
      risesAtMs: from - 0.9 * rise,
      fullAtMs: from + 0.1 * rise,
      fallsAtMs: to - 0.1 * fall,
      endsAtMs: to + 0.9 * fall,
    };
  });
}

/** From the first pulse's 90 % to the last one's. */
export const burstMs = ({ pulseMs, gapsMs }: Burst): number =>
  pulseMs * (gapsMs.length + 1) + gapsMs.reduce((sum, gapMs) => sum + gapMs, 0);

/** From the start of one burst to the start of the next. */
export const everyMs = (burst: Burst): number => burstMs(burst) + burst.betweenBurstsMs;
