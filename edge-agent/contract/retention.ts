import { z } from "zod";

const Days = (least: number, usual: number) => z.int().min(least).max(3_650).default(usual);

/**
 * How long what was recorded of a person is kept (UK GDPR Article 5(1)(e)). What is held after an incident stays until the hold
 * ends. The audit log itself keeps its hashes for ever; what names a person beside it goes with the rest.
 */
export const RetentionPolicy = z.strictObject({
  /** Breathing rates, their intervals and reasons. */
  rateFactsDays: Days(1, 30),
  /** Who was in the bed, movement and place. */
  movementFactsDays: Days(1, 30),
  alarmsDays: Days(365, 365),
  checksDays: Days(365, 3_650),
  /** Names and words beside the audit log. */
  auditWordsDays: Days(365, 3_650),
});
export type RetentionPolicy = z.infer<typeof RetentionPolicy>;

/** What a purge took away, by class. */
export interface Purged {
  readonly rateFacts: number;
  readonly movementFacts: number;
  readonly alarms: number;
  readonly checks: number;
  readonly auditWords: number;
}
