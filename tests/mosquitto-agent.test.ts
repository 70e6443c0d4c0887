import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { brokerAdmin } from "../edge-agent/contract/brokers-config.ts";
import { topics } from "../edge-agent/contract/topics.ts";
import { type BrokerLink, connectBroker } from "../edge-agent/platform/connect.ts";
import { readCredential } from "../edge-agent/platform/keys.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { haveMosquitto, startBareMosquitto } from "./mosquitto-broker.ts";
import { rogueFrames } from "./rogue-frames.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

/*
 * The real agent beside two mosquittos of the site's own: it sets their rights from nothing, and no frame passes without a lease.
 */

const undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
}, 60_000);

async function wardOnMosquitto(bridges: boolean): Promise<RunningWard> {
  const ward = await runWard({
    sensors: [{ port: { via: "simulated", seed: 1, scene: "demonstration", speed: 1 } }],
    bridges,
    mosquitto: ({ frames, control }, password) => {
      for (const port of [frames, control]) {
        const broker = startBareMosquitto([port], { name: brokerAdmin, password });
        undo.push(() => broker.stop());
      }
    },
  });
  undo.push(() => ward.stop());
  return ward;
}

const connect = (port: number, clientId: string, username: string, password: string): BrokerLink => {
  const link = connectBroker({
    url: `mqtt://127.0.0.1:${port}`,
    ...{ clientId, username, password },
    log: newLog("test", () => {}),
  });
  undo.push(() => link.stop());
  return link;
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(!haveMosquitto)("an agent beside mosquitto", () => {
  it("lets a sensor's frames through only under a lease, shuts within 2 s, and after kill -9 before anything else", async () => {
    const ward = await wardOnMosquitto(false);
    const tile = () => ward.tiles.get("room-1");
    await ward.until("a tile", tile);
    const { framesPort } = ward.site.brokers;
    const unit = connect(framesPort, "unit-1", "unit-1", readCredential(ward.dataDir, "unit-1"));
    await ward.until("the unit is connected", () => unit.state === "connected");
    const topic = topics(ward.site).frame("unit-1", "radar-1", "radar-iq");
    const frames = rogueFrames(1_000_000);
    let sending = true;
    const sent = (async () => {
      while (sending) {
        const next = frames.next();
        if (!next.done) await unit.publish(topic, next.value, { qos: 0 });
        await pause(20);
      }
    })();
    undo.push(async () => {
      sending = false;
      await sent;
    });
    /** What the agent saw at all: also a frame that it refused was let through by the broker. */
    const seen = (): number => {
      const { framesAccepted = 0, dropped = {} } = tile()?.engineering ?? {};
      return framesAccepted + Object.values(dropped).reduce((sum, count) => sum + (count ?? 0), 0);
    };

    const { stay, bedside } = await ward.admit("room-1");
    await pause(1_500);
    expect(seen()).toBe(0);

    await ward.turnOn("room-1", stay, bedside, ["breathing-rate"]);
    await ward.until("frames that are accepted", () => (tile()?.engineering.framesAccepted ?? 0) > 20);
    const off = { do: "turn-off", bed: "room-1", stay, purpose: "breathing-rate" } as const;
    const touchedAt = performance.now();
    expect((await ward.ask(off, bedside)).ok).toBe(true);
    const tookMs = performance.now() - touchedAt;
    expect(tookMs).toBeLessThan(2_000);
    await pause(1_500);
    const afterStop = seen();
    await pause(2_500);
    expect(seen()).toBe(afterStop);

    // Killed with its door open, which nobody shuts; and what it knew is gone: nothing is granted any more.
    expect((await ward.ask({ do: "turn-on", bed: "room-1", stay, purpose: "breathing-rate" }, bedside)).ok).toBe(true);
    await ward.until("frames again", () => seen() > afterStop + 20);
    await ward.kill("agent");
    rmSync(join(ward.dataDir, "withdrawals.reserve"));
    const stale = ward.history.length;
    ward.start("agent");
    await ward.until("a tile of the next agent", () => ward.history.length > stale + 3);
    await ward.until("the rights are set", () => ward.log("agent").lastIndexOf("rights are set") > 0);
    await pause(1_000);
    // Back from being cut off, and still sending.
    expect(unit.state).toBe("connected");
    expect(tile()?.notMonitored).toBe("no-consent");
    const before = seen();
    await pause(2_000);
    expect(seen()).toBe(before);
  }, 120_000);

  it("carries a whole ward: the bridge is told, the sensor streams, a touch stops it", async () => {
    const ward = await wardOnMosquitto(true);
    const tile = () => ward.tiles.get("room-1");
    const { stay, bedside } = await ward.admit("room-1");
    await ward.turnOn("room-1", stay, bedside);
    await ward.until("frames from the real bridge", () => (tile()?.engineering.framesAccepted ?? 0) > 40);
    expect(tile()?.sensor.state).toBe("on");
    expect((await ward.ask({ do: "stop-everything", bed: "room-1", stay }, bedside)).ok).toBe(true);
    await ward.until("the sensor is off", () => tile()?.sensor.state === "off", 5_000);
    expect(ward.log("agent")).not.toContain("refused a change of its rights");
  }, 120_000);

  it("lets nobody speak for another: no other name, no other unit's topic, no ask of a bridge", async () => {
    const ward = await wardOnMosquitto(false);
    await ward.until("a tile", () => ward.tiles.get("room-1"));
    const { framesPort, controlPort } = ward.site.brokers;
    const password = (client: string) => readCredential(ward.dataDir, client);
    const strangers = [
      connect(framesPort, "unit-2", "unit-1", password("unit-1")),
      connect(framesPort, "dashboard", "dashboard", password("dashboard")),
      connect(controlPort, "unit-1", "unit-1", "another secret"),
    ];
    const unit = connect(controlPort, "unit-1-really", "unit-1", password("unit-1"));
    const real = connect(framesPort, "unit-1", "unit-1", password("unit-1"));
    await ward.until("the unit is connected", () => real.state === "connected");
    await pause(1_000);
    expect([...strangers, unit].map(({ state }) => state)).toEqual(["offline", "offline", "offline", "offline"]);

    const { stay, bedside } = await ward.admit("room-1");
    await ward.turnOn("room-1", stay, bedside);
    const topic = topics(ward.site);
    const engineering = () => ward.tiles.get("room-1")?.engineering;
    // A door opens a moment after the lease.
    await pause(500);
    await real.publish(topic.frame("unit-1", "radar-2", "radar-iq"), "not its sensor", { qos: 0 });
    await real.publish(topic.frame("unit-2", "radar-1", "radar-iq"), "not its own", { qos: 0 });
    await real.publish(topic.frame("unit-1", "radar-1", "radar-iq"), "its own, and nonsense", { qos: 0 });
    await ward.until("the one that is its own", () => Object.keys(engineering()?.dropped ?? {}).length > 0);
    await pause(500);
    expect(Object.values(engineering()?.dropped ?? {})).toEqual([1]);
    expect(ward.log("agent")).not.toContain("unknown topic");
  }, 120_000);
});
