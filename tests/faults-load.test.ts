import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askTimeoutMs } from "../dashboard/server/agent-link.ts";
import { encodeEnvelope, readEnvelope } from "../edge-agent/contract/frames.ts";
import { topics } from "../edge-agent/contract/topics.ts";
import { deviceUs, utcMs } from "../edge-agent/contract/units.ts";
import { type BrokerLink, connectBroker } from "../edge-agent/platform/connect.ts";
import { readCredential } from "../edge-agent/platform/keys.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { findDamage } from "../scripts/faults/kept.ts";
import { rogueFrames } from "./rogue-frames.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

/* One sensor of a unit sends a hundred times too much; then the agent is given no more memory. The test plays the unit. */

const frameEveryMs = 50;
const floodTimes = 100;
const batchEveryMs = 10;
const floodMs = 4_000;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let ward: RunningWard;
let unit: BrokerLink;
/** Words whose taking was confirmed. */
const confirmed: string[] = [];
const people = new Map<string, { stay: string; bedside: string }>();
const payloads = [...rogueFrames(200)].flatMap((bytes) => {
  const read = readEnvelope(bytes);
  return read.ok ? [read.value.payload] : [];
});

beforeAll(async () => {
  const sensor = { port: { via: "simulated", seed: 7, scene: "asleep", speed: 1 } } as const;
  ward = await runWard({ sensors: [sensor, sensor], bridges: false });
  for (const bed of ["room-1", "room-2"]) {
    const person = await ward.admit(bed);
    await ward.turnOn(bed, person.stay, person.bedside);
    people.set(bed, person);
  }
  unit = connectBroker({
    url: `mqtt://127.0.0.1:${ward.site.brokers.framesPort}`,
    clientId: "unit-1",
    username: "unit-1",
    password: readCredential(ward.dataDir, "unit-1"),
    log: newLog("test", () => {}),
  });
  await ward.until("connected", () => unit.state === "connected");
});
afterAll(async () => {
  await unit.stop();
  await ward.stop();
});

/** A sensor that sends so many times its pace, until the function that it gives is called. */
function send(sensor: string, times: number, bootId: string): { readonly sent: () => number; stop(): Promise<void> } {
  const topic = topics(ward.site).frame("unit-1", sensor, "radar-iq");
  const begunMs = performance.now();
  let sent = 0;
  let sending = true;
  const running = (async () => {
    while (sending) {
      for (const due = (times * (performance.now() - begunMs)) / frameEveryMs; sent < due; sent++) {
        const payload = payloads[sent % payloads.length] ?? new Uint8Array();
        const capturedAt = utcMs(Date.now());
        const header = {
          kind: "radar-iq",
          bootId,
          sequence: sent,
          deviceUs: deviceUs(sent * 50_000),
          capturedAt,
        } as const;
        void unit.publish(topic, encodeEnvelope(header, payload), { qos: 0 });
      }
      await sleep(batchEveryMs);
    }
  })();
  return {
    sent: () => sent,
    async stop() {
      sending = false;
      await running;
    },
  };
}

const tile = (bed: string) => ward.tiles.get(bed);
const residentKb = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${ward.pid("agent")}/status`, "utf8"))?.[1]);

async function answerMs(): Promise<number> {
  const { stay = "", bedside = "" } = people.get("room-2") ?? {};
  const begun = performance.now();
  const words = `asked at ${Date.now()}`;
  const ask = { do: "feedback", about: "question", feels: null, words } as const;
  expect(await ward.ask(ask, bedside), stay).toMatchObject({ ok: true });
  confirmed.push(words);
  return performance.now() - begun;
}

describe("a sensor that floods", () => {
  it("at a hundred times its pace: the other room loses nothing and is shown, asks are answered, memory stays bounded, and it is over when it ends", async () => {
    const steady = send("radar-2", 1, "cd".repeat(16));
    try {
      await ward.until("the other room is monitored", () => tile("room-2")?.notMonitored === null);
      const beforeKb = residentKb();
      const from = ward.history.length;
      const flood = send("radar-1", floodTimes, "ab".repeat(16));
      const answersMs: number[] = [];
      for (const begun = performance.now(); performance.now() - begun < floodMs; ) {
        answersMs.push(await answerMs());
        await sleep(200);
      }
      await flood.stop();
      expect(flood.sent()).toBeGreaterThan(0.5 * floodTimes * (floodMs / frameEveryMs));
      expect(Math.max(...answersMs)).toBeLessThan(askTimeoutMs);
      expect(residentKb() - beforeKb).toBeLessThan(200_000);
      const other = ward.history.slice(from).filter(({ bed }) => bed === "room-2");
      expect(other.length).toBeGreaterThan(floodMs / 2_000);
      expect(other.filter(({ notMonitored }) => notMonitored !== null)).toEqual([]);
      expect(other.at(-1)?.engineering.dropped["queue-full"] ?? 0).toBe(0);
      // All that came is accounted for: taken, or fallen from the queue and counted.
      const engineering = () => tile("room-1")?.engineering;
      await ward
        .until(
          "the flood is worked off",
          () => {
            const { framesAccepted = 0, dropped = {} } = engineering() ?? {};
            return framesAccepted + Object.values(dropped).reduce((sum, n) => sum + (n ?? 0), 0) >= flood.sent();
          },
          10_000,
        )
        .catch((cause: unknown) => {
          throw new Error(`${flood.sent()} were sent: ${JSON.stringify(engineering())}`, { cause });
        });
    } finally {
      await steady.stop();
    }
  }, 90_000);
});

describe("an agent that gets no more memory", () => {
  it("ends; started again it has all that was acknowledged, and the log verifies", async () => {
    const { stay = "", bedside = "" } = people.get("room-1") ?? {};
    expect(await ward.ask({ do: "pause", bed: "room-1", stay, minutes: 15 }, bedside)).toMatchObject({ ok: true });
    const pid = ward.pid("agent");
    // As a service's memory limit that is reached: the next page is refused.
    execFileSync("prlimit", ["--pid", String(pid), "--data=1"]);
    const flood = send("radar-2", floodTimes, "ef".repeat(16));
    const isGone = (): boolean =>
      !existsSync(`/proc/${pid}/stat`) || /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
    await ward.until("the agent has ended", isGone, 60_000);
    await flood.stop();
    const seen = ward.history.length;
    ward.start("agent");
    await ward.until("tiles of the next agent", () => ward.history.slice(seen).some(({ bed }) => bed === "room-1"));
    expect(
      tile("room-1")
        ?.consents.slice(0, 2)
        .map(({ state }) => state),
    ).toEqual(["paused", "paused"]);
    expect(
      tile("room-2")
        ?.consents.slice(0, 2)
        .map(({ state }) => state),
    ).toEqual(["granted", "granted"]);
    await ward.end("agent");
    const db = openForReading(join(ward.dataDir, "ward.sqlite"));
    expect(db.prepare("SELECT words FROM feedback ORDER BY number").pluck().all()).toEqual(confirmed);
    db.close();
    expect(await findDamage(ward.dataDir, ["station"])).toEqual([]);
  }, 120_000);
});
