import type { CareOrder } from "./people.ts";
import type { AlarmCondition, AlarmPriority, ConsentState, NoRateReason, Occupancy, Purpose } from "./words.ts";

/*
 * The last hours of one stay, as the page of the person draws them. Only what the person allows now: what they turned off
 * is not shown, also where it was recorded while it was on.
 */

export const historySpanMs = 12 * 3_600_000;
/** Steps of a page's picture; a step keeps the least and the most of what it holds. */
export const historyStepsMax = 1_440;

/** One entry of each list a step, the oldest first; a step in which nothing was recorded is left out. */
export interface HistorySteps {
  /** Where the step begins. */
  readonly atUtcMs: readonly number[];
  /** Mean, least and most of the rates that were shown; null: none was. */
  readonly perMin: readonly (number | null)[];
  readonly minPerMin: readonly (number | null)[];
  readonly maxPerMin: readonly (number | null)[];
  /** The widest 90 % interval. */
  readonly lowPerMin: readonly (number | null)[];
  readonly highPerMin: readonly (number | null)[];
  /** Why there was no rate in a third of the step or more; null: there was. */
  readonly reason: readonly (NoRateReason | null)[];
  readonly occupancy: readonly (Occupancy | null)[];
  /** The most, 0-100. */
  readonly movement: readonly (number | null)[];
}

export interface HistoryAlarm {
  readonly condition: AlarmCondition;
  readonly priority: AlarmPriority;
  readonly raisedAtUtcMs: number;
  /** Null: it goes on. */
  readonly clearedAtUtcMs: number | null;
  readonly acknowledged: { readonly name: string; readonly atUtcMs: number } | null;
}

export interface HistoryCheck {
  readonly seenAtUtcMs: number;
  readonly name: string;
}

/** From when to when a purpose was allowed. */
export interface HistoryConsent {
  readonly purpose: Purpose;
  readonly state: ConsentState;
  readonly fromUtcMs: number;
  readonly untilUtcMs: number;
}

export interface PersonHistory {
  readonly fromUtcMs: number;
  readonly untilUtcMs: number;
  readonly stepMs: number;
  /** What the person allows to be shown now. */
  readonly shown: { readonly breathing: boolean; readonly movement: boolean };
  readonly steps: HistorySteps;
  readonly alarms: readonly HistoryAlarm[];
  readonly checks: readonly HistoryCheck[];
  readonly consents: readonly HistoryConsent[];
  readonly orders: readonly { readonly atUtcMs: number; readonly order: CareOrder }[];
}
