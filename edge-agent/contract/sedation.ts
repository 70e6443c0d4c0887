import { z } from "zod";
import { ObservationOrder } from "./checks.ts";
import { BedId, StayId } from "./ids.ts";
import { nothingOrdered } from "./people.ts";
import { Words } from "./text.ts";

/*
 * Watch after sedation: one order for the hours after rapid tranquillisation, because deterioration that nobody notices then
 * kills. NICE NG10 asks for breathing and level of consciousness at least every hour, and every 15 minutes where somebody seems
 * asleep or sedated. Checks in person come closer together and say more; where the person allows breathing to be watched, its
 * range is tighter. It ends by itself, and what was ordered before holds again.
 */

export const sedationEveryMinutes = [10, 15, 30, 60] as const;

export const SedationWatch = z.strictObject({
  everyMinutes: z.literal(sedationEveryMinutes),
  sinceUtcMs: z.number(),
  untilUtcMs: z.number(),
  by: z.string(),
  /** Checks as they are ordered for the time after. */
  standing: ObservationOrder,
});
export type SedationWatch = z.infer<typeof SedationWatch>;

export const sedationAsks = [
  /** nurse: from now, for so many hours. */
  z.strictObject({
    do: z.literal("sedation-watch"),
    bed: BedId,
    stay: StayId,
    everyMinutes: z.literal(sedationEveryMinutes),
    hours: z.int().min(1).max(24),
    reason: Words(200),
  }),
  /** nurse in charge: earlier than it would end by itself. */
  z.strictObject({
    do: z.literal("end-sedation-watch"),
    bed: BedId,
    stay: StayId,
    reason: Words(200),
  }),
] as const;

/** What is watched of breathing, where the person allows it and nothing tighter is ordered. */
export const sedationBreathing = {
  ...nothingOrdered,
  breathing: { lowPerMin: 10, highPerMin: 24, forMs: 30_000, qualityMin: 0 },
  cannotSeeBreathing: { afterMs: 60_000 },
  rateUnavailable: { afterMs: 300_000 },
} as const;
