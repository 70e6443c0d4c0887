import type { AlarmChange, LiveMessage } from "../../edge-agent/contract/live.ts";
import type { Bed } from "./components/bed-tile/bed-view.ts";

export interface Place {
  readonly bed: string;
  readonly name: string;
  /** Its bedroom unit; left out where nobody needs it. */
  readonly device?: string;
}

export const unheardBeds = (places: readonly Place[]): Bed[] => places.map((place) => ({ ...place, heard: null }));

/**
 * The beds in floor order, with what this message says of them.
 *
 * @param lagMs how long the message was on its way, beyond what is usual: it makes what it says that much older.
 */
export function hearBeds(beds: readonly Bed[], message: LiveMessage, nowMs: number, lagMs = 0): Bed[] {
  switch (message.is) {
    case "snapshot":
      return beds.map((bed) => {
        const found = message.tiles.find(({ tile }) => tile.bed === bed.bed);
        const heardAtMs = nowMs - (found?.waitedMs ?? 0) - lagMs;
        return { ...bed, heard: found === undefined ? null : { tile: found.tile, heardAtMs } };
      });
    case "tile":
      return beds.map((bed) =>
        bed.bed === message.tile.bed
          ? { ...bed, heard: { tile: message.tile, heardAtMs: nowMs - message.waitedMs - lagMs } }
          : bed,
      );
    case "alarms":
      return message.changes.reduce<Bed[]>(withChange, [...beds]);
    case "feed":
    case "ward":
    case "shown-taken":
    case "bedside":
    case "heartbeat":
    case "signed-out":
      return [...beds];
  }
}

/** An alarm that changed, before the tile that says so: that one may be left out on a slow screen. */
function withChange(beds: Bed[], { bed: changed, alarm, order }: AlarmChange): Bed[] {
  return beds.map((bed) => {
    if (bed.bed !== changed || bed.heard === null) return bed;
    const { tile } = bed.heard;
    const others = tile.alarms.filter(({ id }) => id !== alarm.id);
    const alarms = alarm.presence === "off" ? others : [...others, alarm];
    return { ...bed, heard: { ...bed.heard, tile: { ...tile, alarms, order } } };
  });
}

/** The agent's clock, as far as its last word tells; this screen's own before the first. */
export function agentUtcMs(beds: readonly Bed[], nowMs: number): number {
  const told = beds.flatMap(({ heard }) =>
    heard === null ? [] : [heard.tile.at + Math.max(0, nowMs - heard.heardAtMs)],
  );
  return told.length === 0 ? Date.now() : Math.max(...told);
}
