import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { safeCount } from "../contract/characteristics.ts";
import { readEquity } from "./characteristics.ts";
import { openForReading } from "./open.ts";
import { at, consent, inCharge, intent, logOptionsOf, scratchFolder, stay } from "./records-for-tests.ts";
import { WardRecords } from "./ward.ts";

let folder: ReturnType<typeof scratchFolder>;
let records: WardRecords;
beforeEach(() => {
  folder = scratchFolder();
  records = new WardRecords(join(folder.path, "ward.sqlite"), logOptionsOf());
  records.start();
});
afterEach(() => {
  records.close();
  folder.done();
});
const reading = <T>(read: (db: ReturnType<typeof openForReading>) => T): T => {
  const db = openForReading(join(folder.path, "ward.sqlite"));
  try {
    return read(db);
  } finally {
    db.close();
  }
};
const told = (id: string, bed: string, sex: "female" | "male" | null) =>
  records.setCharacteristics({ bed, stay: id, told: sex === null ? {} : { sex }, by: inCharge }, at(1));

const left = (id: string, afterMs: number) =>
  records.commit([], [{ table: "stay-end", id, endedAtUtcMs: at(afterMs).utcMs }], at(afterMs));

it("is told as counts only, rounded, never of fewer than five, and not what would give them away", () => {
  for (let n = 0; n < 15; n++) {
    const [id, bed] = [`s${n}`, `room-${n}`];
    const yes = n < 6 ? [consent(id, "breathing-rate", "offered"), consent(id, "breathing-rate", "granted")] : [];
    records.commit([intent("stay.admit")], [stay(id, bed), ...yes], at(0));
    told(id, bed, n < 9 ? "female" : n < 14 ? "male" : null);
  }
  const sex = () =>
    reading((db) => readEquity(db, at(100).utcMs))
      .filter(({ characteristic }) => characteristic === "sex")
      .map(({ group, people, saidYes, saidNo }) => [group, people, saidYes, saidNo]);
  const nothing = ["female", "male", "not-told"].map((group) => [group, null, null, null]);
  expect(sex()).toEqual(nothing);
  for (let n = 0; n < 14; n++) left(`s${n}`, 10 + n);
  // Ten of the fourteen who left: nine and one.
  expect(sex()).toEqual([["female", 10, 5, null], ...nothing.slice(1)]);
  left("s14", 30);
  // Nine, five and one: five would give the one away.
  expect(sex()).toEqual([["female", 10, 5, null], ...nothing.slice(1)]);
  expect([0, 4, 5, 7, 8, 12, 13].map(safeCount)).toEqual([null, null, 5, 5, 10, 10, 15]);
});

it("is of the last twelve months, and a batch of five falls out whole", () => {
  const dayMs = 86_400_000;
  for (let n = 0; n < 10; n++) {
    records.commit([intent("stay.admit")], [stay(`s${n}`, `room-${n}`)], at(0));
    told(`s${n}`, `room-${n}`, "female");
    left(`s${n}`, 10 + n * dayMs);
  }
  const people = (afterMs: number) =>
    reading((db) => readEquity(db, at(afterMs).utcMs)).find(({ group }) => group === "female")?.people;
  expect(people(365 * dayMs)).toBe(10);
  // Four of the first batch left longer ago than that, and its fifth did not.
  expect(people(369 * dayMs)).toBe(10);
  expect(people(370 * dayMs)).toBe(5);
  expect(people(375 * dayMs)).toBeNull();
});

it("is of an open stay in its own bed, can be taken back, and stands nowhere in the log", () => {
  records.commit([intent("stay.admit")], [stay("s1")], at(0));
  expect(told("s1", "room-2", "female")).toBe("not-found");
  expect(told("s9", "room-1", "female")).toBe("not-found");
  expect(told("s1", "room-1", "female")).toEqual({ is: "done" });
  const rows = () => reading((db) => db.prepare("SELECT told FROM characteristics").pluck().all());
  expect(rows()).toEqual(['{"sex":"female"}']);
  told("s1", "room-1", "male");
  expect(rows()).toEqual(['{"sex":"male"}']);
  const log = reading((db) => db.prepare("SELECT CAST(data AS TEXT) FROM entry").pluck().all()).join("\n");
  expect(log).toContain("characteristics.set");
  expect(log).not.toMatch(/female|"male"/);
  expect(reading((db) => db.prepare("SELECT count(*) FROM phi").pluck().get())).toBe(0);
  told("s1", "room-1", null);
  expect(rows()).toEqual([]);
});
