import type Database from "better-sqlite3";
import { floodWithinMs } from "../contract/alarm-load.ts";

/** How often an alarm came up on this ward lately: each time counts. Kept in memory; after a start, from the alarms' rows. */
export class RaisedLately {
  private times: number[] = [];

  restore(ward: Database.Database): void {
    this.times = ward
      .prepare("SELECT raised_at FROM alarm ORDER BY raised_at DESC LIMIT 100")
      .pluck()
      .all()
      .map(Number)
      .toReversed();
  }

  hear(utcMs: number): void {
    this.times.push(utcMs);
  }

  /** A clock that was set back does not make what was just raised go away. */
  count(utcMs: number): number {
    this.times = this.times.filter((at) => Math.abs(utcMs - at) <= floodWithinMs);
    return this.times.length;
  }
}
