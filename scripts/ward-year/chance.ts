/** Chance that is the same for the same seed. */
export interface Chance {
  /** 0 up to, and without, 1. */
  next(): number;
  is(share: number): boolean;
  /** A whole number from `least` to `most`, both of them possible. */
  whole(least: number, most: number): number;
  pick<T>(of: readonly T[]): T;
  /** Half of the draws lie below the median; a wider spread (standard deviation of the logarithm) has rarer, larger ones. */
  about(median: number, spread: number): number;
  /** 24 hexadecimal digits. */
  id(): string;
  /** Another one, which goes on by itself: what is drawn there changes nothing here. */
  fork(): Chance;
}

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  // mulberry32 (Tommy Ettinger, public domain)
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    is: (share) => next() < share,
    whole,
    pick: (of) => of[whole(0, of.length - 1)]!,
    // Box-Muller; 1 - next() is never 0.
    about: (median, spread) =>
      median * Math.exp(spread * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())),
    id: () => Array.from({ length: 24 }, () => whole(0, 15).toString(16)).join(""),
    fork: () => chanceOf(whole(0, 2 ** 31)),
  };
}
