import type { PersonHistory } from "../../../../edge-agent/contract/person-history.ts";

/** From when to when something was the same. */
export interface Span<T> {
  readonly fromUtcMs: number;
  readonly untilUtcMs: number;
  readonly what: T;
}

/** Runs of the same value; a step that was left out ends a run, and so does null. */
export function spansOf<T extends string>(
  { steps, stepMs }: Pick<PersonHistory, "steps" | "stepMs">,
  values: readonly (T | null)[],
): Span<T>[] {
  const spans: Span<T>[] = [];
  for (const [index, fromUtcMs] of steps.atUtcMs.entries()) {
    const what = values[index];
    if (what === null || what === undefined) continue;
    const last = spans.at(-1);
    const untilUtcMs = fromUtcMs + stepMs;
    if (last?.untilUtcMs === fromUtcMs && last.what === what) spans[spans.length - 1] = { ...last, untilUtcMs };
    else spans.push({ fromUtcMs, untilUtcMs, what });
  }
  return spans;
}

/** Where nothing at all was recorded. */
export function emptySpans({ fromUtcMs, untilUtcMs, steps, stepMs }: PersonHistory): Span<"nothing">[] {
  const spans: Span<"nothing">[] = [];
  let free = fromUtcMs;
  for (const at of [...steps.atUtcMs, untilUtcMs]) {
    if (at > free) spans.push({ fromUtcMs: free, untilUtcMs: at, what: "nothing" });
    free = at + stepMs;
  }
  return spans;
}

export const lengthOf = (spans: readonly Span<string>[]): number =>
  spans.reduce((sum, { fromUtcMs, untilUtcMs }) => sum + untilUtcMs - fromUtcMs, 0);
