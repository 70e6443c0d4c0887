/** Seeded numbers for the simulated bedroom: the same seed gives the same numbers on every machine. */
export interface Random {
  /** 0 <= x < 1. */
  uniform(): number;
  between(low: number, high: number): number;
  /** Uniform in the logarithm; both bounds above 0. */
  logBetween(low: number, high: number): number;
  /** Mean 0, standard deviation 1. */
  gaussian(): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
  /** A generator of its own, so that drawing more here does not change what is drawn there. */
  fork(label: number): Random;
}

/** sfc32 (PractRand), its state spread from the seed by splitmix32. */
export function newRandom(seed: number): Random {
  let mixed = seed | 0;
  const word = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let x = mixed ^ (mixed >>> 16);
    x = Math.imul(x, 0x21f0aaad);
    x ^= x >>> 15;
    x = Math.imul(x, 0x735a2d97);
    return (x ^ (x >>> 15)) | 0;
  };
  const root = word();
  let a = root;
  let b = word();
  let c = word();
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  const uniform = (): number => next() / 4_294_967_296;
  let spare: number | undefined;
  const gaussian = (): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    // Marsaglia's polar method: two numbers a round, no trigonometry.
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const s = x * x + y * y;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      spare = y * scale;
      return x * scale;
    }
  };
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    logBetween: (low, high) => low * (high / low) ** uniform(),
    gaussian,
    chance: (probability) => uniform() < probability,
    pick: (list) => list[Math.floor(uniform() * list.length)] ?? list[0],
    fork: (label) => newRandom(root ^ Math.imul(label + 1, 0x85ebca6b)),
  };
}
