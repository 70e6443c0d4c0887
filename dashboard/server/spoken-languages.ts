import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type SpokenLanguage, spokenEnglish } from "../words/bedside-language.ts";
import { fingerprintOf } from "./language-fingerprint.ts";

/*
 * The languages of the bedside screen beside English: a file each in dashboard/words/languages, which a translator can edit
 * (docs/translating.md).
 */

const Head = z.object({
  code: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/),
  name: z.string().min(1).max(40),
  dir: z.enum(["ltr", "rtl"]),
  locale: z.string().min(2),
  /** Who checked the translation, on which day, and of which texts (language-fingerprint.ts); null: nobody yet. */
  reviewed: z
    .strictObject({
      by: z.string().min(1).max(80),
      on: z.iso.date(),
      fingerprint: z.string().regex(/^[0-9a-f]{64}$/, { error: "not a fingerprint: npm run language:fingerprint" }),
    })
    .nullable(),
});

export interface TranslatedLanguage extends SpokenLanguage {
  readonly reviewed: z.infer<typeof Head>["reviewed"];
}

export class LanguageError extends Error {}

const folder = fileURLToPath(new URL("../words/languages", import.meta.url));

/** Every language that there is a file of. @throws LanguageError that names the file and each fault */
export function readLanguages(from = folder): TranslatedLanguage[] {
  return readdirSync(from)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => readLanguage(join(from, name)));
}

/** From a file that people edit. */
export function readLanguage(path: string): TranslatedLanguage {
  let file: unknown;
  try {
    file = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new LanguageError(`${path}: not JSON (${String(cause)})`);
  }
  const head = Head.safeParse(file);
  const { code: _code, name: _name, dir: _dir, locale: _locale, ...texts } = spokenEnglish;
  const faults = [
    ...(head.success ? [] : head.error.issues.map(({ path: at, message }) => `${at.join(".")}: ${message}`)),
    ...Object.entries(texts).flatMap(([part, english]) => differences(english, partOf(file, part), part)),
  ];
  if (!head.success || faults.length > 0) throw new LanguageError(`${path}:\n  ${faults.join("\n  ")}`);
  return { ...(file as SpokenLanguage), reviewed: head.data.reviewed };
}

/**
 * What the site asks for, of what there is. A translation that nobody has checked cannot be switched on; a demonstration shows
 * it, since nobody there is a patient.
 *
 * @throws LanguageError where a language is missing, or not reviewed
 */
export function languagesForSite(
  known: readonly TranslatedLanguage[],
  site: { readonly demonstration: boolean; readonly consent: { readonly languages: readonly string[] } },
): TranslatedLanguage[] {
  return site.consent.languages
    .filter((code) => code !== spokenEnglish.code)
    .map((code) => {
      const language = known.find((one) => one.code === code);
      if (language === undefined) {
        const there = known.map((one) => one.code).join(", ");
        throw new LanguageError(`consent.languages: there is no translation for "${code}" (there is: ${there})`);
      }
      const fault = site.demonstration ? undefined : whyUnreviewed(language);
      if (fault !== undefined) throw new LanguageError(`consent.languages: ${fault}`);
      return language;
    });
}

/** A review is of the texts that were read: where one of them changed since, in either language, it counts no more. */
function whyUnreviewed(language: TranslatedLanguage): string | undefined {
  const { code, reviewed } = language;
  if (reviewed === null)
    return `nobody has reviewed the translation for "${code}". Record who did, and when, as "reviewed" in dashboard/words/languages/${code}.json (docs/translating.md)`;
  if (reviewed.fingerprint === fingerprintOf(language)) return undefined;
  return `the texts for "${code}" changed after ${reviewed.by} reviewed them on ${reviewed.on}. They have to be read again (docs/translating.md)`;
}

const partOf = (file: unknown, part: string): unknown =>
  typeof file === "object" && file !== null ? (file as Record<string, unknown>)[part] : undefined;

/** Every text of English, with the same things to put in, and no other. */
function differences(english: unknown, other: unknown, at: string): string[] {
  if (typeof english === "string") {
    if (typeof other !== "string" || other.trim() === "") return [`${at}: a text is missing`];
    const [want, have] = [holesOf(english), holesOf(other)];
    return want === have ? [] : [`${at}: holds ${have || "nothing"} to put in, and English ${want || "nothing"}`];
  }
  if (typeof english !== "object" || english === null) return [];
  if (typeof other !== "object" || other === null) return [`${at}: is missing`];
  const wanted = Object.keys(english);
  const extra = Object.keys(other).filter((key) => !wanted.includes(key));
  return [
    ...extra.map((key) => `${at}.${key}: English has no such text`),
    ...wanted.flatMap((key) =>
      differences((english as Record<string, unknown>)[key], (other as Record<string, unknown>)[key], `${at}.${key}`),
    ),
  ];
}

const holesOf = (text: string): string =>
  [...text.matchAll(/\{\w+\}/g)]
    .map(([hole]) => hole)
    .sort()
    .join(" ");
