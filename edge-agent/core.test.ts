import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { RoomAsk } from "./contract/asks.ts";
import type { CoreEvent, Effect, RoomRecord, Tensor } from "./contract/door.ts";
import { encodeEnvelope, encodeRadarIq } from "./contract/frames.ts";
import type { Actor, CareOrder } from "./contract/people.ts";
import { deviceUs, monoMs, utcMs } from "./contract/units.ts";
import { purposes } from "./contract/words.ts";
import { type CoreState, newCore, type RoomConfig, step } from "./core.ts";
import { radarBreathingOutputs } from "./perception/radar-breathing.ts";

const config: RoomConfig = {
  bed: "room-1",
  bedName: "Room 1",
  sensorModel: "acconeer-a121",
  source: "simulated",
  statedOccupancy: "in-bed",
  limits: { staleAfterMs: 3_000, sensorLostAfterMs: 5_000 },
};
const nothing: RoomRecord = {
  stay: null,
  consents: [],
  order: null,
  alarms: [],
  leaseNumber: 0,
  leaseLeftOpen: null,
  lastSeen: null,
  alarmCount: 0,
};
const setup: Actor = { kind: "setup", name: "test" };
const nurse: Actor = { kind: "staff", id: "n1", name: "Sam Reed", role: "nurse" };
const person: Actor = { kind: "bedside", bed: "room-1", stay: "stay1" };

/** Drives one core by hand and keeps every effect. */
class Driver {
  core: CoreState = newCore(config);
  effects: Effect[] = [];
  now = 0;
  private asks = 0;

  feed(event: CoreEvent): readonly Effect[] {
    const { state, effects } = step(this.core, event);
    this.core = state;
    this.effects.push(...effects);
    return effects;
  }
  stamp() {
    return { at: monoMs(this.now), utcMs: 1_000_000 + this.now };
  }
  ask(actor: Actor, ask: RoomAsk): readonly Effect[] {
    this.asks += 1;
    return this.feed({
      kind: "ask",
      ...this.stamp(),
      request: `r${this.asks}`,
      actor,
      ask,
      freshId: `stay${this.asks}`,
    });
  }
  frame(
    sequence: number,
    boot = "0".repeat(32),
    bytes?: Uint8Array,
    capturedAt = this.stamp().utcMs,
  ): readonly Effect[] {
    const payload = encodeRadarIq({
      sweeps: 16,
      points: 21,
      firstPointMm: 298,
      pointStepMm: 60,
      frameRateHz: 20,
      saturated: false,
      delayed: false,
      calibrationNeeded: false,
      temperatureC: 25,
      iq: new Int16Array(2 * 16 * 21).map((_, i) => ((i * 7919) % 97) - 48),
    });
    const header = {
      kind: "radar-iq",
      bootId: boot,
      sequence,
      deviceUs: deviceUs(sequence * 50_000),
      capturedAt: utcMs(capturedAt),
    } as const;
    return this.feed({ kind: "frame", ...this.stamp(), bytes: bytes ?? encodeEnvelope(header, payload) });
  }
  granted(): this {
    this.feed({ kind: "restore", ...this.stamp(), room: nothing });
    this.ask(setup, { do: "admit", bed: "room-1", label: "P", demonstration: true });
    for (const purpose of purposes) {
      this.ask(setup, { do: "offer", bed: "room-1", stay: "stay1", purpose });
      this.ask(person, { do: "turn-on", bed: "room-1", stay: "stay1", purpose });
    }
    return this;
  }
  kinds(): string[] {
    return this.effects.map(({ kind }) => kind);
  }
}
const answerOf = (effects: readonly Effect[]) => effects.find((effect) => effect.kind === "answer");
const auditActions = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.kind === "audit" ? [effect.intent.action] : []));

