import "../trial-data-key.ts";
import { join } from "node:path";
import { WardRecords } from "../../edge-agent/records/ward.ts";
import { quantile } from "../evaluate/statistics.ts";
import { type BenchKey, benchIntent } from "./build-log.ts";

export interface Waits {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

export interface LogWaits {
  /** What all beds bring in one turn stands in one transaction, as the loop does it. */
  readonly together: Waits;
  /** Each bed's by itself, as a loop without that would: the comparison of the same run, on the same disk. */
  readonly oneByOne: Waits;
}

/**
 * How long each of `beds` waits until its entry is on the disk and signed, at FULL durability, where all of them have an
 * alarm in the same turn: the worst a ward does. Rounds of both kinds take turns, so that both meet the same disk.
 */
export function waitForLog(
  folder: string,
  key: BenchKey,
  { beds, rounds }: { beds: number; rounds: number },
): LogWaits {
  const records = new WardRecords(join(folder, "waits.sqlite"), key.options);
  records.start();
  const waits: { together: number[]; oneByOne: number[] } = { together: [], oneByOne: [] };
  const stamp = () => ({ utcMs: Date.now(), monoNs: process.hrtime.bigint() });
  try {
    for (let round = 0; round < rounds; round += 1) {
      const intents = Array.from({ length: beds }, (_, bed) => ({
        ...benchIntent(bed),
        action: "alert.raise" as const,
      }));
      const begun = performance.now();
      records.commit(intents, [], stamp());
      const tookMs = performance.now() - begun;
      for (let bed = 0; bed < beds; bed += 1) waits.together.push(tookMs);
      const alone = performance.now();
      for (const intent of intents) {
        records.commit([intent], [], stamp());
        waits.oneByOne.push(performance.now() - alone);
      }
    }
  } finally {
    records.close();
  }
  return { together: waitsOf(waits.together), oneByOne: waitsOf(waits.oneByOne) };
}

const waitsOf = (ms: readonly number[]): Waits => ({
  p50Ms: quantile(ms, 0.5),
  p99Ms: quantile(ms, 0.99),
  worstMs: Math.max(...ms),
});
