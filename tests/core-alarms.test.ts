import { describe, expect, it } from "vitest";
import { conditionsAfter } from "../edge-agent/care/watch.ts";
import { AlarmPolicy } from "../edge-agent/contract/alarm-policy.ts";
import type { Effect, Estimate } from "../edge-agent/contract/door.ts";
import type { Actor } from "../edge-agent/contract/people.ts";
import { type CareOrder, nothingOrdered } from "../edge-agent/contract/people.ts";
import { answerOf, auditActions, config, Driver, nurse } from "./core-driver.ts";

const place = { bed: "room-1", stay: "stay1" };
const inCharge: Actor = { kind: "staff", id: "c1", name: "Kim Lee", role: "nurse-in-charge" };
const hour = 3_600_000;
const order = (parts: Partial<CareOrder>, untilMs: number | null = hour): CareOrder => ({
  ...nothingOrdered,
  by: "somebody the page made up",
  reason: "test",
  untilUtcMs: untilMs === null ? null : 1_000_000 + untilMs,
  ...parts,
});
const give = (driver: Driver, parts: CareOrder, who: Actor = inCharge) =>
  driver.ask(who, { do: "order", ...place, order: parts });
const openAlarms = (driver: Driver) =>
  driver.core.room.alarms.map(({ condition, presence }) => `${condition} ${presence}`);
const tick = (driver: Driver, ms = 1_000, lateMs?: number): readonly Effect[] => {
  driver.now += ms;
  return driver.feed({ kind: "tick", ...driver.stamp(), ...(lateMs === undefined ? {} : { lateMs }) });
};
const tileOf = (effects: readonly Effect[]) => {
  const told = effects.findLast((effect) => effect.kind === "publish");
  if (told?.kind !== "publish") throw new Error("no tile");
  return told.tile;
};

/** The room as it would be after such an answer: what care makes of it is what is tested here. */
function seen(driver: Driver, estimate: Partial<Estimate>, seconds: number): void {
  for (let n = 0; n < seconds; n++) {
    driver.now += 1_000;
    const whole: Estimate = {
      atMs: driver.now,
      occupancy: "in-bed",
      place: "in-bed",
      people: "one",
      movement: 2,
      breathingPerMin: 14,
      lowPerMin: 13,
      highPerMin: 15,
      quality: 0.95,
      windowMs: 20_000,
      reason: null,
      ...estimate,
    };
    const { at } = driver.stamp();
    const before = driver.core.room;
    const sensors = Object.fromEntries(
      Object.entries(before.sensors).map(([sensor, word]) => [sensor, { ...word, newestFrameAt: at }]),
    );
    const heard = { ...before, sensors, newestFrameAt: at, estimate: { estimate: whole, at } };
    const room = { ...heard, conditions: conditionsAfter(heard, driver.core.config, whole, at) };
    driver.core = { ...driver.core, room };
    driver.feed({ kind: "tick", ...driver.stamp() });
  }
}
const streaming = (of = config): Driver => {
  const driver = new Driver(of).granted();
  driver.status("radar-1", "on");
  return driver;
};

describe("orders", () => {
  it("are by whoever is signed in, with an end within the site's limit; then nothing of them holds", () => {
    const driver = streaming();
    expect(answerOf(give(driver, order({}, null)))).toMatchObject({ ok: false, why: "policy" });
    expect(answerOf(give(driver, order({}, 73 * hour)))).toMatchObject({ ok: false, why: "policy" });
    expect(answerOf(give(driver, order({}, -1)))).toMatchObject({ ok: false, why: "policy" });
    expect(answerOf(give(driver, order({}), nurse))).toMatchObject({ ok: false, why: "not-allowed" });
    expect(driver.core.room.order).toBeNull();
    give(driver, order({ onFloor: { afterMs: 1_000 } }));
    expect(driver.core.room.order?.by).toBe("Kim Lee");
    expect(auditActions(tick(driver, hour - 1_000))).not.toContain("order.end");
    const over = tick(driver);
    expect(auditActions(over)).toContain("order.end");
    expect(tileOf(over).order).toBeNull();
  });
  it("name nothing that this release was not made for", () => {
    const driver = streaming();
    const stopped = order({ breathingStopped: { afterMs: 15_000 } });
    expect(answerOf(give(driver, stopped))).toMatchObject({ ok: false, why: "policy" });
    const informed = { ...config, alarms: AlarmPolicy.parse({ intendedUse: "information" }) };
    const range = order({ breathing: { lowPerMin: 8, highPerMin: 24, forMs: 5_000, qualityMin: 0 } });
    expect(answerOf(give(streaming(informed), range))).toMatchObject({ ok: false, why: "policy" });
    expect(answerOf(give(driver, range))).toMatchObject({ ok: true });
  });
});

