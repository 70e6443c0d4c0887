import type { Estimate } from "../contract/door.ts";
import type { Occupancy } from "../contract/words.ts";
import { disagrees, type ModuleEstimate } from "./module-room.ts";

/* What a module that estimates by itself adds to a room: alone its wave gives the rate; beside other sensors it can only disagree. */

/** @param stated what a staged recording says of its bed */
export function moduleAlone(told: ModuleEstimate, stated: Occupancy | null): Estimate {
  const { atMs, movement, breathing, reason } = told;
  return {
    atMs,
    occupancy: stated ?? told.occupancy,
    place: null,
    people: "unknown",
    movement,
    breathingPerMin: breathing?.perMin ?? null,
    lowPerMin: breathing?.lowPerMin ?? null,
    highPerMin: breathing?.highPerMin ?? null,
    quality: breathing?.quality ?? 0,
    windowMs: breathing?.windowMs ?? 0,
    reason,
  };
}

/** The estimate of the room's other sensors, held back where the module says that nobody is there or tells another rate. */
export function besideModule(estimate: Estimate, told: ModuleEstimate | null): Estimate {
  if (told === null || estimate.breathingPerMin === null) return estimate;
  const contradicted = told.occupancy === "empty" || disagrees(estimate.breathingPerMin, told.ownPerMin);
  if (!contradicted) return estimate;
  return { ...estimate, breathingPerMin: null, lowPerMin: null, highPerMin: null, reason: "sources-disagree" };
}
