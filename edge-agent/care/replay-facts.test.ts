import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AlarmPolicy } from "../contract/alarm-policy.ts";
import { ConsentPolicy, neverOffered } from "../contract/consent.ts";
import type { Effect, Estimate } from "../contract/door.ts";
import { type CareOrder, nothingOrdered } from "../contract/people.ts";
import { monoMs } from "../contract/units.ts";
import { BedPlace, NoRateReason, Occupancy, PeopleSeen, sensingPurposes } from "../contract/words.ts";
import { noConsents } from "./consent.ts";
import { factEffect } from "./fact.ts";
import { FactReplay, gapMsMax, type Raising, type RecordedFact } from "./replay-facts.ts";
import { newRoom, type Room, type RoomConfig } from "./room.ts";
import { conditionsAfter, settleRoomAlarms, watchConditions } from "./watch.ts";

const limits = { staleAfterMs: 3_000, sensorLostAfterMs: 5_000 };
const sensors = [{ sensor: "radar-1", model: "acconeer-a121", kind: "radar-iq", placement: null }] as const;
const config: RoomConfig = {
  bed: "room-1",
  bedName: "Room 1",
  sensorModel: "acconeer-a121",
  sensors,
  calibration: {},
  source: null,
  statedOccupancy: null,
  limits,
  consent: ConsentPolicy.parse({}),
  alarms: AlarmPolicy.parse({ confirmWithinMs: null, escalation: { high: null, medium: null, low: null } }),
  promptSeed: "test",
};
const startUtcMs = 1_800_000_000_000;
const granted = { ...neverOffered, state: "granted", sinceUtcMs: 0, untilUtcMs: startUtcMs * 2 } as const;

/** A room with everything allowed, a sensor that runs and this order, as the core holds it. */
function watchedRoom(order: CareOrder): Room {
  const room = newRoom(sensors);
  return {
    ...room,
    stay: { id: "s1", label: "P", demonstration: false },
    consents: { ...noConsents, ...Object.fromEntries(sensingPurposes.map((purpose) => [purpose, granted])) },
    order,
    leasedSince: monoMs(0),
    sensor: { ...room.sensor, state: "on" },
  };
}

/** The live way: each answer and each tick goes through the room; what it stored and what it raised. */
function playLive(order: CareOrder, answers: readonly { readonly afterMs: number; readonly estimate: Estimate }[]) {
  let room = watchedRoom(order);
  const facts: RecordedFact[] = [];
  const raised: Raising[] = [];
  const keep = (effects: readonly Effect[]): void => {
    for (const effect of effects) {
      if (effect.kind !== "store") continue;
      if (effect.row.table === "fact") facts.push(effect.row);
      if (effect.row.table !== "alarm" || effect.row.alarm.presence !== "on") continue;
      const { condition, raisedAtUtcMs: atUtcMs } = effect.row.alarm;
      if (condition !== "sensor-lost") raised.push({ condition, atUtcMs });
    }
  };
  const look = (afterMs: number): void => {
    const event = { at: monoMs(afterMs), utcMs: startUtcMs + afterMs };
    const settled = settleRoomAlarms(watchConditions(room, config, event.at), config, event);
    room = settled.room;
    keep(settled.effects);
  };
  let at = 0;
  for (const { afterMs, estimate } of answers) {
    for (let tick = (Math.floor(at / 1_000) + 1) * 1_000; tick < at + afterMs; tick += 1_000) look(tick);
    at += afterMs;
    const event = { at: monoMs(at), utcMs: startUtcMs + at };
    const known = { ...room, newestFrameAt: event.at, estimate: { estimate, at: event.at } };
    room = { ...known, conditions: conditionsAfter(known, config, estimate, event.at) };
    keep(factEffect(config, room, event));
    look(at);
  }
  return { facts, raised };
}

function replay(order: CareOrder, facts: readonly RecordedFact[]): readonly Raising[] {
  const play = new FactReplay(order, limits);
  for (const fact of facts) play.take(fact);
  return play.raised;
}

const base: Estimate = {
  atMs: 0,
  occupancy: "in-bed",
  place: "in-bed",
  people: "one",
  movement: 2,
  breathingPerMin: 14,
  lowPerMin: 13,
  highPerMin: 15,
  quality: 0.9,
  windowMs: 20_000,
  reason: null,
};
const dataPath: readonly NoRateReason[] = ["not-consented", "sensor-off", "sensor-lost", "stale", "withheld"];
const reasons = NoRateReason.options.filter((reason) => !dataPath.includes(reason) && reason !== "not-breathing");
const after = (...seconds: readonly number[]) =>
  fc.option(
    fc.constantFrom(...seconds).map((each) => ({ afterMs: each * 1_000 })),
    { nil: null },
  );
