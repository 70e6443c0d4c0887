import { z } from "zod";
import type { AlarmCondition } from "./words.ts";

/*
 * What this release is made for. Which vital-sign conditions exist decides the class of the medical device (UK MDR 2002, rule 10:
 * breathing whose change could mean immediate danger is class IIb), so this is a property of the release and no setting of a ward.
 *
 *   information   shows what it knows; no condition about breathing
 *   advisory      prompts somebody to go and see; never says that breathing has stopped
 *   alarm         tells that breathing has stopped; refuses to start without a release file that the maker signed
 */
export const IntendedUse = z.enum(["information", "advisory", "alarm"]);
export type IntendedUse = z.infer<typeof IntendedUse>;

/** In rising order: each allows what the one before allows. */
const rising = IntendedUse.options;

const needs: Readonly<Partial<Record<AlarmCondition, IntendedUse>>> = {
  "breathing-out-of-range": "advisory",
  "cannot-see-breathing": "advisory",
  "breathing-stopped": "alarm",
};

/** Whether a condition exists at all. */
export const existsFor = (use: IntendedUse, condition: AlarmCondition): boolean =>
  rising.indexOf(use) >= rising.indexOf(needs[condition] ?? "information");

/** Said on every screen of the ward. */
export const intendedUseWords: Readonly<Record<IntendedUse, string>> = {
  information: "For information only. Sensors do not replace checks in person.",
  advisory: "Prompts you to go and see. Sensors do not replace checks in person.",
  alarm: "Alarms about breathing. Sensors do not replace checks in person.",
};
