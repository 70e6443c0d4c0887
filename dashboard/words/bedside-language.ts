import type { Looker } from "../../edge-agent/contract/who-looked.ts";
import type { Purpose } from "../../edge-agent/contract/words.ts";
import { type BedsideWords, englishBedside, englishPurposes, englishRoles, type RoleWords } from "./bedside-words.ts";
import { type OfferSentences, offerSentences } from "./offer-sentences.ts";
import { englishPages, type PageWords } from "./page-words.ts";

/** All that the screen at a bed says, in one language. */
export interface SpokenLanguage {
  /** BCP 47. */
  readonly code: string;
  /** In the language itself. */
  readonly name: string;
  readonly dir: "ltr" | "rtl";
  /** How times and numbers are written. */
  readonly locale: string;
  readonly words: BedsideWords;
  readonly purposes: Readonly<Record<Purpose, string>>;
  readonly roles: Readonly<Record<Looker, RoleWords>>;
  readonly offers: Readonly<Record<Purpose, OfferSentences>>;
  readonly pages: PageWords;
}

/** What the screen itself needs of it. */
export interface BedsideLanguage extends Omit<SpokenLanguage, "pages" | "name"> {
  /** IANA name of the ward's time zone: a panel's own may be anything. */
  readonly timeZone: string;
}

export const spokenEnglish: SpokenLanguage = {
  code: "en",
  name: "English",
  dir: "ltr",
  locale: "en-GB",
  words: englishBedside,
  purposes: englishPurposes,
  roles: englishRoles,
  offers: offerSentences,
  pages: englishPages,
};

export const english: BedsideLanguage = { ...spokenEnglish, timeZone: "Europe/London" };

/** English first, then what the site has on of what there is. */
export function languagesOn(known: readonly SpokenLanguage[], siteCodes: readonly string[]): SpokenLanguage[] {
  return [spokenEnglish, ...known.filter(({ code }) => code !== spokenEnglish.code && siteCodes.includes(code))];
}

/** `en-GB` is spoken as `en`. What is not on falls back to English. */
export function languageFor(on: readonly SpokenLanguage[], code: string): SpokenLanguage {
  const [primary] = code.split("-");
  return on.find((one) => one.code === code) ?? on.find((one) => one.code === primary) ?? spokenEnglish;
}
