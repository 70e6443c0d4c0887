import { generateKeyPairSync } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { startBrokers } from "../edge-agent/broker/broker.ts";
import { doorCommands } from "../edge-agent/broker/mosquitto-door.ts";
import { dayMs } from "../edge-agent/contract/consent.ts";
import type { Effect, StoreRow } from "../edge-agent/contract/door.ts";
import { encodeEnvelope } from "../edge-agent/contract/frames.ts";
import { encodePackedDepth } from "../edge-agent/contract/packed-depth.ts";
import type { Tile } from "../edge-agent/contract/tile.ts";
import { topics } from "../edge-agent/contract/topics.ts";
import { deviceUs, type MonoMs, monoMs, utcMs } from "../edge-agent/contract/units.ts";
import { allowingStates, ConsentState, sensingPurposes } from "../edge-agent/contract/words.ts";
import { LeaseOffice } from "../edge-agent/io/lease-office.ts";
import { Loop } from "../edge-agent/loop.ts";
import type { BrokerLink } from "../edge-agent/platform/connect.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { at, consent, fact, logOptionsOf, scratchFolder, stay } from "../edge-agent/records/records-for-tests.ts";
import { StoreError } from "../edge-agent/records/store-error.ts";
import { WardRecords } from "../edge-agent/records/ward.ts";
import { BridgeRig } from "./bridge-rig.ts";
import { activation, admission, nothing, person, setup, twoSensors } from "./core-driver.ts";
import { haveMosquitto, linkTo, startWardMosquitto } from "./mosquitto-broker.ts";

/*
 * Four layers keep a bed without consent unsensed. Each is tried here alone: what stands in for the other three lets everything
 * through, or goes on whatever it is told, and before the end of the consent everything did come through.
 */

const undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

