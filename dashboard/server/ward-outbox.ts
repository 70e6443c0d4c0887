import type { AlarmChange, LiveMessage } from "../../edge-agent/contract/live.ts";
import type { Tile } from "../../edge-agent/contract/tile.ts";
import type { WardState } from "../../edge-agent/contract/ward-state.ts";

/** Bytes that wait in this process for a screen that does not read. */
export const waitingBytesMax = 65_536;

/** One screen's connection, as far as sending goes. */
export interface Wire {
  readonly isOpen: boolean;
  readonly waitingBytes: number;
  /** `onSent`: the bytes left this process. */
  send(message: LiveMessage, onSent: () => void): void;
}

/** What a screen had when its connection broke. */
export interface HadBefore {
  readonly epoch: string;
  readonly number: number;
}

export interface WaitedTile {
  readonly tile: Tile;
  readonly waitedMs: number;
}

export interface OutboxSources {
  readonly changes: {
    readonly epoch: string;
    readonly number: number;
    after(number: number): readonly AlarmChange[] | "lost";
  };
  readonly tile: (bed: string) => WaitedTile | undefined;
  readonly tiles: () => readonly WaitedTile[];
  /** Undefined: nothing was heard of it. */
  readonly ward: () => { readonly state: WardState; readonly utcMs: number } | undefined;
}

/**
 * What one nurse station still has to hear. It holds numbers and names, never messages, so a screen that does not read
 * costs nothing: it gets every change of an alarm, and of each bed only the newest word.
 */
export class WardOutbox {
  private readonly wire: Wire;
  private readonly sources: OutboxSources;
  private readonly beds = new Set<string>();
  /** Of the last change that was sent. */
  private number: number;
  private greeting: "start" | "resumed" | "lost" | null;
  private wholeDue = true;
  private wardDue = true;
  private beat: LiveMessage | null = null;
  private sending = false;
  /** The screen has not answered for a while: only what may not be left out is sent. */
  holdsBack = false;

  constructor(wire: Wire, sources: OutboxSources, had: HadBefore | undefined) {
    this.wire = wire;
    this.sources = sources;
    const { changes } = sources;
    const known = had !== undefined && had.epoch === changes.epoch && changes.after(had.number) !== "lost";
    this.greeting = had === undefined ? "start" : known ? "resumed" : "lost";
    this.number = known ? had.number : changes.number;
  }

  /** Something new was heard of this bed. */
  tell(bed: string): void {
    this.beds.add(bed);
    this.flush();
  }

  /** The ward as a whole changed; only the newest is sent. */
  tellWard(): void {
    this.wardDue = true;
    this.flush();
  }

  /** Only the newest waits. */
  tellBeat(message: LiveMessage): void {
    this.beat = message;
    this.flush();
  }

  flush(): void {
    // A wire may say "sent" at once.
    if (this.sending) return;
    this.sending = true;
    while (this.wire.isOpen && this.wire.waitingBytes < waitingBytesMax) {
      const message = this.next();
      if (message === undefined) break;
      this.wire.send(message, () => this.flush());
    }
    this.sending = false;
  }

  /** Alarms go first: a tile that is sent holds no alarm of which the screen did not hear. */
  private next(): LiveMessage | undefined {
    const { changes } = this.sources;
    const due = changes.after(this.number);
    if (due === "lost") {
      this.number = changes.number;
      this.greeting = "lost";
      this.wholeDue = true;
    }
    if (this.greeting !== null) {
      const since = this.greeting;
      this.greeting = null;
      return { is: "feed", epoch: changes.epoch, number: this.number, since };
    }
    if (due !== "lost" && due.length > 0) {
      this.number += due.length;
      return { is: "alarms", changes: due };
    }
    if (this.wholeDue) {
      this.wholeDue = false;
      this.beds.clear();
      return { is: "snapshot", tiles: this.sources.tiles() };
    }
    const ward = this.wardDue ? this.sources.ward() : undefined;
    this.wardDue = false;
    if (ward !== undefined) return { is: "ward", ...ward };
    if (this.beat !== null) {
      const { beat } = this;
      this.beat = null;
      return beat;
    }
    return this.holdsBack ? undefined : this.nextTile();
  }

  private nextTile(): LiveMessage | undefined {
    for (const bed of this.beds) {
      this.beds.delete(bed);
      const found = this.sources.tile(bed);
      if (found !== undefined) return { is: "tile", ...found };
    }
    return undefined;
  }
}
