import type { LiveMessage } from "../../edge-agent/contract/live.ts";
import type { Bed } from "./components/bed-tile/bed-view.ts";

export interface Place {
  readonly bed: string;
  readonly name: string;
}

export const unheardBeds = (places: readonly Place[]): Bed[] => places.map((place) => ({ ...place, heard: null }));

/** The beds in floor order, with what this message says of them. */
export function hearBeds(beds: readonly Bed[], message: LiveMessage, nowMs: number): Bed[] {
  switch (message.is) {
    case "snapshot":
      return beds.map((bed) => {
        const found = message.tiles.find(({ tile }) => tile.bed === bed.bed);
        return { ...bed, heard: found === undefined ? null : { tile: found.tile, heardAtMs: nowMs - found.waitedMs } };
      });
    case "tile":
      return beds.map((bed) =>
        bed.bed === message.tile.bed ? { ...bed, heard: { tile: message.tile, heardAtMs: nowMs } } : bed,
      );
    case "bedside":
    case "heartbeat":
    case "signed-out":
      return [...beds];
  }
}

/** The agent's clock, as far as its last word tells; this screen's own before the first. */
export function agentUtcMs(beds: readonly Bed[], nowMs: number): number {
  const told = beds.flatMap(({ heard }) =>
    heard === null ? [] : [heard.tile.at + Math.max(0, nowMs - heard.heardAtMs)],
  );
  return told.length === 0 ? Date.now() : Math.max(...told);
}
