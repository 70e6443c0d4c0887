import { readdirSync, readFileSync } from "node:fs";

/** What the benchmarks read of processes, and how they sum it up. */
export interface Spread {
  readonly n: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export const round = (value: number): number => Math.round(value * 100) / 100;

/** The nearest rank: of 200 the 198th is 99 %. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
  return { n: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Time on a processor of all threads of a process, ms (Linux: schedstat of each task, ns; ticks of 10 ms are too coarse). */
export function cpuMsOf(pid: number): number {
  let ns = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      ns += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]);
    } catch {
      // A thread that ended between the two looks.
    }
  }
  return ns / 1e6;
}

export function residentMiBOf(pid: number): number {
  return round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN) / 1_024);
}

/** A number of /metrics, added up over its labels. */
export function sumOfMetric(metrics: string, name: string): number {
  const values = [...metrics.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"))].map(([, value]) =>
    Number(value),
  );
  if (values.length === 0) throw new Error(`/metrics has no ${name}`);
  return values.reduce((sum, value) => sum + value, 0);
}

/** A histogram of /metrics: how many lie at or below each bound, over all its other labels. */
export type Buckets = ReadonlyMap<number, number>;

export function bucketsOf(metrics: string, name: string): Buckets {
  const sums = new Map<number, number>();
  for (const [, labels, count] of metrics.matchAll(new RegExp(`^${name}_bucket\\{([^}]*)\\} (\\S+)$`, "gm"))) {
    const bound = Number(/le="([^"]+)"/.exec(labels ?? "")?.[1]?.replace("+Inf", "Infinity"));
    sums.set(bound, (sums.get(bound) ?? 0) + Number(count));
  }
  return sums;
}

/**
 * The lowest bound that so many of what came between the two looks do not exceed; Infinity: above every bound. Null: nothing came.
 */
export function boundOf(before: Buckets, after: Buckets, share: number): number | null {
  const between = [...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)] as const);
  const all = Math.max(0, ...between.map(([, count]) => count));
  if (all === 0) return null;
  const bounds = between.filter(([, count]) => count >= share * all).map(([bound]) => bound);
  return Math.min(...bounds);
}