const anyOrder: fc.Arbitrary<CareOrder> = fc.record({
  leftBed: after(5, 30, 120),
  notBack: after(60, 180),
  edgeOfBed: after(1, 10),
  onFloor: after(1, 10),
  secondPerson: after(5, 30),
  noMovement: after(60, 120),
  cannotSeeBreathing: after(20, 60),
  rateUnavailable: after(10, 60),
  breathing: fc.option(
    fc.record({
      lowPerMin: fc.constantFrom(8, 10),
      highPerMin: fc.constantFrom(20, 24),
      forMs: fc.constantFrom(5_000, 15_000),
      qualityMin: fc.constantFrom(0, 0.6),
    }),
    { nil: null },
  ),
  breathingStopped: fc.constant(null),
  untilUtcMs: fc.constant(null),
  by: fc.constant("A"),
  reason: fc.constant("B"),
});
/** Something that goes on for a while, answered about once a second, with gaps of up to a minute. */
const anyStretch = fc
  .record({
    answers: fc.integer({ min: 1, max: 90 }),
    everyMs: fc.constantFrom(900, 1_000, 1_130, 4_000),
    gapMs: fc.constantFrom(1_000, 1_000, 7_300, 40_000),
    occupancy: fc.constantFrom(...Occupancy.options),
    place: fc.option(fc.constantFrom(...BedPlace.options)),
    people: fc.constantFrom(...PeopleSeen.options),
    movement: fc.constantFrom(1, 20, 60),
    rate: fc.constantFrom(6, 9, 14, 22, 30),
    quality: fc.constantFrom(0.4, 0.9),
    reason: fc.option(fc.constantFrom(...reasons)),
  })
  .map(({ answers, everyMs, gapMs, rate, reason, ...told }) =>
    Array.from({ length: answers }, (_, index) => ({
      afterMs: index === 0 ? gapMs : everyMs,
      estimate: { ...base, ...told, reason, breathingPerMin: reason === null ? rate : null },
    })),
  );

describe("facts that were recorded, played again under an order", () => {
  it("raise what the room itself raised, at the same moments", () => {
    let raisings = 0;
    fc.assert(
      fc.property(anyOrder, fc.array(anyStretch, { minLength: 1, maxLength: 8 }), (order, stretches) => {
        const live = playLive(order, stretches.flat());
        raisings += live.raised.length;
        const byTime = (one: Raising) => `${one.atUtcMs} ${one.condition}`;
        expect(replay(order, live.facts).map(byTime).toSorted()).toEqual(live.raised.map(byTime).toSorted());
      }),
      { numRuns: 150 },
    );
    expect(raisings).toBeGreaterThan(100);
  });

  it("carry nothing on beyond a minute without any: what was not recorded is not replayed", () => {
    const order: CareOrder = { ...nothingOrdered, leftBed: { afterMs: 30_000 }, by: "A", reason: "B" };
    const fact = (atUtcMs: number, occupancy: "in-bed" | "empty"): RecordedFact => ({
      ...base,
      atUtcMs,
      occupancy,
    });
    const away = [fact(0, "in-bed"), fact(1_000, "empty")];
    expect(replay(order, [...away, fact(1_000 + gapMsMax, "empty")])).toEqual([
      { condition: "left-bed", atUtcMs: 31_000 },
    ]);
    expect(replay(order, [...away, fact(2_000 + gapMsMax, "empty")])).toEqual([]);
  });

  it("say nothing of what was not allowed then, nor of a place that nobody recorded", () => {
    const order: CareOrder = {
      ...nothingOrdered,
      leftBed: { afterMs: 5_000 },
      onFloor: { afterMs: 1_000 },
      rateUnavailable: { afterMs: 10_000 },
      by: "A",
      reason: "B",
    };
    const nights = (change: Partial<RecordedFact>) =>
      Array.from({ length: 60 }, (_, n) => ({
        ...base,
        atUtcMs: n * 1_000,
        occupancy: n < 10 ? ("in-bed" as const) : ("empty" as const),
        place: "floor" as const,
        reason: "weak-signal" as const,
        ...change,
      }));
    expect(replay(order, nights({})).map(({ condition }) => condition)).toEqual([
      "on-floor",
      "rate-unavailable",
      "left-bed",
    ]);
    const noMovement = nights({ occupancy: null, movement: null, place: null, people: null });
    expect(replay(order, noMovement).map(({ condition }) => condition)).toEqual(["rate-unavailable"]);
    const noBreathing = nights({ quality: null, breathingPerMin: null, reason: null, place: null });
    expect(replay(order, noBreathing).map(({ condition }) => condition)).toEqual(["left-bed"]);
  });
});
