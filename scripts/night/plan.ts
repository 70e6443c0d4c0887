import type { Hours } from "../../edge-agent/contract/consent.ts";
import type { FrameKind } from "../../edge-agent/contract/frames.ts";
import type { CareOrder, OrderPart } from "../../edge-agent/contract/people.ts";
import type { AlarmCondition, Purpose } from "../../edge-agent/contract/words.ts";
import type { Truth } from "./truth.ts";

/* What is going to happen in one night, all of it before it begins. Times are seconds of the night unless they say otherwise. */

export const nightSec = 8 * 3_600;

export interface Span {
  readonly fromSec: number;
  readonly toSec: number;
}
export const isIn = ({ fromSec, toSec }: Span, atSec: number): boolean => atSec >= fromSec && atSec < toSec;

/** `lost`: its wire is cut, and the bridge says so; `silent`: nothing comes, and nobody says so; `covered`: the bridge says so. */
export interface SensorFault extends Span {
  readonly what: "lost" | "silent" | "covered";
}

export type Ordered = Partial<Pick<CareOrder, OrderPart>>;

export interface BedNight {
  readonly bed: string;
  /** One sensor of each; none twice. */
  readonly sensors: readonly FrameKind[];
  readonly truth: Truth;
  /** Null: nobody was admitted. */
  readonly stay: {
    /** Empty: nothing is allowed. */
    readonly purposes: readonly Purpose[];
    readonly hours: Hours | null;
    /** The person turns everything off; null: never. */
    readonly stopsAtSec: number | null;
    /** Null: nothing is ordered. */
    readonly order: { readonly parts: Ordered; readonly untilSec: number } | null;
    readonly checks: {
      readonly everyMinutes: number;
      /** Windows in which nobody comes. */
      readonly missed: readonly number[];
    };
  } | null;
  readonly faults: readonly SensorFault[];
  /** Seconds until somebody says "I'm going", where it is not the usual time. */
  readonly answeredAfterSec: Partial<Readonly<Record<AlarmCondition, number>>>;
}

export interface Night {
  readonly name: string;
  readonly startUtcMs: number;
  readonly beds: readonly BedNight[];
  /** The broker for frames and status starts anew. */
  readonly brokerGaps: readonly Span[];
  /** No station shows anything. */
  readonly stationGaps: readonly Span[];
  /** The agent is killed and started again. */
  readonly agentGaps: readonly Span[];
}

/** How long a nurse of this night takes to say "I'm going". */
export const answersAfterSec = (bed: BedNight, condition: AlarmCondition): number =>
  bed.answeredAfterSec[condition] ?? (condition === "on-floor" ? 12 : 25);
