import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SafeCount } from "../contract/characteristics.ts";
import { safeTables } from "./small-counts.ts";

/*
 * Somebody who reads the page and knows how it is made: counts are rounded to the nearest 5, every table is of the same
 * people, and what is kept back is fewer than 5 or was kept back with such a one.
 */

/** The lowest and the highest true count behind what is told. */
const bounds = (told: SafeCount): readonly [number, number] =>
  told === null ? [0, Number.POSITIVE_INFINITY] : [Math.max(5, told - 2), told + 2];
const sumOf = (table: readonly SafeCount[]) =>
  table.map(bounds).reduce(([low, high], [l, h]) => [low + l, high + h] as const, [0, 0] as const);

/** May the count that is kept back be this one? Everything that is told is used. */
function isPossible(tables: readonly (readonly SafeCount[])[], at: number, group: number, count: number): boolean {
  const sums = tables.map((table, index) => sumOf(index === at ? table.filter((_, place) => place !== group) : table));
  const own = sums[at] ?? [0, 0];
  const low = Math.max(own[0] + count, ...sums.filter((_, index) => index !== at).map(([l]) => l));
  const high = Math.min(own[1] + count, ...sums.filter((_, index) => index !== at).map(([, h]) => h));
  return low <= high;
}

/** The same people, cut in several ways. */
const anyTables = fc
  .record({
    people: fc.integer({ min: 0, max: 60 }),
    cuts: fc.array(fc.integer({ min: 2, max: 6 }), { minLength: 1, maxLength: 5 }),
  })
  .chain(({ people, cuts }) =>
    fc.tuple(
      ...cuts.map((groups) =>
        // Weights, so that small groups beside large ones are common.
        fc
          .array(fc.integer({ min: 0, max: people }), { minLength: groups - 1, maxLength: groups - 1 })
          .map((points) => {
            const edges = [0, ...points.sort((a, b) => a - b), people];
            return edges.slice(1).map((edge, index) => edge - (edges[index] ?? 0));
          }),
      ),
    ),
  );

describe("what is told of small groups", () => {
  it("tells of no count below five more than that it is between 0 and 4, whatever is added and subtracted", () => {
    fc.assert(
      fc.property(anyTables, (tables) => {
        const told = safeTables(tables, () => false);
        for (const [at, table] of tables.entries()) {
          for (const [group, count] of table.entries()) {
            if (count >= 5) continue;
            expect(told[at]?.[group]).toBeNull();
            for (const guess of [0, 1, 2, 3, 4]) expect(isPossible(told, at, group, guess), `${guess}`).toBe(true);
          }
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it("tells the true count to the nearest five wherever it tells one, and keeps back what it is asked to", () => {
    fc.assert(
      fc.property(anyTables, (tables) => {
        const told = safeTables(tables, (at, group) => at === 0 && group === 0);
        expect(told[0]?.[0]).toBeNull();
        for (const [at, table] of told.entries())
          for (const [group, count] of table.entries())
            if (count !== null) expect(Math.abs(count - (tables[at]?.[group] ?? 0))).toBeLessThanOrEqual(2);
      }),
    );
  });

  it("keeps back a second count where one alone could be subtracted, and none where there is nothing to hide", () => {
    expect(safeTables([[12, 4, 7]], () => false)).toEqual([[10, null, null]]);
    expect(safeTables([[12, 8, 7]], () => false)).toEqual([[10, 10, 5]]);
    // Thirty-two people: four rounded-up groups tell that there are at least so many, and four that were rounded down at most.
    expect(
      safeTables(
        [
          [8, 8, 8, 8],
          [7, 7, 7, 7, 4],
        ],
        () => false,
      ),
    ).toEqual([
      [10, 10, 10, 10],
      [null, 5, 5, 5, null],
    ]);
    expect(
      safeTables(
        [
          [13, 13, 0, 2],
          [7, 7, 7, 7],
        ],
        () => false,
      )[0],
    ).toEqual([null, 15, null, null]);
  });

  it("would be found out by the same attack without the second count", () => {
    const naive = [
      [10, 10, 10, 10],
      [5, 5, 5, 5, null],
    ] as const;
    expect([0, 1, 2, 3, 4].filter((guess) => isPossible(naive, 1, 4, guess))).toEqual([4]);
  });
});
