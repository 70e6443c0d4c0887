import { z } from "zod";
import { BedId, StaffId, StayId } from "./ids.ts";
import { Words } from "./text.ts";
import { StaffRole } from "./words.ts";

/** Who did it, as every audit entry names them. Resolved by the agent from a session or a client's rights, never taken from a page. */
export const Actor = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("staff"), id: StaffId, name: Words(80), role: StaffRole }),
  z.strictObject({ kind: z.literal("bedside"), bed: BedId, stay: StayId }),
  /** The installation itself: set-up commands given on the machine. */
  z.strictObject({ kind: z.literal("setup"), name: Words(80) }),
  /** The software, by its own rule (expiry, lease end, a condition that cleared). */
  z.strictObject({ kind: z.literal("system"), part: z.string().min(1).max(40) }),
]);
export type Actor = z.infer<typeof Actor>;

const RatePerMin = z.number().min(4).max(60);

/** What was ordered for this person. Every part is off (null) until ordered. */
export const CareOrder = z
  .strictObject({
    /** Raise when the shown rate stays outside for `forMs` of shown windows. */
    breathing: z
      .strictObject({ lowPerMin: RatePerMin, highPerMin: RatePerMin, forMs: z.number().int().min(5_000).max(600_000) })
      .refine((order) => order.lowPerMin < order.highPerMin, { path: ["lowPerMin"], error: "must be below highPerMin" })
      .nullable(),
    leftBed: z.strictObject({ afterMs: z.number().int().min(5_000).max(7_200_000) }).nullable(),
    /** Technical alarm when breathing was consented and no rate could be shown for this long. */
    rateUnavailable: z.strictObject({ afterMs: z.number().int().min(10_000).max(7_200_000) }).nullable(),
    by: Words(80),
    reason: Words(200),
  })
  .describe("An order for one stay, by a named person, with its reason");
export type CareOrder = z.infer<typeof CareOrder>;
