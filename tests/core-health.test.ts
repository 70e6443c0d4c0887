import { describe, expect, it } from "vitest";
import { unsound } from "../edge-agent/contract/words.ts";
import { auditActions, Driver } from "./core-driver.ts";
import { answerRadar } from "./sure-radar.ts";

const tileNow = (driver: Driver) => {
  const tile = driver.feed({ kind: "tick", ...driver.stamp() }).find((effect) => effect.kind === "publish");
  if (tile?.kind !== "publish") throw new Error("no tile");
  return tile.tile;
};

/** 15 s of frames and answers, from frame `first` on. */
function breathing(driver: Driver, first: number): void {
  for (let n = first; n <= first + 300; n++) {
    driver.now = n * 50;
    answerRadar(driver, driver.frame(n));
  }
}

function shownAt15Sec(): Driver {
  const driver = new Driver().granted();
  driver.status("radar-1", "on");
  breathing(driver, 0);
  expect(tileNow(driver)).toMatchObject({ notMonitored: null, breathing: { reason: null } });
  return driver;
}

describe("a sensor that the bridge does not believe", () => {
  it.each(unsound)("%s: no frame of it is looked at, staff are told to check it, and it is in the log", (health) => {
    const driver = shownAt15Sec();
    driver.now += 1_000;
    const effects = driver.status("radar-1", "on", "as told", health);
    expect(auditActions(effects)).toEqual(["sensor.state", "alert.raise"]);
    const entries = effects.flatMap((effect) => (effect.kind === "audit" ? [effect.intent.detail] : []));
    const condition = health === "clock-stuck" ? "sensor-frozen" : `sensor-${health}`;
    expect(entries).toMatchObject([{ sensor: "on", health }, { condition }]);
    const accepted = driver.core.room.framesAccepted;
    for (let n = 321; n < 400; n++) {
      driver.now = n * 50;
      driver.frame(n);
    }
    expect(driver.core.room.framesAccepted).toBe(accepted);
    expect(driver.core.room.dropped["sensor-unsound"]).toBe(79);
    driver.now += 10_000;
    const tile = tileNow(driver);
    expect(tile).toMatchObject({
      notMonitored: "sensor-unsound",
      sensor: { health },
      breathing: { rate: null, reason: "sensor-unsound" },
    });
    // It is there: the alarm of a lost one would send people to look for a cable.
    expect(tile.alarms.filter(({ condition }) => condition === "sensor-lost")).toEqual([]);
  });

  it("is not lost in the moment in which it is believed again: its next frame is on the way", () => {
    const driver = shownAt15Sec();
    driver.status("radar-1", "on", "as told", "covered");
    driver.now += 60_000;
    expect(tileNow(driver).alarms.map(({ condition }) => condition)).toEqual(["sensor-covered"]);
    driver.status("radar-1", "on", "as told", "ok");
    expect(tileNow(driver).alarms.map(({ condition }) => condition)).toEqual(["sensor-covered"]);
    // It is well, it says, and nothing comes.
    driver.now += 6_000;
    expect(tileNow(driver).alarms.map(({ condition }) => condition)).toContain("sensor-lost");
  });

  it("is believed again once the bridge says so", () => {
    const driver = shownAt15Sec();
    driver.now += 1_000;
    driver.status("radar-1", "on", "as told", "covered");
    driver.now += 2_000;
    driver.status("radar-1", "on", "as told", "ok");
    breathing(driver, 400);
    expect(tileNow(driver)).toMatchObject({
      notMonitored: null,
      sensor: { health: "ok" },
      breathing: { reason: null },
    });
  });

  it("that is only hot, or loses frames, goes on, and the word is on the tile", () => {
    const driver = shownAt15Sec();
    driver.now += 1_000;
    driver.status("radar-1", "on", "as told", "hot");
    driver.now = 321 * 50;
    driver.frame(321);
    expect(driver.core.room.dropped["sensor-unsound"]).toBeUndefined();
    expect(tileNow(driver)).toMatchObject({ notMonitored: null, sensor: { health: "hot" } });
  });
});