describe("conditions, in the room", () => {
  it("nothing is raised that nobody ordered, whatever is seen", () => {
    const driver = streaming();
    seen(driver, { place: "floor", occupancy: "empty", people: "more", reason: "not-breathing" }, 600);
    expect(openAlarms(driver)).toEqual([]);
  });
  it("the floor, the edge and a second person are told after their time, and over when it is seen", () => {
    const driver = streaming();
    const after = { afterMs: 3_000 };
    give(driver, order({ onFloor: after, edgeOfBed: after, secondPerson: { afterMs: 5_000 } }));
    seen(driver, { place: "edge" }, 3);
    expect(openAlarms(driver)).toEqual([]);
    seen(driver, { place: "edge" }, 1);
    expect(openAlarms(driver)).toEqual(["edge-of-bed on"]);
    seen(driver, { place: "floor", occupancy: "empty" }, 4);
    expect(openAlarms(driver)).toContain("on-floor on");
    // Out of view: nobody knows.
    seen(driver, { place: "empty", occupancy: "empty" }, 60);
    expect(openAlarms(driver)).toContain("on-floor on");
    seen(driver, { people: "more", reason: "more-than-one-person" }, 6);
    expect(openAlarms(driver).toSorted()).toEqual(["edge-of-bed latched", "on-floor latched", "second-person on"]);
  });
  it("somebody who lies still for too long is to be seen; one movement ends it", () => {
    const driver = streaming();
    give(driver, order({ noMovement: { afterMs: 60_000 } }));
    seen(driver, {}, 60);
    expect(openAlarms(driver)).toEqual([]);
    seen(driver, {}, 1);
    expect(openAlarms(driver)).toEqual(["no-movement on"]);
    seen(driver, { movement: 90 }, 1);
    expect(openAlarms(driver)).toEqual(["no-movement latched"]);
  });
  it("breathing that cannot be seen is a prompt, and in this release never more", () => {
    const driver = streaming();
    give(driver, order({ cannotSeeBreathing: { afterMs: 20_000 } }));
    const still = { reason: "not-breathing", breathingPerMin: null, lowPerMin: null, highPerMin: null } as const;
    seen(driver, still, 21);
    expect(openAlarms(driver)).toEqual(["cannot-see-breathing on"]);
    expect(tileOf(tick(driver, 0)).breathing.reason).toBe("cannot-see-breathing");
  });
  it("a withdrawn consent leaves nothing of it behind", () => {
    const driver = streaming();
    give(driver, order({ onFloor: { afterMs: 1_000 } }));
    seen(driver, { place: "floor", occupancy: "empty" }, 5);
    driver.ask(nurse, { do: "turn-off", ...place, purpose: "movement-alerts" });
    expect(openAlarms(driver)).toEqual(["on-floor latched"]);
    expect(driver.core.room.conditions.seen["on-floor"].active).toBe(false);
  });
  it("a turn that comes late is told, for as long as it happens and half a minute", () => {
    const driver = streaming();
    tick(driver, 1_000, 2_500);
    expect(openAlarms(driver)).toContain("system-late on");
    for (let n = 0; n < 32; n++) tick(driver);
    expect(openAlarms(driver)).toContain("system-late latched");
  });
});

