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

/** One line of a card's table: how far each half of the model's own 90 % interval is stretched. */
export interface IntervalScale {
  /** The shortest window and the narrowest half width that the line holds for; lines ascend in both. */
  readonly fromMs: number;
  readonly halfWidthFromPerMin: number;
  readonly scale: number;
}

/** The interval as split conformal prediction on calibration windows found it, by window length and the model's own width. */
export function stretched(reading: RateReading, windowMs: number, scales: readonly IntervalScale[]): RateReading {
  const half = (reading.highPerMin - reading.lowPerMin) / 2;
  const line = scales.findLast((one) => windowMs >= one.fromMs && half >= one.halfWidthFromPerMin);
  const scale = line?.scale ?? 1;
  const { perMin } = reading;
  return {
    perMin,
    lowPerMin: Math.max(0, perMin - scale * (perMin - reading.lowPerMin)),
    highPerMin: perMin + scale * (reading.highPerMin - perMin),
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
