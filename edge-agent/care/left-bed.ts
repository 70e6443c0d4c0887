import { elapsedMs, type MonoMs } from "../contract/units.ts";
import type { Occupancy } from "../contract/words.ts";

/**
 * The bed is empty for longer than ordered. `unknown` holds the state: not knowing neither raises nor clears. A stay that
 * begins with an empty bed has not been left yet: somebody has to be seen in it first.
 */
export type LeftBed =
  | { readonly phase: "not-seen" }
  | { readonly phase: "in-bed" }
  | { readonly phase: "away"; readonly since: MonoMs }
  | { readonly phase: "away-too-long"; readonly since: MonoMs };

export const leftBedNotSeen: LeftBed = { phase: "not-seen" };

export function leftBed(
  state: LeftBed,
  occupancy: Occupancy,
  at: MonoMs,
  order: { readonly afterMs: number },
): LeftBed {
  switch (occupancy) {
    case "in-bed":
      return state.phase === "in-bed" ? state : { phase: "in-bed" };
    case "unknown":
      return late(state, at, order);
    case "empty":
      switch (state.phase) {
        case "not-seen":
          return state;
        case "in-bed":
          return { phase: "away", since: at };
        case "away":
        case "away-too-long":
          return late(state, at, order);
      }
  }
}

function late(state: LeftBed, at: MonoMs, order: { readonly afterMs: number }): LeftBed {
  if (state.phase !== "away") return state;
  return elapsedMs(state.since, at) >= order.afterMs ? { phase: "away-too-long", since: state.since } : state;
}
