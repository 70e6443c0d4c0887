import { describe, expect, it } from "vitest";
import { bedView } from "../dashboard/web/components/bed-tile/bed-view.ts";
import type { Tile } from "../edge-agent/contract/tile.ts";
import type { RoomConfig } from "../edge-agent/core.ts";
import { auditActions, config, Driver, person } from "./core-driver.ts";

const module = { sensor: "module-1", model: "seeed-mr60bha2", kind: "radar-vitals", placement: null } as const;
/** A module that cannot be stopped: alone, and beside a radar that can. */
const alone: RoomConfig = { ...config, sensorModel: module.model, sensors: [module] };
const beside: RoomConfig = { ...config, sensors: [...config.sensors, module] };

const tileNow = (driver: Driver): Tile => {
  const tile = driver.feed({ kind: "tick", ...driver.stamp() }).find((effect) => effect.kind === "publish");
  if (tile?.kind !== "publish") throw new Error("no tile");
  return tile.tile;
};
const turnOff = (driver: Driver): void => {
  for (const purpose of ["movement-alerts", "breathing-rate"] as const) {
    driver.ask(person, { do: "turn-off", bed: "room-1", stay: "stay1", purpose });
  }
};

describe("a room with a sensor that cannot be stopped", () => {
  it("is told as ignored, in the audit log and to staff, and never as off", () => {
    const driver = new Driver(alone).granted();
    driver.status("module-1", "on");
    driver.now += 2_000;
    turnOff(driver);
    const effects = driver.status("module-1", "ignored", "not read: this sensor cannot be stopped");
    expect(effects.flatMap((one) => (one.kind === "audit" ? [one.intent.detail.sensor] : []))).toEqual(["ignored"]);
    const tile = tileNow(driver);
    expect(tile).toMatchObject({ notMonitored: "no-consent", sensor: { state: "ignored" } });
    const view = bedView({ bed: "room-1", name: "Room 1", heard: { tile, heardAtMs: 0 } }, 0, true);
    expect(view.lines).toContain("The sensor cannot be switched off and is not read");
    const held = bedView(
      { bed: "room-1", name: "Room 1", heard: { tile: { ...tile, notMonitored: "sensor-ignored" }, heardAtMs: 0 } },
      0,
      true,
    );
    expect(held.lines).toEqual(["The sensor is not read", "Check in person"]);
  });

  it("is told as ignored beside a radar that is off, and as on beside one that is on", () => {
    const driver = new Driver(beside).granted();
    driver.status("radar-1", "off");
    driver.status("module-1", "ignored");
    expect(tileNow(driver).sensor.state).toBe("ignored");
    driver.status("radar-1", "on");
    expect(tileNow(driver).sensor.state).toBe("on");
    driver.status("radar-1", "lost");
    expect(tileNow(driver).sensor.state).toBe("lost");
  });

  it("has a lease again soon after its bridge came back, and nothing is told to stop for being ignored", () => {
    const driver = new Driver(alone).granted();
    driver.status("module-1", "on");
    driver.now += 3_000;
    const effects = driver.status("module-1", "ignored");
    expect(effects.some(({ kind }) => kind === "lease")).toBe(true);
    expect(auditActions(effects)).not.toContain("sensor.stop");
    turnOff(driver);
    driver.now += 3_000;
    const after = driver.status("module-1", "ignored", "again");
    expect(after.filter(({ kind }) => kind === "stop-sensor" || kind === "lease")).toEqual([]);
  });

  it.each(["off", "ignored"] as const)(
    "has a lease again where the first did not reach its bridge, which goes on saying %s",
    (word) => {
      const driver = new Driver(alone);
      driver.status("module-1", word);
      driver.granted();
      const leases = (again: ReturnType<Driver["status"]>) => again.filter(({ kind }) => kind === "lease");
      // Said before the bridge can have heard of it.
      driver.now += 500;
      expect(leases(driver.status("module-1", word))).toEqual([]);
      driver.now += 1_500;
      expect(leases(driver.status("module-1", word))).toHaveLength(1);
      driver.status("module-1", "on");
      driver.now += 2_000;
      expect(leases(driver.status("module-1", "on"))).toEqual([]);
    },
  );

  it("is not monitored while a sensor that should run is ignored", () => {
    const driver = new Driver(alone).granted();
    driver.status("module-1", "ignored");
    expect(tileNow(driver).notMonitored).toBe("sensor-starting");
    driver.now += 5_001;
    expect(tileNow(driver)).toMatchObject({ notMonitored: "sensor-lost", breathing: { reason: "sensor-lost" } });
    // The clock stepped: no lease for a while, so nothing is read.
    driver.feed({ kind: "clock", ...driver.stamp(), steppedMs: 9_000 });
    expect(tileNow(driver).notMonitored).toBe("clock");
  });
});
