import { writeFile } from "node:fs/promises";
import type { Tile } from "../contract/tile.ts";
import type { Log } from "../platform/log.ts";

interface UnitAlarmOptions {
  /** A file that takes "1" and "0", such as a GPIO line's value or a lamp's brightness; null: the log only. */
  readonly relayFile: string | null;
  readonly log: Log;
}

/**
 * The alarm on the agent's own box: an alarm reached no screen, so nobody on the ward can be told by one. A line in the log, and a
 * relay (a lamp, a buzzer) for as long as it lasts.
 */
export class UnitAlarm {
  private readonly options: UnitAlarmOptions;
  private readonly beds = new Set<string>();
  private wanted = "";
  private writing = Promise.resolve();

  constructor(options: UnitAlarmOptions) {
    this.options = options;
  }

  /** Off at the start: an earlier run may have been killed while it was on. */
  start(): void {
    this.set("0");
  }

  follow({ bed, alarms }: Pick<Tile, "bed" | "alarms">): void {
    const unseen = alarms.some(({ condition, presence }) => condition === "delivery-unconfirmed" && presence === "on");
    if (unseen === this.beds.has(bed)) return;
    if (unseen) {
      this.beds.add(bed);
      this.options.log.error({ bed }, "an alarm reached no screen: check this room in person, then the stations");
    } else {
      this.beds.delete(bed);
      this.options.log.warn({ bed }, "the alarms of this room are on a screen again");
    }
    this.set(this.beds.size > 0 ? "1" : "0");
  }

  /** @returns when the relay is as it was last told. */
  async stop(): Promise<void> {
    this.set("0");
    await this.writing;
  }

  private set(value: string): void {
    const { relayFile, log } = this.options;
    if (relayFile === null || value === this.wanted) return;
    this.wanted = value;
    this.writing = this.writing
      .then(() => writeFile(relayFile, `${value}\n`))
      .catch((cause: unknown) => log.error({ relayFile, cause: String(cause) }, "the relay could not be set"));
  }
}
