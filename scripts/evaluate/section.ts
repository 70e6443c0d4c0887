/*
 * What a part of the evaluation is. A section lives in a file of its own and is named once in sections.ts. It runs in a
 * process of its own, so it may take a core for itself; the same seed gives the same rows whatever else runs.
 */

export type Target =
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | { readonly between: readonly [low: number, high: number] };

export interface Row {
  /** What was looked at, as "awake, 30 s"; with `figure` it names the row within its section. */
  readonly condition: string;
  readonly figure: string;
  /** null: there is nothing to measure. Such a row is never met. */
  readonly value: number | null;
  readonly unit: string;
  readonly ci95: readonly [low: number, high: number] | null;
  /** Independent samples behind the value. */
  readonly n: number;
  /** null: reported, not judged. */
  readonly target: Target | null;
  readonly met: boolean;
  /** Whether n is enough for the target to be told apart from a miss. */
  readonly enough: boolean;
}

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export type Figure =
  | {
      readonly kind: "line" | "scatter";
      readonly title: string;
      readonly x: string;
      readonly y: string;
      readonly series: readonly Series[];
      /** Draws y = x, as a calibration curve needs it. */
      readonly diagonal?: boolean;
    }
  | {
      readonly kind: "cells";
      readonly title: string;
      readonly columns: readonly string[];
      readonly rows: readonly string[];
      /** By row, then column; null: nothing there. */
      readonly values: readonly (readonly (number | null)[])[];
    };

export interface SectionResult {
  readonly rows: readonly Row[];
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
}

export interface SectionContext {
  /** All sections together have 8 minutes on two cores, else 60. */
  readonly quick: boolean;
  readonly seed: number;
  /** @param share done, 0..1 */
  progress(share: number, words?: string): void;
}

export interface Section {
  readonly name: string;
  readonly title: string;
  /** Expected seconds on one core, for the order of work and the time left. */
  readonly seconds: { readonly quick: number; readonly full: number };
  /** Where it rejects, the report says so in its place. */
  run(context: SectionContext): Promise<SectionResult>;
}

function holds(value: number, target: Target): boolean {
  if ("between" in target) return value >= target.between[0] && value <= target.between[1];
  return "atMost" in target ? value <= target.atMost : value >= target.atLeast;
}

/** A judged or reported row; a value that is no finite number is absent. */
export function row(given: {
  readonly condition: string;
  readonly figure: string;
  readonly value: number | null;
  readonly unit: string;
  readonly ci95?: readonly [number, number] | null;
  readonly n: number;
  readonly target?: Target;
  readonly nMin?: number;
}): Row {
  const value = given.value !== null && Number.isFinite(given.value) ? given.value : null;
  const ci95 = given.ci95?.every(Number.isFinite) ? given.ci95 : null;
  const target = given.target ?? null;
  return {
    condition: given.condition,
    figure: given.figure,
    value,
    unit: given.unit,
    ci95,
    n: given.n,
    target,
    met: target === null || (value !== null && holds(value, target)),
    enough: given.n >= (given.nMin ?? 1),
  };
}
