import { describe, expect, test } from "vitest";
import { playHistory } from "../scripts/simulate/history.ts";
import { markedBytes } from "../scripts/simulate/mark.ts";
import type { Rule } from "../scripts/simulate/tallies.ts";
import type { World } from "../scripts/simulate/world.ts";

/*
 * Histories of a whole ward, bounded; `npm run simulate` plays a thousand. And the onlooker tried: whatever is planted must be found, by the
 * rule that it breaks.
 */

// The second: a disk that fails while nothing but readings is written.
const seeds = [101, 8, 104];

test.each(seeds)("history %i holds, and the same seed is the same history", async (seed) => {
  const { broken, tallies } = await playHistory(seed);
  expect(broken).toBeNull();
  expect(tallies.counts.get("logs verified")).toBe(1);
  expect(tallies.counts.get("samples accepted")).toBeGreaterThan(0);
  if (seed === seeds[0]) expect((await playHistory(seed)).tallies.counts).toEqual(tallies.counts);
});

const planted: readonly [string, Rule, (world: World) => void][] = [
  [
    "a yes that nobody gave",
    "1",
    (world) => {
      const done = world.observer.done.bind(world.observer);
      // The onlooker never hears it.
      world.observer.done = (actor, ask, utcMs) => {
        if (ask.do !== "turn-on") done(actor, ask, utcMs);
      };
    },
  ],
  [
    "a store without its rule for grants",
    "1",
    (world) => {
      for (const name of ["fact_needs_open_stay", "fact_needs_movement_grant", "fact_needs_breathing_grant"])
        world.reader().exec(`DROP TRIGGER IF EXISTS ${name}`);
    },
  ],
  [
    "a bridge that runs on",
    "2",
    (world) => {
      world.bridgeRuns = (unit) => unit.alive;
    },
  ],
  [
    "samples in what is told",
    "3",
    (world) => {
      const bytes = markedBytes(new Uint8Array(200), "radar-iq");
      world.onTile = (tile) => ({ ...tile, sensor: { ...tile.sensor, detail: Buffer.from(bytes).toString("base64") } });
    },
  ],
  [
    "the last rate, again and again",
    "4",
    (world) => {
      const last = new Map<string, NonNullable<Parameters<World["onTile"]>[0]["breathing"]["rate"]>>();
      world.onTile = (tile) => {
        if (tile.breathing.rate !== null) last.set(tile.bed, tile.breathing.rate);
        const rate = last.get(tile.bed);
        if (rate === undefined) return tile;
        return { ...tile, breathing: { rate: { ...rate, ageMs: tile.at - world.plan.startUtcMs }, reason: null } };
      };
    },
  ],
  [
    "calm, whatever happens",
    "5",
    (world) => {
      world.onTile = (tile) => ({ ...tile, notMonitored: null, breathing: { rate: null, reason: "learning" } });
    },
  ],
  [
    "a check that a sensor made",
    "6",
    (world) => {
      world.onTile = (tile) =>
        tile.checks === null
          ? tile
          : {
              ...tile,
              checks: {
                ...tile.checks,
                lastMade: { atUtcMs: tile.at, by: "radar", where: "in-bed", how: "asleep-breathing-seen" },
              },
            };
    },
  ],
  [
    "alarms that are told as written and are not",
    "7",
    (world) => {
      world.onTile = (tile) => ({
        ...tile,
        alarms: tile.alarms.map((alarm) => ({ ...alarm, id: `${alarm.id}x`, audited: true })),
      });
    },
  ],
  [
    "admissions without their entries",
    "7",
    (world) => {
      world.ward.onCommit = ({ intents, rows }) => ({
        intents: intents.filter(({ action }) => action !== "stay.admit"),
        rows,
      });
    },
  ],
  [
    "an entry that somebody changed",
    "7",
    (world) => {
      const end = world.ward.end.bind(world.ward);
      world.ward.end = () => {
        end();
        const db = world.reader();
        const guards = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'hash'");
        for (const name of guards.pluck().all() as string[]) db.exec(`DROP TRIGGER ${name}`);
        db.exec("UPDATE hash SET h = zeroblob(32) WHERE idx = 0");
      };
    },
  ],
  [
    "sensing on a disk that takes nothing",
    "8",
    (world) => {
      // The onlooker knows of a fault that the program does not see.
      Object.defineProperty(world.ward, "failingSinceMs", { get: () => 0, set: () => {} });
    },
  ],
];

describe("the onlooker finds", () => {
  test.each(planted)("%s (rule %s)", async (_, rule, plant) => {
    const found: (Rule | null)[] = [];
    for (let seed = 200; seed < 206; seed++) {
      const { broken } = await playHistory(seed, plant);
      if (broken !== null) found.push(broken.rule);
      if (broken?.rule === rule) break;
    }
    expect(found).toContain(rule);
  });
});
