import type { LeaseMessage } from "../contract/lease.ts";
import type { BrokerLink } from "../platform/connect.ts";
import type { Log } from "../platform/log.ts";

interface Told {
  readonly device: string;
  readonly message: LeaseMessage;
}

/** Leases and stops on their way to the bridges. */
export class BridgeTeller {
  private readonly tellings = new Set<Promise<void>>();
  private readonly link: () => Pick<BrokerLink, "publish">;
  private readonly topicOf: (device: string) => string;
  private readonly log: Log;

  constructor(link: () => Pick<BrokerLink, "publish">, topicOf: (device: string) => string, log: Log) {
    this.link = link;
    this.topicOf = topicOf;
    this.log = log;
  }

  tell(told: Told | undefined): void {
    if (told === undefined) return;
    const { device, message } = told;
    // A lease that cannot be delivered now is worth nothing later: the next renewal brings a fresh one. A stop is worth trying.
    const timeoutMs = message.kind === "lease" ? 2_000 : 10_000;
    const telling = this.link()
      .publish(this.topicOf(device), JSON.stringify(message), { qos: 1, timeoutMs })
      .then((result) => {
        if (result !== "sent") this.log.warn({ device, kind: message.kind, result }, "the bridge could not be told");
        this.tellings.delete(telling);
      });
    this.tellings.add(telling);
  }

  /** Once everything that was said has arrived, or cannot. */
  async settled(): Promise<void> {
    await Promise.all(this.tellings);
  }
}
