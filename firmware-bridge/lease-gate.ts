import { checkLease, type Lease, LeaseMessage, type LeaseRefusal, leaseMsMax } from "../edge-agent/contract/lease.ts";
import type { MonoMs, UtcMs } from "../edge-agent/contract/units.ts";
import { after } from "../edge-agent/contract/units.ts";

/*
 * Whether a bed's sensor may run, as this bridge sees it. The first of the four layers that check a lease.
 */

export type GateAnswer =
  | { readonly gate: "open"; readonly bed: string; readonly untilMs: MonoMs; readonly newStay: boolean }
  | { readonly gate: "shut"; readonly bed: string }
  | { readonly gate: "refused"; readonly bed: string | undefined; readonly why: LeaseRefusal };

export interface LeaseGate {
  hear(payload: Uint8Array, now: { readonly monoMs: MonoMs; readonly utcMs: UtcMs }): GateAnswer;
  /** Asked for every frame, before it is decoded. */
  allows(bed: string, at: MonoMs): boolean;
}

const messageBytesMax = 4_096;

/**
 * @param verify whether the station signed these words
 * @param startedAtUtcMs when this bridge started: numbers are not kept over a restart, so a lease from before it could be
 *   one that was stopped since. The next renewal is at most 10 s away.
 */
export function newLeaseGate(
  device: string,
  beds: readonly string[],
  startedAtUtcMs: number,
  verify: (lease: Lease, signature: string) => boolean,
): LeaseGate {
  // Each bed has its own station core and with it its own count.
  const lastNumbers = new Map<string, number>();
  const holdings = new Map<string, { readonly stay: string; readonly untilMs: MonoMs }>();

  return {
    hear(payload, now) {
      const message = readMessage(payload);
      if (message === undefined) return { gate: "refused", bed: undefined, why: "malformed" };
      switch (message.kind) {
        case "stop": {
          if (!beds.includes(message.bed)) return { gate: "refused", bed: message.bed, why: "wrong-bed" };
          holdings.delete(message.bed);
          // A lease that was on its way when the stop was given must not open the gate again.
          lastNumbers.set(message.bed, Math.max(message.number, lastNumbers.get(message.bed) ?? 0));
          return { gate: "shut", bed: message.bed };
        }
        case "lease": {
          const { lease } = message;
          const refused = (why: LeaseRefusal): GateAnswer => ({ gate: "refused", bed: lease.bed, why });
          if (!verify(lease, message.signature)) return refused("bad-signature");
          const lastNumber = lastNumbers.get(lease.bed) ?? 0;
          const why = checkLease(lease, { device, beds, lastNumber }, now.utcMs);
          if (why !== undefined) return refused(why);
          if (lease.issuedAt < startedAtUtcMs) return refused("old-number");
          lastNumbers.set(lease.bed, lease.number);
          // Reckoned once, on the clock that never steps.
          const untilMs = after(now.monoMs, Math.min(leaseMsMax, lease.endsAt - now.utcMs));
          // Also where the old one ends this very ms: whoever waits for its end to stop the sensor may not have run yet.
          const held = holdings.get(lease.bed);
          const newStay = held !== undefined && held.stay !== lease.stay;
          holdings.set(lease.bed, { stay: lease.stay, untilMs });
          return { gate: "open", bed: lease.bed, untilMs, newStay };
        }
      }
    },
    allows(bed, at) {
      const held = holdings.get(bed);
      return held !== undefined && at < held.untilMs;
    },
  };
}

/** From the broker, before any check. */
function readMessage(payload: Uint8Array): LeaseMessage | undefined {
  if (payload.length > messageBytesMax) return undefined;
  try {
    const parsed = LeaseMessage.safeParse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
