import type { Occupancy } from "../contract/words.ts";

/** Who is in the bed, told second by second, and whether somebody in it was seen to move. */
export interface BedOccupancy {
  readonly is: Occupancy;
  /** Weight of the seconds in a row that spoke for the other state. */
  readonly against: number;
  /** Seconds since a gross movement that belongs to whoever is in the bed now; null: none seen. */
  readonly sinceMovementSec: number | null;
}

export const occupancyUnknown: BedOccupancy = { is: "unknown", against: 0, sinceMovementSec: null };

/** Below this the model is sure that nobody is there: such a second weighs half as much again. */
const surelyEmpty = 0.05;

/** A movement this short before the bed was found occupied was getting in. */
const gettingInSec = 15;

/**
 * @param occupied the model's probability that somebody is in the bed
 * @param moved a gross movement in the last second
 */
export function nextOccupancy(bed: BedOccupancy, occupied: number, moved: boolean): BedOccupancy {
  const waited = bed.sinceMovementSec === null ? null : bed.sinceMovementSec + 1;
  const sinceMovementSec = moved ? 0 : waited;
  switch (bed.is) {
    case "unknown":
      if (occupied > 0.6) return { is: "in-bed", against: 0, sinceMovementSec };
      if (occupied < 0.4) return { is: "empty", against: 0, sinceMovementSec: null };
      return { ...bed, sinceMovementSec };
    case "in-bed": {
      if (occupied >= 0.3) return { is: "in-bed", against: 0, sinceMovementSec };
      // Three doubtful seconds, or two sure ones: half of all exits would otherwise be told later than 3 s after them.
      const against = bed.against + (occupied < surelyEmpty ? 1.5 : 1);
      // Whatever moved belongs to the one who left.
      if (against >= 3) return { is: "empty", against: 0, sinceMovementSec: null };
      return { is: "in-bed", against, sinceMovementSec };
    }
    case "empty": {
      const recent = sinceMovementSec !== null && sinceMovementSec <= gettingInSec ? sinceMovementSec : null;
      if (occupied <= 0.7) return { is: "empty", against: 0, sinceMovementSec: recent };
      const against = bed.against + 1;
      return { is: against >= 2 ? "in-bed" : "empty", against: against >= 2 ? 0 : against, sinceMovementSec: recent };
    }
  }
}
