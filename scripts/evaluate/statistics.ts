import type { Random } from "../../firmware-bridge/simulator/random.ts";

export type Interval = readonly [low: number, high: number];

const z95 = 1.959963984540054;

/** 95 % interval of a share, 0..1 (Wilson 1927). */
export function wilson(hits: number, n: number): Interval {
  if (n === 0) return [0, 1];
  const p = hits / n;
  const z2 = z95 * z95;
  const middle = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z95 / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  return [hits === 0 ? 0 : Math.max(0, middle - half), hits === n ? 1 : Math.min(1, middle + half)];
}

/** Exact 95 % interval of a share, 0..1 (Clopper & Pearson 1934), by bisection of the binomial tail. */
export function clopperPearson(hits: number, n: number): Interval {
  if (n === 0) return [0, 1];
  const low = hits === 0 ? 0 : bisect((p) => 1 - binomialAtMost(hits - 1, n, p) < 0.025);
  const high = hits === n ? 1 : bisect((p) => binomialAtMost(hits, n, p) > 0.025);
  return [low, high];
}

/** A share in percent with its 95 % interval, exact where there are few hits. NaN of none. */
export function percentOf(hits: number, n: number): { readonly value: number; readonly ci95: Interval } {
  const [low, high] = Math.min(hits, n - hits) < 5 ? clopperPearson(hits, n) : wilson(hits, n);
  return { value: (100 * hits) / n, ci95: [100 * low, 100 * high] };
}

/** Exact 95 % interval of the mean of a Poisson count (Garwood 1936), by bisection. */
export function poissonInterval(count: number): Interval {
  const atMost = (k: number, mean: number): number => {
    let term = Math.exp(-mean);
    let sum = term;
    for (let i = 1; i <= k; i++) sum += term *= mean / i;
    return sum;
  };
  const reach = 2 * count + 20;
  const low = count === 0 ? 0 : reach * bisect((p) => 1 - atMost(count - 1, reach * p) < 0.025);
  return [low, reach * bisect((p) => atMost(count, reach * p) > 0.025)];
}

/** The highest p in 0..1 for which it still holds. */
function bisect(holdsAt: (p: number) => boolean): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (holdsAt(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function binomialAtMost(k: number, n: number, p: number): number {
  if (p <= 0) return 1;
  if (p >= 1) return k >= n ? 1 : 0;
  const odds = Math.log(p) - Math.log1p(-p);
  let log = n * Math.log1p(-p);
  let sum = Math.exp(log);
  for (let i = 1; i <= k; i++) {
    log += Math.log((n - i + 1) / i) + odds;
    sum += Math.exp(log);
  }
  return Math.min(1, sum);
}

/** The highest share that `n` clean samples leave open at 95 %, one-sided: about 3 / n (Hanley 1983). */
export const shareAfterNone = (n: number): number => (n === 0 ? 1 : 1 - 0.05 ** (1 / n));

/** Clean samples needed before a share can be said to be at most this at 95 %: 0.1 % takes 2,995, 0.1 a night 29. */
export const samplesForShare = (share: number): number => Math.ceil(Math.log(0.05) / Math.log1p(-share));
/** Nights without an event before a count can be said to be at most so many a night, 95 % (Poisson). */
export const nightsForRate = (perNight: number): number => Math.ceil(-Math.log(0.05) / perNight);
/** Episodes: 500 hold a share of 99 % apart from 97.7 % (one sided, 95 %). */
export const episodesFor99Percent = 500;

export const rootMeanSquare = (errors: readonly number[]): number =>
  Math.sqrt(errors.reduce((sum, one) => sum + one * one, 0) / errors.length);

/** Percentile 0..1 of a list, interpolated; NaN when empty. */
export function quantile(list: readonly number[], part: number): number {
  const sorted = [...list].sort((a, b) => a - b);
  const at = part * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below === above ? below : below + (at - Math.floor(at)) * (above - below);
}

/** 95 % interval of a percentile by order statistics; a side that the list is too short for is infinite. */
export function quantileInterval(list: readonly number[], part: number): Interval {
  const sorted = [...list].sort((a, b) => a - b);
  const n = sorted.length;
  let low = -1;
  while (low + 1 < n && binomialAtMost(low + 1, n, part) <= 0.025) low++;
  let high = 0;
  while (high < n && binomialAtMost(high, n, part) < 0.975) high++;
  return [sorted[low] ?? Number.NEGATIVE_INFINITY, sorted[high] ?? Number.POSITIVE_INFINITY];
}

/** Percentile bootstrap of any figure over `n` samples that are drawn together, so that ratios stay paired. */
export function bootstrap(
  n: number,
  figure: (drawn: readonly number[]) => number,
  random: Random,
  rounds = 400,
): Interval {
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const value = figure(Array.from({ length: n }, () => Math.floor(random.uniform() * n)));
    if (Number.isFinite(value)) found.push(value);
  }
  return [quantile(found, 0.025), quantile(found, 0.975)];
}

export interface Answered {
  readonly error: number;
  /** Higher is surer. */
  readonly quality: number;
}

/** RMSE of the surest share of windows, from 5 % to all: [coverage 0..1, RMSE]. */
export function riskCoverage(answers: readonly Answered[], steps = 20): readonly (readonly [number, number])[] {
  const sorted = [...answers].sort((a, b) => b.quality - a.quality);
  return Array.from({ length: steps }, (_, i) => {
    const kept = sorted.slice(0, Math.max(1, Math.round(((i + 1) / steps) * sorted.length)));
    return [(i + 1) / steps, rootMeanSquare(kept.map((one) => one.error))] as const;
  });
}

/** Mean of the risk (squared error) over all coverages: area under the risk-coverage curve. */
export function riskCoverageArea(answers: readonly Answered[]): number {
  const sorted = [...answers].sort((a, b) => b.quality - a.quality);
  let squares = 0;
  let area = 0;
  sorted.forEach((one, i) => {
    squares += one.error * one.error;
    area += squares / (i + 1);
  });
  return area / sorted.length;
}

/** The surest `count` answers: what a gate with the same coverage would show. */
export const surest = <T extends { readonly quality: number }>(answers: readonly T[], count: number): readonly T[] =>
  [...answers].sort((a, b) => b.quality - a.quality).slice(0, count);

/** Share of intervals that hold the truth, with its 95 % interval. */
export function coverage(
  intervals: readonly { readonly low: number; readonly high: number; readonly truth: number }[],
): { readonly share: number; readonly ci95: Interval } {
  const inside = intervals.filter(({ low, high, truth }) => truth >= low && truth <= high).length;
  return { share: inside / intervals.length, ci95: wilson(inside, intervals.length) };
}
