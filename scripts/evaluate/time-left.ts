/** What is still to do of sections that run two at a time. Costs are in expected seconds on one core. */
export interface StillToDo {
  /** Rest of each section that runs now. */
  readonly running: readonly number[];
  /** In the order in which they will be taken. */
  readonly waiting: readonly number[];
}

/** Expected seconds until the last one ends where `lanes` of them run side by side: each takes the next one when it is free. */
export function costLeft({ running, waiting }: StillToDo, lanes: number): number {
  const freeAt = [...running, ...new Array<number>(Math.max(0, lanes - running.length)).fill(0)];
  for (const cost of waiting) {
    const first = freeAt.indexOf(Math.min(...freeAt));
    freeAt[first] = freeAt[first]! + cost;
  }
  return Math.max(0, ...freeAt);
}

/**
 * Seconds left at the pace so far.
 * @param busySec how long the lanes worked in all, added up
 * @param costDone expected seconds of what they have done in that time
 * @returns undefined while too little is done to tell
 */
export function secondsLeft(toDo: StillToDo, lanes: number, busySec: number, costDone: number): number | undefined {
  return costDone < 1 ? undefined : (costLeft(toDo, lanes) * busySec) / costDone;
}
