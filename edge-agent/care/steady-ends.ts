import { after, type MonoMs } from "../contract/units.ts";
import { type Purpose, purposes } from "../contract/words.ts";
import type { Consents } from "./consent.ts";

/*
 * The ends of consents and of pauses on the clock that never steps, reckoned once, when this process first saw them. A wall clock that is
 * put back makes no consent last longer; one that is put forward makes no pause shorter.
 */

interface SteadyEnd {
  readonly untilUtcMs: number | null;
  readonly endsAt: MonoMs | null;
  readonly pauseUntilUtcMs: number | null;
  readonly pauseOverAt: MonoMs | null;
}
export type SteadyEnds = Readonly<Partial<Record<Purpose, SteadyEnd>>>;

type Now = { readonly at: MonoMs; readonly utcMs: number };

export function steadyEnds(before: SteadyEnds, consents: Consents, now: Now): SteadyEnds {
  const onSteadyClock = (utcMs: number | null): MonoMs | null =>
    utcMs === null ? null : after(now.at, Math.max(0, utcMs - now.utcMs));
  return Object.fromEntries(
    purposes.map((purpose): [Purpose, SteadyEnd] => {
      const { untilUtcMs, pause } = consents[purpose];
      const pauseUntilUtcMs = pause?.untilUtcMs ?? null;
      const known = before[purpose];
      return [
        purpose,
        {
          untilUtcMs,
          endsAt: known?.untilUtcMs === untilUtcMs ? known.endsAt : onSteadyClock(untilUtcMs),
          pauseUntilUtcMs,
          pauseOverAt: known?.pauseUntilUtcMs === pauseUntilUtcMs ? known.pauseOverAt : onSteadyClock(pauseUntilUtcMs),
        },
      ];
    }),
  );
}

export interface SteadyWord {
  readonly ended: boolean;
  readonly pauseOver: boolean;
}

export function steadyWord(ends: SteadyEnds, purpose: Purpose, at: MonoMs): SteadyWord {
  const { endsAt = null, pauseOverAt = null } = ends[purpose] ?? {};
  return { ended: endsAt !== null && at >= endsAt, pauseOver: pauseOverAt === null || at >= pauseOverAt };
}

/** What is left of a consent on the steady clock, ms. */
export const steadyLeft =
  (ends: SteadyEnds, at: MonoMs) =>
  (purpose: Purpose): number => {
    const endsAt = ends[purpose]?.endsAt ?? null;
    return endsAt === null ? Number.POSITIVE_INFINITY : endsAt - at;
  };
