/* A line through measurements that a few of them cannot bend: the median of the slopes between all pairs (Theil 1950, Sen 1968). */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Slope {
  readonly slope: number;
  /** 95 % interval, by Kendall's statistic (Sen 1968). It takes the points to be independent; neighbours in time seldom are quite. */
  readonly low: number;
  readonly high: number;
}

const normal975 = 1.959964;

/** At least 10 points, at different x. */
export function robustSlope(points: readonly Point[]): Slope {
  const n = points.length;
  if (n < 10) throw new Error(`a slope needs 10 points or more, there are ${n}`);
  const slopes: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const [a, b] = [points[i], points[j]];
      if (a !== undefined && b !== undefined && b.x !== a.x) slopes.push((b.y - a.y) / (b.x - a.x));
    }
  }
  slopes.sort((a, b) => a - b);
  const at = (place: number): number =>
    slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(place)))] ?? Number.NaN;
  const middle = (slopes.length - 1) / 2;
  const half = (normal975 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)) / 2;
  return {
    slope: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    low: at(middle - half),
    high: at(middle + half),
  };
}
