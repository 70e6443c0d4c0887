import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AlarmPolicy } from "./contract/alarm-policy.ts";
import type { RoomAsk } from "./contract/asks.ts";
import {
  type Activation,
  type BestInterests,
  ConsentPolicy,
  commonNeeds,
  type PurposeConsent,
} from "./contract/consent.ts";
import type { AuditIntent, Effect, RoomRecord, StoreRow } from "./contract/door.ts";
import type { Actor } from "./contract/people.ts";
import { nothingOrdered } from "./contract/people.ts";
import type { Tile } from "./contract/tile.ts";
import { monoMs } from "./contract/units.ts";
import { type Purpose, sensingPurposes as purposes } from "./contract/words.ts";
import { ReserveFile } from "./io/withdrawal-reserve.ts";
import { Loop } from "./loop.ts";
import type { WardStore } from "./ports.ts";

const setup: Actor = { kind: "setup", name: "test" };
const nurse: Actor = { kind: "staff", id: "n1", name: "Sam Reed", role: "nurse" };
const inCharge: Actor = { kind: "staff", id: "c1", name: "Ada Obi", role: "nurse-in-charge" };
const person = (stay: string): Actor => ({ kind: "bedside", bed: "room-1", stay });

const activation: Activation = {
  concern: "falls",
  alternatives: ["checks-in-person-only"],
  words: null,
  reviewAfterHours: 168,
  hours: null,
  askAgainEveryHours: null,
};

const record: BestInterests = {
  decision: "So that he sleeps.",
  impairment: "Delirium.",
  unableTo: ["weigh"],
  helpGiven: "Pictures.",
  assessor: "Dr Ade",
  consulted: "His sister.",
  attorneyOrDeputy: null,
  noAdvanceRefusal: true,
  assessAgainAfterHours: 24,
};

class DiskError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** A store whose disk can fail and whose rows survive a "restart" of the loop. */
class TestStore implements WardStore {
  disk: "works" | "fails" = "works";
  refuses: (row: StoreRow) => boolean = () => false;
  readonly actions: string[] = [];
  stay: { id: string; label: string; demonstration: boolean } | null = null;
  readonly consents = new Map<Purpose, PurposeConsent>();
  leaseNumber = 0;

  commit(intents: readonly AuditIntent[], rows: readonly StoreRow[]): void {
    if (this.disk === "fails") throw new DiskError("io");
    for (const intent of intents) {
      if (JSON.stringify(intent.detail).includes("forbidden")) throw new DiskError("refused");
    }
    if (rows.some((row) => this.refuses(row))) throw new DiskError("refused");
    this.actions.push(...intents.map(({ action }) => action));
    for (const row of rows) {
      if (row.table === "stay") {
        this.stay = { id: row.id, label: row.label, demonstration: row.demonstration };
        this.consents.clear();
      }
      if (row.table === "consent" && row.stay === this.stay?.id) this.consents.set(row.consent.purpose, row.consent);
      if (row.table === "lease-number") this.leaseNumber = row.number;
    }
  }

  restoreRoom(): RoomRecord {
    if (this.disk === "fails") throw new DiskError("io");
    return {
      stay: this.stay,
      needs: commonNeeds,
      checks: null,
      sedation: null,
      consents: [...this.consents.values()],
      order: null,
      alarms: [],
      leaseNumber: this.leaseNumber,
      leaseLeftOpen: null,
      lastSeen: null,
      alarmCount: 0,
    };
  }
}

let folder: string;
let store: TestStore;
let reserve: ReserveFile;
let now = 0;
const log = { debug() {}, info() {}, warn() {}, error() {} };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quietround-loop-"));
  store = new TestStore();
  reserve = new ReserveFile(join(folder, "withdrawals.reserve"), log);
  reserve.start({ records: "new" });
  now = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A loop over the same disk, as a restart would make it. */
