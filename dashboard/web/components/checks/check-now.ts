import type { Tile } from "../../../../edge-agent/contract/tile.ts";
import { clockWords, lengthWords } from "../../age-words.ts";

/*
 * The next check in person of one bed, as it is at this moment. The clock goes on in this page when the ward computer is silent: a
 * check does not wait for a computer.
 */
export interface CheckNow {
  /** `none`: nobody ordered checks, which is said. */
  readonly tone: "none" | "quiet" | "prompt" | "due" | "overdue";
  /** "Check in 12 min", "Check now", "Overdue 4 min". */
  readonly words: string;
  readonly more: string;
  /** It goes to the nurse in charge as well. */
  readonly escalated: boolean;
  /** When it is due; for the order of a list. */
  readonly dueUtcMs: number;
  /** This page counts on by itself: the ward computer was heard last at this time. */
  readonly countingSince: string | null;
}

type Told = Pick<Tile, "checks" | "at">;

/**
 * @param waitedMs since this was heard
 * @param silent nothing newer can be had: the page counts by itself
 */
export function checkNow({ checks, at }: Told, waitedMs: number, silent: boolean): CheckNow {
  const countingSince = silent ? clockWords(at) : null;
  if (checks === null) {
    return {
      tone: "none",
      words: "No checks ordered",
      more: "",
      escalated: false,
      dueUtcMs: Number.POSITIVE_INFINITY,
      countingSince,
    };
  }
  const now = at + waitedMs;
  const everyMs = checks.everyMinutes * 60_000;
  const last =
    checks.lastMade === null
      ? "Not seen yet"
      : `Last seen ${clockWords(checks.lastMade.atUtcMs)} by ${checks.lastMade.by}`;
  const base = { more: last, escalated: checks.escalation === 2, dueUtcMs: checks.dueUtcMs, countingSince };
  const leftMs = checks.dueUtcMs - now;
  if (checks.state === "overdue" || leftMs < 0) {
    const missed =
      checks.missedInARow + (leftMs < 0 && checks.state !== "overdue" ? 1 : 0) + windowsSince(checks, now, everyMs);
    const times = missed > 1 ? `. ${missed} checks missed` : "";
    return {
      ...base,
      tone: "overdue",
      words: `Overdue ${lengthWords(Math.max(0, -leftMs))}`,
      more: `${last}${times}`,
      escalated: base.escalated || missed > 1,
    };
  }
  const by = clockWords(checks.dueUtcMs);
  switch (checks.state) {
    case "prompt":
      return { ...base, tone: "prompt", words: "Check now", more: `By ${by}. ${last}` };
    case "due":
      return { ...base, tone: "due", words: `Check now: ${lengthWords(leftMs)} left`, more: last };
    case "made":
    case "not-yet": {
      // Silent: whether it was prompted meanwhile is not known, so the page asks from half way on.
      const late = silent && leftMs < everyMs / 2;
      return late
        ? { ...base, tone: "prompt", words: "Check now", more: `By ${by}. ${last}` }
        : { ...base, tone: "quiet", words: `Check by ${by}`, more: last };
    }
  }
}

/** Windows that ended while nobody could tell. */
function windowsSince({ dueUtcMs }: NonNullable<Tile["checks"]>, nowUtcMs: number, everyMs: number): number {
  return Math.max(0, Math.floor((nowUtcMs - dueUtcMs) / everyMs));
}
