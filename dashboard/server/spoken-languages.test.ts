import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { languagesForSite, readLanguage, readLanguages } from "./spoken-languages.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "languages-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const known = readLanguages();
const site = (languages: string[], demonstration = false) => ({ demonstration, consent: { languages } });

describe("the languages of the bedside screen", () => {
  test("each file says everything that English says, with the same things to put in", () => {
    expect(known.map(({ code, dir }) => `${code} ${dir}`)).toEqual(["bn ltr", "cy ltr", "pl ltr", "ur rtl"]);
  });

  test("each is written in its own letters, and none is English that was forgotten", () => {
    const letters: Readonly<Record<string, RegExp>> = { bn: /\p{Script=Bengali}/u, ur: /\p{Script=Arabic}/u };
    for (const { code, words } of known) {
      for (const [key, text] of Object.entries(words)) {
        const bare = text.replace(/\{\w+\}/g, "");
        const script = letters[code];
        if (script !== undefined) expect(bare, `${code} ${key}`).toMatch(script);
      }
    }
  });

  test("one that nobody has reviewed cannot be switched on at a site; a demonstration shows it", () => {
    expect(() => languagesForSite(known, site(["cy"]))).toThrow(/nobody has reviewed the translation for "cy"/);
    expect(languagesForSite(known, site(["cy", "en"], true)).map(({ code }) => code)).toEqual(["cy"]);
    const reviewed = known.map((one) => ({ ...one, reviewed: { by: "Siân Rees", on: "2026-11-20" } }));
    expect(languagesForSite(reviewed, site(["ur", "cy"])).map(({ code }) => code)).toEqual(["ur", "cy"]);
    expect(() => languagesForSite(known, site(["fr"], true))).toThrow(/no translation for "fr"/);
  });

  test("a file that lacks a text, has one too many, or loses what is put in, is named with every fault", () => {
    const { reviewed: _, ...polish } = known.find(({ code }) => code === "pl") as (typeof known)[number];
    const words = { ...polish.words, onAgainAt: "bez niczego", moreThanThat: "x", paused: " " };
    const path = join(folder, "pl.json");
    writeFileSync(path, JSON.stringify({ ...polish, reviewed: { by: "", on: "soon" }, words }));
    expect(() => readLanguage(path)).toThrow(
      /words\.onAgainAt: holds nothing to put in, and English \{left\} \{time\}/,
    );
    for (const fault of [/words\.moreThanThat/, /words\.paused: a text is missing/, /reviewed\.on/, /reviewed\.by/]) {
      expect(() => readLanguage(path)).toThrow(fault);
    }
    writeFileSync(path, "{");
    expect(() => readLanguage(path)).toThrow(/pl\.json: not JSON/);
  });
});
