import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AlarmPolicy } from "./contract/alarm-policy.ts";
import type { RoomAsk } from "./contract/asks.ts";
import { type Activation, ConsentPolicy, commonNeeds } from "./contract/consent.ts";
import type { AuditIntent, StoreRow } from "./contract/door.ts";
import type { Actor } from "./contract/people.ts";
import type { Tile } from "./contract/tile.ts";
import { monoMs } from "./contract/units.ts";
import { Loop } from "./loop.ts";
import { logOptionsOf, scratchFolder } from "./records/records-for-tests.ts";
import { StoreError } from "./records/store-error.ts";
import { WardRecords } from "./records/ward.ts";

/*
 * What comes from several rooms in one turn, over the real database: one transaction, each room's own order, and no room
 * that suffers for what another one's row did.
 */

const beds = ["room-1", "room-2", "room-3"];
const setup: Actor = { kind: "setup", name: "test" };
const activation: Activation = {
  concern: "falls",
  alternatives: ["checks-in-person-only"],
  words: null,
  reviewAfterHours: 168,
  hours: null,
  askAgainEveryHours: null,
};

let folder: ReturnType<typeof scratchFolder>;
let records: WardRecords;
let commits: { intents: readonly AuditIntent[]; rows: readonly StoreRow[] }[];
let refusesBed: string | undefined;
let done: string[];
let tiles: Tile[];
let failing: boolean;
let loop: Loop;
let nowMs = 0;

const now = () => ({ at: monoMs(nowMs), utcMs: 1_700_000_000_000 + nowMs, monoNs: BigInt(nowMs) * 1_000_000n });
const settled = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  folder = scratchFolder();
  records = new WardRecords(join(folder.path, "ward.sqlite"), logOptionsOf(), "Europe/London");
  records.start();
  commits = [];
  done = [];
  tiles = [];
  failing = false;
  refusesBed = undefined;
  nowMs = 0;
  loop = new Loop({
    rooms: beds.map((bed) => ({
      bed,
      bedName: bed,
      sensorModel: "acconeer-a121",
      sensors: [{ sensor: "radar-1", model: "acconeer-a121", kind: "radar-iq", placement: null }],
      calibration: {},
      source: "simulated",
      statedOccupancy: null,
      limits: { staleAfterMs: 3_000, sensorLostAfterMs: 5_000 },
      consent: ConsentPolicy.parse({}),
      alarms: AlarmPolicy.parse({ confirmWithinMs: null }),
      promptSeed: "test",
    })),
    store: {
      commit: (intents, rows, at) => {
        if (failing) throw new StoreError("disk-full", "made up");
        if (intents.some(({ detail }) => refusesBed !== undefined && detail.bed === refusesBed)) {
          throw new StoreError("refused", "a row that no transaction takes");
        }
        records.commit(intents, rows, at);
        commits.push({ intents, rows });
      },
      restoreRoom: (bed) => records.restoreRoom(bed),
    },
    reserve: { keep: () => true, clear: () => {} },
    frameQueueMax: 4,
    now,
    onStore: () => {},
    shell: {
      lease: ({ bed }) => done.push(`lease ${bed}`),
      stopSensor: (bed) => done.push(`stop ${bed}`),
      infer: () => {},
      unpack: () => {},
      publish: (tile) => {
        tiles.push(tile);
        done.push(`${tile.bed} ${tile.sensor.state}`);
      },
      estimate: () => {},
      answer: (answer) => {
        if (!answer.ok) throw new Error(answer.words);
      },
    },
  });
  loop.start();
  for (const bed of beds) {
    const ask = (actor: Actor, what: RoomAsk) =>
      loop.feed(bed, { kind: "ask", request: "r", actor, ask: what, freshId: `stay-${bed}`, touchedAtUtcMs: null });
    const of = { bed, stay: `stay-${bed}`, purpose: "movement-alerts" } as const;
    ask(setup, { do: "admit", bed, label: bed, demonstration: true, adult: true, needs: commonNeeds });
    ask(setup, { do: "offer", ...of, activation });
    ask({ kind: "bedside", bed, stay: of.stay }, { do: "turn-on", ...of });
  }
  commits = [];
  done = [];
});
afterEach(() => {
  records.close();
  folder.done();
});

const connectAll = () => {
  for (const bed of beds) {
    loop.feedSoon(bed, { kind: "sensor-status", sensor: "radar-1", state: "on", detail: "", health: "ok" });
  }
};
const entriesOf = (commit: (typeof commits)[number]) =>
  commit.intents.map(({ action, detail }) => [action, detail.bed]);

it("news of all rooms in one turn is one transaction, and is told only after it", async () => {
  connectAll();
  expect(commits).toHaveLength(0);
  await settled();
  expect(commits).toHaveLength(1);
  const told = commits.flatMap(entriesOf);
  expect(new Set(told.map(([, bed]) => bed))).toEqual(new Set(beds));
});

it("a room whose row is refused takes no other room's with it", async () => {
  refusesBed = "room-2";
  connectAll();
  await settled();
  const beds = commits.flatMap(entriesOf).map(([, bed]) => bed);
  expect(new Set(beds)).toEqual(new Set(["room-1", "room-3"]));
});

it("a tick that finds every sensor silent raises and tells every alarm with one transaction", async () => {
  connectAll();
  await settled();
  commits = [];
  done = [];
  for (let second = 1; second <= 12; second += 1) {
    nowMs = second * 1_000;
    loop.tick();
  }
  const raised = commits.filter(({ intents }) => intents.some(({ action }) => action === "alert.raise"));
  expect(raised).toHaveLength(1);
  expect(raised[0]?.intents.filter(({ action }) => action === "alert.raise")).toHaveLength(3);
  for (const bed of beds) expect(done.some((what) => what.startsWith(bed))).toBe(true);
});

it("what one room says keeps its order, whichever of its steps are written", async () => {
  const status = (bed: string, state: "on" | "lost" | "off") =>
    loop.feedSoon(bed, { kind: "sensor-status", sensor: "radar-1", state, detail: "", health: "ok" });
  for (const state of ["on", "lost", "on", "off"] as const) {
    for (const bed of beds) status(bed, state);
  }
  await settled();
  for (const bed of beds) {
    const told = done.filter((what) => what.startsWith(bed)).map((what) => what.split(" ")[1]);
    expect(told.filter((state, index) => state !== told[index - 1])).toEqual(["on", "lost", "on", "off"]);
  }
});

it("while the disk fails no tile of any room says that an alarm is in the log, from its first on", async () => {
  connectAll();
  await settled();
  tiles = [];
  failing = true;
  for (let second = 1; second <= 12; second += 1) {
    nowMs = second * 1_000;
    loop.tick();
    await settled();
  }
  const alarms = tiles.flatMap((tile) => tile.alarms.map((alarm) => ({ bed: tile.bed, ...alarm })));
  expect(new Set(alarms.map(({ bed }) => bed))).toEqual(new Set(beds));
  expect(alarms.filter(({ audited }) => audited)).toEqual([]);
});
