import { describe, expect, it } from "vitest";
import { conditionsAfter } from "../edge-agent/care/watch.ts";
import type { ObservationOrder } from "../edge-agent/contract/checks.ts";
import type { Estimate } from "../edge-agent/contract/door.ts";
import { type Actor, nothingOrdered } from "../edge-agent/contract/people.ts";
import type { Tile } from "../edge-agent/contract/tile.ts";
import { admission, Driver, nothing, setup } from "./core-driver.ts";

/* A room whose audit log cannot be written: sensing has ended, and what keeps a person safe goes on, marked. */

const minute = 60_000;
const inCharge: Actor = { kind: "staff", id: "c1", name: "Kim Lee", role: "nurse-in-charge" };
const order: ObservationOrder = {
  level: "intermittent-high",
  everyMinutes: 15,
  by: "Dr Ade",
  reason: "first night",
  reviewAfterHours: 24,
};

function tileAt(driver: Driver, minutes: number): Tile {
  driver.now = minutes * minute;
  const told = driver.feed({ kind: "tick", ...driver.stamp() });
  const [tile] = told.flatMap((effect) => (effect.kind === "publish" ? [effect.tile] : []));
  return tile ?? expect.fail("no tile");
}

/** The room as it would be with a person who is there for so long. */
function stays(driver: Driver, where: "in-bed" | "floor", seconds: number): void {
  for (let n = 0; n < seconds; n += 1) {
    driver.now += 1_000;
    const estimate: Estimate = {
      atMs: driver.now,
      occupancy: where === "in-bed" ? "in-bed" : "empty",
      place: where,
      people: "one",
      movement: 2,
      breathingPerMin: null,
      lowPerMin: null,
      highPerMin: null,
      quality: 0,
      windowMs: 20_000,
      reason: "moving",
    };
    const { at } = driver.stamp();
    const before = driver.core.room;
    const sensors = Object.fromEntries(
      Object.entries(before.sensors).map(([sensor, word]) => [sensor, { ...word, newestFrameAt: at }]),
    );
    const heard = { ...before, sensors, newestFrameAt: at, estimate: { estimate, at } };
    const conditions = conditionsAfter(heard, driver.core.config, estimate, at);
    driver.core = { ...driver.core, room: { ...heard, conditions } };
    driver.feed({ kind: "tick", ...driver.stamp() });
  }
}

describe("while the audit log cannot be written", () => {
  it("the reminder of a check in person comes all the same", () => {
    const driver = new Driver();
    driver.feed({ kind: "restore", ...driver.stamp(), room: nothing });
    driver.ask(setup, { do: "admit", bed: "room-1", label: "P", ...admission });
    driver.ask(setup, { do: "observe", bed: "room-1", stay: "stay1", observation: order });
    driver.feed({ kind: "audit-failed", ...driver.stamp(), unwritten: [] });
    const tile = tileAt(driver, 16);
    expect(tile.checks).toMatchObject({ state: "overdue", missedInARow: 1, escalation: 1 });
  });

  it("an alert that was raised in the turn that could not be written goes out, marked, and stays", () => {
    const driver = new Driver().granted();
    driver.status("radar-1", "on");
    const onFloor = {
      ...nothingOrdered,
      onFloor: { afterMs: 5_000 },
      by: "Dr Ade",
      reason: "falls",
      untilUtcMs: 4_600_000,
    };
    driver.ask(inCharge, { do: "order", bed: "room-1", stay: "stay1", order: onFloor });
    stays(driver, "in-bed", 10);
    stays(driver, "floor", 20);
    const [alarm] = driver.core.room.alarms;
    expect(alarm).toMatchObject({ condition: "on-floor", presence: "on", audited: true });
    const told = driver.feed({ kind: "audit-failed", ...driver.stamp(), unwritten: [alarm?.id ?? ""] });
    const shown = told.flatMap((effect) => (effect.kind === "publish" ? [effect.tile] : [])).at(-1);
    expect(shown).toMatchObject({
      notMonitored: "audit",
      alarms: [{ id: alarm?.id, condition: "on-floor", audited: false }],
    });
    const later = tileAt(driver, 2);
    expect(later.alarms).toMatchObject([{ condition: "on-floor", audited: false }]);
  });
});
