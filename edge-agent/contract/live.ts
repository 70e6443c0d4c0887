import type { AlarmShown } from "./alarm-shown.ts";
import type { Sense } from "./config.ts";
import type { CommunicationNeeds, Hours } from "./consent.ts";
import type { Tile, TileAlarm } from "./tile.ts";
import type { WardState } from "./ward-state.ts";
import type { ConsentState, Purpose, SensorState, StaffRole } from "./words.ts";

/*
 * What the dashboard's server sends to a screen over WebSocket `/live`. One JSON text a message; what a screen may say is in
 * alarm-shown.ts.
 *
 * Newest state wins: tiles may be left out where a screen reads slowly. Changes of alarms are never left out. They are
 * numbered, and a screen that comes back says the last number it has: `/live?as=staff&epoch={epoch}&after={number}`.
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

/** One change of one alarm, by the server that heard of it. Presence `off`: it is over and answered. */
export interface AlarmChange {
  /** From 1, one more each time; counts anew with each epoch. */
  readonly number: number;
  readonly bed: string;
  readonly alarm: TileAlarm;
  /** As it stood then: the words of an alarm tell its limit. */
  readonly order: Tile["order"];
}

export type LiveMessage =
  /**
   * First message to a nurse station. `epoch`: this run of the server. `resumed`: every change since the number that the
   * screen named comes next. `lost`: some changes are not known any more; what holds now comes next.
   */
  | {
      readonly is: "feed";
      readonly epoch: string;
      /** Of the newest change, which the next snapshot holds. */
      readonly number: number;
      readonly since: "start" | "resumed" | "lost";
    }
  /** In order, without a gap. */
  | { readonly is: "alarms"; readonly changes: readonly AlarmChange[] }
  /** The agent knows that these were shown. */
  | { readonly is: "shown-taken"; readonly alarms: readonly AlarmShown[] }
  /** To a nurse station: every bed that was heard of, in no order. `waitedMs`: since the tile came in. */
  | { readonly is: "snapshot"; readonly tiles: readonly { readonly tile: Tile; readonly waitedMs: number }[] }
  | { readonly is: "tile"; readonly tile: Tile; readonly waitedMs: number }
  /** To a nurse station, at first and at each change. `utcMs`: the server's clock now. */
  | { readonly is: "ward"; readonly state: WardState; readonly utcMs: number }
  /** To a bedside screen, at first and at each change. Null: this stay is not in this bed any more, or nothing was heard yet. */
  | {
      readonly is: "bedside";
      readonly view: BedsideView | null;
      readonly waitedMs: number;
      /** The server's clock: a wall panel's own may be wrong by hours. */
      readonly utcMs: number;
    }
  /**
   * `lastTileAgeMs`: since the newest tile that this screen may know of; null before the first. `sentAtMs`: on the server's
   * monotonic clock, so that a screen notices what was long on its way.
   */
  | {
      readonly is: "heartbeat";
      readonly agent: AgentHealth;
      readonly lastTileAgeMs: number | null;
      readonly sentAtMs: number;
    }
  /** The session ended: the screen goes back to its first page. */
  | { readonly is: "signed-out" };
