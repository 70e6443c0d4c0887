import { z } from "zod";
import { BedId, StaffId, StayId } from "./ids.ts";
import { Words } from "./text.ts";
import { StaffRole } from "./words.ts";

/** Who did it, as every audit entry names them. Resolved by the agent from a session or a client's rights, never taken from a page. */
export const Actor = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("staff"), id: StaffId, name: Words(80), role: StaffRole }),
  z.strictObject({ kind: z.literal("bedside"), bed: BedId, stay: StayId }),
  /** Whom the person lets look (advocate.ts): reads of this one stay, and changes nothing. */
  z.strictObject({ kind: z.literal("advocate"), number: z.int().positive(), bed: BedId, stay: StayId }),
  /** The installation itself: set-up commands given on the machine. */
  z.strictObject({ kind: z.literal("setup"), name: Words(80) }),
  /** The software, by its own rule (expiry, lease end, a condition that cleared). */
  z.strictObject({ kind: z.literal("system"), part: z.string().min(1).max(40) }),
]);
export type Actor = z.infer<typeof Actor>;

const RatePerMin = z.number().min(4).max(60);
const minuteMs = 60_000;
/** Told once it has lasted this long; null: not ordered. */
const After = (minMs: number, maxMs: number) =>
  z
    .strictObject({ afterMs: z.number().int().min(minMs).max(maxMs) })
    .nullable()
    .default(null);

/** What was ordered for this person. Every part is off (null) until ordered. */
export const CareOrder = z
  .strictObject({
    /** Raise when the shown rate stays outside for `forMs` of shown windows. */
    breathing: z
      .strictObject({
        lowPerMin: RatePerMin,
        highPerMin: RatePerMin,
        forMs: z.number().int().min(5_000).max(600_000),
        /** Windows of a lower quality do not count. */
        qualityMin: z.number().min(0).max(1).default(0),
      })
      .refine((order) => order.lowPerMin < order.highPerMin, { path: ["lowPerMin"], error: "must be below highPerMin" })
      .nullable(),
    leftBed: z.strictObject({ afterMs: z.number().int().min(5_000).max(7_200_000) }).nullable(),
    /** A second, longer limit of being out of bed. */
    notBack: After(10_000, 240 * minuteMs),
    edgeOfBed: After(1_000, 10 * minuteMs),
    onFloor: After(1_000, 10 * minuteMs),
    secondPerson: After(5_000, 60 * minuteMs),
    noMovement: After(minuteMs, 240 * minuteMs),
    cannotSeeBreathing: After(20_000, 60 * minuteMs),
    /** Only where the release is made for it: see intended-use.ts. */
    breathingStopped: After(10_000, minuteMs),
    /** Technical alarm when breathing was consented and no rate could be shown for this long. */
    rateUnavailable: z.strictObject({ afterMs: z.number().int().min(10_000).max(7_200_000) }).nullable(),
    /** ms since 1970 UTC: nothing of it holds after that. Null: until it is changed, or the stay ends. */
    untilUtcMs: z.number().nullable().default(null),
    by: Words(80),
    reason: Words(200),
  })
  .describe("An order for one stay, by a named person, with its reason");
export type CareOrder = z.infer<typeof CareOrder>;

/** The parts of an order that watch for a condition. */
export type OrderPart = Exclude<keyof CareOrder, "untilUtcMs" | "by" | "reason">;

/** Every part off. */
export const nothingOrdered = {
  breathing: null,
  leftBed: null,
  notBack: null,
  edgeOfBed: null,
  onFloor: null,
  secondPerson: null,
  noMovement: null,
  cannotSeeBreathing: null,
  breathingStopped: null,
  rateUnavailable: null,
  untilUtcMs: null,
} as const satisfies Omit<CareOrder, "by" | "reason">;
