import type { CheckSeen } from "./checks.ts";
import type { News2Breathing } from "./news2.ts";

/* What was written down of the checks of one stay. Times are ms since 1970 UTC. */

export interface CheckEntryTold {
  readonly id: string;
  readonly seenUtcMs: number;
  readonly recordedUtcMs: number;
  readonly by: string;
  readonly seen: CheckSeen;
  /** Why it was written down later than five minutes after; null: in time. */
  readonly retrospective: string | null;
  /** Another entry corrects it; both stay. */
  readonly corrected: boolean;
  readonly corrects: boolean;
  /** Patterns that somebody should look at; for those who review, and no judgement. */
  readonly marks: readonly ("several-beds-at-once" | "several-slots-at-once" | "filled-in-later")[];
}

export interface CheckHistory {
  /** The newest first. */
  readonly entries: readonly CheckEntryTold[];
  /** Windows that ended without a check, the newest first. `before`: so many more lay before this one. */
  readonly missed: readonly { readonly fromUtcMs: number; readonly untilUtcMs: number; readonly before: number }[];
  /** Rates of the sensor that a named nurse took over as an observation, the newest first. */
  readonly rates: readonly AcceptedRateTold[];
}

export interface AcceptedRateTold {
  readonly atUtcMs: number;
  readonly by: string;
  readonly perMin: number;
  readonly lowPerMin: number;
  readonly highPerMin: number;
  readonly news2: News2Breathing;
}
