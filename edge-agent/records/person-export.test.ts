import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openForReading } from "./open.ts";
import { personTables, readPersonExport, tablesOfStays } from "./person-export.ts";
import { alarm, at, consent, fact, granted, intent, logOptionsOf, scratchFolder, stay } from "./records-for-tests.ts";
import { WardRecords } from "./ward.ts";

let scratch: ReturnType<typeof scratchFolder>;
let records: WardRecords;
beforeEach(() => {
  scratch = scratchFolder();
  records = new WardRecords(join(scratch.path, "ward.sqlite"), logOptionsOf());
  records.start();
});
afterEach(() => {
  records.close();
  scratch.done();
});
const opened = <T>(read: (db: ReturnType<typeof openForReading>) => T): T => {
  const db = openForReading(join(scratch.path, "ward.sqlite"));
  try {
    return read(db);
  } finally {
    db.close();
  }
};

it("every table that names a stay is given away, or it is said why not", () => {
  expect(opened(tablesOfStays)).toEqual(Object.keys(personTables).sort());
});

it("holds everything of one stay and nothing of another in the same ward", () => {
  const other = { ...stay("other-stay", "room-2"), label: "Z.Z." } as ReturnType<typeof stay>;
  records.commit([intent("stay.admit")], [stay("s1"), other], at(0));
  records.commit([], [...granted("s1", "movement-alerts"), ...granted("other-stay", "movement-alerts")], at(1));
  records.commit([], [consent("other-stay", "breathing-rate", "offered")], at(2));
  records.commit([], [alarm({ id: "room-1-1" })], at(3));
  records.commit([], [fact("s1", { occupancy: "in-bed" }), fact("other-stay", { occupancy: "empty" })], at(4));
  const told = opened((db) => readPersonExport(db, db, "s1"));
  expect(told?.stay).toMatchObject({ id: "s1", label: "A.B." });
  const rowsOf = (table: string) => told?.tables.find((one) => one.table === table)?.rows;
  expect(rowsOf("consent")).toHaveLength(2);
  expect(rowsOf("alarm")).toHaveLength(1);
  expect(told?.facts).toBe(1);
  expect(told?.factsCsv).toMatch(/^at,occupancy,[^\n]+\n2026-[^\n]+Z,in-bed,[^\n]*\n$/);
  const all = JSON.stringify(told);
  for (const theirs of ["other-stay", "Z.Z.", "room-2", "empty"]) expect(all).not.toContain(theirs);
  expect(opened((db) => readPersonExport(db, db, "nobody"))).toBeUndefined();
});
