import type { AfterSedation, CheckSeen, Engagement, SeenHow, SeenWhere } from "../../edge-agent/contract/checks.ts";

/* Checks in person, in the words of staff: the board, the forms and paper say the same. */

export const whereWords: Readonly<Record<SeenWhere, string>> = {
  "in-bed": "In bed",
  bedroom: "In the bedroom",
  bathroom: "In the bathroom",
  "day-area": "In the day area",
  garden: "In the garden",
  "off-the-ward": "Off the ward",
  "not-found": "Not found",
};
export const howWords: Readonly<Record<SeenHow, string>> = {
  awake: "Awake",
  "asleep-breathing-seen": "Asleep, breathing seen",
  "breathing-not-seen": "Breathing not seen",
};
export const engagementWords: Readonly<Record<Engagement, string>> = {
  talked: "Talked",
  greeted: "Said hello",
  asleep: "Asleep",
  declined: "Did not want to talk",
  distressed: "Distressed",
};
export const alertnessWords: Readonly<Record<AfterSedation["alertness"], string>> = {
  alert: "Alert",
  "new-confusion": "Newly confused",
  voice: "Answers to voice",
  pain: "Answers to pain only",
  unresponsive: "Does not answer",
};

/** "In bed, asleep, breathing seen". */
export function seenWords({ where, how, engagement, afterSedation }: CheckSeen): string {
  const parts = [whereWords[where]];
  if (how !== null) parts.push(howWords[how].toLowerCase());
  if (engagement !== null && engagement !== "asleep") parts.push(engagementWords[engagement].toLowerCase());
  if (afterSedation !== undefined) {
    const { alertness, breathsPerMin } = afterSedation;
    parts.push(alertnessWords[alertness].toLowerCase());
    parts.push(breathsPerMin === null ? "breathing not counted" : `${breathsPerMin} breaths counted`);
  }
  return parts.join(", ");
}
