import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { spokenEnglish } from "../words/bedside-language.ts";
import { fingerprintOf } from "./language-fingerprint.ts";
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
    const reviewed = known.map((one) => ({
      ...one,
      reviewed: { by: "Siân Rees", on: "2026-11-20", fingerprint: fingerprintOf(one) },
    }));
    expect(languagesForSite(reviewed, site(["ur", "cy"])).map(({ code }) => code)).toEqual(["ur", "cy"]);
    expect(() => languagesForSite(known, site(["fr"], true))).toThrow(/no translation for "fr"/);
  });

  test("a review lapses when a text of it changes, or the English that it says", () => {
    const welsh = known.find(({ code }) => code === "cy") as (typeof known)[number];
    const reviewed = { by: "Siân Rees", on: "2026-11-20", fingerprint: fingerprintOf(welsh) };
    expect(languagesForSite([{ ...welsh, reviewed }], site(["cy"]))).toHaveLength(1);
    const changed = { ...welsh, reviewed, words: { ...welsh.words, stopNow: `${welsh.words.stopNow} ` } };
    expect(() => languagesForSite([changed], site(["cy"]))).toThrow(
      /the texts for "cy" changed after Siân Rees reviewed them on 2026-11-20/,
    );
    const otherEnglish = { ...spokenEnglish, purposes: { ...spokenEnglish.purposes, "night-report": "Sleep report" } };
    expect(fingerprintOf(welsh, otherEnglish)).not.toBe(reviewed.fingerprint);
    // How the file is laid out, and who reviewed it, are no texts.
    const turned = Object.fromEntries(Object.entries({ ...welsh, reviewed }).reverse()) as unknown as typeof welsh;
    expect(fingerprintOf(turned)).toBe(reviewed.fingerprint);
    expect(reviewed.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  test("the command prints what a reviewer records", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      fileURLToPath(new URL("../../scripts/language-fingerprint.ts", import.meta.url)),
      "cy",
    ]);
    const welsh = known.find(({ code }) => code === "cy") as (typeof known)[number];
    expect(JSON.parse(stdout.slice(stdout.indexOf("{")))).toEqual({
      by: "your name",
      on: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      fingerprint: fingerprintOf(welsh),
    });
  });

  test("a file that lacks a text, has one too many, or loses what is put in, is named with every fault", () => {
    const { reviewed: _, ...polish } = known.find(({ code }) => code === "pl") as (typeof known)[number];
    const words = { ...polish.words, onAgainAt: "bez niczego", moreThanThat: "x", paused: " " };
    const path = join(folder, "pl.json");
    writeFileSync(path, JSON.stringify({ ...polish, reviewed: { by: "", on: "soon", fingerprint: "f" }, words }));
    expect(() => readLanguage(path)).toThrow(
      /words\.onAgainAt: holds nothing to put in, and English \{left\} \{time\}/,
    );
    for (const fault of [
      /words\.moreThanThat/,
      /words\.paused: a text is missing/,
      /reviewed\.on/,
      /reviewed\.by/,
      /reviewed\.fingerprint/,
    ]) {
      expect(() => readLanguage(path)).toThrow(fault);
    }
    writeFileSync(path, "{");
    expect(() => readLanguage(path)).toThrow(/pl\.json: not JSON/);
  });
});
