import type { AskResult, RoomAsk } from "./asks.ts";
import type { CheckRecord, CheckRow, ObservationOrder } from "./checks.ts";
import type { Activation, CommunicationNeeds, DecisionRecord, PurposeConsent, Review } from "./consent.ts";
import type { Actor, CareOrder } from "./people.ts";
import type { SedationWatch } from "./sedation.ts";
import type { Tile } from "./tile.ts";
import type { MonoMs } from "./units.ts";
import type {
  AlarmCondition,
  AlarmOutcome,
  AlarmPresence,
  AlarmPriority,
  BedPlace,
  DropReason,
  FalseAlarmWhy,
  NoRateReason,
  Occupancy,
  PeopleSeen,
  Purpose,
  RefusalReason,
  SensorHealth,
  SensorState,
} from "./words.ts";

/*
 * The core's door: what it learns (events) and what it wants done (effects), for one room. Whatever the core knows of the
 * world came through here, so a recorded session replays exactly.
 */

export interface Tensor {
  readonly name: string;
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** What the ward database holds of a room when the agent starts, or after the audit disk came back. Times are on this run's clock and may be negative. */
export interface RoomRecord {
  readonly stay: { readonly id: string; readonly label: string; readonly demonstration: boolean } | null;
  readonly needs: CommunicationNeeds;
  readonly checks: CheckRecord | null;
  readonly sedation: SedationWatch | null;
  readonly consents: readonly PurposeConsent[];
  readonly order: CareOrder | null;
  readonly alarms: readonly AlarmRow[];
  readonly leaseNumber: number;
  /** A lease that the process which held it did not end: it was killed. */
  readonly leaseLeftOpen: { readonly stay: string } | null;
  /** What the newest facts of the stay say about the bed; null without any. */
  readonly lastSeen: { readonly inBed: boolean; readonly sinceUtcMs: number } | null;
  readonly alarmCount: number;
  /** When something was last recorded of this stay: an earlier run knew that time. Left out or null: nothing was. */
  readonly recordedUtcMs?: number | null;
}

export interface AlarmRow {
  readonly id: string;
  readonly stay: string;
  readonly condition: AlarmCondition;
  readonly priority: AlarmPriority;
  readonly presence: AlarmPresence;
  readonly raisedAtUtcMs: number;
  readonly clearedAtUtcMs: number | null;
  readonly acknowledged: { readonly name: string; readonly atUtcMs: number } | null;
  readonly audited: boolean;
  /** Nobody answered: 1: every station is called; 2: the nurse in charge as well. */
  readonly escalation: 0 | 1 | 2;
  /** How often it came up before it was over and seen. */
  readonly raisings: number;
  readonly outcome: {
    readonly is: AlarmOutcome;
    readonly falseBecause: FalseAlarmWhy | null;
    readonly name: string;
    readonly atUtcMs: number;
  } | null;
}

export type CoreEvent =
  | { readonly kind: "restore"; readonly at: MonoMs; readonly utcMs: number; readonly room: RoomRecord }
  /** `lateMs`: how much later than planned this turn came; left out: in time. */
  | { readonly kind: "tick"; readonly at: MonoMs; readonly utcMs: number; readonly lateMs?: number }
  /** A station has drawn these alarms. */
  | {
      readonly kind: "alarms-shown";
      readonly at: MonoMs;
      readonly utcMs: number;
      readonly shown: readonly { readonly id: string; readonly raisedAtUtcMs: number }[];
    }
  /** A whole envelope of one of the room's sensors, undecoded. */
  | {
      readonly kind: "frame";
      readonly at: MonoMs;
      readonly utcMs: number;
      readonly sensor: string;
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: "frames-dropped";
      readonly at: MonoMs;
      readonly utcMs: number;
      readonly why: DropReason;
      readonly count: number;
    }
  | {
      readonly kind: "inferred";
      readonly at: MonoMs;
      readonly utcMs: number;
      readonly request: number;
      readonly outputs: readonly Tensor[];
      readonly tookMs: number;
    }
  /** The answer to `unpack`: distances in mm, row by row. */
  | {
      readonly kind: "unpacked";
      readonly at: MonoMs;
      readonly utcMs: number;
      readonly request: number;
      readonly mm: Uint16Array;
    }
  | { readonly kind: "unpack-failed"; readonly at: MonoMs; readonly utcMs: number; readonly request: number }
  | { readonly kind: "inference-failed"; readonly at: MonoMs; readonly utcMs: number; readonly request: number }
  | {
      readonly kind: "sensor-status";
      readonly at: MonoMs;
      readonly utcMs: number;
      readonly sensor: string;
      readonly state: SensorState;
      readonly detail: string;
      readonly health: SensorHealth;
    }
  | {
      readonly kind: "ask";
      readonly at: MonoMs;
      readonly utcMs: number;
      readonly request: string;
      readonly actor: Actor;
      readonly ask: RoomAsk;
      readonly freshId: string;
      /** When the person touched, by the screen's server; null: not by a touch. */
      readonly touchedAtUtcMs: number | null;
    }
  | { readonly kind: "clock"; readonly at: MonoMs; readonly utcMs: number; readonly steppedMs: number }
  /** The process ends in good order: what is leased ends with an entry. */
  | { readonly kind: "stop"; readonly at: MonoMs; readonly utcMs: number }
  /** `unwritten`: alarms that were told although their entry could not be written. */
  | {
      readonly kind: "audit-failed";
      readonly at: MonoMs;
      readonly utcMs: number;
      readonly unwritten: readonly string[];
    };

export type AuditAction =
  /** The log seen from beside it: a full verification, a witness, what lay unsigned at the start, another key. */
  | "audit.verify"
  | "audit.witness"
  | "audit.unsigned"
  | "audit.key"
  | "audit.erase"
  | "stay.admit"
  | "stay.end"
  | "order.set"
  | "order.end"
  | "order.what-if"
  | "consent.offer"
  | "consent.grant"
  | "consent.withdraw"
  | "consent.end"
  | "consent.refuse"
  | "consent.best-interests"
  | "consent.review"
  | "consent.pause"
  | "consent.resume"
  | "consent.expire"
  | "consent.still-yes"
  | "needs.set"
  | "characteristics.set"
  | "check.order"
  | "check.record"
  | "check.missed"
  | "rate.accept"
  | "sedation.watch"
  | "sedation.end"
  | "bedside.revoke"
  | "feedback"
  | "feedback.answer"
  | "lease.start"
  | "lease.end"
  | "lease.refused"
  | "sensor.start"
  | "sensor.stop"
  | "sensor.state"
  | "alert.raise"
  | "alert.clear"
  | "alert.acknowledge"
  | "alert.escalate"
  | "alert.close"
  | "audio.pause"
  | "audio.off"
  | "audio.on"
  | "chain.test"
  | "sound.heard"
  | "retention.purge"
  | "clock.step"
  | "clock.sync"
  | "ask.refused"
  | "staff.invite"
  | "bedside.invite"
  | "sign-in"
  | "sign-in.refused"
  | "sign-out"
  | "bedside.pair"
  | "staff.add"
  | "staff.renew"
  | "staff.end"
  | "staff.unlock"
  | "staff.training"
  | "floor.order"
  | "page.open"
  | "page.close"
  | "person.export"
  /** Records that two people open: contract/access.ts. */
  | "access.ask"
  | "access.agree"
  | "access.end"
  | "access.review"
  | "access.export"
  | "advocate.let"
  | "advocate.begin"
  | "advocate.end"
  | "process.start"
  | "records.restore"
  | "release.update"
  | "release.changed"
  | "model.load"
  | "config.apply";

export interface AuditIntent {
  readonly action: AuditAction;
  readonly actor: Actor;
  /** FHIR AuditEvent outcome: 0 success, 4 minor failure, 8 serious failure, 12 major failure. */
  readonly outcome: 0 | 4 | 8 | 12;
  /** No name and nothing that identifies a patient: goes into the log in clear. */
  readonly detail: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
  /** What identifies a person: kept beside the log, salted and committed to, erasable. */
  readonly phi: Readonly<Record<string, string | number | null>> | null;
}

export type StoreRow =
  | {
      readonly table: "stay";
      readonly id: string;
      readonly bed: string;
      readonly label: string;
      readonly demonstration: boolean;
      readonly startedAtUtcMs: number;
    }
  | { readonly table: "stay-end"; readonly id: string; readonly endedAtUtcMs: number }
  | {
      readonly table: "consent";
      readonly stay: string;
      readonly consent: PurposeConsent;
      readonly atUtcMs: number;
      readonly by: string;
      /** The person's own touch. */
      readonly byPerson: boolean;
      /** What was written down with it, as it came; null where nothing was. */
      readonly record: Activation | DecisionRecord | Review | null;
    }
  | {
      readonly table: "observation-order";
      readonly stay: string;
      readonly order: ObservationOrder;
      readonly atUtcMs: number;
    }
  | { readonly table: "check"; readonly check: CheckRow }
  /** Null: it ended. */
  | {
      readonly table: "sedation";
      readonly stay: string;
      readonly watch: SedationWatch | null;
      readonly atUtcMs: number;
    }
  | { readonly table: "needs"; readonly stay: string; readonly needs: CommunicationNeeds; readonly atUtcMs: number }
  | { readonly table: "order"; readonly stay: string; readonly order: CareOrder; readonly atUtcMs: number }
  /** The newest order of the stay is over by its own time. */
  | { readonly table: "order-end"; readonly stay: string; readonly atUtcMs: number }
  | { readonly table: "alarm"; readonly alarm: AlarmRow }
  | {
      readonly table: "accepted-rate";
      readonly stay: string;
      readonly by: { readonly id: string; readonly name: string };
      readonly perMin: number;
      readonly lowPerMin: number;
      readonly highPerMin: number;
      readonly quality: number;
      readonly atUtcMs: number;
    }
  | {
      /** `stay`: whose lease is open; null once it ended. */ readonly table: "lease-number";
      readonly bed: string;
      readonly number: number;
      readonly stay: string | null;
    }
  /** Refused by the database itself unless the purpose is granted for the stay. Rate columns need breathing-rate, the others movement-alerts. */
  | {
      readonly table: "fact";
      readonly stay: string;
      readonly atUtcMs: number;
      readonly occupancy: Occupancy | null;
      readonly movement: number | null;
      readonly place: BedPlace | null;
      readonly people: PeopleSeen | null;
      readonly breathingPerMin: number | null;
      readonly lowPerMin: number | null;
      readonly highPerMin: number | null;
      readonly quality: number | null;
      readonly reason: NoRateReason | null;
    };

/**
 * Effects of one step, in order. The shell writes every `audit` and `store` of a step in one transaction before it does
 * the rest; where that fails, only stop-sensor and publish are carried out, and the core is told `audit-failed`.
 */
export type Effect =
  | { readonly kind: "audit"; readonly intent: AuditIntent }
  | { readonly kind: "store"; readonly row: StoreRow }
  | {
      readonly kind: "lease";
      readonly bed: string;
      readonly stay: string;
      readonly purposes: readonly Purpose[];
      readonly number: number;
      readonly forMs: number;
    }
  | { readonly kind: "stop-sensor"; readonly bed: string; readonly number: number }
  /** `model`: the name of a folder in models/. At most one question of a room is open. */
  | { readonly kind: "infer"; readonly request: number; readonly model: string; readonly tensors: readonly Tensor[] }
  /** A depth frame's PNG, of this size. The bytes become the shell's. At most one of a room is open. */
  | {
      readonly kind: "unpack";
      readonly request: number;
      readonly png: Uint8Array;
      readonly widthPx: number;
      readonly heightPx: number;
    }
  | { readonly kind: "publish"; readonly tile: Tile }
  | { readonly kind: "estimate"; readonly estimate: Estimate }
  | { readonly kind: "answer"; readonly request: string; readonly ok: true; readonly result: AskResult }
  | {
      readonly kind: "answer";
      readonly request: string;
      readonly ok: false;
      readonly why: RefusalReason;
      readonly words: string;
    };

/** One inference's answer, as `npm run estimate` prints it. */
export interface Estimate {
  /** Sensor time since the first frame, at the end of the window that the rate speaks of. */
  readonly atMs: number;
  readonly occupancy: Occupancy;
  /** Null: no sensor that tells places says anything. */
  readonly place: BedPlace | null;
  readonly people: PeopleSeen;
  /** 0-100: see perception/movement. */
  readonly movement: number;
  readonly breathingPerMin: number | null;
  readonly lowPerMin: number | null;
  readonly highPerMin: number | null;
  readonly quality: number;
  readonly windowMs: number;
  readonly reason: NoRateReason | null;
}
