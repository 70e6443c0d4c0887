/*
 * Butterworth filters of second order by the bilinear transform, as in Oppenheim & Schafer, Discrete-Time Signal
 * Processing, 7.1: the prototype 1 / (s^2 + sqrt(2) s + 1), frequencies bent by tan(pi f / rate).
 */

export interface Filter {
  /** Of the newest sample first; `a[0]` is 1. */
  readonly b: readonly number[];
  readonly a: readonly number[];
}

export function lowPass(cutHz: number, rateHz: number): Filter {
  const w = Math.tan((Math.PI * cutHz) / rateHz);
  return bilinear([w * w, 0, 0], [w * w, Math.SQRT2 * w, 1]);
}

/** Two poles at each edge, four in all. */
export function bandPass(lowHz: number, highHz: number, rateHz: number): Filter {
  const low = Math.tan((Math.PI * lowHz) / rateHz);
  const high = Math.tan((Math.PI * highHz) / rateHz);
  const square = low * high;
  const width = high - low;
  return bilinear(
    [0, 0, width * width, 0, 0],
    [square * square, Math.SQRT2 * width * square, 2 * square + width * width, Math.SQRT2 * width, 1],
  );
}

/** Coefficients of s^0, s^1 ... with s = (1 - z) / (1 + z), z one sample back. */
function bilinear(top: readonly number[], bottom: readonly number[]): Filter {
  const order = bottom.length - 1;
  const b = inDelays(top, order);
  const a = inDelays(bottom, order);
  const first = a[0]!;
  return { b: b.map((one) => one / first), a: a.map((one) => one / first) };
}

function inDelays(inS: readonly number[], order: number): number[] {
  const sum = new Array<number>(order + 1).fill(0);
  inS.forEach((weight, power) => {
    let product = [1];
    for (let i = 0; i < order; i++) product = times(product, i < power ? -1 : 1);
    product.forEach((one, i) => {
      sum[i] = sum[i]! + weight * one;
    });
  });
  return sum;
}

/** Times (1 + sign z). */
const times = (polynomial: readonly number[], sign: number): number[] =>
  Array.from({ length: polynomial.length + 1 }, (_, i) => (polynomial[i] ?? 0) + sign * (polynomial[i - 1] ?? 0));

/** From rest, transposed direct form II. */
export function filtered({ b, a }: Filter, series: Float64Array): Float64Array {
  const order = a.length - 1;
  const memory = new Float64Array(order + 1);
  return series.map((x) => {
    const y = b[0]! * x + memory[0]!;
    for (let i = 1; i <= order; i++) memory[i - 1] = b[i]! * x - a[i]! * y + memory[i]!;
    return y;
  });
}

/**
 * Forwards and backwards, so that no peak is late. Each end is first continued by its mirror image through the end point,
 * up to `edge` samples: what a filter does from rest would else look like a breath.
 */
export function filteredBothWays(filter: Filter, series: Float64Array, edge: number): Float64Array {
  const n = series.length;
  const pad = Math.max(0, Math.min(edge, n - 1));
  const long = new Float64Array(n + 2 * pad);
  for (let i = 0; i < pad; i++) {
    long[i] = 2 * series[0]! - series[pad - i]!;
    long[n + pad + i] = 2 * series[n - 1]! - series[n - 2 - i]!;
  }
  long.set(series, pad);
  return filtered(filter, filtered(filter, long).reverse())
    .reverse()
    .slice(pad, pad + n);
}
