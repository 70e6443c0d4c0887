import type { LiveSaid } from "../../edge-agent/contract/alarm-shown.ts";
import { type LiveMessage, liveSilentAfterMs } from "../../edge-agent/contract/live.ts";
import { askAs } from "./ask.ts";
import { FeedCursor } from "./feed-cursor.ts";
import { FeedLag } from "./feed-lag.ts";

const reconnectAfterMs = 1_000;

export interface Liveness {
  /** Null: live. Otherwise why what is on the screen may not be believed. */
  readonly notLive: "no-connection" | "agent-silent" | "late" | null;
}

export interface LiveSource {
  /**
   * Calls back with each message, and at least twice a second with whether the screen is live. `lagMs`: how long the message
   * was on its way beyond what is usual.
   */
  start(onMessage: (message: LiveMessage, lagMs: number) => void, onLook: (liveness: Liveness) => void): void;
  /** False: it could not be said now. */
  say(said: LiveSaid): boolean;
}

/**
 * The WebSocket `/live`. A connection that dies does not say so (a laptop's sleep, a switch that forgot it), so what counts
 * is when the last message came: the server sends one each second. A new connection goes on where the last one broke.
 */
export function liveSource(as: "staff" | "bedside"): LiveSource {
  const cursor = new FeedCursor();
  const lag = new FeedLag();
  let socket: WebSocket | undefined;
  return {
    start(onMessage, onLook) {
      let heardAt = performance.now();
      let agentHeard = true;

      // A screen that was revoked, or whose stay is over, asks for a new pairing.
      let left = false;
      const leave = (): void => {
        // The message and the end of the connection say the same; a second navigation would break off the first.
        if (left) return;
        left = true;
        location.assign(as === "bedside" ? "/pair" : "/");
      };

      const hear = (data: unknown): void => {
        const message = JSON.parse(String(data)) as LiveMessage;
        heardAt = performance.now();
        if (message.is === "heartbeat") {
          agentHeard = message.agent === "heard";
          lag.hear(message.sentAtMs, heardAt);
        }
        const fresh = cursor.take(message);
        if (message.is === "signed-out") leave();
        else if (fresh !== null) onMessage(fresh, lag.lagMs);
      };

      const open = (): void => {
        const scheme = location.protocol === "https:" ? "wss:" : "ws:";
        const mine = new WebSocket(`${scheme}//${location.host}/live?as=${as}${cursor.query()}`);
        socket = mine;
        lag.restart();
        mine.onmessage = ({ data }) => {
          if (socket === mine) hear(data);
        };
        mine.onclose = () => {
          if (socket !== mine) return;
          setTimeout(open, reconnectAfterMs);
          // A refused upgrade does not tell the page why: a session that ended would show as "not live" for ever.
          void askAs(as)({ do: "who-am-i" }).then((asked) => {
            if (!asked.ok && asked.signedOut) leave();
          });
        };
      };

      const look = (): void => {
        const silentMs = performance.now() - heardAt;
        if (silentMs > liveSilentAfterMs) {
          onLook({ notLive: "no-connection" });
          if (socket !== undefined && socket.readyState === WebSocket.OPEN && silentMs > 2 * liveSilentAfterMs) {
            // Dead without a word: its close event may take minutes.
            heardAt = performance.now() - liveSilentAfterMs - 1;
            const dead = socket;
            open();
            dead.close();
          }
          return;
        }
        if (lag.lagMs > liveSilentAfterMs) onLook({ notLive: "late" });
        else onLook({ notLive: agentHeard ? null : "agent-silent" });
      };
      open();
      setInterval(look, 500);
    },

    say(said) {
      if (socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(said));
      return true;
    },
  };
}
