import { z } from "zod";
import type { Row, Target } from "./section.ts";

/** docs/evaluation-known-misses.json: rows that are missed, by how much, and why. */
export const KnownMisses = z.array(
  z.strictObject({
    section: z.string(),
    condition: z.string(),
    figure: z.string(),
    /** null: there was nothing to measure. */
    value: z.number().nullable(),
    reason: z.string().min(1),
  }),
);
export type KnownMiss = z.infer<typeof KnownMisses>[number];

/** `unsure`: missed in a quick run, whose few samples do not tell a miss from chance. */
export type Standing = "reported" | "met" | "unsure" | "missed" | "known" | "worse";

/** A row that has too few samples is met by chance at best; only the full run has enough of all. */
export const isMissed = (row: Row, quick: boolean): boolean =>
  row.target !== null && (!row.met || (!quick && !row.enough));

/** Worse: further on the wrong side than the figure on file by more than the row's own interval explains, or 2 % of it without one. */
export function standingOf(section: string, row: Row, known: readonly KnownMiss[], quick: boolean): Standing {
  if (row.target === null) return "reported";
  if (!isMissed(row, quick)) return "met";
  const miss = known.find(
    (one) => one.section === section && one.condition === row.condition && one.figure === row.figure,
  );
  if (miss === undefined) return quick && !isSureMiss(row, row.target) ? "unsure" : "missed";
  if (miss.value === null) return "known";
  if (row.value === null) return "worse";
  // Another processor's rounding may turn a window; of a row without an interval nobody knows by how much.
  const slack = 0.02 * Math.abs(miss.value);
  const [low, high] = row.ci95 ?? [row.value - slack, row.value + slack];
  return isWorse(row.target, row.value, [low, high], miss.value) ? "worse" : "known";
}

/** Its whole interval lies on the wrong side; a row that has none must at least have enough samples. */
function isSureMiss({ value, ci95, enough }: Row, target: Target): boolean {
  if (value === null || ci95 === null) return enough;
  const above = "atMost" in target || ("between" in target && value > target.between[1]);
  const limit =
    "between" in target ? target.between[above ? 1 : 0] : "atMost" in target ? target.atMost : target.atLeast;
  return above ? ci95[0] > limit : ci95[1] < limit;
}

function isWorse(target: Target, value: number, [low, high]: readonly [number, number], onFile: number): boolean {
  const above = "atMost" in target || ("between" in target && value > target.between[1]);
  return above ? low > onFile : high < onFile;
}

/** @param allowKnown a miss that is on file and no worse, or that may be chance, does not fail the run */
export const failsRun = (standing: Standing, allowKnown: boolean): boolean =>
  standing === "missed" || standing === "worse" || ((standing === "known" || standing === "unsure") && !allowKnown);
