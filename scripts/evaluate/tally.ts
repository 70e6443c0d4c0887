import type { Instant } from "./radar-play.ts";

/** What was shown, and how far off it was, over instants that are far enough apart to count as windows of their own. */
export interface Tally {
  instants: number;
  shown: number;
  /** Shown minus true, /min; NaN: shown where nobody breathed in the bed. */
  readonly errors: number[];
  readonly truths: number[];
  readonly qualities: number[];
  inside: number;
  /** Lower ends of the 90 % intervals, and how wide they are, /min. */
  readonly lows: number[];
  readonly widths: number[];
  readonly reasons: Map<string, number>;
}

export const newTally = (): Tally => ({
  instants: 0,
  shown: 0,
  errors: [],
  truths: [],
  qualities: [],
  inside: 0,
  lows: [],
  widths: [],
  reasons: new Map(),
});

export function tallyInstant(tally: Tally, instant: Instant): void {
  const { estimate, truthPerMin } = instant;
  tally.instants += 1;
  if (estimate.breathingPerMin === null) {
    const reason = estimate.reason ?? "none";
    tally.reasons.set(reason, (tally.reasons.get(reason) ?? 0) + 1);
    return;
  }
  tally.shown += 1;
  tally.errors.push(estimate.breathingPerMin - truthPerMin);
  tally.truths.push(truthPerMin);
  tally.qualities.push(estimate.quality);
  const low = estimate.lowPerMin ?? Number.NaN;
  const high = estimate.highPerMin ?? Number.NaN;
  tally.lows.push(low);
  tally.widths.push(high - low);
  if (truthPerMin >= low && truthPerMin <= high) tally.inside += 1;
}

/** Farther off than this, /min, is wrong; so is any rate where nobody breathes. */
export const wrongPerMin = 2;
export const isWrong = (error: number): boolean => !(Math.abs(error) <= wrongPerMin);

export const rmse = (errors: readonly number[]): number => {
  const known = errors.filter((error) => Number.isFinite(error));
  return Math.sqrt(known.reduce((sum, error) => sum + error * error, 0) / Math.max(1, known.length));
};

/** Half or double the truth, within a tenth: a harmonic taken for the rate. */
export function isHarmonic(shownPerMin: number, truthPerMin: number): boolean {
  const ratio = shownPerMin / truthPerMin;
  return isWrong(shownPerMin - truthPerMin) && (Math.abs(ratio - 2) <= 0.2 || Math.abs(ratio - 0.5) <= 0.05);
}
