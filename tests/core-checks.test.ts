import { describe, expect, it } from "vitest";
import type { CheckSeen, ObservationOrder } from "../edge-agent/contract/checks.ts";
import type { Effect } from "../edge-agent/contract/door.ts";
import type { Actor } from "../edge-agent/contract/people.ts";
import type { Tile } from "../edge-agent/contract/tile.ts";
import { admission, answerOf, auditActions, Driver, nothing, nurse, person, setup } from "./core-driver.ts";

const minute = 60_000;
const order: ObservationOrder = {
  level: "intermittent-high",
  everyMinutes: 15,
  by: "Dr Ade",
  reason: "first night",
  reviewAfterHours: 24,
};
const seen: CheckSeen = { where: "in-bed", how: "asleep-breathing-seen", engagement: "asleep", concern: null };
const place = { bed: "room-1", stay: "stay1" };

/** A person for whom nothing is turned on: the checks do not ask. */
function ward(): Driver {
  const driver = new Driver();
  driver.feed({ kind: "restore", ...driver.stamp(), room: nothing });
  driver.ask(setup, { do: "admit", bed: "room-1", label: "P", ...admission });
  driver.ask(setup, { do: "observe", ...place, observation: order });
  return driver;
}
const check = (driver: Driver, minutesAgo = 0, lateBecause: string | null = null, who: Actor = nurse) =>
  driver.ask(who, {
    do: "check",
    ...place,
    seen,
    seenAtUtcMs: minutesAgo === 0 ? null : driver.stamp().utcMs - minutesAgo * minute,
    lateBecause,
    supersedes: null,
  });
const tileAt = (driver: Driver, minutes: number): Tile => {
  driver.now = minutes * minute;
  const told = driver.feed({ kind: "tick", ...driver.stamp() });
  const [tile] = told.flatMap((effect) => (effect.kind === "publish" ? [effect.tile] : []));
  if (tile === undefined) throw new Error("no tile");
  return tile;
};
const rowsOf = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.kind === "store" ? [effect.row] : []));

describe("checks in person", () => {
  it("go on whether anything is turned on or not, and a sensor's word closes none of them", () => {
    const driver = ward();
    expect(tileAt(driver, 1)).toMatchObject({ notMonitored: "no-consent", checks: { state: "not-yet" } });
    driver.granted();
    // A new stay of the same bed has no order until somebody gives one; the first one's is not inherited.
    expect(driver.core.room.checks).toBeNull();
    const again = ward();
    for (let n = 0; n < 600; n++) again.frame(n);
    expect(tileAt(again, 16).checks).toMatchObject({ state: "overdue", missedInARow: 1, escalation: 1 });
  });

  it("a missed window is one entry in the log, and the tile says so until somebody goes", () => {
    const driver = ward();
    tileAt(driver, 14);
    driver.now = 15 * minute;
    const missed = driver.feed({ kind: "tick", ...driver.stamp() });
    expect(auditActions(missed)).toEqual(["check.missed"]);
    expect(auditActions(driver.feed({ kind: "tick", ...driver.stamp() }))).toEqual([]);
    expect(tileAt(driver, 31).checks).toMatchObject({ missedInARow: 2, escalation: 2 });
    const done = check(driver);
    expect(rowsOf(done).map(({ table }) => table)).toEqual(["check"]);
    expect(tileAt(driver, 32).checks).toMatchObject({
      state: "made",
      missedInARow: 0,
      lastMade: { by: "Sam Reed", where: "in-bed", how: "asleep-breathing-seen" },
    });
  });

  it("after a stop of a day the log says how many windows there were, in a few entries", () => {
    const driver = ward();
    driver.now = 24 * 60 * minute;
    const effects = driver.feed({ kind: "tick", ...driver.stamp() });
    expect(auditActions(effects)).toEqual(Array(8).fill("check.missed"));
    const [first] = effects.flatMap((effect) => (effect.kind === "audit" ? [effect.intent.detail] : []));
    expect(first).toMatchObject({ before: 96 - 8 });
  });

  it("one written down later wants a reason, is marked, and closes no window", () => {
    const driver = ward();
    tileAt(driver, 31);
    expect(answerOf(check(driver, 20))).toMatchObject({ ok: false, why: "reason-missing" });
    const late = check(driver, 20, "was with another patient");
    expect(rowsOf(late)).toMatchObject([{ table: "check", check: { retrospective: "was with another patient" } }]);
    expect(tileAt(driver, 31).checks).toMatchObject({ state: "overdue", missedInARow: 2, lastMade: null });
  });

  it("is recorded by clinical staff alone", () => {
    const driver = ward();
    for (const who of [person, setup, { ...nurse, role: "engineer" } as Actor]) {
      expect(answerOf(check(driver, 0, null, who))).toMatchObject({ ok: false, why: "not-allowed" });
    }
  });

  it("an order waits to be looked at again, and goes on meanwhile", () => {
    const driver = ward();
    expect(tileAt(driver, 23 * 60).checks?.reviewDue).toBe(false);
    expect(tileAt(driver, 24 * 60).checks).toMatchObject({ reviewDue: true, state: "overdue" });
  });

  it("prompts at a time inside the window that differs from window to window and person to person", () => {
    const prompts = (seed: string): number[] => {
      const driver = ward();
      driver.core = { ...driver.core, config: { ...driver.core.config, promptSeed: seed } };
      const at: number[] = [];
      for (let n = 0; n < 8; n++) {
        for (let second = 0; second < 900; second += 5) {
          const state = tileAt(driver, 15 * n + second / 60).checks?.state;
          if (state !== "prompt" && state !== "due") continue;
          at.push(second);
          break;
        }
        check(driver);
      }
      return at;
    };
    const [one, two] = [prompts("a"), prompts("b")];
    expect(one).toHaveLength(8);
    expect(new Set(one).size).toBeGreaterThan(5);
    expect(one).not.toEqual(two);
    for (const second of one) expect(second >= 0.4 * 900 && second <= 0.75 * 900 + 5).toBe(true);
  });

  it("who was not found was not seen: it is written down, and the check stays due", () => {
    const driver = ward();
    tileAt(driver, 16);
    const notFound = { where: "not-found", how: null, engagement: null, concern: "Not found" } as const;
    const ask = { do: "check", ...place, seenAtUtcMs: null, lateBecause: null, supersedes: null } as const;
    const effects = driver.ask(nurse, { ...ask, seen: notFound });
    expect(rowsOf(effects)).toMatchObject([{ table: "check", check: { seen: notFound } }]);
    expect(tileAt(driver, 17).checks).toMatchObject({ state: "overdue", missedInARow: 1, lastMade: null });
    check(driver);
    expect(tileAt(driver, 18).checks).toMatchObject({ state: "made", lastMade: { where: "in-bed" } });
  });
});
