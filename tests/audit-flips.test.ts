import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { accepted, flipsOf, verifies } from "../scripts/audit-trials/flips.ts";
import { makeLog } from "../scripts/audit-trials/made-log.ts";

/* The short form of npm run flips:audit. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-flips-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("one bit of an export turned over", () => {
  it.each([
    [6, 3],
    [1_000, 5_003],
  ])(
    "of %d entries, every %dth byte: all are refused",
    (entries, every) => {
      const log = makeLog(folder, entries);
      expect(verifies(log.dir, log.vkey)).toBe(true);
      const flips = [...flipsOf(log.dir, every)];
      expect(flips.length).toBeGreaterThan(100);
      expect(new Set(flips.map(({ file }) => file)).size).toBe(5);
      expect(accepted(log, join(folder, "scratch"), flips)).toEqual([]);
    },
    120_000,
  );
});
