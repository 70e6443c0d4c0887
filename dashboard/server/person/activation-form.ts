import { Activation, type ConsentPolicy, type Hours } from "../../../edge-agent/contract/consent.ts";
import { type Purpose, sensingPurposes } from "../../../edge-agent/contract/words.ts";
import { alternativeWords, concernWords } from "./consent-words.ts";
import { type Body, type Choice, choices, listOf, numberOf, type Read, readAs, textOf, wordsOf } from "./form-body.ts";
import { everyWords, hoursWords, spanWords } from "./moment-words.ts";

/*
 * Why a purpose is offered, and until when: the part that an offer and a decision for a person share. Concern and less
 * restrictive options are decisions and never chosen beforehand; the times have defaults, and less is the default.
 */

const reviewStepsHours = [24, 72, 168, 336, 672];
const askAgainStepsHours = [24, 72, 168];
/** One week where the site allows it. */
const reviewUsualHours = 168;

export interface ActivationForm {
  readonly concerns: readonly Choice[];
  readonly alternatives: readonly Choice[];
  readonly words: string;
  readonly reviews: readonly Choice[];
  readonly hours: readonly Choice[];
  readonly fromHours: readonly Choice[];
  readonly toHours: readonly Choice[];
  readonly askAgains: readonly Choice[];
}

export function activationForm(policy: ConsentPolicy, purpose: Purpose, daysMax: number, body: Body): ActivationForm {
  const hours = textOf(body, "hours") || (sensingPurposes.includes(purpose) ? "night" : "all");
  return {
    concerns: choices(concernWords, [textOf(body, "concern")]),
    alternatives: choices(alternativeWords, listOf(body, "alternatives")),
    words: textOf(body, "words"),
    reviews: reviewChoices(daysMax, textOf(body, "reviewAfterHours")),
    hours: choices(
      {
        night: `At night, ${hoursWords(policy.quietHours)}`,
        all: "The whole day and night",
        other: "Other hours",
      },
      [hours],
    ),
    fromHours: hourChoices(textOf(body, "fromHour") || String(policy.quietHours.fromHour)),
    toHours: hourChoices(textOf(body, "toHour") || String(policy.quietHours.toHour)),
    askAgains: [
      { value: "never", words: "Not needed", chosen: textOf(body, "askAgainEveryHours") === "" },
      ...askAgainStepsHours.map((step) => ({
        value: String(step),
        words: everyWords(step).replace("every", "Every"),
        chosen: textOf(body, "askAgainEveryHours") === String(step),
      })),
    ],
  };
}

/** Up to the site's maximum, which is always one of them. */
export function reviewChoices(daysMax: number, chosen: string): Choice[] {
  const maxHours = daysMax * 24;
  const steps = [...new Set([...reviewStepsHours.filter((step) => step < maxHours), maxHours])];
  const usual = steps.findLast((step) => step <= reviewUsualHours) ?? maxHours;
  const now = steps.map(String).includes(chosen) ? chosen : String(usual);
  return steps.map((step) => ({ value: String(step), words: spanWords(step), chosen: String(step) === now }));
}

export const hourChoices = (chosen: string): Choice[] =>
  Array.from({ length: 24 }, (_, hour) => ({
    value: String(hour),
    words: `${String(hour).padStart(2, "0")}:00`,
    chosen: String(hour) === chosen,
  }));

export function hoursOf(policy: ConsentPolicy, body: Body): Hours | null {
  switch (textOf(body, "hours")) {
    case "night":
      return policy.quietHours;
    case "other":
      return { fromHour: numberOf(body, "fromHour"), toHour: numberOf(body, "toHour") };
    default:
      return null;
  }
}

export const activationFaults = {
  concern: "Choose what it is hoped to help with.",
  alternatives: "Choose what less was thought of first.",
  words: "Say in words what “something else” is: at most 200 characters.",
  reviewAfterHours: "Choose when it is reviewed.",
  hours: "Choose two different hours.",
  askAgainEveryHours: "Choose how often the person is asked again.",
} as const;

export function readActivation(policy: ConsentPolicy, body: Body): Read<Activation> {
  const again = textOf(body, "askAgainEveryHours");
  return readAs(
    Activation,
    {
      concern: textOf(body, "concern"),
      alternatives: listOf(body, "alternatives"),
      words: wordsOf(body, "words"),
      reviewAfterHours: numberOf(body, "reviewAfterHours"),
      hours: hoursOf(policy, body),
      askAgainEveryHours: again === "" || again === "never" ? null : Number(again),
    },
    activationFaults,
  );
}
