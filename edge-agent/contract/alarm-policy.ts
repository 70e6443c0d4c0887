import { z } from "zod";
import { IntendedUse } from "./intended-use.ts";

const AfterSec = z.int().min(5).max(3_600);
/** Null: this priority is not passed on. */
const Steps = z
  .strictObject({ stationsAfterSec: AfterSec, inChargeAfterSec: AfterSec })
  .refine(({ stationsAfterSec, inChargeAfterSec }) => stationsAfterSec < inChargeAfterSec, {
    path: ["inChargeAfterSec"],
    error: "the nurse in charge is called after the other stations",
  })
  .nullable();

/** What a site decides about its alarms. Which conditions exist is the release's to say, which are on is ordered for each person. */
export const AlarmPolicy = z.strictObject({
  intendedUse: IntendedUse.default("advisory"),
  /** Nobody said "I'm going" for so long: every other station is called, then the nurse in charge. */
  escalation: z
    .strictObject({
      high: Steps.default({ stationsAfterSec: 20, inChargeAfterSec: 60 }),
      medium: Steps.default({ stationsAfterSec: 60, inChargeAfterSec: 180 }),
      low: Steps.default({ stationsAfterSec: 300, inChargeAfterSec: 900 }),
    })
    .prefault({}),
  /** Longest time for which a station's sound can be paused. */
  audioPauseSecMax: z.int().min(30).max(600).default(120),
  /** No station confirmed an alarm for so long: a technical alarm on the agent's own box. Null: there is no station, only a replay. */
  confirmWithinMs: z.int().min(500).max(10_000).nullable().default(2_000),
  /** A file that takes "1" while an alarm reached no screen and "0" otherwise: a lamp or a buzzer at the agent's box. */
  relayFile: z.string().min(1).max(200).nullable().default(null),
  /** Longest order without somebody looking at it again. */
  orderHoursMax: z.int().min(1).max(336).default(72),
});
export type AlarmPolicy = z.infer<typeof AlarmPolicy>;