const quiet = newLog("test", () => {});
const until = async (what: string, holds: () => boolean): Promise<void> => {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 1_000) throw new Error(`waited 10 s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const ward = { trust: "rxx", site: "oak", ward: "willow" };
const topic = topics(ward);
const unit = { device: "unit-1", sensors: ["radar-1"] };
const frameTopic = topic.frame("unit-1", "radar-1", "radar-iq");

/** The station's side of the leases, on a clock that the test turns. */
function newOffice() {
  let now = 0;
  const office = new LeaseOffice({
    privateKey: generateKeyPairSync("ed25519").privateKey,
    clock: {
      monoMs: () => monoMs(now) as MonoMs,
      utcMs: () => utcMs(1e12 + now),
      monoNs: () => BigInt(now) * 1_000_000n,
    },
    clockSpeed: 1,
    beds: [{ bed: "room-1", ...unit }],
  });
  let number = 0;
  return {
    admits: (device: string, sensor: string) => office.admits(device, sensor),
    grant: () =>
      office.issue({
        kind: "lease",
        bed: "room-1",
        stay: "stay1",
        purposes: ["breathing-rate"],
        number: ++number,
        forMs: 30_000,
      }),
    stop: () => office.stop("room-1", number),
    wait: (ms: number) => {
      now += ms;
    },
  };
}

describe("layer 1, the sensor: brokers that let everything through, and nobody behind them who refuses", () => {
  it("is told to stop by its bridge, and stops; also by itself at the lease's end", async () => {
    const rig = new BridgeRig();
    undo.push(() => rig.stop());
    await rig.bridgeStarts(await rig.standInStarts());
    await rig.untilState("off");
    await rig.lease(1);
    await rig.untilFrames(10);
    const stopsBefore = rig.commandsSent("stop_streaming");
    await rig.stopOrder(1);
    await rig.untilState("off");
    expect(rig.commandsSent("stop_streaming")).toBe(stopsBefore + 1);
    const frames = rig.frames.length;
    await pause(400);
    expect(rig.frames.length).toBe(frames);

    await rig.lease(2, 1_000);
    await rig.untilFrames(frames + 5);
    await rig.untilState("off");
    expect(rig.commandsSent("stop_streaming")).toBe(stopsBefore + 2);
    const after = rig.frames.length;
    await pause(400);
    expect(rig.frames.length).toBe(after);
  });
});

/** Publishes frames whatever it is told, and says how it is, as a bridge does. */
async function deafBridge(frames: BrokerLink, control: BrokerLink) {
  const states: string[] = [];
  await until("the bridge is connected", () => frames.state === "connected" && control.state === "connected");
  for (const link of [frames, control]) link.onState((state) => states.push(state));
  return {
    /** Ends of its connections. */
    lost: () => states.filter((state) => state === "offline").length,
    send: async (count: number) => {
      for (let n = 0; n < count; n++) await frames.publish(frameTopic, "a frame", { qos: 0 });
    },
    say: (words: string) => control.publish(topic.status("unit-1"), words, { qos: 1 }),
  };
}

describe("layer 2, the broker: a bridge that goes on publishing, and an agent that takes everything", () => {
  it("the embedded one drops the topic, counts it, and keeps both connections", async () => {
    const office = newOffice();
    const drops: string[] = [];
    const brokers = await startBrokers({
      host: "127.0.0.1",
      framesPort: 0,
      controlPort: 0,
      ward,
      credentials: new Map(["agent", "unit-1"].map((name) => [name, `secret of ${name}`])),
      devices: [unit],
      admits: office.admits,
      attended: () => true,
      onDrop: (why, from) => drops.push(`${from} ${why}`),
      log: quiet,
    });
    undo.push(() => brokers.stop());
    const open = (port: number, id: string) => {
      const link = linkTo(port, id, id);
      undo.push(() => link.stop());
      return link;
    };
    const heard: string[] = [];
    for (const port of [brokers.framesPort, brokers.controlPort]) {
      const agent = open(port, "agent");
      agent.subscribe(`${topic.anyFrame}`, 0, (name) => heard.push(name));
      agent.subscribe(topic.anyStatus, 1, (name) => heard.push(name));
      await until("the agent is connected", () => agent.state === "connected");
    }
    const bridge = await deafBridge(open(brokers.framesPort, "unit-1"), open(brokers.controlPort, "unit-1"));
    const framesHeard = () => heard.filter((name) => name === frameTopic).length;

    office.grant();
    await bridge.send(20);
    await until("20 frames", () => framesHeard() === 20);
    office.stop();
    await bridge.send(20);
    await until("20 drops", () => drops.length === 20);
    office.grant();
    await bridge.send(5);
    await until("5 more frames", () => framesHeard() === 25);
    office.wait(30_000);
    await bridge.send(20);
    await until("20 more drops", () => drops.length === 40);

    expect(framesHeard()).toBe(25);
    expect(new Set(drops)).toEqual(new Set(["unit-1 no-lease"]));
    await bridge.say("well");
    await until("the status", () => heard.includes(topic.status("unit-1")));
    expect(bridge.lost()).toBe(0);
  });

  it.skipIf(!haveMosquitto)("mosquitto drops the topic and keeps both connections", async () => {
    const mosquitto = await startWardMosquitto(ward, "unit-1");
    undo.push(() => mosquitto.stop());
    const open = (port: number, id: string, name: string) => {
      const link = linkTo(port, id, name);
      undo.push(() => link.stop());
      return link;
    };
    const heard: string[] = [];
    const agent = open(mosquitto.framesPort, "agent", "agent");
    agent.subscribe("#", 1, (name, payload) => heard.push(`${name} ${Buffer.from(payload).toString()}`));
    await until("the agent is connected", () => agent.state === "connected");
    const frames = open(mosquitto.framesPort, "unit-1", "unit-1");
    const bridge = await deafBridge(frames, open(mosquitto.controlPort, "unit-1-control", "unit-1"));
    const framesHeard = () => heard.filter((line) => line.startsWith(frameTopic)).length;
    /** Said on the connection of the frames, behind them. */
    const fence = async (words: string) => {
      await frames.publish(topic.status("unit-1"), words, { qos: 1 });
      await until(words, () => heard.includes(`${topic.status("unit-1")} ${words}`));
    };

    await bridge.send(5);
    await fence("nothing yet");
    expect(framesHeard()).toBe(0);
    await mosquitto.tell(JSON.stringify({ commands: doorCommands(ward, unit, "open") }));
    await bridge.send(20);
    await fence("leased");
    expect(framesHeard()).toBe(20);
    await mosquitto.tell(JSON.stringify({ commands: doorCommands(ward, unit, "shut") }));
    await bridge.send(20);
    await fence("shut");
    expect(framesHeard()).toBe(20);
    await bridge.say("well");
    await until("the status", () => heard.includes(`${topic.status("unit-1")} well`));
    expect(bridge.lost()).toBe(0);
  });
});

describe("layer 3, the agent: a bridge that goes on, a broker without a check, a store that takes everything", () => {
  it("drops a frame before it is decoded, unpacked or inferred from, and overwrites its bytes", async () => {
    let now = 0;
    let tile: Tile | undefined;
    const asked: Effect["kind"][] = [];
    const loop = new Loop({
      rooms: [twoSensors],
      store: { commit: () => {}, restoreRoom: () => nothing },
      reserve: { keep: () => true, clear: () => {} },
      frameQueueMax: 64,
      now: () => ({ at: monoMs(now), utcMs: 1e12 + now, monoNs: BigInt(now) * 1_000_000n }),
      onStore: () => {},
      shell: {
        // Nobody tells the bridge anything.
        lease: () => {},
        stopSensor: () => {},
        infer: () => asked.push("infer"),
        unpack: () => asked.push("unpack"),
        publish: (told) => {
          tile = told;
        },
        estimate: () => {},
        answer: () => {},
      },
    });
    undo.push(() => loop.stop());
    loop.start();
    const ask = (n: number, actor: typeof setup, what: Extract<Parameters<Loop["feed"]>[1], { kind: "ask" }>["ask"]) =>
      loop.feed("room-1", {
        kind: "ask",
        request: `r${n}`,
        actor,
        ask: what,
        freshId: "stay1",
        touchedAtUtcMs: null,
      });
    const place = { bed: "room-1", stay: "stay1" };
    ask(1, setup, { do: "admit", bed: "room-1", label: "P", ...admission });
    ask(2, setup, { do: "offer", ...place, purpose: "movement-alerts", activation });
    ask(3, person, { do: "turn-on", ...place, purpose: "movement-alerts" });

    let sequence = 0;
    const depth = (): Uint8Array =>
      encodeEnvelope(
        {
          kind: "depth",
          bootId: "d".repeat(32),
          sequence: sequence++,
          deviceUs: deviceUs(sequence * 100_000),
          capturedAt: utcMs(1e12 + now),
        },
        encodePackedDepth(
          { widthPx: 8, heightPx: 8, frameRateHz: 10, acrossDeg: 45, downDeg: 45 },
          new Uint8Array(200).fill(7),
        ),
      );
    const come = async (bytes: Uint8Array): Promise<Uint8Array> => {
      loop.offerFrame("room-1", "depth-1", bytes);
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      return bytes;
    };
    const dropped = (): Tile["engineering"]["dropped"] => {
      now += 1;
      loop.tick();
      return tile?.engineering.dropped ?? {};
    };

    await come(depth());
    expect(asked).toEqual(["unpack"]);
    expect(dropped()).toEqual({});

    ask(4, person, { do: "turn-off", ...place, purpose: "movement-alerts" });
    const frames = [depth(), depth(), new Uint8Array(5).fill(9), new Uint8Array(5_000).fill(9)];
    for (const bytes of frames) expect((await come(bytes)).every((byte) => byte === 0)).toBe(true);
    // Garbage counts as no-lease as well: nobody looked at it.
    expect(dropped()).toEqual({ "no-lease": 4 });
    expect(asked).toEqual(["unpack"]);
    expect(tile?.engineering.framesAccepted).toBe(0);

    // Also where nothing was turned off, at the lease's end, without a tick.
    ask(5, person, { do: "turn-on", ...place, purpose: "movement-alerts" });
    now += 30_000;
    await come(depth());
    expect(asked).toEqual(["unpack"]);
  });
});

describe("layer 4, the store: a core that asks it to write anyway", () => {
  const open = (): WardRecords => {
    const folder = scratchFolder();
    const records = new WardRecords(`${folder.path}/ward.sqlite`, logOptionsOf());
    records.start();
    undo.push(() => {
      records.close();
      folder.done();
    });
    return records;
  };
  /** Undefined: written. */
  const refusal = (records: WardRecords, ...rows: readonly StoreRow[]): string | undefined => {
    try {
      records.commit([], rows, at(0));
      return undefined;
    } catch (cause) {
      if (cause instanceof StoreError && cause.code === "refused") return cause.message;
      throw cause;
    }
  };
  type ConsentRow = Extract<StoreRow, { table: "consent" }>;
  const row = (state: ConsentState, purpose: "movement-alerts" | "breathing-rate", more: Partial<ConsentRow> = {}) =>
    ({ ...consent("s1", purpose, state), ...more }) as ConsentRow;
  const decided = { record: { ...activation }, byPerson: false };
  const factFor = { "movement-alerts": { movement: 3 }, "breathing-rate": { quality: 0.9 } } as const;

  it("refuses a fact in every state but the two that allow it, for each purpose apart", () => {
    for (const purpose of ["movement-alerts", "breathing-rate"] as const) {
      for (const state of ConsentState.options) {
        const records = open();
        records.commit([], [stay("s1"), row("offered", purpose)], at(0));
        if (state !== "offered" && state !== "never-offered")
          records.commit([], [row(state, purpose, state === "best-interests" ? decided : {})], at(0));
        const word = `${purpose} ${state}`;
        const allows = allowingStates.includes(state);
        expect([word, refusal(records, fact("s1", factFor[purpose])) === undefined]).toEqual([word, allows]);
        const other = sensingPurposes.find((one) => one !== purpose) as typeof purpose;
        expect(refusal(records, fact("s1", factFor[other])), word).toContain("no grant");
      }
    }
  });

  it("refuses a fact at and after the consent's end, and one of a stay that is over or of none", () => {
    const records = open();
    records.commit([], [stay("s1"), row("offered", "breathing-rate"), row("granted", "breathing-rate")], at(0));
    const late = (ms: number) => fact("s1", { quality: 0.9, atUtcMs: at(ms).utcMs });
    expect(refusal(records, late(7 * dayMs - 1))).toBeUndefined();
    expect(refusal(records, late(7 * dayMs))).toContain("no grant");
    expect(refusal(records, fact("nobody", { quality: 0.9 }))).toContain("no grant");
    records.commit([], [{ table: "stay-end", id: "s1", endedAtUtcMs: at(5).utcMs }], at(5));
    expect(refusal(records, late(1))).toContain("no grant");
    expect(refusal(records, row("offered", "movement-alerts"))).toContain("the stay is over");
  });

  it("refuses a fact of the next person in the same bed", () => {
    const records = open();
    records.commit([], [stay("s1"), row("offered", "breathing-rate"), row("granted", "breathing-rate")], at(0));
    records.commit([], [{ table: "stay-end", id: "s1", endedAtUtcMs: at(5).utcMs }, stay("s2")], at(5));
    expect(refusal(records, fact("s2", { quality: 0.9 }))).toContain("no grant");
  });

  it("refuses a consent without an offer, without an end or by somebody else, and a decision without a record or over a no", () => {
    const records = open();
    records.commit([], [stay("s1")], at(0));
    const purpose = "breathing-rate";
    expect(refusal(records, row("granted", purpose))).toContain("an offer first");
    expect(refusal(records, row("best-interests", purpose, { ...decided, record: null }))).toContain("has a record");
    records.commit([], [row("offered", purpose)], at(0));
    expect(refusal(records, row("granted", purpose, { byPerson: false }))).toContain("the person's own");
    const endless = row("granted", purpose);
    expect(refusal(records, { ...endless, consent: { ...endless.consent, untilUtcMs: null } })).toContain("an end");
    records.commit([], [row("refused", purpose, { byPerson: true })], at(0));
    expect(refusal(records, row("best-interests", purpose, decided))).toContain("said no");
  });

  it("refuses a consent out of a pause of what was decided for the person, unless it is their own touch", () => {
    const records = open();
    const purpose = "breathing-rate";
    const paused = row("paused", purpose, { byPerson: false });
    const from = { untilUtcMs: at(900_000).utcMs, from: "best-interests" } as const;
    records.commit([], [stay("s1"), row("offered", purpose), row("best-interests", purpose, decided)], at(0));
    records.commit([], [{ ...paused, consent: { ...paused.consent, pause: from } }], at(0));
    expect(refusal(records, row("granted", purpose, { byPerson: false }))).toContain("the person's own");
  });

  it("refuses a decision after a no to what had just ended by itself", () => {
    const records = open();
    const purpose = "breathing-rate";
    records.commit([], [stay("s1"), row("offered", purpose), row("granted", purpose)], at(0));
    records.commit([], [row("expired", purpose), row("expired", purpose, { byPerson: true })], at(0));
    expect(refusal(records, row("best-interests", purpose, decided))).toContain("said no");
  });
});
