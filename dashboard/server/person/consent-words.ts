import type { Alternative, BestInterests, Concern, Review } from "../../../edge-agent/contract/consent.ts";

/* The choices of the forms in the words of a ward. What is hoped for, never a level of risk. */

export const concernWords: Readonly<Record<Concern, string>> = {
  "sleep-broken-by-checks": "Sleep broken by night checks",
  falls: "Falls",
  "breathing-after-medicine": "Breathing after a medicine",
  "physical-illness": "A physical illness",
  "leaves-bed-at-night": "Out of bed for long at night",
  another: "Something else",
};

export const alternativeWords: Readonly<Record<Alternative, string>> = {
  "checks-in-person-only": "Checks in person only",
  "talking-with-the-person": "Talking with the person",
  "another-room-or-bed": "Another room or bed",
  "change-of-medicine": "A change of medicine",
  "fewer-hours": "Fewer hours",
  "fewer-purposes": "Fewer purposes",
  another: "Something else",
};

export const unableWords: Readonly<Record<BestInterests["unableTo"][number], string>> = {
  understand: "Understand what it is",
  retain: "Keep it in mind long enough",
  weigh: "Weigh it up",
  communicate: "Tell their decision in any way",
};

export const outcomeWords: Readonly<Record<Review["outcome"], string>> = {
  stop: "stopped",
  "fewer-hours": "kept, with fewer hours",
  keep: "kept as it was",
};
