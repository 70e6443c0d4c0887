import { type Consent, type ConsentPolicy, Review } from "../../../edge-agent/contract/consent.ts";
import type { Use } from "../../../edge-agent/contract/consent-history.ts";
import { isFewer } from "../../../edge-agent/contract/local-hour.ts";
import { hoursOf } from "./activation-form.ts";
import { type Body, numberOf, type Read, readAs, textOf, wordsOf } from "./form-body.ts";
import { minutesWords, momentWords } from "./moment-words.ts";

const faults = {
  outcome: "Choose: stop, fewer hours, or keep.",
  words: "Say in words what was seen of its use, and why no less would do: at most 200 characters.",
  reviewAfterHours: "Choose when it is looked at again.",
  hours: "Choose fewer hours than now.",
} as const;

/** Less needs no reason: only keeping it as it is wants words. */
const lessWords = { stop: "Stopped at the review.", "fewer-hours": "Fewer hours, decided at the review." } as const;

export function readReview(policy: ConsentPolicy, now: Pick<Consent, "hours">, body: Body): Read<Review> {
  const outcome = textOf(body, "outcome");
  const fewer = outcome === "fewer-hours";
  const usual = outcome === "stop" || outcome === "fewer-hours" ? lessWords[outcome] : null;
  const read = readAs(
    Review,
    {
      outcome,
      words: wordsOf(body, "words") ?? usual,
      reviewAfterHours: numberOf(body, "reviewAfterHours"),
      hours: fewer ? hoursOf(policy, body) : now.hours,
    },
    faults,
  );
  if (read.ok && fewer && !isFewer(read.value.hours, now.hours)) {
    return { ok: false, errors: [{ id: "hours", words: faults.hours }] };
  }
  return read;
}

/** What was really used, in sentences; what cannot be read is said. */
export function useWords(use: Use | null, nowUtcMs: number, timeZone: string): string[] {
  if (use === null) return ["What was used cannot be read now."];
  const since = momentWords(use.sinceUtcMs, nowUtcMs, timeZone);
  const wholeMin = Math.max(1, Math.round((nowUtcMs - use.sinceUtcMs) / 60_000));
  const sensed =
    use.sensedMin === null
      ? "It runs no sensor by itself."
      : use.sensedMin === 0
        ? "Nothing was recorded."
        : `Recorded in ${minutesWords(use.sensedMin)} of ${minutesWords(wholeMin)}.`;
  const looks = use.openings === 0 ? "not once" : use.openings === 1 ? "once" : `${use.openings} times`;
  return [`Since ${since}:`, sensed, `Staff looked at this person’s pages ${looks}.`];
}
