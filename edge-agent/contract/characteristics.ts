import { z } from "zod";

/*
 * Protected characteristics (Equality Act 2010 s.4), voluntary: what a person chose to tell so that a governance lead can see
 * whether everybody is offered the same (s.149). Never shown on the ward, never beside a name, and no part of any decision.
 */

/** Of each one at most; what was not asked, or not told, is left out. */
export const Characteristics = z.strictObject({
  age: z.enum(["18-to-24", "25-to-44", "45-to-64", "65-and-older"]).optional(),
  disability: z.enum(["yes", "no"]).optional(),
  genderReassignment: z.enum(["yes", "no"]).optional(),
  marriage: z.enum(["yes", "no"]).optional(),
  pregnancy: z.enum(["yes", "no"]).optional(),
  race: z.enum(["asian", "black", "mixed", "white", "other"]).optional(),
  religion: z.enum(["none", "christian", "muslim", "another"]).optional(),
  sex: z.enum(["female", "male"]).optional(),
  sexualOrientation: z.enum(["heterosexual", "gay-or-lesbian", "bisexual", "another"]).optional(),
});
export type Characteristics = z.infer<typeof Characteristics>;
export type Characteristic = keyof Characteristics;
export const characteristics = Object.keys(Characteristics.shape) as Characteristic[];

/** People of one group, as far as they may be told: a group is never so small that somebody could be found in it. */
export interface EquityGroup {
  readonly characteristic: Characteristic;
  /** `not-told`: a group of its own, so that what is missing shows. */
  readonly group: string;
  readonly people: SafeCount;
  /** By their own touch, for any purpose. */
  readonly saidYes: SafeCount;
  readonly saidNo: SafeCount;
  readonly decidedForThem: SafeCount;
  /** An alarm came up for them at least once. */
  readonly hadAlarm: SafeCount;
  /** A check of them was written down later than it was made, at least once. */
  readonly lateCheck: SafeCount;
}

/** Rounded to the nearest 5; null: kept back, since it is fewer than 5, or would give such a one away. */
export type SafeCount = number | null;
export const smallestCount = 5;
/** Of one count by itself. */
export const safeCount = (count: number): SafeCount =>
  count < smallestCount ? null : Math.round(count / smallestCount) * smallestCount;
