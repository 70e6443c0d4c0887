import { z } from "zod";
import { Actor } from "./people.ts";

/** When an entry is written. */
export interface Stamp {
  /** ms since 1970 UTC. */
  readonly utcMs: number;
  /** Monotonic nanoseconds of the process. */
  readonly monoNs: bigint;
}

const Sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

/** One line of the audit log (audit/entry.ts makes and reads its bytes). */
export const AuditEntry = z.strictObject({
  v: z.literal(1),
  seq: z.int().min(0),
  /** RFC 3339, UTC, ms. */
  t: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  /** Nanoseconds, decimal: as a number it would lose digits after 104 days (RFC 8785 keeps IEEE 754 doubles). */
  mono: z.string().regex(/^(0|[1-9]\d{0,19})$/),
  boot: z.uuid(),
  actor: Actor,
  /** An open list: an old verifier reads a new log. */
  action: z.string().regex(/^[a-z][a-z.-]{0,63}$/),
  outcome: z.union([z.literal(0), z.literal(4), z.literal(8), z.literal(12)]),
  /** Commitment to the personal data beside the log (commitment.ts), base64; null without such data. */
  subj: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}=$/)
    .nullable(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
  cfg: Sha256Hex.nullable(),
  model: Sha256Hex.nullable(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
