import type { Expected, Told } from "./told.ts";

/** What became of one thing that was expected, or came without being expected. */
export interface Verdict {
  readonly is: "right" | "missed" | "late" | "early" | "extra";
  readonly bed: string;
  readonly what: string;
  readonly expected: Expected | null;
  readonly told: Told | null;
}

/** So far beside its time something is still taken for what was expected, and not for something else. */
const nearSec = 120;

/** Each expectation takes the nearest of its kind that is left; what is left over is extra. */
export function judge(expected: readonly Expected[], told: readonly Told[]): readonly Verdict[] {
  const left = [...told];
  const verdicts: Verdict[] = [];
  const take = (one: Expected, beforeSec: number, afterSec: number): Told | undefined => {
    const place = left.findIndex(
      ({ bed, what, atSec }) =>
        bed === one.bed && what === one.what && atSec >= one.fromSec - beforeSec && atSec <= one.toSec + afterSec,
    );
    return place === -1 ? undefined : left.splice(place, 1)[0];
  };
  const open: Expected[] = [];
  for (const one of expected) {
    const found = take(one, 0, 0);
    if (found === undefined) open.push(one);
    else verdicts.push({ is: "right", bed: one.bed, what: one.what, expected: one, told: found });
  }
  for (const one of open) {
    const found = take(one, nearSec, nearSec);
    const is = found === undefined ? "missed" : found.atSec > one.toSec ? "late" : "early";
    verdicts.push({ is, bed: one.bed, what: one.what, expected: one, told: found ?? null });
  }
  for (const one of left) verdicts.push({ is: "extra", bed: one.bed, what: one.what, expected: null, told: one });
  const atSec = ({ told: at, expected: due }: Verdict): number => at?.atSec ?? due?.fromSec ?? 0;
  return verdicts.sort((a, b) => atSec(a) - atSec(b));
}
