import { expect, it } from "vitest";
import type { AuditIntent } from "../contract/door.ts";
import { type TimeSync, timeSyncEntry, watchTimeSync } from "./time-sync.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

it.each([
  ["unknown", "lost", 4],
  ["synchronised", "lost", 4],
  ["lost", "synchronised", 0],
] as const)("from %s to %s is an entry with outcome %d", (before, now, outcome) => {
  expect(timeSyncEntry(before, now)).toMatchObject({ action: "clock.sync", outcome, detail: { state: now } });
});

it.each([
  ["unknown", "unknown"],
  ["unknown", "synchronised"],
  ["lost", "lost"],
  ["lost", "unknown"],
  ["synchronised", "unknown"],
] as const)("from %s to %s is none", (before, now) => {
  expect(timeSyncEntry(before, now)).toBeUndefined();
});

it("is told at the start where it is lost, and by nobody after the end", async () => {
  const entries: AuditIntent[] = [];
  const end = new AbortController();
  const answers: ((now: TimeSync) => void)[] = [];
  const read = () => new Promise<TimeSync>((resolve) => answers.push(resolve));
  const append = (entry: AuditIntent) => void entries.push(entry);
  watchTimeSync(read, append, quiet, end.signal);
  answers[0]?.("lost");
  await Promise.resolve();
  await Promise.resolve();
  expect(entries).toMatchObject([{ action: "clock.sync", outcome: 4 }]);
  const over = new AbortController();
  watchTimeSync(read, append, quiet, over.signal);
  over.abort();
  answers[1]?.("lost");
  await Promise.resolve();
  await Promise.resolve();
  expect(entries).toHaveLength(1);
  end.abort();
});