function newLoop() {
  const answers: Extract<Effect, { kind: "answer" }>[] = [];
  const leases: string[] = [];
  const tiles: Tile[] = [];
  const loop = new Loop({
    rooms: [
      {
        bed: "room-1",
        bedName: "Room 1",
        sensorModel: "acconeer-a121",
        sensors: [{ sensor: "radar-1", model: "acconeer-a121", kind: "radar-iq", placement: null }],
        calibration: {},
        source: "simulated",
        statedOccupancy: null,
        limits: { staleAfterMs: 3_000, sensorLostAfterMs: 5_000 },
        consent: ConsentPolicy.parse({}),
        alarms: AlarmPolicy.parse({ confirmWithinMs: null }),
        promptSeed: "test",
      },
    ],
    store: {
      commit: (intents, rows) => store.commit(intents, rows),
      restoreRoom: () => reserve.apply(store.restoreRoom()),
    },
    reserve,
    frameQueueMax: 4,
    now: () => ({ at: monoMs(now), utcMs: 1_000_000 + now, monoNs: BigInt(now) * 1_000_000n }),
    onStore: () => {},
    shell: {
      lease: ({ purposes: what }) => leases.push(what.join()),
      stopSensor: () => leases.push("stop"),
      infer: () => {},
      unpack: () => {},
      publish: (tile) => tiles.push(tile),
      estimate: () => {},
      answer: (answer) => answers.push(answer),
    },
  });
  loop.start();
  let asks = 0;
  const ask = (actor: Actor, what: RoomAsk) => {
    asks += 1;
    loop.feed("room-1", {
      kind: "ask",
      request: `r${asks}`,
      actor,
      ask: what,
      freshId: `stay-${asks}`,
      touchedAtUtcMs: null,
    });
    return answers.at(-1);
  };
  const place = () => ({ bed: "room-1", stay: store.stay?.id ?? "none" });
  const admitAndOffer = () => {
    ask(setup, { do: "admit", bed: "room-1", label: "P", demonstration: true, adult: true, needs: commonNeeds });
    for (const purpose of purposes) ask(setup, { do: "offer", ...place(), purpose, activation });
  };
  return { loop, ask, place, admitAndOffer, answers, leases, tiles, last: () => tiles.at(-1) };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
/** Of the two purposes that need a sensor. */
const states = (tile: Tile | undefined) => tile?.consents.slice(0, 2).map(({ state }) => state);
const stored = () => [...store.consents.values()].map(({ state }) => state);

describe("when the disk fails", () => {
  it("a withdrawal takes effect, is confirmed, and is not forgotten by a restart", async () => {
    const first = newLoop();
    first.admitAndOffer();
    for (const purpose of purposes) first.ask(person("stay-1"), { do: "turn-on", ...first.place(), purpose });
    store.disk = "fails";
    for (const purpose of purposes) {
      expect(first.ask(person("stay-1"), { do: "turn-off", ...first.place(), purpose })?.ok).toBe(true);
    }
    await settled();
    expect(first.leases.at(-1)).toBe("stop");
    expect(states(first.last())).toEqual(["withdrawn", "withdrawn"]);

    // Killed here; the disk is mended before the next start.
    store.disk = "works";
    const second = newLoop();
    expect(states(second.last())).toEqual(["withdrawn", "withdrawn"]);
    expect(second.leases).toEqual([]);
    reserve.settle(store, ["room-1"], { utcMs: 5, monoNs: 5n });
    expect(store.actions.filter((action) => action === "consent.withdraw")).toHaveLength(2);
    expect(stored()).toEqual(["withdrawn", "withdrawn"]);
    expect(reserve.read()).toEqual([]);
  });

  it("a reserve torn by a power cut lets nothing be granted", () => {
    const first = newLoop();
    first.admitAndOffer();
    for (const purpose of purposes) first.ask(person("stay-1"), { do: "turn-on", ...first.place(), purpose });
    const path = join(folder, "withdrawals.reserve");
    writeFileSync(path, readFileSync(path, "utf8").replace("[", "[{"));
    const second = newLoop();
    expect(states(second.last())).toEqual(["withdrawn", "withdrawn"]);
    expect(second.leases).toEqual([]);
  });

  it("a reserve that had to be removed, because nothing could be written, lets nothing be granted", () => {
    const first = newLoop();
    first.admitAndOffer();
    for (const purpose of purposes) first.ask(person("stay-1"), { do: "turn-on", ...first.place(), purpose });
    rmSync(join(folder, "withdrawals.reserve"));
    reserve.start({ records: "old" });
    const second = newLoop();
    expect(states(second.last())).toEqual(["withdrawn", "withdrawn"]);
    expect(second.leases).toEqual([]);
    reserve.settle(store, ["room-1"], { utcMs: 5, monoNs: 5n });
    expect(stored()).toEqual(["withdrawn", "withdrawn"]);
    expect(reserve.unreadable()).toBe(false);
  });

  it("a no to an offer is not forgotten by a restart, and nobody decides over it", async () => {
    const first = newLoop();
    first.admitAndOffer();
    store.disk = "fails";
    expect(first.ask(person("stay-1"), { do: "turn-off", ...first.place(), purpose: "breathing-rate" })?.ok).toBe(true);
    store.disk = "works";
    const second = newLoop();
    expect(states(second.last())).toEqual(["offered", "refused"]);
    reserve.settle(store, ["room-1"], { utcMs: 5, monoNs: 5n });
    expect(store.consents.get("breathing-rate")).toMatchObject({ state: "refused", personSaidNo: true });
    const decide = { do: "best-interests", purpose: "breathing-rate", activation, record } as const;
    const third = newLoop();
    expect(third.ask(inCharge, { ...decide, ...third.place() })).toMatchObject({ ok: false, why: "refused-by-person" });
  });

  it("a pause and a stop by staff are nobody's no; what was decided needs an offer before it is on again", () => {
    const first = newLoop();
    first.admitAndOffer();
    const decide = { do: "best-interests", activation, record } as const;
    for (const purpose of purposes) first.ask(inCharge, { ...decide, ...first.place(), purpose });
    store.disk = "fails";
    first.ask(nurse, { do: "pause", ...first.place(), minutes: 15 });
    store.disk = "works";
    const second = newLoop();
    expect(second.last()?.consents.slice(0, 2)).toMatchObject([
      { state: "withdrawn", personSaidNo: false, untilUtcMs: null },
      { state: "withdrawn", personSaidNo: false, untilUtcMs: null },
    ]);
    expect(second.ask(person("stay-1"), { do: "turn-on", ...second.place(), purpose: "breathing-rate" })).toMatchObject(
      { ok: false, why: "not-offered" },
    );
  });

  it("somebody who touches a thousand times does not push out what another said", () => {
    const said = (stay: string, purpose: Purpose, personSaidNo: boolean) => ({
      stay,
      purpose,
      atUtcMs: 1,
      personSaidNo,
    });
    const many = Array.from({ length: 1_000 }, () => said("stay-1", "breathing-rate", false));
    expect(reserve.keep([said("stay-9", "movement-alerts", true), ...many])).toBe(true);
    expect(reserve.read()).toEqual([said("stay-9", "movement-alerts", true), said("stay-1", "breathing-rate", false)]);
    const apart = Array.from({ length: 2_000 }, (_, n) => said(`stay-${n}`, "breathing-rate", true));
    expect(reserve.keep(apart)).toBe(true);
    expect(reserve.unreadable()).toBe(true);
  });

  it("a withdrawal that is refused for what stands beside it is written by itself; one that never can be stays in force", () => {
    const first = newLoop();
    first.admitAndOffer();
    for (const purpose of purposes) first.ask(person("stay-1"), { do: "turn-on", ...first.place(), purpose });
    store.refuses = ({ table }) => table === "lease-number";
    for (const purpose of purposes) first.ask(person("stay-1"), { do: "turn-off", ...first.place(), purpose });
    expect(stored()).toEqual(["withdrawn", "withdrawn"]);

    store.refuses = () => false;
    for (const purpose of purposes) first.ask(person("stay-1"), { do: "turn-on", ...first.place(), purpose });
    expect(stored()).toEqual(["granted", "granted"]);
    store.refuses = (row) => row.table === "consent" && row.consent.purpose === "breathing-rate";
    first.ask(person("stay-1"), { do: "turn-off", ...first.place(), purpose: "breathing-rate" });
    store.disk = "fails";
    first.ask(person("stay-1"), { do: "turn-off", ...first.place(), purpose: "movement-alerts" });
    store.disk = "works";
    first.loop.tick();
    expect(stored()).toEqual(["withdrawn", "granted"]);
    expect(states(first.last())).toEqual(["withdrawn", "withdrawn"]);
    expect(states(newLoop().last())).toEqual(["withdrawn", "withdrawn"]);
  });

  it("a refused grant stays refused when the disk works again", async () => {
    const { loop, ask, place, admitAndOffer, leases, last } = newLoop();
    admitAndOffer();
    store.disk = "fails";
    expect(ask(person("stay-1"), { do: "turn-on", ...place(), purpose: "breathing-rate" })).toMatchObject({
      ok: false,
      why: "audit-failed",
    });
    await settled();
    expect(states(last())).toEqual(["offered", "offered"]);
    store.disk = "works";
    loop.tick();
    now += 1_000;
    loop.tick();
    expect(states(last())).toEqual(["offered", "offered"]);
    expect(leases).toEqual([]);
    expect(ask(person("stay-1"), { do: "turn-on", ...place(), purpose: "breathing-rate" })?.ok).toBe(true);
  });

  it("sensing ends, says so, and goes on by itself, with every entry in order", async () => {
    const { loop, ask, place, admitAndOffer, leases, last } = newLoop();
    admitAndOffer();
    for (const purpose of purposes) ask(person("stay-1"), { do: "turn-on", ...place(), purpose });
    store.disk = "fails";
    now += 11_000;
    loop.tick();
    await settled();
    expect(last()?.notMonitored).toBe("audit");
    expect(leases.at(-1)).toBe("stop");
    store.disk = "works";
    now += 1_000;
    loop.tick();
    expect(last()?.notMonitored).toBe("sensor-starting");
    expect(leases.at(-1)).toBe("movement-alerts,breathing-rate");
    const order = ["lease.end", "sensor.stop", "lease.start", "sensor.start"];
    expect(store.actions.filter((action) => order.includes(action)).slice(-4)).toEqual(order);
  });

  it("an entry that can never be written fails its own ask, and nothing else", () => {
    const { loop, ask, place, admitAndOffer, last } = newLoop();
    admitAndOffer();
    const order = { ...nothingOrdered, by: "forbidden", reason: "x" };
    expect(ask(setup, { do: "order", ...place(), order })?.ok).toBe(false);
    expect(ask(person("stay-1"), { do: "turn-on", ...place(), purpose: "breathing-rate" })?.ok).toBe(true);
    loop.tick();
    expect(last()?.notMonitored).not.toBe("audit");
    expect(last()?.order).toBeNull();
  });
});

describe("the queue of frames", () => {
  it("drops the oldest, counted, and overwrites what it drops and what it used", async () => {
    const { loop, last } = newLoop();
    const frames = Array.from({ length: 6 }, (_, n) => new Uint8Array(8).fill(n + 1));
    for (const frame of frames) loop.offerFrame("room-1", "radar-1", frame);
    await new Promise((resolve) => setImmediate(resolve));
    await settled();
    loop.tick();
    expect(last()?.engineering.dropped).toEqual({ "queue-full": 2, "no-lease": 4 });
    expect(frames.every((frame) => frame.every((byte) => byte === 0))).toBe(true);
  });
});
