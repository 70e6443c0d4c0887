import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { historySpanMs, historyStepsMax } from "../contract/person-history.ts";
import { type FactRow, foldSteps } from "./history-steps.ts";
import { openForReading } from "./open.ts";
import { readPersonHistory } from "./person-history.ts";
import { at, consent, fact, granted, intent, logOptionsOf, scratchFolder, stay } from "./records-for-tests.ts";
import { WardRecords } from "./ward.ts";

const minuteMs = 60_000;
const shownRate = { breathingPerMin: 14, lowPerMin: 12.5, highPerMin: 15.5, quality: 0.9 };

describe("steps", () => {
  const row = (change: Partial<FactRow>): FactRow => ({
    at: 0,
    occupancy: null,
    movement: null,
    breathing_per_min: null,
    low_per_min: null,
    high_per_min: null,
    reason: null,
    ...change,
  });
  const rates = fc.array(
    fc.record({ at: fc.integer({ min: 0, max: 600_000 }), rate: fc.option(fc.integer({ min: 40, max: 400 })) }),
    { maxLength: 200 },
  );

  test("keep the least and the most of what was recorded, in order, and make no rate where none was", () => {
    fc.assert(
      fc.property(rates, (found) => {
        const rows = found
          .toSorted((a, b) => a.at - b.at)
          .map((one) => {
            const rate = one.rate === null ? null : one.rate / 10;
            return row({ at: one.at, breathing_per_min: rate, reason: rate === null ? "moving" : null });
          });
        const steps = foldSteps(rows, 0, 30_000);
        expect(steps.atUtcMs).toEqual([...new Set(rows.map((one) => Math.floor(one.at / 30_000) * 30_000))]);
        for (const [index, from] of steps.atUtcMs.entries()) {
          const held = rows.filter((one) => one.at >= from && one.at < from + 30_000);
          const shown = held.flatMap((one) => one.breathing_per_min ?? []);
          expect(steps.minPerMin[index]).toBe(shown.length === 0 ? null : Math.min(...shown));
          expect(steps.maxPerMin[index]).toBe(shown.length === 0 ? null : Math.max(...shown));
          const missing = held.length - shown.length;
          expect(steps.reason[index]).toBe(missing > 0 && missing * 3 >= held.length ? "moving" : null);
        }
      }),
    );
  });
});

describe("the last hours of a stay", () => {
  let folder: ReturnType<typeof scratchFolder>;
  let records: WardRecords;
  const read = (id: string, nowUtcMs: number) => {
    const db = openForReading(join(folder.path, "ward.sqlite"));
    try {
      return readPersonHistory(db, id, nowUtcMs);
    } finally {
      db.close();
    }
  };
  const commit = (rows: Parameters<WardRecords["commit"]>[1], afterMs: number): void =>
    void records.commit([intent("stay.admit")], rows, at(afterMs));
  const utc = (afterMs: number) => at(afterMs).utcMs;

  beforeEach(() => {
    folder = scratchFolder();
    records = new WardRecords(join(folder.path, "ward.sqlite"), logOptionsOf());
    records.start();
    commit([stay("s1"), stay("s2", "room-2"), ...granted("s1", "breathing-rate")], 0);
    commit([...granted("s1", "movement-alerts"), ...granted("s2", "breathing-rate")], 1);
  });
  afterEach(() => {
    records.close();
    folder.done();
  });

  test("hold this stay's own facts, with gaps where nothing was recorded", () => {
    const facts = [0, 1, 2, 40, 41].map((minute) =>
      fact("s1", { atUtcMs: utc(minute * minuteMs + 1_000), occupancy: "in-bed", movement: 4, ...shownRate }),
    );
    commit([...facts, fact("s2", { atUtcMs: utc(10 * minuteMs), ...shownRate, breathingPerMin: 33 })], 2);
    const history = read("s1", utc(60 * minuteMs));
    expect(history.shown).toEqual({ breathing: true, movement: true });
    expect(history.untilUtcMs - history.fromUtcMs).toBe(historySpanMs);
    expect(history.steps.perMin).toEqual([14, 14, 14, 14, 14]);
    expect(history.steps.lowPerMin[0]).toBe(12.5);
    const [first = 0, , third = 0, fourth = 0] = history.steps.atUtcMs;
    expect(third - first).toBe(2 * minuteMs);
    expect(fourth - third).toBe(38 * minuteMs);
  });

  test("are not read where the person does not allow them now, though they did when it was recorded", () => {
    commit([fact("s1", { atUtcMs: utc(minuteMs), occupancy: "in-bed", movement: 4, ...shownRate })], 2);
    commit([consent("s1", "breathing-rate", "withdrawn")], 3);
    const without = read("s1", utc(5 * minuteMs));
    expect(without.shown).toEqual({ breathing: false, movement: true });
    expect(without.steps).toMatchObject({ perMin: [null], highPerMin: [null], reason: [null], occupancy: ["in-bed"] });
    commit([consent("s1", "movement-alerts", "withdrawn")], 4);
    const nothing = read("s1", utc(5 * minuteMs));
    expect(nothing.shown).toEqual({ breathing: false, movement: false });
    expect(nothing.steps.atUtcMs).toEqual([]);
    expect(JSON.stringify(nothing)).not.toMatch(/in-bed|12\.5/);
  });

  test("of a whole night are no more than a page can draw, and read in less than a second", () => {
    const night = Array.from({ length: historySpanMs / 1_000 }, (_, second) =>
      fact("s1", { atUtcMs: utc(second * 1_000), ...shownRate, breathingPerMin: second === 20_000 ? 31 : 14 }),
    );
    for (let from = 0; from < night.length; from += 5_000) commit(night.slice(from, from + 5_000), 10 + from);
    const startedAt = performance.now();
    const { steps } = read("s1", utc(historySpanMs - 1));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(steps.atUtcMs.length).toBeLessThanOrEqual(historyStepsMax + 1);
    expect(steps.atUtcMs.length).toBeGreaterThan(historyStepsMax - 3);
    expect(Math.max(...steps.maxPerMin.map(Number))).toBe(31);
  });
});
