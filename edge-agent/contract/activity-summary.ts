/*
 * In bed and out of bed by day, for the review of a person's physical health: who lies still for long is at risk of clots. A purpose of
 * its own; nothing from before the person allowed it.
 */

/** As far back as facts about movement are kept. */
export const activityDaysMax = 28;

/** A day of the ward's clock; the newest is not over. Minutes of which nothing is known are neither. */
export interface ActivityDay {
  readonly fromUtcMs: number;
  readonly untilUtcMs: number;
  readonly inBedMin: number;
  readonly outOfBedMin: number;
  readonly unknownMin: number;
  /** How often the bed was left in the hours of rest that began on this day or ended on it. */
  readonly upAtNight: number;
}

/** `sinceUtcMs`: when it was last turned on; null: it is not allowed now, and nothing was read. The newest day first. */
export type ActivitySummary =
  | { readonly sinceUtcMs: number; readonly days: readonly ActivityDay[] }
  | { readonly sinceUtcMs: null };
