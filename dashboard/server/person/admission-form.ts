import { z } from "zod";
import { CommunicationNeeds } from "../../../edge-agent/contract/consent.ts";
import { Words } from "../../../edge-agent/contract/text.ts";
import { type Body, type Choice, choices, type Read, readAs, textOf, wordsOf } from "./form-body.ts";

/** Names of languages in English, for staff. A tag that is not here is shown as it is. */
const languageNames = new Intl.DisplayNames("en-GB", { type: "language" });

export interface NeedsForm {
  readonly languages: readonly Choice[];
  readonly readAloud: boolean;
  readonly largeText: boolean;
  readonly words: string;
}

/**
 * @param languages that the site has switched on beside English.
 * @param needs with the language "" where nobody has asked yet: then none is chosen beforehand.
 */
export function needsForm(languages: readonly string[], needs: CommunicationNeeds): NeedsForm {
  const tags = [...new Set(["en", ...languages, ...(needs.language === "" ? [] : [needs.language])])];
  const words = Object.fromEntries(tags.map((tag) => [tag, languageNames.of(tag) ?? tag]));
  return {
    languages: choices(words, [needs.language]),
    readAloud: needs.readAloud,
    largeText: needs.largeText,
    words: needs.words ?? "",
  };
}

export const languageName = (tag: string): string => languageNames.of(tag) ?? tag;

const needsFaults = { language: "Choose a language.", words: "At most 200 characters." } as const;

const needsIn = (body: Body) => ({
  language: textOf(body, "language"),
  readAloud: textOf(body, "readAloud") === "yes",
  largeText: textOf(body, "largeText") === "yes",
  words: wordsOf(body, "words"),
});

export const readNeeds = (body: Body): Read<CommunicationNeeds> =>
  readAs(CommunicationNeeds, needsIn(body), needsFaults);

const Admission = z.strictObject({
  label: Words(40),
  adult: z.enum(["yes", "no"]),
  needs: CommunicationNeeds,
});

export function readAdmission(body: Body): Read<z.infer<typeof Admission>> {
  return readAs(
    Admission,
    { label: textOf(body, "label"), adult: textOf(body, "adult"), needs: needsIn(body) },
    {
      label: "Enter what the ward calls this person: at most 40 characters.",
      adult: "Choose whether the person is 18 or older.",
      needs: "Choose a language, and write at most 200 characters of other needs.",
    },
  );
}

/** What was typed so far, shown again beside what is wrong with it. */
export const needsSoFar = (body: Body): CommunicationNeeds => {
  const needs = needsIn(body);
  return { ...needs, language: /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(needs.language) ? needs.language : "" };
};
