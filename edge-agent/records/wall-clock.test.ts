import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Hours } from "../contract/consent.ts";
import type { StoreRow } from "../contract/door.ts";
import { isWithin, localHour } from "../contract/local-hour.ts";
import { at, consent, logOptionsOf, scratchFolder, stay } from "./records-for-tests.ts";
import { clockSpans } from "./wall-clock.ts";
import { WardRecords } from "./ward.ts";

const hourMs = 3_600_000;
const zones = [
  "Europe/London",
  "Africa/Casablanca",
  "America/St_Johns",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "UTC",
];

describe("the spans of a wall clock", () => {
  it("give the hour of every zone at any time, on both sides of each change, and leave no gap", () => {
    for (const zone of zones) {
      const spans = clockSpans(zone);
      const hourIn = (utcMs: number): number | undefined => {
        const span = spans.find(({ fromMs, untilMs }) => fromMs <= utcMs && utcMs < untilMs);
        return span && Math.floor((utcMs + span.offsetMs) / hourMs) % 24;
      };
      expect(spans.slice(1).map(({ fromMs }) => fromMs)).toEqual(spans.slice(0, -1).map(({ untilMs }) => untilMs));
      const changes = spans.slice(1).flatMap(({ fromMs }) => [fromMs - 1, fromMs]);
      const anyTimes = Array.from({ length: 400 }, (_, n) => Date.UTC(2026, 0, 1) + n * 22.7 * hourMs);
      for (const utcMs of [...changes, ...anyTimes])
        expect([zone, utcMs, hourIn(utcMs)]).toEqual([zone, utcMs, localHour(utcMs, zone)]);
    }
    expect(clockSpans("Europe/London").length).toBeGreaterThan(79);
    expect(clockSpans("UTC")).toHaveLength(1);
  });
});

describe("agreed hours in the store", () => {
  let folder: ReturnType<typeof scratchFolder>;
  const open: { close(): void }[] = [];
  beforeEach(() => {
    folder = scratchFolder();
  });
  afterEach(() => {
    for (const one of open.splice(0).reverse()) one.close();
    folder.done();
  });
  const started = (timeZone?: string): WardRecords => {
    const records = new WardRecords(join(folder.path, "ward.sqlite"), logOptionsOf(), timeZone);
    records.start();
    open.push(records);
    return records;
  };
  const agreed = (hours: Hours | null): StoreRow[] =>
    (["offered", "granted"] as const).map((state) => {
      const row = consent("s1", "breathing-rate", state) as Extract<StoreRow, { table: "consent" }>;
      return { ...row, consent: { ...row.consent, hours } };
    });
  /** Through a connection that is not the program's. */
  const takes = (utcMs: number): boolean => {
    const db = new Database(join(folder.path, "ward.sqlite"));
    try {
      db.prepare("INSERT INTO fact (stay, at, quality) VALUES ('s1', ?, 0.5)").run(utcMs);
      return true;
    } catch (cause) {
      expect(String(cause)).toContain("no grant");
      return false;
    } finally {
      db.close();
    }
  };

  it("are kept by the database itself, for any connection, at each quarter of an hour of a day", () => {
    for (const [hours, timeZone] of [
      [{ fromHour: 22, toHour: 7 }, "Europe/London"],
      [{ fromHour: 9, toHour: 17 }, "Asia/Kathmandu"],
      [null, "Europe/London"],
    ] as const) {
      const records = started(timeZone);
      records.commit([], [stay("s1"), ...agreed(hours)], at(0));
      const begin = Math.ceil(at(0).utcMs / hourMs) * hourMs;
      for (let quarter = 0; quarter < 96; quarter++) {
        for (const utcMs of [begin + quarter * 900_000 - 1, begin + quarter * 900_000]) {
          const wanted = hours === null || isWithin(hours, localHour(utcMs, timeZone));
          expect([utcMs, takes(utcMs)]).toEqual([utcMs, wanted]);
        }
      }
      for (const one of open.splice(0)) one.close();
      folder.done();
      folder = scratchFolder();
    }
  });

  it("refuse a fact where the ward's clock was never told, or says nothing of that time; without hours none is needed", () => {
    const records = started();
    records.commit([], [stay("s1"), ...agreed({ fromHour: 0, toHour: 23 })], at(0));
    expect(takes(at(0).utcMs)).toBe(false);
    records.close();
    const told = started("Europe/London");
    expect(takes(at(0).utcMs)).toBe(true);
    told.commit([], agreed(null), at(1));
    told.close();
    const db = new Database(join(folder.path, "ward.sqlite"));
    db.exec("DELETE FROM wall_clock");
    db.close();
    expect(takes(at(2).utcMs)).toBe(true);
  });

  it("follow another time zone at the next start", () => {
    const london = started("Europe/London");
    london.commit([], [stay("s1"), ...agreed({ fromHour: 0, toHour: 4 })], at(0));
    // The first moment of these tests is 01:02 in London.
    expect(takes(at(0).utcMs)).toBe(true);
    london.close();
    started("America/New_York");
    expect(takes(at(0).utcMs)).toBe(false);
  });
});
