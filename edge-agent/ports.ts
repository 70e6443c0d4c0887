import type { Stamp } from "./contract/audit-entry.ts";
import type { AuditIntent, Effect, Estimate, RoomRecord, StoreRow, Tensor } from "./contract/door.ts";
import type { Tile } from "./contract/tile.ts";
import type { Purpose } from "./contract/words.ts";

/*
 * What the loop needs of the outside; io, records and main implement it.
 */

/** `refused`: this can never be written, whatever the disk does. Every other code is about the disk, and worth another try. */
export interface StoreFailure extends Error {
  readonly code: string;
}

/**
 * Withdrawals that the database could not take, kept where a full disk cannot stop them. Read before the database's own
 * word when a room is restored.
 */
export interface WithdrawalReserve {
  /** True once they are on the disk. */
  keep(withdrawals: readonly Withdrawal[]): boolean;
  clear(): void;
}

export interface Withdrawal {
  readonly stay: string;
  readonly purpose: Purpose;
  readonly atUtcMs: number;
  /** The person's own no: nobody decides otherwise for them. */
  readonly personSaidNo: boolean;
}

export interface WardStore {
  /**
   * Writes audit entries and rows in one transaction and returns once it is on the disk (synchronous=FULL).
   * Throws StoreFailure; then nothing of it was written.
   */
  commit(intents: readonly AuditIntent[], rows: readonly StoreRow[], stamp: Stamp): void;
  restoreRoom(bed: string): RoomRecord;
}

/** Carries out what the core asks, for every room. Nothing here may throw: an outside that fails becomes an event. */
export interface RoomShell {
  lease(lease: Extract<Effect, { kind: "lease" }>): void;
  stopSensor(bed: string, number: number): void;
  /** Answered later by an `inferred` or `inference-failed` event of the same request. */
  infer(bed: string, request: number, model: string, tensors: readonly Tensor[]): void;
  /** Answered later by an `unpacked` or `unpack-failed` event of the same request. Overwrites the PNG. */
  unpack(bed: string, effect: Extract<Effect, { kind: "unpack" }>): void;
  publish(tile: Tile): void;
  estimate(bed: string, estimate: Estimate): void;
  answer(answer: Extract<Effect, { kind: "answer" }>): void;
}

export interface InferenceAnswer {
  readonly outputs: readonly Tensor[];
  readonly tookMs: number;
  /** Processor time of it; less where the thread had to wait for a processor. */
  readonly cpuMs: number;
}

/** Runs models, one request after the other, in order. Rejects where the model or its thread failed, or none has this name. */
export interface Inference {
  run(model: string, tensors: readonly Tensor[]): Promise<InferenceAnswer>;
}
