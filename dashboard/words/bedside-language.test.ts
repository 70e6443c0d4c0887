import { describe, expect, test } from "vitest";
import { languageFor, languagesOn, spokenEnglish } from "./bedside-language.ts";
import { englishBedside } from "./bedside-words.ts";
import { offerSentences } from "./offer-sentences.ts";
import { englishPages } from "./page-words.ts";

const polish = { ...spokenEnglish, code: "pl", name: "Polski" };
const welsh = { ...spokenEnglish, code: "cy", name: "Cymraeg" };

describe("languages", () => {
  test("are on where there is a reviewed text and the site has it on; English always is", () => {
    const codes = (site: string[]) => languagesOn([polish, welsh], site).map(({ code }) => code);
    expect(codes([])).toEqual(["en"]);
    expect(codes(["cy", "en", "ur"])).toEqual(["en", "cy"]);
  });

  test("what is asked for is found by its first part, and what is not on is English", () => {
    const on = languagesOn([polish], ["pl"]);
    expect(languageFor(on, "pl").code).toBe("pl");
    expect(languageFor(on, "pl-PL").code).toBe("pl");
    for (const code of ["cy", "en-GB", ""]) expect(languageFor(on, code).code).toBe("en");
  });
});

describe("English at the bed is easy to read", () => {
  const textsOf = (value: unknown): string[] =>
    typeof value === "string" ? [value] : Object.values(value as object).flatMap(textsOf);
  const sentences = textsOf([englishBedside, offerSentences, englishPages]).flatMap((text) =>
    text.split(/(?<=[.:?])\s+/).filter((sentence) => sentence !== ""),
  );

  test("no sentence is longer than 15 words", () => {
    expect(sentences.length).toBeGreaterThan(100);
    expect(sentences.filter((sentence) => sentence.split(/\s+/).length > 15)).toEqual([]);
  });

  test("no word that warns, blames or asks for a reason", () => {
    const said = sentences.join(" ").toLowerCase();
    for (const word of ["warning", "danger", "risk", "must ", "are you sure", "reason why", "refuse", "comply"])
      expect(said, word).not.toContain(word);
  });
});
