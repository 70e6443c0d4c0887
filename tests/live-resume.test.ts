import fc from "fast-check";
import { expect, test } from "vitest";
import { AlarmChanges } from "../dashboard/server/alarm-changes.ts";
import { type WaitedTile, WardOutbox, type Wire } from "../dashboard/server/ward-outbox.ts";
import type { Bed } from "../dashboard/web/components/bed-tile/bed-view.ts";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { FeedCursor } from "../dashboard/web/feed-cursor.ts";
import { hearBeds, unheardBeds } from "../dashboard/web/heard-beds.ts";
import type { LiveMessage } from "../edge-agent/contract/live.ts";
import type { Tile, TileAlarm } from "../edge-agent/contract/tile.ts";

/* A screen whose connection breaks at any moment, beside a server's whole memory of what it said. */

const beds = ["room-1", "room-2", "room-3"];
const alarmOf = (bed: string, number: number, presence: TileAlarm["presence"]): TileAlarm => ({
  ...bedTileFixtures.alarm.alarms[0],
  id: `${bed}-${number}`,
  presence,
});

/** A server with every change that it ever numbered, also those that it does not keep. */
class Server {
  readonly changes: AlarmChanges;
  private readonly whole = new AlarmChanges("the whole", 100_000);
  readonly tiles = new Map<string, Tile>();
  readonly everything: string[] = [];

  constructor(epoch: string, keptMax: number) {
    this.changes = new AlarmChanges(epoch, keptMax);
  }

  hear(tile: Tile): void {
    this.tiles.set(tile.bed, tile);
    this.changes.hear(tile);
    this.whole.hear(tile);
    const heard = this.whole.after(this.everything.length);
    if (heard === "lost") throw new Error("what was just heard is kept");
    for (const change of heard) this.everything.push(JSON.stringify(change));
  }

  sources() {
    const waited = (tile: Tile): WaitedTile => ({ tile, waitedMs: 0 });
    const tile = (bed: string) => {
      const found = this.tiles.get(bed);
      return found === undefined ? undefined : waited(found);
    };
    return { changes: this.changes, tile, tiles: () => [...this.tiles.values()].map(waited), ward: () => undefined };
  }
}

/** Bytes that the screen has not read yet stand still here until `read`; what stands here when it breaks is gone. */
class Line implements Wire {
  isOpen = true;
  readonly onTheWay: { message: LiveMessage; onSent: () => void }[] = [];
  readonly room: number;

  constructor(room: number) {
    this.room = room;
  }
  get waitingBytes(): number {
    return this.onTheWay.length >= this.room ? 1_000_000 : 0;
  }
  send(message: LiveMessage, onSent: () => void): void {
    this.onTheWay.push({ message: structuredClone(message), onSent });
  }
}

class Screen {
  readonly cursor = new FeedCursor();
  beds: Bed[] = unheardBeds(beds.map((bed) => ({ bed, name: bed })));
  /** Changes in the order in which they came, since it was last told that some are lost. */
  heard: string[] = [];
  lost = 0;
  private line: Line | undefined;
  private outbox: WardOutbox | undefined;

  connect(server: Server, room: number): void {
    const query = new URLSearchParams(this.cursor.query());
    const [epoch, after] = [query.get("epoch"), query.get("after")];
    const had = epoch === null ? undefined : { epoch, number: Number(after) };
    this.line = new Line(room);
    this.outbox = new WardOutbox(this.line, server.sources(), had);
    this.outbox.flush();
  }

  told(bed: string): void {
    this.outbox?.tell(bed);
  }

  read(count: number): void {
    for (let left = count; left > 0 && this.line !== undefined; left--) {
      const next = this.line.onTheWay.shift();
      if (next === undefined) return;
      next.onSent();
      const message = this.cursor.take(next.message);
      if (message === null) continue;
      this.beds = hearBeds(this.beds, message, 0);
      if (message.is === "feed" && message.since !== "resumed") {
        this.heard = [];
        this.lost += message.since === "lost" ? 1 : 0;
      }
      if (message.is === "alarms") this.heard.push(...message.changes.map((change) => JSON.stringify(change)));
    }
  }

