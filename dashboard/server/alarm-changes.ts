import type { AlarmChange } from "../../edge-agent/contract/live.ts";
import type { Tile, TileAlarm } from "../../edge-agent/contract/tile.ts";

/** Changes that are kept for screens that come back; a screen that lacks an older one gets what holds now. */
export const changesKeptMax = 4_096;
/** In one message, so that it stays far below a frame's limit. */
const changesAtOnceMax = 50;

/**
 * Every change of every alarm since this server started, numbered in the order in which it was heard. Derived from tiles,
 * which are whole: what lies between two tiles that the agent told is in the agent's records and not here.
 */
export class AlarmChanges {
  readonly epoch: string;
  private readonly keptMax: number;
  private readonly known = new Map<string, readonly TileAlarm[]>();
  private kept: AlarmChange[] = [];
  private last = 0;

  /** @param epoch no other run of a server has the same. */
  constructor(epoch: string, keptMax = changesKeptMax) {
    this.epoch = epoch;
    this.keptMax = keptMax;
  }

  /** Of the newest change; 0 before the first. */
  get number(): number {
    return this.last;
  }

  hear({ bed, alarms, order }: Pick<Tile, "bed" | "alarms" | "order">): void {
    const before = this.known.get(bed) ?? [];
    this.known.set(bed, alarms);
    for (const alarm of alarms) {
      const old = before.find(({ id }) => id === alarm.id);
      if (old === undefined || !isSame(old, alarm)) this.add({ bed, alarm, order });
    }
    // An alarm that is over and answered is not in the tile any more.
    for (const gone of before) {
      if (gone.presence === "off" || alarms.some(({ id }) => id === gone.id)) continue;
      this.add({ bed, alarm: { ...gone, presence: "off" }, order });
    }
  }

  /** The next ones after this number, in order; none: nothing is newer. "lost": some of them are not kept any more. */
  after(number: number): readonly AlarmChange[] | "lost" {
    if (number > this.last || number < this.last - this.kept.length) return "lost";
    const first = this.kept.length - (this.last - number);
    return this.kept.slice(first, first + changesAtOnceMax);
  }

  private add(change: Omit<AlarmChange, "number">): void {
    this.last += 1;
    this.kept.push({ number: this.last, ...change });
    // In steps, so that a flood does not move the whole list at each change.
    if (this.kept.length >= 2 * this.keptMax) this.kept = this.kept.slice(-this.keptMax);
  }
}

/** That a screen has shown it is no change of it. */
const isSame = (a: TileAlarm, b: TileAlarm): boolean =>
  JSON.stringify({ ...a, shown: true }) === JSON.stringify({ ...b, shown: true });
