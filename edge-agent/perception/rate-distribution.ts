import { binPerMin, lowestPerMin, rateBins } from "./radar-breathing.ts";

export interface RateReading {
  readonly perMin: number;
  /** 90 % interval: 5 % and 95 % quantiles. */
  readonly lowPerMin: number;
  readonly highPerMin: number;
}

/**
 * One rate from the model's probabilities over 113 bins: the mean over the bins within 2 /min of the likeliest, and the
 * quantiles with straight lines inside a bin. Undefined where the numbers are no distribution.
 */
export function readRate(probability: Float32Array): RateReading | undefined {
  if (probability.length !== rateBins) return undefined;
  let mode = 0;
  let total = 0;
  for (let bin = 0; bin < rateBins; bin++) {
    const p = probability[bin]!;
    if (!(p >= 0)) return undefined;
    total += p;
    if (p > probability[mode]!) mode = bin;
  }
  if (!(Math.abs(total - 1) < 0.01)) return undefined;
  let weight = 0;
  let sum = 0;
  for (let bin = Math.max(0, mode - 4); bin <= Math.min(rateBins - 1, mode + 4); bin++) {
    weight += probability[bin]!;
    sum += probability[bin]! * (lowestPerMin + binPerMin * bin);
  }
  return {
    perMin: sum / weight,
    lowPerMin: quantile(probability, 0.05 * total),
    highPerMin: quantile(probability, 0.95 * total),
  };
}

function quantile(probability: Float32Array, at: number): number {
  let before = 0;
  for (let bin = 0; bin < rateBins; bin++) {
    const here = probability[bin]!;
    if (here > 0 && before + here >= at) {
      return lowestPerMin + binPerMin * (bin - 0.5 + (at - before) / here);
    }
    before += here;
  }
  return lowestPerMin + binPerMin * (rateBins - 0.5);
}
