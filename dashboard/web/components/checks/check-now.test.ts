import { describe, expect, it } from "vitest";
import type { TileChecks } from "../../../../edge-agent/contract/checks.ts";
import { bedTileFixtures } from "../bed-tile/fixtures.ts";
import { dueChecks } from "./check-line.ts";
import { checkNow } from "./check-now.ts";

const at = Date.UTC(2026, 10, 23, 2, 0);
const minute = 60_000;
const checks = (change: Partial<TileChecks> = {}): TileChecks => ({
  state: "not-yet",
  dueUtcMs: at + 12 * minute,
  missedInARow: 0,
  escalation: 0,
  level: "intermittent-high",
  everyMinutes: 15,
  reviewDue: false,
  lastMade: { atUtcMs: at - 3 * minute, by: "Sam Reed", where: "in-bed", how: "asleep-breathing-seen" },
  ...change,
});
const now = (change: Partial<TileChecks> = {}, waitedMs = 0, silent = false) =>
  checkNow({ at, checks: checks(change) }, waitedMs, silent);

describe("the next check of a bed", () => {
  it("is quiet until it is asked for, then asks, counts what is left, and is overdue", () => {
    expect(now()).toMatchObject({ tone: "quiet", words: expect.stringMatching(/^Check by \d\d:12$/) });
    expect(now().more).toMatch(/^Last seen \d\d:57 by Sam Reed$/);
    expect(now({ state: "prompt" })).toMatchObject({ tone: "prompt", words: "Check now" });
    expect(now({ state: "due", dueUtcMs: at + 3 * minute })).toMatchObject({
      tone: "due",
      words: "Check now: 3 min left",
    });
    const overdue = now({ state: "overdue", dueUtcMs: at - 4 * minute, missedInARow: 1, escalation: 1 });
    expect(overdue).toMatchObject({ tone: "overdue", words: "Overdue 4 min", escalated: false });
    expect(now({ state: "overdue", dueUtcMs: at - 4 * minute, missedInARow: 2, escalation: 2 })).toMatchObject({
      escalated: true,
      more: expect.stringContaining("2 checks missed"),
    });
  });
  it("nobody ordered any: that is said, and is no quiet", () => {
    expect(checkNow({ at, checks: null }, 0, false)).toMatchObject({ tone: "none", words: "No checks ordered" });
  });
  it("counts on by itself while the ward computer is silent, and says since when", () => {
    expect(now({}, 3 * minute, true)).toMatchObject({ tone: "quiet", countingSince: expect.stringMatching(/:00$/) });
    expect(now({}, 6 * minute, true)).toMatchObject({ tone: "prompt" });
    expect(now({}, 13 * minute, true)).toMatchObject({ tone: "overdue", words: "Overdue 1 min" });
    expect(now({}, 28 * minute, true)).toMatchObject({
      escalated: true,
      more: expect.stringContaining("2 checks missed"),
    });
  });
  it("what has to be walked to now stands in the order of time, and an empty bed never", () => {
    const bed = (name: string, change: Partial<TileChecks>, empty = false) => ({
      bed: name,
      name,
      heard: {
        heardAtMs: 0,
        tile: { ...bedTileFixtures.calm, at, checks: checks(change), ...(empty ? { stay: null } : {}) },
      },
    });
    const beds = [
      bed("a", {}),
      bed("b", { state: "prompt", dueUtcMs: at + 5 * minute }),
      bed("c", { state: "overdue", dueUtcMs: at - minute }),
      bed("d", { state: "overdue", dueUtcMs: at - minute }, true),
    ];
    expect(dueChecks(beds, 0, () => false).map(({ bed: { name } }) => name)).toEqual(["c", "b"]);
  });
});
