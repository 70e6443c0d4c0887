import type { StoreRow } from "./door.ts";
import type { Tile } from "./tile.ts";

/*
 * An alarm whose entry could not be written goes out all the same, and says so (DESIGN section 4).
 */

export const alarmsIn = (rows: readonly StoreRow[]): string[] =>
  rows.flatMap((row) => (row.table === "alarm" ? [row.alarm.id] : []));

/** The tile of a step of which these rows could not be written. */
export function unaudited(tile: Tile, unwritten: readonly StoreRow[]): Tile {
  const raised = alarmsIn(unwritten);
  const alarms = tile.alarms.map((alarm) => (raised.includes(alarm.id) ? { ...alarm, audited: false } : alarm));
  return { ...tile, alarms };
}
