import { type LiveMessage, liveSilentAfterMs } from "../../edge-agent/contract/live.ts";
import { askAs } from "./ask.ts";

const reconnectAfterMs = 1_000;

export interface Liveness {
  /** Null: live. Otherwise why what is on the screen may not be believed. */
  readonly notLive: "no-connection" | "agent-silent" | null;
}

export interface LiveSource {
  /** Calls back with each message, and at least twice a second with whether the screen is live. */
  start(onMessage: (message: LiveMessage) => void, onLook: (liveness: Liveness) => void): void;
}

/**
 * The WebSocket `/live`. A connection that dies does not say so (a laptop's sleep, a switch that forgot it), so what counts
 * is when the last message came: the server sends one each second.
 */
export function liveSource(as: "staff" | "bedside"): LiveSource {
  return {
    start(onMessage, onLook) {
      let heardAt = performance.now();
      let agentHeard = true;
      let socket: WebSocket | undefined;

      // A screen that was revoked, or whose stay is over, asks for a new pairing.
      let left = false;
      const leave = (): void => {
        // The message and the end of the connection say the same; a second navigation would break off the first.
        if (left) return;
        left = true;
        location.assign(as === "bedside" ? "/pair" : "/");
      };

      const open = (): void => {
        const scheme = location.protocol === "https:" ? "wss:" : "ws:";
        const mine = new WebSocket(`${scheme}//${location.host}/live?as=${as}`);
        socket = mine;
        mine.onmessage = ({ data }) => {
          if (socket !== mine) return;
          const message = JSON.parse(String(data)) as LiveMessage;
          heardAt = performance.now();
          if (message.is === "heartbeat") agentHeard = message.agent === "heard";
          if (message.is === "signed-out") leave();
          else onMessage(message);
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
        onLook({ notLive: agentHeard ? null : "agent-silent" });
      };
      open();
      setInterval(look, 500);
    },
  };
}
