import { z } from "zod";

/*
 * How a ward used this in a period, as flat lines: a page, a table of figures and a file for a trust are the same lines. No line is
 * about one member of staff or one person.
 */

export const AuditPart = z.enum([
  "consent",
  "stepping-down",
  "sensing",
  "openings",
  "checks",
  "alarms",
  "stops",
  "training",
  "changes",
  "feedback",
  "access",
  "log",
]);
export type AuditPart = z.infer<typeof AuditPart>;

export const AuditLine = z.strictObject({
  part: AuditPart,
  /** What is counted: a word of its part. */
  figure: z.string().regex(/^[a-z0-9-]+$/),
  /** Of which group (a purpose, a role, an hour, a kind of alarm); null: of everybody. */
  group: z.string().nullable(),
  /** Null: there is nothing to tell, or too few people to tell it. */
  value: z.number().nullable(),
  unit: z.enum(["people", "times", "hours", "days", "ms", "ratio"]),
  /** The denominator, and of what; null where a figure has none. */
  of: z.number().nullable(),
  ofWhat: z
    .enum([
      "people",
      "hours",
      "openings",
      "checks",
      "alarms",
      "staff",
      "reviews",
      "checkpoints",
      "entries",
      "messages",
      "accesses",
    ])
    .nullable(),
});
export type AuditLine = z.infer<typeof AuditLine>;

export const WardAudit = z.strictObject({
  v: z.literal(1),
  fromUtcMs: z.number(),
  untilUtcMs: z.number(),
  lines: z.array(AuditLine),
});
export type WardAudit = z.infer<typeof WardAudit>;

/** Both ends in ms since 1970 UTC; the second is not in it. */
export interface AuditPeriod {
  readonly fromUtcMs: number;
  readonly untilUtcMs: number;
}
