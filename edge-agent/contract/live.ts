import type { Tile } from "./tile.ts";
import type { ConsentState, Purpose, SensorState } from "./words.ts";

/*
 * What the dashboard's server sends to a screen over WebSocket `/live`. One JSON text a message; the screen sends nothing.
 */

/** Whether the agent is heard: `silent`: the broker is there, but no tile came for `agentSilentAfterMs`. */
export type AgentHealth = "heard" | "silent" | "offline";
export const agentSilentAfterMs = 5_000;
/** Without any message for this long a screen is not live. */
export const liveSilentAfterMs = 5_000;
export const liveHeartbeatEveryMs = 1_000;

/** What the screen in a bedroom may know: nothing measured, nothing about staff or other beds. */
export interface BedsideView {
  readonly bedName: string;
  readonly stay: string;
  readonly demonstration: boolean;
  readonly source: Tile["source"];
  /** As the bridge last confirmed it. */
  readonly sensor: SensorState;
  readonly consents: readonly { readonly purpose: Purpose; readonly state: ConsentState }[];
}

export type LiveMessage =
  /** First message to a nurse station: every bed that was heard of, in no order. `waitedMs`: since the tile came in. */
  | { readonly is: "snapshot"; readonly tiles: readonly { readonly tile: Tile; readonly waitedMs: number }[] }
  | { readonly is: "tile"; readonly tile: Tile }
  /** To a bedside screen, at first and at each change. Null: this stay is not in this bed any more, or nothing was heard yet. */
  | { readonly is: "bedside"; readonly view: BedsideView | null; readonly waitedMs: number }
  /** `lastTileAgeMs`: since the newest tile that this screen may know of; null before the first. */
  | { readonly is: "heartbeat"; readonly agent: AgentHealth; readonly lastTileAgeMs: number | null }
  /** The session ended: the screen goes back to its first page. */
  | { readonly is: "signed-out" };
