import { z } from "zod";
import { Words } from "./text.ts";

/*
 * Checks in person (therapeutic observations). The level is a clinical order for one person; its clock never depends on a
 * sensor, and nothing that is sensed can close a check (NICE NG10 names; the ward's own names come from its configuration).
 */

export const ObservationLevel = z.enum([
  "general",
  "intermittent-low",
  "intermittent-high",
  "within-eyesight",
  "within-arms-length",
]);
export type ObservationLevel = z.infer<typeof ObservationLevel>;

/** What a ward calls them; the words of NICE NG10 where it says nothing. */
export const LevelNames = z.strictObject({
  general: Words(40).default("General"),
  "intermittent-low": Words(40).default("Intermittent, low frequency"),
  "intermittent-high": Words(40).default("Intermittent, high frequency"),
  "within-eyesight": Words(40).default("Within eyesight"),
  "within-arms-length": Words(40).default("Within arm’s length"),
});
export type LevelNames = z.infer<typeof LevelNames>;

/** Continuous levels have a person there: what falls due is the entry in the record. */
export const continuousLevels: readonly ObservationLevel[] = ["within-eyesight", "within-arms-length"];

/** Minutes from one check to the next that a level allows. */
export const everyMinutesOf: Readonly<Record<ObservationLevel, { readonly min: number; readonly max: number }>> = {
  general: { min: 30, max: 240 },
  "intermittent-low": { min: 30, max: 60 },
  "intermittent-high": { min: 10, max: 30 },
  "within-eyesight": { min: 15, max: 60 },
  "within-arms-length": { min: 15, max: 60 },
};

export const ObservationOrder = z
  .strictObject({
    level: ObservationLevel,
    everyMinutes: z.int().min(5).max(240),
    by: Words(80),
    reason: Words(200),
    /** Hours until somebody looks at the order again. It goes on after that, marked as due for review: less would be unsafe. */
    reviewAfterHours: z.int().min(1).max(168),
  })
  .refine(({ level, everyMinutes }) => everyMinutes >= everyMinutesOf[level].min, {
    path: ["everyMinutes"],
    error: "more often than this level means",
  })
  .refine(({ level, everyMinutes }) => everyMinutes <= everyMinutesOf[level].max, {
    path: ["everyMinutes"],
    error: "less often than this level allows",
  });
export type ObservationOrder = z.infer<typeof ObservationOrder>;

export type SeenWhere = z.infer<typeof SeenWhere>;
export type SeenHow = z.infer<typeof SeenHow>;
export type Engagement = z.infer<typeof Engagement>;
export const SeenWhere = z.enum(["in-bed", "bedroom", "bathroom", "day-area", "garden", "off-the-ward", "not-found"]);
export const SeenHow = z.enum(["awake", "asleep-breathing-seen", "breathing-not-seen"]);
export const Engagement = z.enum(["talked", "greeted", "asleep", "declined", "distressed"]);

/** Level of consciousness, as NEWS2 names it. */
export const Alertness = z.enum(["alert", "new-confusion", "voice", "pain", "unresponsive"]);
export type Alertness = z.infer<typeof Alertness>;

/** What a check adds while the watch runs. */
export const AfterSedation = z.strictObject({
  alertness: Alertness,
  /** Counted by the member of staff; null: it could not be counted, which the concern has to say. */
  breathsPerMin: z.int().min(0).max(80).nullable(),
});
export type AfterSedation = z.infer<typeof AfterSedation>;

/** What a member of staff saw with their own eyes. Who and when are the agent's to say. */
export const CheckSeen = z.strictObject({
  where: SeenWhere,
  how: SeenHow.nullable(),
  engagement: Engagement.nullable(),
  /** null: none. */
  concern: Words(200).nullable(),
  /** While a watch after sedation runs, and only then. */
  afterSedation: AfterSedation.optional(),
});
export type CheckSeen = z.infer<typeof CheckSeen>;

/** Who was looked for and not found was not seen: that entry closes no window, and the check stays due. */
export const wasSeen = ({ where }: Pick<CheckSeen, "where">): boolean => where !== "not-found";

export const CheckState = z.enum(["made", "not-yet", "prompt", "due", "overdue"]);
export type CheckState = z.infer<typeof CheckState>;

/** What a screen needs to go on counting by itself. */
export const CheckView = z.strictObject({
  state: CheckState,
  /** Last moment for the check that is due next. */
  dueUtcMs: z.number(),
  missedInARow: z.int().min(0),
  /** How loud: 0 quiet, 1 nags, 2 goes to the nurse in charge as well. */
  escalation: z.union([z.literal(0), z.literal(1), z.literal(2)]),
});
export type CheckView = z.infer<typeof CheckView>;

export const TileChecks = CheckView.extend({
  level: ObservationLevel,
  everyMinutes: z.number(),
  /** The order itself waits to be looked at again. */
  reviewDue: z.boolean(),
  /** null: none in this stay yet. */
  lastMade: z
    .strictObject({ atUtcMs: z.number(), by: z.string(), where: SeenWhere, how: SeenHow.nullable() })
    .nullable(),
});
export type TileChecks = z.infer<typeof TileChecks>;

/** As it is written down; never edited, only superseded. */
export interface CheckRow {
  readonly id: string;
  readonly stay: string;
  readonly level: ObservationLevel | null;
  readonly by: { readonly id: string; readonly name: string };
  readonly seenUtcMs: number;
  readonly recordedUtcMs: number;
  readonly seen: CheckSeen;
  /** Why it was written down later than five minutes after; null: in time. */
  readonly retrospective: string | null;
  readonly supersedes: string | null;
}

/** Of the newest order, as it stands in the records. */
export interface CheckRecord {
  readonly order: ObservationOrder;
  readonly orderedUtcMs: number;
  /** Of every check that was recorded in time since the order, in order of time: the newest window that was checked, and how many were missed since. */
  readonly lastMade: TileChecks["lastMade"];
}

/** How long after a check it may still be recorded as made just now. */
export const recordWithinMs = 5 * 60_000;

/** Of one window of the order: made in time, later, or not at all. */
export interface CheckWindow {
  readonly fromUtcMs: number;
  readonly untilUtcMs: number;
}
