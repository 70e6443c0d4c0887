import type { BedsideView } from "../../edge-agent/contract/live.ts";
import type { Tile } from "../../edge-agent/contract/tile.ts";

/**
 * What of a tile the screen of one stay may have: what is on, and nothing that was measured. Null where the bed has another
 * stay by now: a new person's consents are not shown to the last one's screen.
 */
export function bedsideViewOf(tile: Tile | undefined, stay: string): BedsideView | null {
  if (tile?.stay?.id !== stay) return null;
  return {
    bedName: tile.bedName,
    stay,
    demonstration: tile.stay.demonstration,
    source: tile.source,
    sensor: tile.sensor.state,
    consents: tile.consents.map(({ purpose, state }) => ({ purpose, state })),
  };
}
