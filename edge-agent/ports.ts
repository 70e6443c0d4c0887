import type { AuditIntent, RoomRecord, StoreRow, Tensor } from "./contract/door.ts";

/*
 * What the loop needs of the outside; io, records and main implement it.
 */

export interface Stamp {
  /** ms since 1970 UTC. */
  readonly utcMs: number;
  /** Monotonic nanoseconds of this process. */
  readonly monoNs: bigint;
}

export interface WardStore {
  /**
   * Writes audit entries and rows in one transaction and returns once it is on the disk (synchronous=FULL).
   * Throws StoreError; then nothing of it was written.
   */
  commit(intents: readonly AuditIntent[], rows: readonly StoreRow[], stamp: Stamp): void;
  restoreRoom(bed: string): RoomRecord;
}

export interface InferenceAnswer {
  readonly key: string;
  readonly outputs: readonly Tensor[] | undefined;
  readonly tookMs: number;
}

/** Runs a model in a thread of its own. `key` comes back with the answer. */
export interface Inference {
  request(key: string, tensors: readonly Tensor[]): void;
}
