import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { encodeDepth, encodeEnvelope } from "../edge-agent/contract/frames.ts";
import { topics } from "../edge-agent/contract/topics.ts";
import { deviceUs, utcMs } from "../edge-agent/contract/units.ts";
import { connectBroker } from "../edge-agent/platform/connect.ts";
import { readCredential } from "../edge-agent/platform/keys.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { readScene } from "../firmware-bridge/ports/scene-file.ts";
import { openDepthCamera } from "../firmware-bridge/simulator/depth-camera.ts";
import { rogueFrames } from "./rogue-frames.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

let ward: RunningWard | undefined;
afterEach(async () => {
  await ward?.stop();
  ward = undefined;
});

const port = { via: "simulated", seed: 7, scene: "asleep", speed: 1 } as const;

/** On a busy machine the processes alone may take a minute to start. */
const slowMs = 90_000;

/** A ward of real processes whose one bed has a depth sensor as well. */
async function twoSensors(bridges: boolean): Promise<RunningWard> {
  const { depth, bed } = readScene("asleep");
  if (depth === null) throw new Error("no depth sensor in the scene");
  const { kind: _, ...size } = bed;
  const beside = {
    sensor: "depth-1",
    model: "sim-depth-80x60",
    port,
    source: "simulated",
    statedOccupancy: null,
    placement: { at: depth.at, towards: depth.towards, bed: size },
  } as const;
  const running = await runWard({ sensors: [{ port }], beside, bridges });
  ward = running;
  await running.until("a first tile", () => running.tiles.get("room-1"), slowMs);
  return running;
}

function rows(running: RunningWard, sql: string): unknown[] {
  const db = openForReading(join(running.dataDir, "ward.sqlite"));
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

describe("a ward of real processes with two sensors at a bed", () => {
  it("a fresh database beside two sensors that stream without being asked: no inference, no row", async () => {
    // Computed first: a client that is busy for seconds is taken for gone.
    const radar = [...rogueFrames(40)];
    const camera = openDepthCamera(readScene("asleep"));
    const depth = radar.map((_, n) => {
      const bootId = "cd".repeat(16);
      const capturedAt = utcMs(Date.now());
      const its = { kind: "depth", bootId, sequence: n, deviceUs: deviceUs(n * 100_000), capturedAt } as const;
      return encodeEnvelope(its, encodeDepth(camera.next()));
    });
    const running = await twoSensors(false);
    const engineering = () => running.tiles.get("room-1")?.engineering;
    const link = connectBroker({
      url: `mqtt://127.0.0.1:${running.site.brokers.framesPort}`,
      clientId: "unit-1",
      username: "unit-1",
      password: readCredential(running.dataDir, "unit-1"),
      log: newLog("rogue", () => {}),
    });
    await running.until("the rogue unit connected", () => link.state === "connected", slowMs);
    const topic = topics(running.site);
    const told = await Promise.all([
      ...radar.map((bytes) => link.publish(topic.frame("unit-1", "radar-1", "radar-iq"), bytes, { qos: 0 })),
      ...depth.map((bytes) => link.publish(topic.frame("unit-1", "depth-1", "depth"), bytes, { qos: 0 })),
    ]);
    // Few enough for the client not to leave any out.
    expect(told.every((result) => result === "sent")).toBe(true);
    await running.until("all refusals counted", () => engineering()?.dropped["no-lease"] === told.length, slowMs);
    await link.stop();
    expect(engineering()).toMatchObject({ framesAccepted: 0, inferences: 0 });
    for (const table of ["fact", "stay", "consent", "alarm"]) {
      expect(rows(running, `SELECT * FROM ${table}`)).toEqual([]);
    }
  }, 240_000);

  it("both stream while it is allowed, and both are confirmed off after the withdrawal", async () => {
    const running = await twoSensors(true);
    const tile = () => running.tiles.get("room-1");
    const { stay, bedside } = await running.admit("room-1");
    const bothSay = (word: string) => tile()?.sensor.detail.match(new RegExp(`-1 ${word}: `, "g"))?.length === 2;
    await running.until("both confirmed off", () => bothSay("off"), slowMs);
    await running.turnOn("room-1", stay, bedside);
    await running.until("both on", () => bothSay("on"), slowMs);
    await running.until("a breathing rate", () => typeof tile()?.breathing.rate?.perMin === "number", slowMs);
    expect(tile()?.engineering.dropped).not.toHaveProperty("malformed");
    // Either one without an accepted frame for 5 s would be lost by now, and stay so.
    const since = tile()?.at ?? 0;
    await running.until("six seconds more", () => (tile()?.at ?? 0) > since + 6_000, slowMs);
    const calm = () => tile()?.notMonitored === null && tile()?.alarms.every(({ presence }) => presence !== "on");
    await running.until("no sensor lost", calm, slowMs);
    for (const purpose of ["movement-alerts", "breathing-rate"] as const) {
      expect((await running.ask({ do: "turn-off", bed: "room-1", stay, purpose }, bedside)).ok).toBe(true);
    }
    await running.until("both confirmed off again", () => bothSay("off"), slowMs);
    const accepted = tile()?.engineering.framesAccepted;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(tile()?.engineering.framesAccepted).toBe(accepted);
    expect(tile()).toMatchObject({ notMonitored: "no-consent", sensor: { state: "off" } });
  }, 240_000);
});
