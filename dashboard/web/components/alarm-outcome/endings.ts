import type { AlarmCondition, AlarmOutcome, FalseAlarmWhy } from "../../../../edge-agent/contract/words.ts";
import { clockWords } from "../../age-words.ts";
import type { Bed } from "../bed-tile/bed-view.ts";

export const outcomeWords: Readonly<Record<AlarmOutcome, string>> = {
  "all-well": "All well",
  helped: "Helped",
  "called-doctor": "Called doctor",
  "false-alarm": "False alarm",
};

export const falseAlarmWords: Readonly<Record<FalseAlarmWhy, string>> = {
  "staff-in-room": "Staff in the room",
  visitor: "A visitor",
  "nobody-there": "Nobody there",
  "was-asleep": "Was asleep",
  equipment: "Equipment",
  other: "Something else",
};

/** An alarm that somebody went to, and of which nobody has said how it ended. */
export interface Ending {
  readonly id: string;
  readonly bed: string;
  readonly bedName: string;
  readonly condition: AlarmCondition;
  /** "Sam Reed went at 02:10". */
  readonly went: string;
  readonly raisedAt: number;
}

/** The one that waits longest first. */
export function endingsOf(beds: readonly Bed[]): Ending[] {
  return beds
    .flatMap(({ bed, name, heard }) =>
      (heard?.tile.toClose ?? []).map(({ id, condition, raisedAt, acknowledged }) => ({
        id,
        bed,
        bedName: name,
        condition,
        went: `${acknowledged.name} went at ${clockWords(acknowledged.at)}`,
        raisedAt,
      })),
    )
    .toSorted((a, b) => a.raisedAt - b.raisedAt || a.id.localeCompare(b.id));
}
