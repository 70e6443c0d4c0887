import { elapsedMs, type MonoMs } from "../contract/units.ts";
import type { NoRateReason } from "../contract/words.ts";

/**
 * Breathing is consented and ordered, but no rate can be shown for too long. An empty bed, a lost sensor and a person's
 * own choice are told elsewhere and do not count.
 */
export interface RateUnavailable {
  readonly since: MonoMs | null;
  readonly active: boolean;
}

export const rateAvailable: RateUnavailable = { since: null, active: false };

const toldElsewhere: readonly NoRateReason[] = [
  "nobody-in-bed",
  "not-consented",
  "sensor-off",
  "sensor-lost",
  "recording-ended",
];

export function rateUnavailable(
  state: RateUnavailable,
  reason: NoRateReason | null,
  at: MonoMs,
  order: { readonly afterMs: number },
): RateUnavailable {
  if (reason === null || toldElsewhere.includes(reason))
    return state.since === null && !state.active ? state : rateAvailable;
  const since = state.since ?? at;
  return { since, active: elapsedMs(since, at) >= order.afterMs };
}