describe("no record, no sensing", () => {
  it("a fresh room with a streaming sensor infers nothing and stores nothing", () => {
    const driver = new Driver();
    driver.feed({ kind: "restore", ...driver.stamp(), room: nothing });
    for (let n = 0; n < 600; n++) {
      driver.now = n * 50;
      driver.frame(n);
    }
    expect(driver.kinds().filter((kind) => kind !== "publish")).toEqual([]);
    expect(driver.core.room.dropped["no-lease"]).toBe(600);
    expect(driver.core.room.framesAccepted).toBe(0);
  });

  it("drops before decoding: without a lease even garbage is only counted as no-lease", () => {
    const driver = new Driver();
    driver.feed({ kind: "restore", ...driver.stamp(), room: nothing });
    driver.frame(0, undefined, new Uint8Array(5));
    expect(driver.core.room.dropped).toEqual({ "no-lease": 1 });
  });

  it("the entry is before the row, the row before the lease, and the answer comes last", () => {
    const driver = new Driver();
    driver.feed({ kind: "restore", ...driver.stamp(), room: nothing });
    driver.ask(setup, { do: "admit", bed: "room-1", label: "P", demonstration: true });
    driver.ask(setup, { do: "offer", bed: "room-1", stay: "stay1", purpose: "breathing-rate" });
    const effects = driver.ask(person, { do: "turn-on", bed: "room-1", stay: "stay1", purpose: "breathing-rate" });
    expect(auditActions(effects)).toEqual(["consent.grant", "lease.start", "sensor.start"]);
    const kinds = effects.map(({ kind }) => kind);
    expect(kinds.indexOf("audit")).toBeLessThan(kinds.indexOf("store"));
    expect(kinds.lastIndexOf("audit")).toBeLessThan(kinds.indexOf("lease"));
    expect(kinds.at(-1)).toBe("answer");
  });

  it("withdrawing everything stops the sensor, forgets what was sensed, and accepts no further frame", () => {
    const driver = new Driver().granted();
    for (let n = 0; n < 50; n++) driver.frame(n);
    expect(driver.core.room.framesAccepted).toBe(50);
    driver.ask(person, { do: "turn-off", bed: "room-1", stay: "stay1", purpose: "movement-alerts" });
    expect(driver.core.room.lease).toMatchObject({ phase: "held", purposes: ["breathing-rate"] });
    const effects = driver.ask(nurse, { do: "turn-off", bed: "room-1", stay: "stay1", purpose: "breathing-rate" });
    expect(auditActions(effects)).toEqual(["consent.withdraw", "lease.end", "sensor.stop"]);
    expect(effects.some(({ kind }) => kind === "stop-sensor")).toBe(true);
    driver.frame(50);
    expect(driver.core.room.framesAccepted).toBe(50);
    expect(driver.core.room.newestFrameAt).toBeNull();
    expect(driver.core.perception.ring.re.every((value) => value === 0)).toBe(true);
    const tile = effects.find((effect) => effect.kind === "publish");
    expect(tile?.kind === "publish" && tile.tile).toMatchObject({
      notMonitored: "no-consent",
      dataAgeMs: null,
      movement: null,
      breathing: { rate: null, reason: "not-consented" },
    });
  });

  it("a lease that is not renewed ends by itself after 30 s", () => {
    const driver = new Driver().granted();
    driver.now = 29_999;
    driver.frame(0);
    expect(driver.core.room.framesAccepted).toBe(1);
    driver.now = 30_000;
    driver.frame(1);
    expect(driver.core.room.framesAccepted).toBe(1);
  });

  it("a new person inherits nothing", () => {
    const driver = new Driver().granted();
    const effects = driver.ask(setup, { do: "admit", bed: "room-1", label: "Q", demonstration: true });
    expect(auditActions(effects)).toContain("stay.end");
    expect(driver.core.room.lease.phase).toBe("none");
    expect(purposes.every((purpose) => driver.core.room.consents[purpose].state === "never-offered")).toBe(true);
    expect(
      answerOf(driver.ask(person, { do: "turn-on", bed: "room-1", stay: "stay1", purpose: "breathing-rate" })),
    ).toMatchObject({ ok: false });
  });

  it("holds over any history of asks, time, faults and frames", () => {
    const act = fc.oneof(
      fc
        .constantFrom("offer", "turn-on", "turn-off")
        .chain((what) => fc.constantFrom(...purposes).map((purpose) => ({ what, purpose }))),
      fc
        .constantFrom("admit", "tick", "frame", "clock", "audit-failed", "restart", "old-bedside")
        .map((what) => ({ what, purpose: purposes[0] as (typeof purposes)[number] })),
      fc
        .integer({ min: 1, max: 40_000 })
        .map((ms) => ({ what: "wait", purpose: purposes[0] as (typeof purposes)[number], ms })),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const driver = new Driver();
        driver.feed({ kind: "restore", ...driver.stamp(), room: nothing });
        // What a careful observer outside knows of consent, kept by rules of its own.
        let stay: string | undefined;
        let granted = new Set<string>();
        let offered = new Set<string>();
        let sequence = 0;
        for (const one of acts) {
          const bedside: Actor = { kind: "bedside", bed: "room-1", stay: stay ?? "none" };
          switch (one.what) {
            case "admit": {
              const answer = answerOf(
                driver.ask(setup, { do: "admit", bed: "room-1", label: "P", demonstration: true }),
              );
              if (answer?.kind === "answer" && answer.ok && answer.result.is === "stay") {
                stay = answer.result.stay;
                granted = new Set();
                offered = new Set();
              }
              break;
            }
            case "offer":
              if (
                answerOk(driver.ask(nurse, { do: "offer", bed: "room-1", stay: stay ?? "none", purpose: one.purpose }))
              )
                offered.add(one.purpose);
              break;
            case "turn-on":
              if (
                answerOk(
                  driver.ask(bedside, { do: "turn-on", bed: "room-1", stay: stay ?? "none", purpose: one.purpose }),
                )
              ) {
                expect(offered.has(one.purpose)).toBe(true);
                granted.add(one.purpose);
              }
              break;
            case "old-bedside":
              expect(
                answerOk(
                  driver.ask(
                    { ...bedside, stay: "earlier" },
                    { do: "turn-on", bed: "room-1", stay: stay ?? "none", purpose: one.purpose },
                  ),
                ),
              ).toBe(false);
              break;
            case "turn-off":
              driver.ask(bedside, { do: "turn-off", bed: "room-1", stay: stay ?? "none", purpose: one.purpose });
              granted.delete(one.purpose);
              break;
            case "wait":
              driver.now += "ms" in one ? one.ms : 0;
              break;
            case "tick":
              driver.feed({ kind: "tick", ...driver.stamp() });
              break;
            case "clock":
              driver.feed({ kind: "clock", ...driver.stamp(), steppedMs: 5_000 });
              break;
            case "audit-failed":
              driver.feed({ kind: "audit-failed", ...driver.stamp(), unwritten: [] });
              break;
            default: {
              const before = driver.core.room.framesAccepted;
              driver.frame(sequence++);
              const accepted = driver.core.room.framesAccepted > before;
              if (accepted) expect(granted.size).toBeGreaterThan(0);
              if (accepted) expect(driver.core.room.audit).toBe("ok");
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("what the trail and the conditions must survive", () => {
  const order: CareOrder = {
    breathing: null,
    leftBed: { afterMs: 10_000 },
    rateUnavailable: { afterMs: 20_000 },
    by: "Sam Reed",
    reason: "test",
  };
  const away: RoomRecord = {
    ...nothing,
    stay: { id: "stay1", label: "P", demonstration: true },
    consents: purposes.map((purpose) => ({ purpose, state: "granted", sinceUtcMs: 0 })),
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
    const effects = driver.ask(setup, { do: "admit", bed: "room-1", label: "Q", demonstration: true });
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
    const effects = driver.feed({ kind: "sensor-status", ...driver.stamp(), state: "on", detail: "streaming" });
    expect(auditActions(effects)).toEqual(["sensor.state", "sensor.stop"]);
    expect(effects.some(({ kind }) => kind === "stop-sensor")).toBe(true);
  });

  it("writes at most one entry a second about a flapping sensor, and says how many changes lay between", () => {
    const driver = new Driver().granted();
    driver.now += 5_000;
    const before = driver.effects.length;
    for (let n = 0; n < 100; n++) {
      driver.feed({ kind: "sensor-status", ...driver.stamp(), state: n % 2 === 0 ? "off" : "on", detail: "flaps" });
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

function answerOk(effects: readonly Effect[]): boolean {
  const answer = answerOf(effects);
  return answer?.kind === "answer" && answer.ok;
}

describe("don't know beats a wrong number", () => {
  let outputs: Tensor[];
  beforeAll(() => {
    // What a certain model would answer: 15 breaths a minute, somebody there, nothing moving.
    outputs = radarBreathingOutputs.map(({ name, dims }) => {
      const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
      if (name === "rate") data[22] = 1;
      if (name === "breaths") data.fill((15 / 60) * 0.2);
      if (name === "occupied" || name === "quality") data.fill(1);
      return { name, data, dims };
    });
  });

  /** 15 s of frames and answers. */
  function breathing(): Driver {
    const driver = new Driver().granted();
    for (let n = 0; n <= 300; n++) {
      driver.now = n * 50;
      for (const effect of driver.frame(n)) {
        if (effect.kind !== "infer") continue;
        driver.feed({ kind: "inferred", ...driver.stamp(), request: effect.request, outputs, tookMs: 1 });
      }
    }
    return driver;
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
    driver.now += 1_000;
    const asked = driver.frame(320).find((effect) => effect.kind === "infer");
    driver.ask(person, { do: "turn-off", bed: "room-1", stay: "stay1", purpose: "movement-alerts" });
    driver.ask(person, { do: "turn-off", bed: "room-1", stay: "stay1", purpose: "breathing-rate" });
    const request = asked?.kind === "infer" ? asked.request : -1;
    expect(request).toBeGreaterThan(0);
    const late = driver.feed({ kind: "inferred", ...driver.stamp(), request, outputs, tookMs: 1 });
    expect(late).toEqual([]);
  });

  it("stores only what each grant covers", () => {
    const driver = breathing();
    driver.ask(person, { do: "turn-off", bed: "room-1", stay: "stay1", purpose: "breathing-rate" });
    driver.now += 1_000;
    const asked = driver.frame(320).find((effect) => effect.kind === "infer");
    const request = asked?.kind === "infer" ? asked.request : -1;
    const effects = driver.feed({ kind: "inferred", ...driver.stamp(), request, outputs, tookMs: 1 });
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
