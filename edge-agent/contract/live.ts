import type { Sense } from "./config.ts";
import type { CommunicationNeeds, Hours } from "./consent.ts";
import type { Tile } from "./tile.ts";
import type { ConsentState, Purpose, SensorState, StaffRole } from "./words.ts";

/*
 * What the dashboard's server sends to a screen over WebSocket `/live`. One JSON text a message; the screen sends nothing.
 */

/** Whether the agent is heard: `silent`: the broker is there, but no tile came for `agentSilentAfterMs`. */
export type AgentHealth = "heard" | "silent" | "offline";
export const agentSilentAfterMs = 5_000;
/** Without any message for this long a screen is not live. */
export const liveSilentAfterMs = 5_000;
export const liveHeartbeatEveryMs = 1_000;

/** One purpose, as the person at the bedside may know it. Times are ms since 1970 UTC. */
export interface BedsidePurpose {
  readonly purpose: Purpose;
  readonly state: ConsentState;
  readonly sinceUtcMs: number | null;
  /** Off by itself then, unless staff and the person look at it again. */
  readonly untilUtcMs: number | null;
  /** Only while paused: on again by itself then. */
  readonly pauseUntilUtcMs: number | null;
  readonly hours: Hours | null;
  /** Allowed, but not at this hour. */
  readonly outOfHours: boolean;
  /** The person is to be asked whether this is still all right. */
  readonly askAgain: boolean;
  /** One touch of the person turns it on: it is offered, or was and what was offered still holds. */
  readonly mayTurnOn: boolean;
}

/** Somebody who has this person's page open now. */
export interface OpenedNow {
  readonly role: StaffRole;
  /** Null where the site tells patients roles only. */
  readonly name: string | null;
  readonly sinceUtcMs: number;
}

/** What the screen in a bedroom may know: nothing measured, nothing about other beds. */
export interface BedsideView {
  readonly bedName: string;
  readonly stay: string;
  readonly demonstration: boolean;
  readonly source: Tile["source"];
  /** As the bridge last confirmed it. */
  readonly sensor: SensorState;
  /** Kinds of sensors in this room, by the site's configuration. */
  readonly senses: readonly Sense[];
  readonly needs: Pick<CommunicationNeeds, "language" | "readAloud" | "largeText">;
  readonly consents: readonly BedsidePurpose[];
  readonly openedBy: readonly OpenedNow[];
}

export type LiveMessage =
  /** First message to a nurse station: every bed that was heard of, in no order. `waitedMs`: since the tile came in. */
  | { readonly is: "snapshot"; readonly tiles: readonly { readonly tile: Tile; readonly waitedMs: number }[] }
  | { readonly is: "tile"; readonly tile: Tile }
  /** To a bedside screen, at first and at each change. Null: this stay is not in this bed any more, or nothing was heard yet. */
  | {
      readonly is: "bedside";
      readonly view: BedsideView | null;
      readonly waitedMs: number;
      /** The server's clock: a wall panel's own may be wrong by hours. */
      readonly utcMs: number;
    }
  /** `lastTileAgeMs`: since the newest tile that this screen may know of; null before the first. */
  | { readonly is: "heartbeat"; readonly agent: AgentHealth; readonly lastTileAgeMs: number | null }
  /** The session ended: the screen goes back to its first page. */
  | { readonly is: "signed-out" };
