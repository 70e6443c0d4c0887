import type { Night } from "./nights.ts";
import type { AlarmCondition, FalseAlarmWhy } from "./words.ts";

/*
 * How much the alarms of a ward ask of its staff: a safety figure, because who is called too often hears nothing any more. Each
 * time that a condition came up counts, whether or not it was the same alarm.
 */

/** More than this many within this time is more than anybody can answer (ANSI/ISA-18.2). */
export const floodAbove = 10;
export const floodWithinMs = 600_000;
/** Raised at least so often and never answered: nobody acts on it. */
export const ignoredFrom = 5;

export interface AlarmLoad {
  readonly nights: readonly Night[];
  readonly raised: number;
  readonly raisedAtNight: number;
  /** Nights of beds in which somebody was admitted, in whole nights. */
  readonly bedNights: number;
  /** Hours for which nurses were signed in; two nurses for an hour are two. */
  readonly nurseHours: number;
  readonly floods: number;
  /** The most within ten minutes. */
  readonly mostWithin: number;
  readonly closed: number;
  readonly falseAlarms: number;
  readonly falseBecause: Readonly<Partial<Record<FalseAlarmWhy, number>>>;
  /** From the first time it came up until somebody said that they go; null: nobody ever did. */
  readonly answerP50Ms: number | null;
  readonly answerP90Ms: number | null;
  readonly conditions: readonly {
    readonly condition: AlarmCondition;
    readonly raised: number;
    readonly answered: number;
    readonly falseAlarms: number;
  }[];
}
