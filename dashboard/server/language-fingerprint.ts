import { createHash } from "node:crypto";
import { canonicalize } from "json-canonicalize";
import { type SpokenLanguage, spokenEnglish } from "../words/bedside-language.ts";

/**
 * Stands for what a reviewer read: every text of a language, and the English that it says. SHA-256 of the canonical JSON of both
 * (RFC 8785), so that neither the order nor the layout of a file counts. Lower-case hex.
 */
export function fingerprintOf(language: SpokenLanguage, english: SpokenLanguage = spokenEnglish): string {
  const read = { english: textsOf(english), texts: textsOf(language) };
  return createHash("sha256").update(canonicalize(read)).digest("hex");
}

const textsOf = ({ name, dir, locale, words, purposes, roles, offers, pages }: SpokenLanguage) => ({
  name,
  dir,
  locale,
  words,
  purposes,
  roles,
  offers,
  pages,
});
