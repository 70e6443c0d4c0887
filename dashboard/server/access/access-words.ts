import {
  type Access,
  type AccessKind,
  accessState,
  agreeWithinMs,
  awaitsReview,
  reviewOverdue,
  reviewWithinMs,
} from "../../../edge-agent/contract/access.ts";
import { momentWords, spanWords } from "../person/moment-words.ts";

export const kindWords: Readonly<Record<AccessKind, string>> = {
  hold: "Records held after an incident",
  "break-glass": "Emergency look at records",
};

interface Words {
  readonly nowUtcMs: number;
  readonly timeZone: string;
  readonly bedName: (bed: string) => string;
}

/** One request as the pages show it. */
export function accessView(access: Access, { nowUtcMs, timeZone, bedName }: Words) {
  const { number, kind, bed, label, fromUtcMs, untilUtcMs, reason, lawful, untold, forMs, asked, agreed, review } =
    access;
  const moment = (utcMs: number): string => momentWords(utcMs, nowUtcMs, timeZone);
  const state = accessState(access, nowUtcMs);
  const overdue = reviewOverdue(access, nowUtcMs);
  return {
    number,
    kind,
    what: kindWords[kind],
    whose: `${label}, ${bedName(bed)}`,
    window: `${moment(fromUtcMs)} to ${moment(untilUtcMs)}`,
    reason,
    lawful,
    untold,
    asked: `${asked.name}, ${moment(asked.atUtcMs)}`,
    agreed: agreed && `${agreed.name}, ${moment(agreed.atUtcMs)}`,
    forHowLong: forMs < 86_400_000 ? `${Math.round(forMs / 60_000)} min` : spanWords(Math.round(forMs / 3_600_000)),
    state,
    stateWords: stateWords(access, moment)[state],
    overdue,
    review: review && {
      words: review.words,
      right: review.right ? "It was right" : "It was not right",
      by: `${review.name}, ${moment(review.atUtcMs)}`,
    },
    awaitsReview: awaitsReview(access),
    reviewBy: agreed && moment(agreed.atUtcMs + reviewWithinMs),
  };
}

function stateWords({ asked, agreed, endedAtUtcMs }: Access, moment: (utcMs: number) => string) {
  const end = endedAtUtcMs ?? agreed?.opensUntilUtcMs ?? asked.atUtcMs;
  return {
    asked: `Waits for a second person until ${moment(asked.atUtcMs + agreeWithinMs)}`,
    lapsed: "Nobody agreed in time",
    open: `Open until ${agreed === null ? "" : moment(agreed.opensUntilUtcMs)}`,
    over: `Over since ${moment(end)}`,
  };
}
