import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ObservationOrder } from "../contract/checks.ts";
import { ObservationOrder as Order } from "../contract/checks.ts";
import { type CheckClock, changeOrder, closeWindows, makeCheck, startChecks, viewChecks, windowOf } from "./checks.ts";

const minute = 60_000;
const order = (everyMinutes: number, level: ObservationOrder["level"] = "intermittent-high"): ObservationOrder => ({
  level,
  everyMinutes,
  by: "Ada Osei",
  reason: "settling in",
  reviewAfterHours: 24,
});
const half = () => 0.5;

/** Makes a check in every window, at a share of it, from a start to an end. @returns how many */
function checksInNight(startUtcMs: number, endUtcMs: number, everyMinutes: number): number {
  let clock = startChecks(order(everyMinutes, "intermittent-low"), startUtcMs);
  let made = 0;
  for (let at = startUtcMs; at < endUtcMs; at += minute) {
    if (viewChecks(clock, at, half).state !== "prompt") continue;
    const check = makeCheck(clock, at, at, null);
    if (!check.ok) throw new Error(check.why);
    clock = check.clock;
    made += 1;
  }
  expect(closeWindows(clock, endUtcMs - 1).missed).toEqual([]);
  return made;
}

describe("the clock of checks in person", () => {
  it("has one check due in each window, prompted inside it, and none of it moves with when it was made", () => {
    let clock = startChecks(order(15), 0);
    expect(viewChecks(clock, 0, half)).toMatchObject({ state: "not-yet", dueUtcMs: 15 * minute });
    expect(viewChecks(clock, 8.7 * minute, half).state).toBe("prompt");
    expect(viewChecks(clock, 8.5 * minute, half).state).toBe("not-yet");
    expect(viewChecks(clock, 12 * minute, half).state).toBe("due");
    const early = makeCheck(clock, 2 * minute, 2 * minute, null);
    if (!early.ok) throw new Error(early.why);
    clock = early.clock;
    expect(viewChecks(clock, 14 * minute, half)).toMatchObject({ state: "made", dueUtcMs: 30 * minute });
    expect(viewChecks(clock, 16 * minute, half)).toMatchObject({ state: "not-yet", dueUtcMs: 30 * minute });
  });

  it("is overdue when a window ended without one, nags, then goes to the nurse in charge, until somebody goes", () => {
    const clock = startChecks(order(15), 0);
    expect(viewChecks(clock, 15 * minute, half)).toMatchObject({ state: "overdue", missedInARow: 1, escalation: 1 });
    expect(viewChecks(clock, 31 * minute, half)).toMatchObject({ state: "overdue", missedInARow: 2, escalation: 2 });
    const check = makeCheck(clock, 31 * minute, 31 * minute, null);
    expect(check.ok && viewChecks(check.clock, 32 * minute, half).state).toBe("made");
    const arms = startChecks(order(15, "within-arms-length"), 0);
    expect(viewChecks(arms, 15 * minute, half).escalation).toBe(2);
  });

  it("an entry that comes later wants a reason, and closes no window", () => {
    const clock = startChecks(order(15), 0);
    expect(makeCheck(clock, 10 * minute, 40 * minute, null)).toEqual({ ok: false, why: "reason-missing" });
    const late = makeCheck(clock, 10 * minute, 40 * minute, "with another patient");
    expect(late).toMatchObject({ ok: true, retrospective: true });
    expect(late.ok && viewChecks(late.clock, 40 * minute, half).missedInARow).toBe(2);
    expect(makeCheck(clock, 50 * minute, 40 * minute, null)).toEqual({ ok: false, why: "in-the-future" });
    expect(makeCheck(clock, -10 * minute, 40 * minute, "x")).toEqual({ ok: false, why: "before-the-order" });
    expect(makeCheck(clock, 12 * minute, 14 * minute, null)).toMatchObject({ ok: true, retrospective: false });
  });

  it("gives nights of 23, 24 and 25 hours as many checks as their hours hold", () => {
    // Europe/London: 29 March 2026 and 25 October 2026; 20:00 to 08:00 on the wall.
    const night = (from: string, to: string) => [Date.parse(from), Date.parse(to)] as const;
    expect(checksInNight(...night("2026-03-28T20:00:00Z", "2026-03-29T07:00:00Z"), 30)).toBe(22);
    expect(checksInNight(...night("2026-10-24T19:00:00Z", "2026-10-25T08:00:00Z"), 30)).toBe(26);
    expect(checksInNight(...night("2026-11-22T20:00:00Z", "2026-11-23T08:00:00Z"), 30)).toBe(24);
  });

  it("a new order begins its own windows and forgets nothing that was missed", () => {
    const clock = closeWindows(startChecks(order(30), 0), 70 * minute).clock;
    const next = changeOrder(clock, order(15), 70 * minute);
    expect(next).toMatchObject({ missedInARow: 2, windowNumber: 0 });
    expect(windowOf(next)).toEqual({ fromUtcMs: 70 * minute, untilUtcMs: 85 * minute });
  });

  it("in any history: each window is made or missed once, and a clock that goes back closes nothing again", () => {
    const step = fc.record({ check: fc.boolean(), byMs: fc.integer({ min: -20 * minute, max: 40 * minute }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let clock: CheckClock = startChecks(order(15), 0);
        let now = 0;
        const missed = new Set<number>();
        for (const { check, byMs } of steps) {
          now = Math.max(0, now + byMs);
          const closed = closeWindows(clock, now);
          for (const { fromUtcMs } of closed.missed) {
            expect(missed.has(fromUtcMs)).toBe(false);
            missed.add(fromUtcMs);
          }
          expect(closed.clock.windowNumber).toBeGreaterThanOrEqual(clock.windowNumber);
          clock = closed.clock;
          const made = check ? makeCheck(clock, now, now, null) : undefined;
          if (made?.ok) clock = made.clock;
          if (made?.ok) expect(viewChecks(clock, Math.max(now, windowOf(clock).fromUtcMs), half).state).toBe("made");
        }
      }),
    );
  });

  it("an order says a level and a time that belong together", () => {
    expect(Order.safeParse(order(15)).success).toBe(true);
    expect(Order.safeParse(order(60)).success).toBe(false);
    expect(Order.safeParse(order(15, "intermittent-low")).success).toBe(false);
  });
});
