import type { CareOrder } from "../contract/people.ts";
import { elapsedMs, type MonoMs } from "../contract/units.ts";

/**
 * Breathing outside the ordered range. Only shown windows count: time in which no rate could be shown neither adds nor
 * takes away, but after a minute without any shown rate the count begins again, because the old windows say nothing any more.
 */
export interface BreathingRange {
  readonly outsideShownMs: number;
  readonly insideShownMs: number;
  readonly lastShownAt: MonoMs | null;
  readonly active: boolean;
}

export const breathingRangeCalm: BreathingRange = {
  outsideShownMs: 0,
  insideShownMs: 0,
  lastShownAt: null,
  active: false,
};

/** A raised condition clears after this much shown breathing inside the range. */
export const insideToClearMs = 10_000;
/** One shown window stands for at most this much time: inferences come once a second. */
const windowCountsMsMax = 2_000;
const forgetAfterMs = 60_000;

export function breathingRange(
  state: BreathingRange,
  shownPerMin: number | null,
  at: MonoMs,
  order: NonNullable<CareOrder["breathing"]>,
): BreathingRange {
  const sinceShownMs = state.lastShownAt === null ? 0 : elapsedMs(state.lastShownAt, at);
  const fresh = sinceShownMs > forgetAfterMs ? { ...state, outsideShownMs: 0, insideShownMs: 0 } : state;
  if (shownPerMin === null) return fresh;
  const countedMs = Math.min(sinceShownMs, windowCountsMsMax);
  const outside = shownPerMin < order.lowPerMin || shownPerMin > order.highPerMin;
  const outsideShownMs = outside ? fresh.outsideShownMs + countedMs : 0;
  const insideShownMs = outside ? 0 : fresh.insideShownMs + countedMs;
  const active = outsideShownMs >= order.forMs || (fresh.active && insideShownMs < insideToClearMs);
  return { outsideShownMs, insideShownMs, lastShownAt: at, active };
}
