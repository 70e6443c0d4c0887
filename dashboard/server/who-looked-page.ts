import type { Looked } from "../../edge-agent/contract/who-looked.ts";
import type { PageWords } from "../words/page-words.ts";
import type { Saying } from "../words/saying.ts";

export interface LookedLine {
  readonly time: string;
  /** Who did what, around the name: each language has its own order. */
  readonly before: string;
  readonly who: string;
  readonly after: string;
  readonly why: string;
  /** How long it stayed open; null: not known. */
  readonly openFor: string | null;
}
export interface LookedDay {
  readonly day: string;
  readonly lines: readonly LookedLine[];
}

/** In plain words, by the ward's days, the newest first. */
export function lookedDays(
  looked: readonly Looked[],
  named: "role" | "name",
  words: PageWords["whoLooked"],
  saying: Saying,
  nowUtcMs: number,
): LookedDay[] {
  const days: { day: string; lines: LookedLine[] }[] = [];
  for (const { atUtcMs, openMs, role, name, page, purposeOfEvent } of looked) {
    const day = saying.day(atUtcMs) === saying.day(nowUtcMs) ? saying.say("today") : saying.day(atUtcMs);
    const last = days.at(-1);
    const place = last?.day === day ? last : { day, lines: [] };
    if (place !== last) days.push(place);
    const what = page === "/ward#person" || page === "export" ? words.what[page] : words.what.other;
    const [before = "", after = ""] = what.split("{who}");
    place.lines.push({
      time: saying.time(atUtcMs),
      before,
      who: saying.staff(role, named === "name" ? name : null),
      after,
      why: whyWords(purposeOfEvent, words.purposes),
      openFor: openMs === null ? null : words.openedFor.replace("{time}", saying.left(openMs)),
    });
  }
  return days;
}

function whyWords(purposeOfEvent: string, words: PageWords["whoLooked"]["purposes"]): string {
  switch (purposeOfEvent) {
    case "TREAT":
    case "PATRQT":
    case "HQUALIMP":
    case "BTG":
    case "PATSFTY":
      return words[purposeOfEvent];
    default:
      return words.other.replace("{code}", purposeOfEvent);
  }
}
