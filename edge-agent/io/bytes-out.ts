import type { Tile } from "../contract/tile.ts";
import type { MonoMs } from "../contract/units.ts";

const slotMs = 60_000;
const slots = 60;
/** Of the hour's budget, at once: a minute of changes may say more than a quiet one. */
const burstShare = 1 / 12;
/** A tile of a person with every purpose, order and some alarms, without what is sensed, has half of this. */
const withoutSensedBytesMax = 4_096;
/** Tiles held back from one line in the log to the next. */
const logEvery = 300;

interface Room {
  /** Bytes that may go out now. */
  credit: number;
  creditAt: MonoMs;
  /** Bytes of each of the last 60 minutes. */
  spent: boolean;
  readonly minutes: number[];
  minute: number;
  heldBack: number;
}

type SentOut = NonNullable<Tile["engineering"]["sentOut"]>;

/**
 * What one room may tell in an hour, bytes: far less than its sensors' frames, so that nothing which could be looked at goes out as a
 * tile unseen. Where a budget is spent the tile goes on without what was sensed, and says so: alarms and checks in person are never held back.
 */
export class BytesOut {
  private readonly rooms = new Map<string, Room>();
  private readonly bytesPerHourMax: number;
  private readonly creditMax: number;
  private readonly now: () => MonoMs;
  private readonly onSpent: (bed: string) => void;

  constructor(bytesPerHourMax: number, now: () => MonoMs, onSpent: (bed: string) => void) {
    this.bytesPerHourMax = bytesPerHourMax;
    this.creditMax = bytesPerHourMax * burstShare;
    this.now = now;
    this.onSpent = onSpent;
  }

  /** This tile as it may go out; null: not even what is left of it may, and screens say that they hear nothing of the room. */
  say(told: Tile): { readonly tile: Tile; readonly json: string } | null {
    const room = this.room(told.bed);
    this.pass(room);
    const whole = counted(told, this.sentOut(room));
    // Once spent it stays so until some has come back: words that come and go each second help nobody.
    room.spent = room.spent ? room.credit < this.creditMax / 2 : bytesOf(whole.json) > room.credit;
    if (room.spent) {
      room.heldBack += 1;
      if (room.heldBack % logEvery === 1) this.onSpent(told.bed);
    }
    const said = room.spent ? counted(withoutSensed(told), this.sentOut(room)) : whole;
    const bytes = bytesOf(said.json);
    if (room.spent && bytes > withoutSensedBytesMax) return null;
    room.credit = Math.max(0, room.credit - bytes);
    room.minutes[room.minute % slots] = (room.minutes[room.minute % slots] ?? 0) + bytes;
    return said;
  }

  private sentOut(room: Room): SentOut {
    return {
      bytesInHour: room.minutes.reduce((sum, bytes) => sum + bytes, 0),
      bytesPerHourMax: this.bytesPerHourMax,
      heldBack: room.heldBack,
    };
  }

  private room(bed: string): Room {
    const known = this.rooms.get(bed);
    if (known !== undefined) return known;
    const at = this.now();
    const fresh = {
      credit: this.creditMax,
      creditAt: at,
      minutes: new Array<number>(slots).fill(0),
      minute: Math.floor(at / slotMs),
      spent: false,
      heldBack: 0,
    };
    this.rooms.set(bed, fresh);
    return fresh;
  }

  private pass(room: Room): void {
    const at = this.now();
    const earned = ((at - room.creditAt) * this.bytesPerHourMax) / (slots * slotMs);
    room.credit = Math.min(this.creditMax, room.credit + earned);
    room.creditAt = at;
    const minute = Math.floor(at / slotMs);
    for (let gone = Math.max(room.minute + 1, minute - slots + 1); gone <= minute; gone++)
      room.minutes[gone % slots] = 0;
    room.minute = minute;
  }
}

function counted(told: Tile, sentOut: SentOut): { readonly tile: Tile; readonly json: string } {
  const tile = { ...told, engineering: { ...told.engineering, sentOut } };
  return { tile, json: JSON.stringify(tile) };
}

const bytesOf = (json: string): number => Buffer.byteLength(json);

/** Only what a nurse must know without any sensor. */
function withoutSensed(tile: Tile): Tile {
  return {
    ...tile,
    sensor: { ...tile.sensor, detail: "" },
    notMonitored: tile.notMonitored ?? "too-much-sent",
    movement: null,
    breathing: tile.breathing.rate === null ? tile.breathing : { rate: null, reason: "withheld" },
  };
}
