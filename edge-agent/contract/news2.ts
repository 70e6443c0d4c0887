/*
 * The respiration component of NEWS2 (Royal College of Physicians 2017): points of a breathing rate, for adults of 16 or older who are not
 * pregnant. Never a total: the other parameters are nobody's to guess.
 */

export interface News2Breathing {
  /** Of each band that the interval reaches into, in rising order of the rate; more than one: the rate straddles a limit. */
  readonly points: readonly (0 | 1 | 2 | 3)[];
}

/** Upper end of each band, breaths a minute, and its points. */
const bands = [
  [8, 3],
  [11, 1],
  [20, 0],
  [24, 2],
  [Number.POSITIVE_INFINITY, 3],
] as const;

/** NEWS2 counts whole breaths. */
const bandOf = (perMin: number): number => bands.findIndex(([upTo]) => Math.round(perMin) <= upTo);

/** @param lowPerMin @param highPerMin ends of the interval in which the rate lies */
export function news2Breathing(lowPerMin: number, highPerMin: number): News2Breathing {
  const [first, last] = [bandOf(Math.min(lowPerMin, highPerMin)), bandOf(Math.max(lowPerMin, highPerMin))];
  return { points: bands.slice(first, last + 1).map(([, points]) => points) };
}

/** "NEWS2 respiration component: 0", or both where the interval straddles a limit. */
export function news2Words({ points }: News2Breathing): string {
  const told = [...new Set(points)];
  if (told.length === 1) return `NEWS2 respiration component: ${told[0]}`;
  return `NEWS2 respiration component: ${told.slice(0, -1).join(", ")} or ${told.at(-1)}, count it yourself`;
}