  drop(): void {
    if (this.line !== undefined) this.line.isOpen = false;
    this.line = undefined;
    this.outbox = undefined;
  }
}

const presence = fc.constantFrom("on", "latched", "ack", "off") as fc.Arbitrary<TileAlarm["presence"]>;
const tile = fc.record({
  bed: fc.constantFrom(...beds),
  alarms: fc.dictionary(fc.constantFrom("1", "2", "3", "4"), presence, { maxKeys: 4, noNullPrototype: true }),
});
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("tell" as const), tile }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("read" as const), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("drop" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("connect" as const), room: fc.integer({ min: 1, max: 5 }) }) },
);

function play(steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[], keptMax: number) {
  const server = new Server("epoch-1", keptMax);
  const screen = new Screen();
  screen.connect(server, 3);
  for (const one of steps) {
    switch (one.do) {
      case "tell": {
        const alarms = Object.entries(one.tile.alarms).map(([number, now]) =>
          alarmOf(one.tile.bed, Number(number), now),
        );
        server.hear({ ...bedTileFixtures.calm, bed: one.tile.bed, alarms });
        screen.told(one.tile.bed);
        break;
      }
      case "read":
        screen.read(one.count);
        break;
      case "drop":
        screen.drop();
        break;
      case "connect":
        screen.drop();
        screen.connect(server, one.room);
    }
  }
  screen.drop();
  screen.connect(server, 5);
  screen.read(10_000);
  return { server, screen };
}

const standing = (alarms: readonly TileAlarm[]): string[] =>
  alarms
    .filter((alarm) => alarm.presence !== "off")
    .map(({ id, presence: now }) => `${id} ${now}`)
    .toSorted();

test("wherever the connection breaks, a screen misses no change of an alarm and gets none twice", () => {
  let everHeard = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 120 }), (steps) => {
      const { server, screen } = play(steps, 4_096);
      everHeard += screen.heard.length;
      expect(screen.lost).toBe(0);
      // Those before its first snapshot stand in that snapshot.
      expect(screen.heard).toEqual(server.everything.slice(server.everything.length - screen.heard.length));
      const first = screen.heard.length === 0 ? null : JSON.parse(screen.heard[0] ?? "{}");
      if (first !== null) expect(first.number).toBe(server.everything.length - screen.heard.length + 1);
      for (const { bed, heard } of screen.beds) {
        const told = server.tiles.get(bed);
        expect(standing(heard?.tile.alarms ?? [])).toEqual(standing(told?.alarms ?? []));
      }
    }),
    { numRuns: 300 },
  );
  expect(everHeard).toBeGreaterThan(1_000);
});

test("where the server keeps too little it says so, and the screen shows what holds now", () => {
  let everLost = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 120 }), (steps) => {
      const { server, screen } = play(steps, 3);
      everLost += screen.lost;
      expect(screen.heard).toEqual(server.everything.slice(server.everything.length - screen.heard.length));
      for (const { bed, heard } of screen.beds) {
        expect(standing(heard?.tile.alarms ?? [])).toEqual(standing(server.tiles.get(bed)?.alarms ?? []));
      }
    }),
    { numRuns: 200 },
  );
  expect(everLost).toBeGreaterThan(0);
});

test("another run of the server is another count: nothing is taken for heard", () => {
  const screen = new Screen();
  const before = new Server("epoch-1", 100);
  before.hear({ ...bedTileFixtures.calm, bed: "room-1", alarms: [alarmOf("room-1", 1, "on")] });
  screen.connect(before, 5);
  screen.read(100);
  const after = new Server("epoch-2", 100);
  after.hear({ ...bedTileFixtures.calm, bed: "room-1", alarms: [alarmOf("room-1", 2, "on")] });
  screen.drop();
  screen.connect(after, 5);
  screen.read(100);
  expect(screen.lost).toBe(1);
  after.hear({ ...bedTileFixtures.calm, bed: "room-1", alarms: [alarmOf("room-1", 3, "on")] });
  screen.told("room-1");
  screen.read(100);
  expect(screen.heard.map((change) => JSON.parse(change).alarm.id)).toEqual(["room-1-3", "room-1-2"]);
});
