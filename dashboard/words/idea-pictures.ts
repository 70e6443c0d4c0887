import type { Purpose } from "../../edge-agent/contract/words.ts";
import type { PictureName } from "./picture-paths.ts";

/* Which picture stands beside which words, so that nobody has to read to know what is meant. */

export const purposePictures: Readonly<Record<Purpose, PictureName>> = {
  "movement-alerts": "movement",
  "breathing-rate": "breathing",
  "night-report": "night-report",
  "activity-summary": "activity-summary",
  "incident-review": "incident-review",
};

/** Who sees it. */
export const seenByPictures: Readonly<Record<Purpose, PictureName>> = {
  "movement-alerts": "nurses",
  "breathing-rate": "nurses",
  "night-report": "nurses",
  "activity-summary": "nurses",
  "incident-review": "two-people",
};

/** Line by line of the explanation's parts (page-words.ts). */
export const aboutPictures: readonly (readonly PictureName[])[] = [
  ["yes", "law", "stop", "in-person"],
  ["not-kept", "breathing", "opened"],
  ["two-people", "yes", "incident-review", "opened"],
  ["advocate", "family", "ask"],
];
