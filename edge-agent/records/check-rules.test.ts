import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { restoreChecks } from "../care/checks.ts";
import type { CheckRow, ObservationOrder } from "../contract/checks.ts";
import type { StoreRow } from "../contract/door.ts";
import { at, logOptionsOf, scratchFolder, stay } from "./records-for-tests.ts";
import { StoreError } from "./store-error.ts";
import { WardRecords } from "./ward.ts";

const minute = 60_000;
const order: ObservationOrder = {
  level: "intermittent-high",
  everyMinutes: 15,
  by: "Dr Ade",
  reason: "first night",
  reviewAfterHours: 24,
};
const check = (id: string, seenAfter: number, change: Partial<CheckRow> = {}): StoreRow => ({
  table: "check",
  check: {
    id,
    stay: "s1",
    level: "intermittent-high",
    by: { id: "n1", name: "Sam Reed" },
    seenUtcMs: at(seenAfter).utcMs,
    recordedUtcMs: at(seenAfter).utcMs,
    seen: { where: "in-bed", how: "awake", engagement: "talked", concern: null },
    retrospective: null,
    supersedes: null,
    ...change,
  },
});

let folder: ReturnType<typeof scratchFolder>;
let records: WardRecords;
const open = (): void => {
  records = new WardRecords(join(folder.path, "ward.sqlite"), logOptionsOf());
  records.start();
};
beforeEach(() => {
  folder = scratchFolder();
  open();
});
afterEach(() => {
  records.close();
  folder.done();
});
const write = (...rows: readonly StoreRow[]): void => records.commit([], rows, at(0));
const refused = (row: StoreRow): boolean => {
  try {
    write(row);
  } catch (cause) {
    return cause instanceof StoreError && cause.code === "refused";
  }
  return false;
};

it("the clock goes on after a restart from where it was, and a late entry moves nothing", () => {
  write(stay("s1"), { table: "observation-order", stay: "s1", order, atUtcMs: at(0).utcMs }, check("c1", 20 * minute));
  const late = { recordedUtcMs: at(50 * minute).utcMs, retrospective: "was with another patient" };
  write(check("c2", 40 * minute, late));
  const notFound = { where: "not-found", how: null, engagement: null, concern: "Not found" } as const;
  write(check("c3", 44 * minute, { seen: notFound }));
  records.close();
  open();
  const restored = records.restoreRoom("room-1").checks;
  expect(restored).toMatchObject({ order, orderedUtcMs: at(0).utcMs, lastMade: { atUtcMs: at(20 * minute).utcMs } });
  const clock = restoreChecks(order, at(0).utcMs, at(20 * minute).utcMs, at(50 * minute).utcMs);
  // Made in the second window, nothing in the third.
  expect(clock).toMatchObject({ windowNumber: 3, made: false, missedInARow: 1 });
});

it("an entry is never changed, is corrected only within its stay, and says why it is late", () => {
  write(stay("s1"), stay("s2", "room-2"), check("c1", 0));
  expect(refused(check("c1", 0))).toBe(true);
  expect(refused(check("c2", 0, { recordedUtcMs: at(6 * minute).utcMs }))).toBe(true);
  expect(refused(check("c3", 0, { stay: "s2", supersedes: "c1" }))).toBe(true);
  expect(refused(check("c4", 0, { supersedes: "nothing" }))).toBe(true);
  expect(refused(check("c5", 0, { seenUtcMs: at(minute).utcMs }))).toBe(true);
  write(check("c6", 0, { supersedes: "c1" }));
  const connection = (records as unknown as { open: { db: { exec(sql: string): void } } }).open.db;
  expect(() => connection.exec("UPDATE main.person_check SET by_name = 'x'")).toThrow(/append-only/);
  expect(() => connection.exec("DELETE FROM main.person_check")).toThrow(/append-only/);
});
