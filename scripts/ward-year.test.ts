import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dayMs } from "../edge-agent/contract/consent.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { makeWardYear, type WardYear } from "./ward-year.ts";

const choices = {
  beds: 5,
  days: 12,
  seed: 1,
  endUtcMs: Date.UTC(2026, 5, 1),
  timeZone: "Europe/London",
  factsPerMonth: 6_000,
};

let folder: string;
let made: WardYear;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "quietround-year-"));
  made = makeWardYear(join(folder, "first"), choices);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("fills every table that a report reads, and none with a moment after the last day", () => {
  const db = openForReading(made.wardFile);
  const count = (table: string): number => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  for (const table of ["stay", "consent", "person_check", "alarm", "fact", "training", "session"])
    expect(count(table), table).toBeGreaterThan(0);
  expect(count("fact")).toBe(made.facts);
  expect(db.prepare("SELECT max(seen_at) FROM person_check").pluck().get()).toBeLessThan(choices.endUtcMs + dayMs);
  db.close();
});

it("makes the same ward of the same seed and another of another", () => {
  const make = (name: string, seed: number) =>
    makeWardYear(join(folder, name), { ...choices, beds: 2, days: 3, seed, factsPerMonth: 0 });
  const [first, again, other] = [make("small", 1), make("again", 1), make("other", 2)];
  const told = ({ entries, stays }: WardYear) => ({ entries, stays: stays.map(({ happenings, ...plan }) => plan) });
  expect(told(again)).toEqual(told(first));
  expect(told(other).stays).not.toEqual(told(first).stays);
});

it("never writes into a folder that has records", () => {
  expect(() => makeWardYear(join(folder, "first"), choices)).toThrow(/is there already/);
});
