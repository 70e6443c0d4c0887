import type { LiveMessage } from "../../edge-agent/contract/live.ts";

/** How far this screen has heard the changes of alarms, over all its connections. */
export class FeedCursor {
  private epoch: string | null = null;
  private number = 0;

  /** What a new connection asks for, to be added to its address. */
  query(): string {
    return this.epoch === null ? "" : `&epoch=${encodeURIComponent(this.epoch)}&after=${this.number}`;
  }

  /** The message without what this screen has heard already; null: nothing is left of it. */
  take(message: LiveMessage): LiveMessage | null {
    switch (message.is) {
      case "feed":
        if (message.since === "resumed" && message.epoch === this.epoch) return message;
        this.epoch = message.epoch;
        this.number = message.number;
        return message;
      case "alarms": {
        const changes = message.changes.filter(({ number }) => number > this.number);
        this.number = changes.at(-1)?.number ?? this.number;
        return changes.length === 0 ? null : { is: "alarms", changes };
      }
      case "snapshot":
      case "tile":
      case "ward":
      case "bedside":
      case "heartbeat":
      case "shown-taken":
      case "signed-out":
        return message;
    }
  }
}
