import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { topics } from "../edge-agent/contract/topics.ts";
import { connectBroker } from "../edge-agent/platform/connect.ts";
import { readCredential } from "../edge-agent/platform/keys.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { rogueFrames } from "./rogue-frames.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

let ward: RunningWard | undefined;
afterEach(async () => {
  await ward?.stop();
  ward = undefined;
});

const simulated = (scene: "asleep" | "demonstration" | "empty", speed: number) =>
  ({ port: { via: "simulated", seed: 7, scene, speed } }) as const;

function rows(running: RunningWard, sql: string): unknown[] {
  const db = openForReading(join(running.dataDir, "ward.sqlite"));
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

describe("from the sensor's bytes to the tile", () => {
  it("nothing before consent, a rate after it, nothing at once after withdrawal", async () => {
    const speed = 4;
    ward = await runWard({ sensors: [simulated("asleep", speed)], clockSpeed: speed });
    const running = ward;
    const tile = () => running.tiles.get("room-1");
    await running.until("a first tile", tile);
    const { stay, bedside } = await running.admit("room-1");
    await running.until("the sensor said to be off", () => tile()?.sensor.state === "off" && tile());
    expect(tile()).toMatchObject({
      notMonitored: "no-consent",
      breathing: { rate: null, reason: "not-consented" },
      movement: null,
    });

    await running.turnOn("room-1", stay, bedside);
    const shown = await running.until("a breathing rate", () => tile()?.breathing.rate ?? undefined, 60_000);
    expect(shown.perMin).toBeGreaterThan(5);
    expect(shown.lowPerMin).toBeLessThanOrEqual(shown.perMin);
    expect(shown.highPerMin).toBeGreaterThanOrEqual(shown.perMin);
    expect(tile()?.movement?.occupancy).toBe("in-bed");
    await running.until(
      "stored facts",
      () => rows(running, "SELECT * FROM fact WHERE breathing_per_min IS NOT NULL").length > 0,
    );

    for (const purpose of ["movement-alerts", "breathing-rate"] as const) {
      expect((await running.ask({ do: "turn-off", bed: "room-1", stay, purpose }, bedside)).ok).toBe(true);
    }
    await running.until(
      "the tile cleared",
      () => tile()?.notMonitored === "no-consent" && tile()?.breathing.rate === null,
    );
    await running.until("the sensor confirmed off", () => tile()?.sensor.state === "off");
    const accepted = tile()?.engineering.framesAccepted;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(tile()?.engineering.framesAccepted).toBe(accepted);
  });

  it("a fresh database beside a sensor that streams without being asked: no inference, no row", async () => {
    ward = await runWard({ sensors: [simulated("asleep", 1)], bridges: false });
    const running = ward;
    await running.until("a first tile", () => running.tiles.get("room-1"));

    const link = connectBroker({
      url: `mqtt://127.0.0.1:${running.site.brokers.framesPort}`,
      clientId: "unit-1",
      username: "unit-1",
      password: readCredential(running.dataDir, "unit-1"),
      log: newLog("rogue", () => {}),
    });
    await running.until("the rogue sensor connected", () => link.state === "connected");

    for (const bytes of rogueFrames(400)) {
      await link.publish(topics(running.site).frame("unit-1", "radar-1", "radar-iq"), bytes, { qos: 0 });
    }
    // The broker refuses them (layer two), so the agent (layer three) never sees one.
    await running.until(
      "the broker's refusals counted",
      () => (running.tiles.get("room-1")?.engineering.dropped["no-lease"] ?? 0) >= 400,
    );
    await link.stop();
    expect(running.tiles.get("room-1")?.engineering).toMatchObject({ framesAccepted: 0, inferences: 0 });
    expect(rows(running, "SELECT * FROM fact")).toEqual([]);
    expect(rows(running, "SELECT * FROM stay")).toEqual([]);
  });
});