describe("an alarm until it is closed", () => {
  const raised = (): Driver => {
    const driver = streaming({ ...config, alarms: AlarmPolicy.parse({}) });
    give(driver, order({ onFloor: { afterMs: 1_000 } }));
    seen(driver, { place: "floor", occupancy: "empty" }, 3);
    return driver;
  };
  const ids = (driver: Driver, condition: string) =>
    driver.core.room.alarms
      .filter((row) => row.condition === condition)
      .map(({ id, raisedAtUtcMs }) => ({ id, raisedAtUtcMs }));

  it("no screen showed it: within two seconds that is an alarm, the room is not monitored, and both end when one does", () => {
    const driver = raised();
    expect(openAlarms(driver)).toEqual(["on-floor on"]);
    seen(driver, { place: "floor", occupancy: "empty" }, 1);
    expect(openAlarms(driver).toSorted()).toEqual(["delivery-unconfirmed on", "on-floor on"]);
    expect(tileOf(tick(driver, 0))).toMatchObject({ notMonitored: "undelivered" });
    driver.feed({ kind: "alarms-shown", ...driver.stamp(), shown: ids(driver, "on-floor") });
    // It stays in view until somebody has seen that an alarm came late.
    expect(openAlarms(driver).toSorted()).toEqual(["delivery-unconfirmed latched", "on-floor on"]);
    expect(tileOf(tick(driver, 0)).notMonitored).toBeNull();
  });
  it("nobody goes: the stations, then the nurse in charge are called, each with its entry", () => {
    const driver = raised();
    driver.feed({ kind: "alarms-shown", ...driver.stamp(), shown: ids(driver, "on-floor") });
    const before = driver.effects.length;
    seen(driver, { place: "floor", occupancy: "empty" }, 70);
    const told = driver.effects.slice(before);
    expect(auditActions(told).filter((action) => action === "alert.escalate")).toHaveLength(2);
    expect(openAlarms(driver)).toEqual(["on-floor on"]);
    expect(tileOf(told).alarms[0]).toMatchObject({ condition: "on-floor", escalation: 2 });
  });
  it("somebody goes, it is over, and one touch says how it was", () => {
    const driver = raised();
    const id = ids(driver, "on-floor")[0]?.id ?? "";
    const close = { do: "close", bed: "room-1", alarm: id, outcome: "helped", falseBecause: null } as const;
    expect(answerOf(driver.ask(nurse, close))).toMatchObject({ ok: false, why: "already-done" });
    driver.ask(nurse, { do: "acknowledge", bed: "room-1", alarm: id, going: true });
    seen(driver, {}, 7);
    expect(openAlarms(driver)).toEqual(["on-floor off"]);
    expect(tileOf(tick(driver, 0))).toMatchObject({ alarms: [], toClose: [{ id, condition: "on-floor" }] });
    const wrong = { ...close, outcome: "false-alarm" } as const;
    expect(answerOf(driver.ask(nurse, wrong))).toMatchObject({ ok: false, why: "reason-missing" });
    const lead: Actor = { kind: "staff", id: "g1", name: "Ada", role: "governance-lead" };
    expect(answerOf(driver.ask(lead, close))).toMatchObject({ ok: false, why: "not-allowed" });
    expect(auditActions(driver.ask(nurse, close))).toEqual(["alert.close"]);
    expect(tileOf(tick(driver, 0)).toClose).toEqual([]);
  });
});

it("a rate outside the range counts only where it is as good as ordered", () => {
  const driver = streaming();
  const range = (qualityMin: number) => ({ lowPerMin: 8, highPerMin: 12, forMs: 5_000, qualityMin });
  give(driver, order({ breathing: range(0.99) }));
  seen(driver, { quality: 0.95 }, 30);
  expect(openAlarms(driver)).toEqual([]);
  give(driver, order({ breathing: range(0.9) }));
  seen(driver, { quality: 0.95 }, 6);
  expect(openAlarms(driver)).toEqual(["breathing-out-of-range on"]);
});
