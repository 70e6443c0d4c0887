import { alarmCatalogue } from "./alarm-catalogue.ts";
import { existsFor, type IntendedUse } from "./intended-use.ts";
import type { OrderPart } from "./people.ts";
import { AlarmCondition } from "./words.ts";

export interface Orderable {
  readonly condition: AlarmCondition;
  readonly part: OrderPart;
}

/** What can be ordered for a person where the release is made for it, the most urgent first. */
export const orderableFor = (use: IntendedUse): readonly Orderable[] =>
  AlarmCondition.options.flatMap((condition) => {
    const part = alarmCatalogue[condition].orderPart;
    return part === null || !existsFor(use, condition) ? [] : [{ condition, part }];
  });

/** Only a depth sensor tells where in the room somebody is. */
export const needsPlace: readonly AlarmCondition[] = ["on-floor", "edge-of-bed"];
