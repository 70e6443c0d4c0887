/*
 * Patterns of filling in checks later, or many at once: marked for review, as an inspector of records would look for them. Not a judgement:
 * the mark says what was seen. (Falsified observation records are named in several reports to prevent future deaths.)
 */

export interface CheckEntry {
  readonly id: string;
  readonly by: string;
  readonly bed: string;
  /** When it was written down, by the server. */
  readonly recordedUtcMs: number;
  readonly seenUtcMs: number;
  readonly retrospective: boolean;
}

export interface CheckMark {
  readonly what: "several-beds-at-once" | "several-slots-at-once" | "filled-in-later";
  readonly entries: readonly string[];
}

/** So many entries by one person within this time cannot each have been a walk to a door. */
const atOnce = 3;
const atOnceWithinMs = 60_000;
/** Late entries of one person for one bed, written one after another. */
const slotsWithinMs = 120_000;

/** @param entries in the order in which they were recorded */
export function markChecks(entries: readonly CheckEntry[]): CheckMark[] {
  const marks: CheckMark[] = [];
  for (const mine of groupsOf(entries, ({ by }) => by)) {
    marks.push(
      ...bursts(
        mine,
        atOnceWithinMs,
        (run) => new Set(run.map(({ bed }) => bed)).size >= atOnce,
        "several-beds-at-once",
      ),
    );
    for (const ofBed of groupsOf(mine, ({ bed }) => bed)) {
      const late = ofBed.filter(({ retrospective }) => retrospective);
      marks.push(...bursts(late, slotsWithinMs, (run) => run.length >= 2, "several-slots-at-once"));
      const alone = late.filter(({ id }) => !marks.some((mark) => mark.entries.includes(id)));
      marks.push(...alone.map(({ id }): CheckMark => ({ what: "filled-in-later", entries: [id] })));
    }
  }
  return marks;
}

/** Runs of entries that lie within a time of the run's first one, each as long as it can be, none within another. */
function bursts(
  entries: readonly CheckEntry[],
  withinMs: number,
  counts: (run: readonly CheckEntry[]) => boolean,
  what: CheckMark["what"],
): CheckMark[] {
  const found: CheckMark[] = [];
  for (let i = 0; i < entries.length; ) {
    const first = entries[i]!;
    const run = entries.slice(i).filter(({ recordedUtcMs }) => recordedUtcMs - first.recordedUtcMs <= withinMs);
    if (counts(run)) {
      found.push({ what, entries: run.map(({ id }) => id) });
      i += run.length;
    } else i += 1;
  }
  return found;
}

function groupsOf<T>(all: readonly T[], key: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return [...groups.values()];
}
