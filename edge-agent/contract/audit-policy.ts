import { z } from "zod";

/** Who outside the log sees it grow. */
export const AuditPolicy = z.strictObject({
  /**
   * Witnesses of both logs and how many of them have to cosign: a file of c2sp.org/tlog-policy, absolute or from the data folder.
   * Null: only the station's own witness looks, which a thief of the whole computer also has.
   */
  witnessPolicyFile: z.string().min(1).max(400).nullable().default(null),
  /** How often each witness is asked. */
  witnessEverySec: z.int().min(1).max(600).default(10),
  /** No witness has agreed for this long: said on the log's page. */
  witnessStaleSec: z.int().min(60).max(86_400).default(900),
});
export type AuditPolicy = z.infer<typeof AuditPolicy>;

/** What came of asking one witness. */
export const witnessStates = [
  "cosigned",
  "unreachable", // no answer, or none in time; the log goes on
  "refused", // it does not look after this log, or does not believe its key
  "ahead", // it has seen more entries than are here: the log was rolled back
  "other-history", // it has seen other entries than are here
] as const;
export type WitnessState = (typeof witnessStates)[number];

export interface WitnessSeen {
  readonly name: string;
  readonly state: WitnessState;
  /** Entries that it has cosigned. */
  readonly size: number;
  /** Of its last cosignature, by its clock; null: never. */
  readonly cosignedAtSec: number | null;
  readonly words: string;
}

/** A full verification of a log, run beside it. */
export interface Verification {
  readonly atUtcMs: number;
  readonly tookMs: number;
  readonly entries: number;
  readonly ok: boolean;
  /** The first fault; empty without one. */
  readonly words: string;
}

/** What is known of one log from outside it. */
export interface LogSeen {
  readonly verification: Verification | null;
  readonly witnesses: readonly WitnessSeen[];
  /** Whether as many as the policy wants have cosigned the newest checkpoint that any of them has seen; null: no policy. */
  readonly quorum: boolean | null;
}

/** Null: nobody looked at it yet. */
export type LogsSeen = Readonly<Record<"ward" | "dashboard", LogSeen | null>>;
