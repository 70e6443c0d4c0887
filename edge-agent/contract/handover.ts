import type { CheckSeen, ObservationLevel } from "./checks.ts";
import type { AlarmCondition, AlarmOutcome, AlarmPriority, ConsentState, FalseAlarmWhy, Purpose } from "./words.ts";

/* What happened to one person since the last shift, as the ward's records say it. Times are ms since 1970 UTC. */

export interface HandedAlarm {
  readonly condition: AlarmCondition;
  readonly priority: AlarmPriority;
  readonly raisedAtUtcMs: number;
  readonly clearedAtUtcMs: number | null;
  readonly raisings: number;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAtUtcMs: number | null;
  readonly outcome: AlarmOutcome | null;
  readonly falseBecause: FalseAlarmWhy | null;
  readonly escalation: number;
}

export interface HandedConcern {
  readonly atUtcMs: number;
  readonly by: string;
  readonly words: string;
}

export interface HandedStay {
  readonly stay: string;
  readonly bed: string;
  readonly label: string;
  readonly startedAtUtcMs: number;
  /** Null: still here. */
  readonly endedAtUtcMs: number | null;
  readonly alarms: readonly HandedAlarm[];
  readonly checks: {
    readonly made: number;
    /** Written down later than five minutes after. */
    readonly late: number;
    /** Windows that nobody checked in. */
    readonly missed: number;
    readonly last: { readonly atUtcMs: number; readonly by: string; readonly seen: CheckSeen } | null;
    readonly concerns: readonly HandedConcern[];
    readonly level: ObservationLevel | null;
  };
  /** The newest first. */
  readonly consents: readonly {
    readonly purpose: Purpose;
    readonly state: ConsentState;
    readonly atUtcMs: number;
    readonly byPerson: boolean;
  }[];
  /** A watch after sedation began. */
  readonly sedations: readonly { readonly atUtcMs: number; readonly by: string; readonly untilUtcMs: number }[];
}
