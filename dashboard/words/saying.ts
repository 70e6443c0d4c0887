import type { Looker } from "../../edge-agent/contract/who-looked.ts";
import type { Purpose } from "../../edge-agent/contract/words.ts";
import type { BedsideLanguage } from "./bedside-language.ts";
import type { BedsideKey } from "./bedside-words.ts";
import type { OfferSentences } from "./offer-sentences.ts";

/** The words of one language, with what is put in. */
export class Saying {
  readonly language: BedsideLanguage;
  private readonly clock: Intl.DateTimeFormat;
  private readonly date: Intl.DateTimeFormat;

  constructor(language: BedsideLanguage) {
    this.language = language;
    const { locale, timeZone } = language;
    this.clock = new Intl.DateTimeFormat(locale, { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.date = new Intl.DateTimeFormat(locale, { timeZone, weekday: "long", day: "numeric", month: "long" });
  }

  say(key: BedsideKey, given: Readonly<Record<string, string>> = {}): string {
    return this.language.words[key].replace(/\{(\w+)\}/g, (place, name: string) => given[name] ?? place);
  }

  purpose(purpose: Purpose): string {
    return this.language.purposes[purpose];
  }

  /** @param name null: somebody of this role. */
  staff(role: Looker, name: string | null): string {
    const words = this.language.roles[role];
    return name === null ? words.someone : `${name} (${words.role})`;
  }

  offer(purpose: Purpose): OfferSentences {
    return this.language.offers[purpose];
  }

  /** "21:04", by the ward's wall clock. */
  time(utcMs: number): string {
    return this.clock.format(utcMs);
  }

  day(utcMs: number): string {
    return this.date.format(utcMs);
  }

  /** "22:00". */
  hour(hour: number): string {
    const number = new Intl.NumberFormat(this.language.locale, { minimumIntegerDigits: 2 });
    return `${number.format(hour)}:${number.format(0)}`;
  }

  /** Whole minutes, rounded up; the last one in seconds. */
  left(ms: number): string {
    const seconds = Math.max(0, Math.ceil(ms / 1_000));
    const [key, count] =
      seconds < 60 ? (["seconds", seconds] as const) : (["minutes", Math.ceil(seconds / 60)] as const);
    return this.say(key, { count: new Intl.NumberFormat(this.language.locale).format(count) });
  }
}
