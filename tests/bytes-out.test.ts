import { afterAll, describe, expect, it } from "vitest";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { Tile } from "../edge-agent/contract/tile.ts";
import { monoMs } from "../edge-agent/contract/units.ts";
import { BytesOut } from "../edge-agent/io/bytes-out.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

/* What may be told of one room in an hour has an end, far below what its sensors send. */

const hourMs = 3_600_000;
const tile: Tile = bedTileFixtures.alarm;
const size = Buffer.byteLength(JSON.stringify(tile));

describe("the budget of a room", () => {
  it("lets a tile a second and at each change pass, and holds back what a stream of pictures would be", () => {
    let at = 0;
    const spent: string[] = [];
    const out = new BytesOut(
      16_000_000,
      () => monoMs(at),
      (bed) => spent.push(bed),
    );
    for (let sec = 0; sec < 7_200; sec++) {
      at = sec * 1_000;
      for (let change = 0; change < (sec % 5 === 0 ? 2 : 1); change++)
        expect(out.say(tile)?.tile.breathing).toEqual(tile.breathing);
    }
    expect(spent).toEqual([]);
    // A depth picture of 80 by 60, ten times a second, as text in a field of the tile.
    const leak = { ...tile, bedName: "x".repeat(9_600) };
    let told = 0;
    let pictures = 0;
    for (let n = 0; n < 3_600 * 10; n++) {
      at += 100;
      const said = out.say(leak);
      told += said === null ? 0 : Buffer.byteLength(said.json);
      pictures += said === null ? 0 : 1;
    }
    expect(spent.length).toBeGreaterThan(0);
    // What comes back in an hour, and what was saved up before.
    expect(told).toBeLessThan(16_000_000 * (1 + 1 / 12));
    expect(pictures).toBeLessThan(0.05 * 36_000);
  });

  it("keeps alarms, checks and the order, takes what was sensed away, and says so until half of it is back", () => {
    let at = 0;
    const budget = 100 * size;
    const out = new BytesOut(
      budget,
      () => monoMs(at),
      () => {},
    );
    const said = Array.from({ length: 30 }, () => out.say(tile)?.tile);
    expect(said[0]?.notMonitored).toBe(tile.notMonitored);
    const held = said.at(-1) ?? expect.fail("nothing was said");
    expect(held.notMonitored).toBe("too-much-sent");
    expect(held.breathing).toEqual({ rate: null, reason: "withheld" });
    expect(held.movement).toBeNull();
    expect(held.alarms).toEqual(tile.alarms);
    expect(held.checks).toEqual(tile.checks);
    expect(Tile.parse(held)).toEqual(held);
    at += hourMs / 100;
    expect(out.say(tile)?.tile.notMonitored).toBe("too-much-sent");
    at += hourMs / 10;
    expect(out.say(tile)?.tile.notMonitored).toBe(tile.notMonitored);
  });

  it("counts the bytes of the last sixty minutes, and forgets older ones", () => {
    let at = 0;
    const out = new BytesOut(
      1e9,
      () => monoMs(at),
      () => {},
    );
    const bytesInHour = (): number => out.say(tile)?.tile.engineering.sentOut?.bytesInHour ?? Number.NaN;
    expect(bytesInHour()).toBe(0);
    const first = Buffer.byteLength(
      JSON.stringify({
        ...tile,
        engineering: { ...tile.engineering, sentOut: { bytesInHour: 0, bytesPerHourMax: 1e9, heldBack: 0 } },
      }),
    );
    expect(bytesInHour()).toBe(first);
    at = 59 * 60_000;
    expect(bytesInHour()).toBeGreaterThan(2 * first - 1);
    at = 60 * 60_000;
    expect(bytesInHour()).toBeLessThan(2 * first);
    at = 300 * 60_000;
    expect(bytesInHour()).toBe(0);
  });
});

describe("a ward whose rooms may tell almost nothing", () => {
  let ward: RunningWard | undefined;
  afterAll(() => ward?.stop());

  it("says on the tile that more went out than it may", async () => {
    const running = await runWard({
      sensors: [{ port: { via: "simulated", seed: 7, scene: "asleep", speed: 1 } }],
      site: { limits: { bytesOutPerRoomHour: 100_000 } },
    });
    ward = running;
    const { stay, bedside } = await running.admit("room-1");
    await running.turnOn("room-1", stay, bedside);
    const last = () => running.tiles.get("room-1");
    // Until the frames come, no consent and no sensor are the reason; those are said first.
    await running.until("what is sensed to be held back", () => last()?.notMonitored === "too-much-sent", 60_000);
    expect(last()?.movement).toBeNull();
    expect(last()?.engineering.sentOut?.heldBack).toBeGreaterThan(0);
    expect(running.log("agent")).toContain("more about this room went out than a ward may need");
  });
});
