import type { AlarmCondition, BedPlace, NoRateReason, Occupancy, PeopleSeen } from "../contract/words.ts";

/** What the room's sensors make out at this moment, as far as it is allowed and fresh. */
export interface Seen {
  readonly occupancy: Occupancy;
  readonly place: BedPlace | null;
  readonly people: PeopleSeen;
  /** 0-100; null: not known. */
  readonly movement: number | null;
  /** Why there is no rate, as perception says it; null: there is one. Undefined: nothing fresh is known. */
  readonly reason: NoRateReason | null | undefined;
}

export const nothingSeen: Seen = {
  occupancy: "unknown",
  place: null,
  people: "unknown",
  movement: null,
  reason: undefined,
};

/** Conditions that are seen, second by second, and have to last. */
export const seenConditions = [
  "on-floor",
  "edge-of-bed",
  "second-person",
  "no-movement",
  "cannot-see-breathing",
  "breathing-stopped",
] as const satisfies readonly AlarmCondition[];
export type SeenCondition = (typeof seenConditions)[number];

/** Whoever moves more than this (0-100) has moved. */
export const movedAbove = 30;

/** How long it has to be over before it is gone. A single movement is a sign of life. */
export const clearAfterMs: Readonly<Record<SeenCondition, number>> = {
  "on-floor": 5_000,
  "edge-of-bed": 5_000,
  "second-person": 5_000,
  "no-movement": 0,
  "cannot-see-breathing": 5_000,
  "breathing-stopped": 5_000,
};

/** Null: it cannot be said. */
export function holds(condition: SeenCondition, seen: Seen): boolean | null {
  switch (condition) {
    case "on-floor":
      // Who lay on the floor and is not in view any more may lie where the sensor does not look.
      return seen.place === "floor" || (isKnown(seen.place) && seen.place !== "empty" ? false : null);
    case "edge-of-bed":
      return isKnown(seen.place) ? seen.place === "edge" : null;
    case "second-person":
      return seen.people === "unknown" ? null : seen.people === "more";
    case "no-movement": {
      if (isAbsent(seen)) return false;
      if (seen.movement === null) return null;
      if (seen.movement > movedAbove) return false;
      return isPresent(seen) ? true : null;
    }
    case "cannot-see-breathing":
      return breathingUnseen(seen, ["not-breathing", "cannot-see-breathing"]);
    case "breathing-stopped":
      return breathingUnseen(seen, ["not-breathing"]);
  }
}

function breathingUnseen({ reason }: Seen, unseen: readonly NoRateReason[]): boolean | null {
  if (reason === undefined) return null;
  if (reason === null) return false;
  if (unseen.includes(reason)) return true;
  return over.includes(reason) ? false : null;
}
/** Somebody moves, or nobody is there: no breathing has to be seen. */
const over: readonly NoRateReason[] = ["nobody-in-bed", "moving", "more-than-one-person"];

const isKnown = (place: BedPlace | null): boolean => place !== null && place !== "unknown";
const isPresent = ({ occupancy, place }: Seen): boolean =>
  occupancy === "in-bed" || (isKnown(place) && place !== "empty");
const isAbsent = ({ occupancy, place }: Seen): boolean => (isKnown(place) ? place === "empty" : occupancy === "empty");
