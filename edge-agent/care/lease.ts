import { leaseMsMax, leaseRenewMs } from "../contract/lease.ts";
import { isWithin, localHour } from "../contract/local-hour.ts";
import { after, type MonoMs } from "../contract/units.ts";
import { type Purpose, sensingPurposes } from "../contract/words.ts";
import { type Consents, isAllowed } from "./consent.ts";

/**
 * The lease that a room holds, as its station side knows it. A sample is accepted only while `heldUntil` lies ahead.
 * `blocked`: the clock stepped; no lease is issued until it has been steady for a while.
 */
export type LeaseHolding =
  | { readonly phase: "none" }
  | { readonly phase: "blocked"; readonly until: MonoMs }
  | {
      readonly phase: "held";
      readonly stay: string;
      readonly issuedAt: MonoMs;
      readonly purposes: readonly Purpose[];
      readonly heldUntil: MonoMs;
      readonly renewAt: MonoMs;
    };

export const leaseNone: LeaseHolding = { phase: "none" };

/** How long no lease is issued after the wall clock stepped: one renewal period, so that every old lease has been noticed. */
export const clockSteadyMs = leaseRenewMs;

export type LeaseChange =
  | { readonly change: "nothing" }
  | { readonly change: "start"; readonly ended: readonly Purpose[] | undefined; readonly purposes: readonly Purpose[] }
  | { readonly change: "renew"; readonly purposes: readonly Purpose[] }
  | { readonly change: "end"; readonly ended: readonly Purpose[] };

/** What must happen to the lease now, given what is granted and whether anything forbids sensing (`allowed`). */
export function dueLeaseChange(
  holding: LeaseHolding,
  stay: string | undefined,
  granted: readonly Purpose[],
  allowed: boolean,
  at: MonoMs,
): LeaseChange {
  const wanted = allowed && stay !== undefined && granted.length > 0;
  switch (holding.phase) {
    case "blocked":
      return wanted && at >= holding.until
        ? { change: "start", ended: undefined, purposes: granted }
        : { change: "nothing" };
    case "none":
      return wanted ? { change: "start", ended: undefined, purposes: granted } : { change: "nothing" };
    case "held": {
      if (!wanted || holding.stay !== stay) return { change: "end", ended: holding.purposes };
      if (!samePurposes(holding.purposes, granted)) {
        return { change: "start", ended: holding.purposes, purposes: granted };
      }
      return at >= holding.renewAt ? { change: "renew", purposes: granted } : { change: "nothing" };
    }
  }
}

/**
 * How long may be leased now: never beyond the end of the last consent that needs a sensor, or of its hours. Whoever holds the lease
 * stops then by itself, whether or not anybody looks at the clock here.
 */
export function leaseForMs(
  consents: Consents,
  timeZone: string,
  utcMs: number,
  leftMs: (purpose: Purpose) => number = () => Number.POSITIVE_INFINITY,
): number {
  const hour = localHour(utcMs, timeZone);
  // An hour of any time zone begins with a minute of UTC, and no lease reaches over two of them.
  const nextMinuteUtcMs = (Math.floor(utcMs / minuteMs) + 1) * minuteMs;
  const ends = sensingPurposes.map((purpose) => {
    const consent = consents[purpose];
    if (!isAllowed(consent, hour)) return utcMs;
    const { untilUtcMs, hours } = consent;
    const goesOn = hours === null || isWithin(hours, localHour(nextMinuteUtcMs, timeZone));
    return Math.min(
      utcMs + leftMs(purpose),
      untilUtcMs ?? Number.POSITIVE_INFINITY,
      goesOn ? Number.POSITIVE_INFINITY : nextMinuteUtcMs,
    );
  });
  return Math.min(leaseMsMax, Math.max(...ends) - utcMs);
}

const minuteMs = 60_000;

export const holdLease = (
  stay: string,
  purposes: readonly Purpose[],
  at: MonoMs,
  forMs = leaseMsMax,
): LeaseHolding => ({
  phase: "held",
  stay,
  issuedAt: at,
  purposes,
  heldUntil: after(at, forMs),
  renewAt: after(at, Math.min(leaseRenewMs, forMs)),
});

/** The gate of layer three: asked before a frame is even looked at. */
export const leaseAdmits = (holding: LeaseHolding, at: MonoMs): boolean =>
  holding.phase === "held" && at < holding.heldUntil;

function samePurposes(a: readonly Purpose[], b: readonly Purpose[]): boolean {
  return a.length === b.length && a.every((purpose, index) => b[index] === purpose);
}
