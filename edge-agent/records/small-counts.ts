import { type SafeCount, safeCount, smallestCount } from "../contract/characteristics.ts";

/*
 * Tables of the same people, cut in several ways: whoever knows one table's sum knows the others'. A count that is kept back
 * must not come out again by taking the told ones from such a sum (complementary suppression).
 */

/** One way of cutting: how many people are in each group. */
export type Table = readonly number[];
export type SafeTable = readonly SafeCount[];

/** Half the step that a told count is rounded to: so far it may be from the true one. */
const roundedBy = (smallestCount - 1) / 2;
const least = (told: number): number => Math.max(smallestCount, told - roundedBy);
const most = (told: number): number => told + roundedBy;

/**
 * What may be told of each table. `keptBack`: counts that are not told in any case. Every table has the same sum, which is
 * not told; of a count that is kept back, nothing follows but that it may be anything from 0 to 4.
 */
export function safeTables(tables: readonly Table[], keptBack: (table: number, group: number) => boolean): SafeTable[] {
  const told = tables.map((table, at) => table.map((count, group) => (keptBack(at, group) ? null : safeCount(count))));
  for (;;) {
    const highest = highestSum(told);
    const leaky = told.findIndex((table) => leaks(table, highest));
    const table = told[leaky];
    if (table === undefined) return told;
    table[smallestTold(table, tables[leaky] ?? [])] = null;
  }
}

/** Of the people all tables are of: at most this many, as far as a table that tells every group says so. */
function highestSum(told: readonly SafeTable[]): number {
  const whole = told.filter((table) => table.length > 0 && table.every((count) => count !== null));
  return Math.min(...whole.map((table) => table.reduce<number>((sum, count) => sum + most(count ?? 0), 0)));
}

/** A single count that is kept back can be subtracted; several together must be able to hold one of 4 at least. */
function leaks(table: SafeTable, highest: number): boolean {
  const told = table.filter((count) => count !== null);
  const back = table.length - told.length;
  if (back === 0 || told.length === 0) return false;
  return back === 1 || highest - told.reduce((sum, count) => sum + least(count), 0) < smallestCount - 1;
}

function smallestTold(table: SafeTable, counts: Table): number {
  const open = table.flatMap((count, group) => (count === null ? [] : [group]));
  return open.reduce((smallest, group) => ((counts[group] ?? 0) < (counts[smallest] ?? 0) ? group : smallest));
}
