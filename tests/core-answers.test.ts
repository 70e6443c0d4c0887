import { describe, expect, it } from "vitest";
import { activation, auditActions, Driver, nurse, person } from "./core-driver.ts";
import { answerRadar, sureOutputs } from "./sure-radar.ts";

describe("don't know beats a wrong number", () => {
  /** 15 s of frames and answers. */
  function breathing(): Driver {
    const driver = new Driver().granted();
    for (let n = 0; n <= 300; n++) {
      driver.now = n * 50;
      answerRadar(driver, driver.frame(n));
    }
    return driver;
  }
  /** The question of the second after that. */
  function askedNext(driver: Driver) {
    const effects = Array.from({ length: 20 }, (_, n) => {
      driver.now += 50;
      return driver.frame(301 + n);
    });
    return effects.flat().find((effect) => effect.kind === "infer");
  }
  const tileNow = (driver: Driver) => {
    const tile = driver.feed({ kind: "tick", ...driver.stamp() }).find((effect) => effect.kind === "publish");
    if (tile?.kind !== "publish") throw new Error("no tile");
    return tile.tile;
  };

  it("shows the model's rate, and a named reason instead once the data are old: never the last value", () => {
    const driver = breathing();
    expect(tileNow(driver).breathing.rate?.perMin).toBeCloseTo(15, 5);
    driver.now += 3_100;
    expect(tileNow(driver)).toMatchObject({ notMonitored: "stale", breathing: { rate: null, reason: "stale" } });
    driver.now += 2_000;
    const lost = tileNow(driver);
    expect(lost).toMatchObject({ notMonitored: "sensor-lost", breathing: { rate: null, reason: "sensor-lost" } });
    expect(lost.alarms).toMatchObject([{ condition: "sensor-lost", presence: "on", technical: true }]);
  });

  it("a model that stops answering is told within 10 s, although frames go on", () => {
    const driver = breathing();
    for (let n = 301; n < 500; n++) {
      driver.now = n * 50;
      driver.frame(n);
    }
    expect(tileNow(driver)).toMatchObject({ notMonitored: "model", breathing: { rate: null, reason: "model-failed" } });
  });

  it("an answer that belongs to the time before a withdrawal is thrown away", () => {
    const driver = breathing();
    const asked = askedNext(driver);
    driver.ask(person, { do: "turn-off", bed: "room-1", stay: "stay1", purpose: "movement-alerts" });
    driver.ask(person, { do: "turn-off", bed: "room-1", stay: "stay1", purpose: "breathing-rate" });
    const request = asked?.kind === "infer" ? asked.request : -1;
    expect(request).toBeGreaterThan(0);
    const outputs = sureOutputs(asked?.kind === "infer" ? asked.model : "");
    const late = driver.feed({ kind: "inferred", ...driver.stamp(), request, outputs, tookMs: 1 });
    expect(late).toEqual([]);
  });

  it("tells nothing of movement or presence to a ward that may only know the breathing rate", () => {
    const driver = breathing();
    driver.ask(person, { do: "turn-off", bed: "room-1", stay: "stay1", purpose: "movement-alerts" });
    const moving = (model: string) =>
      sureOutputs(model).map((output) =>
        output.name === "movement" ? { ...output, data: output.data.map(() => 1) } : output,
      );
    const asked = askedNext(driver);
    answerRadar(driver, asked === undefined ? [] : [asked], moving);
    expect(driver.core.room.estimate?.estimate.reason).toBe("moving");
    expect(tileNow(driver)).toMatchObject({ movement: null, breathing: { rate: null, reason: "withheld" } });
    driver.ask(nurse, { do: "offer", bed: "room-1", stay: "stay1", purpose: "movement-alerts", activation });
    driver.ask(person, { do: "turn-on", bed: "room-1", stay: "stay1", purpose: "movement-alerts" });
    expect(tileNow(driver).breathing.reason).toBe("moving");
  });

  it("makes no rate of breaths from before it was allowed", () => {
    const driver = breathing();
    driver.ask(person, { do: "turn-off", bed: "room-1", stay: "stay1", purpose: "breathing-rate" });
    driver.ask(person, { do: "turn-on", bed: "room-1", stay: "stay1", purpose: "breathing-rate" });
    expect(tileNow(driver).breathing).toEqual({ rate: null, reason: "learning" });
    const reasons: (string | null)[] = [];
    for (let n = 301; n <= 520; n++) {
      driver.now = n * 50;
      if (answerRadar(driver, driver.frame(n)).length > 0) reasons.push(tileNow(driver).breathing.reason);
    }
    expect(reasons.slice(0, 9).every((reason) => reason === "learning")).toBe(true);
    expect(reasons.at(-1)).toBeNull();
  });

  it("stores only what each grant covers", () => {
    const driver = breathing();
    driver.ask(person, { do: "turn-off", bed: "room-1", stay: "stay1", purpose: "breathing-rate" });
    const asked = askedNext(driver);
    const effects = answerRadar(driver, asked === undefined ? [] : [asked]);
    const fact = effects.flatMap((effect) =>
      effect.kind === "store" && effect.row.table === "fact" ? [effect.row] : [],
    );
    expect(fact).toMatchObject([{ occupancy: "in-bed", breathingPerMin: null, quality: null, reason: null }]);
  });

  it("a clock that stepped ends sensing at once and says so; it goes on after 10 steady seconds", () => {
    const driver = breathing();
    const effects = driver.feed({ kind: "clock", ...driver.stamp(), steppedMs: 60_000 });
    expect(auditActions(effects)).toEqual(["clock.step", "lease.end", "sensor.stop"]);
    expect(tileNow(driver).notMonitored).toBe("clock");
    driver.now += 9_000;
    expect(driver.core.room.lease.phase).toBe("blocked");
    driver.now += 1_000;
    driver.feed({ kind: "tick", ...driver.stamp() });
    expect(driver.core.room.lease.phase).toBe("held");
  });
});
