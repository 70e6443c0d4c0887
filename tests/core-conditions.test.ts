import { describe, expect, it } from "vitest";
import { neverOffered } from "../edge-agent/contract/consent.ts";
import type { RoomRecord } from "../edge-agent/contract/door.ts";
import type { CareOrder } from "../edge-agent/contract/people.ts";
import { nothingOrdered } from "../edge-agent/contract/people.ts";
import { purposes } from "../edge-agent/contract/words.ts";
import { admission, auditActions, Driver, nothing, setup } from "./core-driver.ts";

describe("what the trail and the conditions must survive", () => {
  const order: CareOrder = {
    ...nothingOrdered,
    leftBed: { afterMs: 10_000 },
    rateUnavailable: { afterMs: 20_000 },
    by: "Sam Reed",
    reason: "test",
  };
  const away: RoomRecord = {
    ...nothing,
    stay: { id: "stay1", label: "P", demonstration: true },
    consents: purposes.map((purpose) => ({ ...neverOffered, purpose, state: "granted", sinceUtcMs: 0 })),
    order,
    leaseLeftOpen: { stay: "stay1" },
    leaseNumber: 7,
  };
  const alarmsOf = (driver: Driver) =>
    driver.core.room.alarms.map(({ condition, presence }) => `${condition} ${presence}`);
  const ticks = (driver: Driver, seconds: number) => {
    for (let n = 0; n < seconds; n++) {
      driver.now += 1_000;
      driver.feed({ kind: "tick", ...driver.stamp() });
    }
  };

  it("somebody who was out of bed when the agent was killed is still looked for, and the lease of then gets its end", () => {
    const driver = new Driver();
    driver.now = 60_000;
    const room = { ...away, lastSeen: { inBed: false, sinceUtcMs: 1_000_000 + 55_000 } };
    const effects = driver.feed({ kind: "restore", ...driver.stamp(), room });
    expect(auditActions(effects).slice(0, 3)).toEqual(["lease.end", "lease.start", "sensor.start"]);
    ticks(driver, 4);
    expect(alarmsOf(driver)).toEqual([]);
    ticks(driver, 2);
    expect(alarmsOf(driver)).toContain("left-bed on");
  });

  it("an acknowledged alarm whose condition lasts is still there after a restart and through a new stream", () => {
    const driver = new Driver();
    const alarm = {
      id: "room-1-1",
      stay: "stay1",
      condition: "left-bed",
      priority: "medium",
      presence: "ack",
      raisedAtUtcMs: 0,
      clearedAtUtcMs: null,
      acknowledged: { name: "Sam Reed", atUtcMs: 1 },
      audited: true,
      escalation: 0,
      raisings: 1,
      outcome: null,
    } as const;
    driver.feed({ kind: "restore", ...driver.stamp(), room: { ...away, alarms: [alarm] } });
    driver.frame(0, "1".repeat(32));
    driver.frame(0, "2".repeat(32));
    ticks(driver, 2);
    expect(alarmsOf(driver)).toContain("left-bed ack");
  });

  it("a sensor that begins anew all the time ends in an alarm, not in learning for ever", () => {
    const driver = new Driver();
    driver.feed({ kind: "restore", ...driver.stamp(), room: away });
    for (let n = 0; n < 6; n++) {
      driver.frame(0, n.toString().repeat(32));
      ticks(driver, 2);
      driver.frame(1, n.toString().repeat(32));
      ticks(driver, 2);
    }
    expect(alarmsOf(driver)).toContain("rate-unavailable on");
  });

  it("names the stay whose lease ended, also when a new person is admitted over it", () => {
    const driver = new Driver().granted();
    const effects = driver.ask(setup, { do: "admit", bed: "room-1", label: "Q", ...admission });
    const stays = effects.flatMap((effect) =>
      effect.kind === "audit" && ["lease.end", "sensor.stop"].includes(effect.intent.action)
        ? [effect.intent.detail.stay]
        : [],
    );
    expect(stays).toEqual(["stay1", "stay1"]);
  });

  it("tells a sensor to stop that runs without a grant", () => {
    const driver = new Driver();
    driver.feed({ kind: "restore", ...driver.stamp(), room: nothing });
    const effects = driver.feed({
      kind: "sensor-status",
      ...driver.stamp(),
      sensor: "radar-1",
      state: "on",
      detail: "streaming",
      health: "ok",
    });
    expect(auditActions(effects)).toEqual(["sensor.state", "sensor.stop"]);
    expect(effects.some(({ kind }) => kind === "stop-sensor")).toBe(true);
  });

  it("writes at most one entry a second about a flapping sensor, and says how many changes lay between", () => {
    const driver = new Driver().granted();
    driver.now += 5_000;
    const before = driver.effects.length;
    for (let n = 0; n < 100; n++) {
      driver.feed({
        kind: "sensor-status",
        ...driver.stamp(),
        sensor: "radar-1",
        state: n % 2 === 0 ? "off" : "on",
        detail: "flaps",
        health: "ok",
      });
    }
    ticks(driver, 1);
    const written = driver.effects.slice(before);
    expect(auditActions(written).filter((action) => action === "sensor.state")).toHaveLength(2);
    const last = written
      .flatMap((effect) => (effect.kind === "audit" ? [effect.intent] : []))
      .findLast(({ action }) => action === "sensor.state");
    expect(last?.detail).toMatchObject({ sensor: "on", changesBetween: 98 });
    expect(written.filter(({ kind }) => kind === "lease").length).toBeLessThanOrEqual(2);
  });

  it("does not take a frame that was captured long ago for news", () => {
    const driver = new Driver().granted();
    driver.frame(0);
    const stamp = driver.stamp();
    driver.now += 3_500;
    driver.frame(1, "0".repeat(32), undefined, stamp.utcMs);
    expect(driver.core.room.dropped).toEqual({ late: 1 });
    expect(driver.core.room.framesAccepted).toBe(1);
  });
});
