import type { HistorySteps } from "../contract/person-history.ts";
import type { NoRateReason, Occupancy } from "../contract/words.ts";

/** A row of `fact`; what may not be shown is null. */
export interface FactRow {
  readonly at: number;
  readonly occupancy: Occupancy | null;
  readonly movement: number | null;
  readonly breathing_per_min: number | null;
  readonly low_per_min: number | null;
  readonly high_per_min: number | null;
  readonly reason: NoRateReason | null;
}

/** Of what breathing told in a step, this share without a rate makes a gap. */
const gapShare = 1 / 3;

/** @param rows the oldest first. @param stepMs steps begin at whole multiples of it after `fromUtcMs`. */
export function foldSteps(rows: Iterable<FactRow>, fromUtcMs: number, stepMs: number): HistorySteps {
  const steps = emptySteps();
  let [number, held]: [number, FactRow[]] = [-1, []];
  for (const row of rows) {
    const at = Math.floor((row.at - fromUtcMs) / stepMs);
    if (at !== number) {
      if (held.length > 0) addStep(steps, fromUtcMs + number * stepMs, held);
      [number, held] = [at, []];
    }
    held.push(row);
  }
  if (held.length > 0) addStep(steps, fromUtcMs + number * stepMs, held);
  return steps;
}

type Writable = { readonly [K in keyof HistorySteps]: HistorySteps[K][number][] };

function emptySteps(): Writable {
  return {
    atUtcMs: [],
    perMin: [],
    minPerMin: [],
    maxPerMin: [],
    lowPerMin: [],
    highPerMin: [],
    reason: [],
    occupancy: [],
    movement: [],
  };
}

function addStep(steps: Writable, atUtcMs: number, rows: readonly FactRow[]): void {
  const of = (column: "breathing_per_min" | "low_per_min" | "high_per_min" | "movement"): number[] =>
    rows.flatMap((row) => row[column] ?? []);
  const rates = of("breathing_per_min");
  const reasons = rows.flatMap(({ reason }) => reason ?? []);
  const isGap = reasons.length > 0 && reasons.length >= (reasons.length + rates.length) * gapShare;
  steps.atUtcMs.push(atUtcMs);
  steps.perMin.push(rates.length === 0 ? null : rounded(rates.reduce((sum, rate) => sum + rate, 0) / rates.length));
  steps.minPerMin.push(extreme(Math.min, rates));
  steps.maxPerMin.push(extreme(Math.max, rates));
  steps.lowPerMin.push(extreme(Math.min, of("low_per_min")));
  steps.highPerMin.push(extreme(Math.max, of("high_per_min")));
  steps.reason.push(isGap ? mostFrequent(reasons) : null);
  steps.occupancy.push(mostFrequent(rows.flatMap(({ occupancy }) => occupancy ?? [])));
  steps.movement.push(extreme(Math.max, of("movement")));
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
const extreme = (pick: (...values: number[]) => number, values: readonly number[]): number | null =>
  values.length === 0 ? null : rounded(pick(...values));

function mostFrequent<T extends string>(values: readonly T[]): T | null {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}
