import { type Activation, BestInterests, type ConsentPolicy } from "../../../edge-agent/contract/consent.ts";
import { readActivation } from "./activation-form.ts";
import { unableWords } from "./consent-words.ts";
import {
  type Body,
  type Choice,
  choices,
  type FieldError,
  listOf,
  numberOf,
  type Read,
  readAs,
  textOf,
  wordsOf,
} from "./form-body.ts";
import { spanWords } from "./moment-words.ts";

/*
 * A decision for a person who lacks capacity for it now. The order is that of the courts: first what the person cannot do
 * although they were helped, then because of what (A Local Authority v JB [2021] UKSC 52, 65-79; Mental Capacity Act 2005).
 */

const assessStepsHours = [24, 72, 168];

/** In the order of the form. */
const faults = {
  helpGiven: "Say what was done to help them decide: at most 200 characters.",
  unableTo: "Choose what the person cannot do about this decision, now.",
  impairment: "Say which impairment or disturbance of mind or brain it is because of: at most 200 characters.",
  assessor: "Name who assessed the person’s capacity.",
  consulted: "Say who was asked, and what they think: at most 200 characters.",
  attorneyOrDeputy: "Name the attorney or deputy.",
  noAdvanceRefusal: "Look whether an advance decision refuses this. Where one does, it stands.",
  decision: "Say why this is in the person’s best interests: at most 400 characters.",
  assessAgainAfterHours: "Choose when capacity is assessed again: not later than it ends.",
} as const;

export interface BestInterestsForm {
  readonly unableTo: readonly Choice[];
  readonly attorney: readonly Choice[];
  readonly assess: readonly Choice[];
  readonly advance: boolean;
  readonly written: Readonly<
    Record<"helpGiven" | "impairment" | "consulted" | "attorneyOrDeputy" | "decision" | "assessor", string>
  >;
}

export function bestInterestsForm(daysMax: number, body: Body): BestInterestsForm {
  const steps = assessStepsHours.filter((step) => step <= daysMax * 24);
  const assess = textOf(body, "assessAgainAfterHours") || "24";
  return {
    unableTo: choices(unableWords, listOf(body, "unableTo")),
    attorney: choices({ none: "There is none", one: "There is one" }, [textOf(body, "attorney")]),
    assess: steps.map((step) => ({ value: String(step), words: spanWords(step), chosen: String(step) === assess })),
    advance: textOf(body, "noAdvanceRefusal") === "yes",
    written: {
      helpGiven: textOf(body, "helpGiven"),
      impairment: textOf(body, "impairment"),
      consulted: textOf(body, "consulted"),
      attorneyOrDeputy: textOf(body, "attorneyOrDeputy"),
      decision: textOf(body, "decision"),
      assessor: textOf(body, "assessor"),
    },
  };
}

export function readBestInterests(
  policy: ConsentPolicy,
  body: Body,
): Read<{ readonly activation: Activation; readonly record: BestInterests }> {
  const attorney = wordsOf(body, "attorney");
  const activation = readActivation(policy, body);
  const record = readAs(
    BestInterests,
    {
      decision: textOf(body, "decision"),
      impairment: textOf(body, "impairment"),
      unableTo: listOf(body, "unableTo"),
      helpGiven: textOf(body, "helpGiven"),
      assessor: textOf(body, "assessor"),
      consulted: textOf(body, "consulted"),
      attorneyOrDeputy: attorney === "one" ? textOf(body, "attorneyOrDeputy") : null,
      noAdvanceRefusal: textOf(body, "noAdvanceRefusal") === "yes",
      assessAgainAfterHours: numberOf(body, "assessAgainAfterHours"),
    },
    faults,
  );
  const errors: FieldError[] = [
    ...(record.ok ? [] : record.errors),
    ...(attorney === null ? [{ id: "attorney", words: "Choose whether there is an attorney or deputy." }] : []),
    ...(activation.ok ? [] : activation.errors),
  ];
  if (!record.ok || !activation.ok || attorney === null) return { ok: false, errors };
  if (record.value.assessAgainAfterHours > activation.value.reviewAfterHours)
    return { ok: false, errors: [{ id: "assessAgainAfterHours", words: faults.assessAgainAfterHours }] };
  return { ok: true, value: { activation: activation.value, record: record.value } };
}
