import type { TileAlarm } from "../../../../edge-agent/contract/tile.ts";
import type { AlarmPriority } from "../../../../edge-agent/contract/words.ts";

const rank: Readonly<Record<AlarmPriority, number>> = { high: 0, medium: 1, low: 2, information: 3 };

/** By priority, then the one that waits longest first. */
export function worstFirst<T extends Pick<TileAlarm, "priority" | "raisedAt" | "id">>(alarms: readonly T[]): T[] {
  return alarms.toSorted(
    (a, b) => rank[a.priority] - rank[b.priority] || a.raisedAt - b.raisedAt || a.id.localeCompare(b.id),
  );
}
