import type { Purpose, StaffRole } from "../../edge-agent/contract/words.ts";
import { type BedsideWords, englishBedside, englishPurposes, englishRoles, type RoleWords } from "./bedside-words.ts";
import { type OfferSentences, offerSentences } from "./offer-sentences.ts";

/** What the bedside screen needs to speak one language. */
export interface BedsideLanguage {
  /** BCP 47. */
  readonly language: string;
  /** IANA name of the ward's time zone: a panel's own may be anything. */
  readonly timeZone: string;
  readonly words: BedsideWords;
  readonly purposes: Readonly<Record<Purpose, string>>;
  readonly roles: Readonly<Record<StaffRole, RoleWords>>;
  readonly offers: Readonly<Record<Purpose, OfferSentences>>;
}

export const english: BedsideLanguage = {
  language: "en-GB",
  timeZone: "Europe/London",
  words: englishBedside,
  purposes: englishPurposes,
  roles: englishRoles,
  offers: offerSentences,
};
