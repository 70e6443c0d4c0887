import { z } from "zod";
import { BedId, DeviceId, StayId } from "./ids.ts";
import { Purpose } from "./words.ts";

export const leaseMsMax = 30_000;
export const leaseRenewMs = 10_000;

/**
 * The right to sense at one bed for at most 30 s. Signed by the station; checked by bridge, broker, unit agent and store.
 * `number` only rises for a bed: a lease whose number is not above the last one seen for it is refused.
 */
export const Lease = z.strictObject({
  v: z.literal(1),
  bed: BedId,
  device: DeviceId,
  stay: StayId,
  purposes: z.array(Purpose).min(1).max(Purpose.options.length),
  number: z.int().min(1),
  /** ms since 1970 UTC. */
  issuedAt: z.number(),
  endsAt: z.number(),
});
export type Lease = z.infer<typeof Lease>;

/** Signature: Ed25519 over the RFC 8785 bytes of `lease`, base64. */
export const LeaseMessage = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("lease"), lease: Lease, signature: z.string().max(120) }),
  /** Stopping needs no signature and no station: it can only ever make the room more private. */
  z.strictObject({ kind: z.literal("stop"), bed: BedId, number: z.int().min(0) }),
]);
export type LeaseMessage = z.infer<typeof LeaseMessage>;

export const leaseRefusals = [
  "bad-signature",
  "old-number",
  "ended",
  "too-long",
  "wrong-device",
  "wrong-bed",
  "malformed",
] as const;
export type LeaseRefusal = (typeof leaseRefusals)[number];

/**
 * Everything about a lease but its signature. Clocks of two machines may differ a little; a lease that says it was issued
 * more than 5 s from now is refused as too long.
 */
export function checkLease(
  lease: Lease,
  expected: { device: string; beds: readonly string[]; lastNumber: number },
  nowUtcMs: number,
): LeaseRefusal | undefined {
  if (lease.device !== expected.device) return "wrong-device";
  if (!expected.beds.includes(lease.bed)) return "wrong-bed";
  if (lease.number <= expected.lastNumber) return "old-number";
  if (lease.endsAt <= nowUtcMs) return "ended";
  if (lease.endsAt - lease.issuedAt > leaseMsMax || lease.endsAt - nowUtcMs > leaseMsMax + 5_000) return "too-long";
  return undefined;
}
