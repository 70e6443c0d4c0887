import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/* docs/faults.md is held to the tests: every fault has a row, and every row names tests that stand in their files and run. */

const root = fileURLToPath(new URL("..", import.meta.url));
const faults = [
  "kill-agent",
  "kill-bridge",
  "kill-dashboard",
  "kill-broker",
  "kill-supervisor",
  "hang",
  "broker-restart",
  "broker-down",
  "partition",
  "frozen-subscriber",
  "slow-subscriber",
  "flood",
  "malformed",
  "oversized",
  "clock-hour-ahead",
  "clock-hour-back",
  "clock-day-ahead",
  "clock-stuck",
  "clock-drift",
  "disk-full",
  "disk-read-only",
  "disk-errors",
  "corrupt-page",
  "corrupt-model",
  "memory-limit",
  "kill-at-sync",
  "wal-cut",
  "asleep",
] as const;
const columns = 6;

interface Row {
  readonly ids: readonly string[];
  readonly cells: readonly string[];
  readonly tests: readonly { readonly file: string; readonly name: string }[];
}

function rowsOf(page: string): Row[] {
  return page
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => {
      const cells = line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim());
      const [named = "", , , , , shown = ""] = cells;
      return {
        cells,
        ids: [...(named.split(":")[0] ?? "").matchAll(/`([a-z-]+)`/g)].map(([, id = ""]) => id),
        tests: shown.split("<br>").map((one) => {
          const [, file = "", name = ""] = /^`([^`]+\.test\.ts)`: "(.+)"$/.exec(one) ?? [];
          return { file, name };
        }),
      };
    });
}

/** Whether a test of exactly this name stands in the source and is not left out. */
function stands(source: string, name: string): boolean {
  const places = ['"', "`"].flatMap((quote) => {
    const at = source.indexOf(`${quote}${name}${quote}`);
    return at < 0 ? [] : [source.slice(0, at).trimEnd()];
  });
  return places.some((before) => /(\b(it|test)|\))\($/.test(before) && !/\.(skip|todo|fails)\($/.test(before));
}

const rows = rowsOf(readFileSync(join(root, "docs/faults.md"), "utf8"));

describe("the table of faults", () => {
  it("has every fault once, with every cell filled", () => {
    expect(rows.flatMap(({ ids }) => ids).toSorted()).toEqual([...faults].toSorted());
    for (const { ids, cells } of rows) {
      expect(cells, ids.join()).toHaveLength(columns);
      for (const cell of cells) expect(cell.length, ids.join()).toBeGreaterThan(4);
    }
  });

  it("names a test in each row, and each of them stands in its file and runs", () => {
    for (const { ids, tests } of rows) {
      expect(tests.length, ids.join()).toBeGreaterThan(0);
      for (const { file, name } of tests) {
        const path = join(root, file);
        expect(file !== "" && existsSync(path), `${ids.join()}: "${file}"`).toBe(true);
        expect(stands(readFileSync(path, "utf8"), name), `${ids.join()}: "${name}" in ${file}`).toBe(true);
      }
    }
  });

  it("would miss a row without a test, a test that is gone, and one that is left out", () => {
    const [row] = rowsOf("| `flood`: x | y | y | y | y | |");
    expect(row?.tests).toEqual([{ file: "", name: "" }]);
    expect(stands('it("something else", () => {});', "something")).toBe(false);
    expect(stands('// "something"', "something")).toBe(false);
    expect(stands('it.skip("something", () => {});', "something")).toBe(false);
    expect(stands('it("something", () => {});', "something")).toBe(true);
    expect(stands('it.each([1])(\n    "something", () => {});', "something")).toBe(true);
  });
});
