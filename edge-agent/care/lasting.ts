import { elapsedMs, type MonoMs } from "../contract/units.ts";

/**
 * Something that has to last before it is told, and to be over for a while before it is gone. Not knowing (`null`) neither raises nor
 * clears; what was not known for too long begins again.
 */
export interface Lasting {
  readonly since: MonoMs | null;
  readonly knownAt: MonoMs | null;
  readonly overSince: MonoMs | null;
  readonly active: boolean;
}

export const lastingNot: Lasting = { since: null, knownAt: null, overSince: null, active: false };

export interface LastingLimits {
  readonly afterMs: number;
  readonly clearAfterMs: number;
}

/** What was seen longer ago than this does not add to what is seen now. */
const forgetAfterMs = 30_000;

export function lasting(state: Lasting, holds: boolean | null, at: MonoMs, limits: LastingLimits): Lasting {
  switch (holds) {
    case null:
      if (state.active || state.knownAt === null) return state;
      return elapsedMs(state.knownAt, at) > forgetAfterMs ? lastingNot : state;
    case true: {
      const stale = !state.active && state.knownAt !== null && elapsedMs(state.knownAt, at) > forgetAfterMs;
      const since = stale ? at : (state.since ?? at);
      const active = state.active || elapsedMs(since, at) >= limits.afterMs;
      return { since, knownAt: at, overSince: null, active };
    }
    case false: {
      if (!state.active) return state.since === null ? state : lastingNot;
      const overSince = state.overSince ?? at;
      if (elapsedMs(overSince, at) >= limits.clearAfterMs) return lastingNot;
      return { ...state, knownAt: at, overSince };
    }
  }
}
