import type { Purpose } from "../../edge-agent/contract/words.ts";

/** What the person is offered: what it senses, who sees it, how to stop. Staff read the same words before they offer. */
export interface OfferSentences {
  readonly senses: string;
  readonly whoSees: string;
  readonly howToStop: string;
}

const howToStop = "Touch “Turn off” here at any time. It stops at once. Nobody asks why.";
const notCamera = "It is not a camera and has no microphone.";

export const offerSentences: Readonly<Record<Purpose, OfferSentences>> = {
  "movement-alerts": {
    senses: `A small radar near the bed feels when you move. ${notCamera}`,
    whoSees: "The nurses on this ward see if you are in bed or moving.",
    howToStop,
  },
  "breathing-rate": {
    senses: `A small radar near the bed feels the movement of your chest. ${notCamera}`,
    whoSees: "The nurses on this ward see how often you breathe.",
    howToStop,
  },
  "night-report": {
    senses: "It counts how you slept, from your movement and breathing.",
    whoSees: "You and your care team read it.",
    howToStop,
  },
  "activity-summary": {
    senses: "It counts your hours in bed and out of bed.",
    whoSees: "You and your care team read it.",
    howToStop,
  },
  "incident-review": {
    senses: "If something goes wrong, what was recorded may be looked at.",
    whoSees: "Two named people together. You are told.",
    howToStop,
  },
};
