import {
  type CheckView,
  type CheckWindow,
  continuousLevels,
  type ObservationOrder,
  recordWithinMs,
} from "../contract/checks.ts";

/**
 * The clock of checks in person for one stay. Windows follow one another from the order's start, in UTC, so that a night of 23
 * or 25 hours has as many as its hours hold. One check is due in each; the prompt comes at a time inside the window that nobody
 * can foretell, and never after three quarters of it. No sensor, no consent and no fault of the system has a say in it.
 */
export interface CheckClock {
  readonly order: ObservationOrder;
  readonly startUtcMs: number;
  /** Windows before this one are closed: made, or missed. */
  readonly windowNumber: number;
  /** In this window a check was made. */
  readonly made: boolean;
  readonly lastMadeUtcMs: number | null;
  /** Windows that ended without a check since the last one was made. */
  readonly missedInARow: number;
}

/** After a restart: what was ordered, and the newest check that was recorded in time. */
export function restoreChecks(
  order: ObservationOrder,
  startUtcMs: number,
  lastMadeUtcMs: number | null,
  utcMs: number,
): CheckClock {
  const begun = startChecks(order, startUtcMs);
  if (lastMadeUtcMs === null) return closeWindows(begun, utcMs).clock;
  const checkedIn = Math.max(0, Math.floor((lastMadeUtcMs - startUtcMs) / (order.everyMinutes * 60_000)));
  const made = lastMadeUtcMs >= startUtcMs;
  return closeWindows({ ...begun, lastMadeUtcMs, windowNumber: checkedIn, made }, utcMs).clock;
}

export const startChecks = (order: ObservationOrder, utcMs: number): CheckClock => ({
  order,
  startUtcMs: utcMs,
  windowNumber: 0,
  made: false,
  lastMadeUtcMs: null,
  missedInARow: 0,
});

const everyMs = ({ order }: CheckClock): number => order.everyMinutes * 60_000;

export const windowOf = (clock: CheckClock, number = clock.windowNumber): CheckWindow => ({
  fromUtcMs: clock.startUtcMs + number * everyMs(clock),
  untilUtcMs: clock.startUtcMs + (number + 1) * everyMs(clock),
});

/** Time went on: windows that ended are closed. A clock that went back closes nothing again. @returns the windows that nobody checked in */
export function closeWindows(
  clock: CheckClock,
  utcMs: number,
): { readonly clock: CheckClock; readonly missed: readonly CheckWindow[] } {
  const now = Math.max(clock.windowNumber, Math.floor((utcMs - clock.startUtcMs) / everyMs(clock)));
  if (now === clock.windowNumber) return { clock, missed: [] };
  const missed: CheckWindow[] = [];
  for (let number = clock.windowNumber; number < now; number++) {
    if (number === clock.windowNumber && clock.made) continue;
    missed.push(windowOf(clock, number));
  }
  return {
    clock: {
      ...clock,
      windowNumber: now,
      made: false,
      missedInARow: clock.made && missed.length === 0 ? 0 : clock.missedInARow + missed.length,
    },
    missed,
  };
}

export type CheckMade =
  | { readonly ok: true; readonly clock: CheckClock; readonly retrospective: boolean }
  | { readonly ok: false; readonly why: "reason-missing" | "in-the-future" | "before-the-order" };

/**
 * Somebody saw the person at `seenUtcMs` and records it now. Later than five minutes it is retrospective, wants a reason, and closes
 * no window: what nobody wrote down in time stays missed.
 */
export function makeCheck(clock: CheckClock, seenUtcMs: number, nowUtcMs: number, reason: string | null): CheckMade {
  if (seenUtcMs > nowUtcMs + 1_000) return { ok: false, why: "in-the-future" };
  if (nowUtcMs - seenUtcMs > recordWithinMs) {
    if (reason === null) return { ok: false, why: "reason-missing" };
    return seenUtcMs < clock.startUtcMs
      ? { ok: false, why: "before-the-order" }
      : { ok: true, clock, retrospective: true };
  }
  const { clock: closed } = closeWindows(clock, nowUtcMs);
  return {
    ok: true,
    retrospective: false,
    clock: { ...closed, made: true, lastMadeUtcMs: seenUtcMs, missedInARow: 0 },
  };
}

/** A new order takes over at once; what was missed under the old one stays on the screen until a check is made. */
export function changeOrder(clock: CheckClock | null, order: ObservationOrder, utcMs: number): CheckClock {
  const begun = startChecks(order, utcMs);
  return clock === null ? begun : { ...begun, lastMadeUtcMs: clock.lastMadeUtcMs, missedInARow: clock.missedInARow };
}

/** Share of a window in which the prompt may come: not at its very start, and with time left to walk. */
const promptFrom = 0.4;
const promptTo = 0.75;

/** @param random of a window's number, 0 to 1: the shell's seed, so that the prompt of a window is always the same and never foreseeable */
export function viewChecks(clock: CheckClock, utcMs: number, random: (windowNumber: number) => number): CheckView {
  const { clock: now } = closeWindows(clock, utcMs);
  const window = windowOf(now);
  const lengthMs = window.untilUtcMs - window.fromUtcMs;
  const promptUtcMs = window.fromUtcMs + (promptFrom + (promptTo - promptFrom) * random(now.windowNumber)) * lengthMs;
  const { missedInARow } = now;
  if (missedInARow > 0) {
    const escalation = missedInARow > 1 || continuousLevels.includes(now.order.level) ? 2 : 1;
    return { state: "overdue", dueUtcMs: windowOf(now, now.windowNumber - 1).untilUtcMs, missedInARow, escalation };
  }
  if (now.made) {
    return { state: "made", dueUtcMs: window.untilUtcMs + lengthMs, missedInARow, escalation: 0 };
  }
  const dueSoonMs = Math.min(5 * 60_000, lengthMs * (1 - promptTo));
  if (window.untilUtcMs - utcMs <= dueSoonMs) {
    return { state: "due", dueUtcMs: window.untilUtcMs, missedInARow, escalation: 1 };
  }
  const state = utcMs >= promptUtcMs ? "prompt" : "not-yet";
  return { state, dueUtcMs: window.untilUtcMs, missedInARow, escalation: 0 };
}
