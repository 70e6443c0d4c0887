import { describe, expect, test } from "vitest";
import { languageFor, languagesOn, spokenEnglish } from "./bedside-language.ts";

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
