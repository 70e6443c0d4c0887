import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kindOfModel, type SensorModel } from "../edge-agent/contract/config.ts";
import type { Estimate } from "../edge-agent/contract/door.ts";
import { encodeEnvelope } from "../edge-agent/contract/frames.ts";
import { encodeRadarTargets, encodeRadarVitals } from "../edge-agent/contract/module-frames.ts";
import { utcMs } from "../edge-agent/contract/units.ts";
import { type ReplayFrame, replay } from "../edge-agent/replay.ts";
import { readScene } from "../firmware-bridge/ports/scene-file.ts";
import { sensors } from "../firmware-bridge/sensors/index.ts";
import type { Heard, SensorFrame } from "../firmware-bridge/sensors/sensor.ts";
import { openLd2410StandIn } from "../firmware-bridge/simulator/hilink-stand-ins.ts";
import type { ModuleStandIn } from "../firmware-bridge/simulator/module-stand-in.ts";
import { openMr60bha2StandIn } from "../firmware-bridge/simulator/mr60bha2-stand-in.ts";
import { newStage, stageStepSec } from "../firmware-bridge/simulator/stage.ts";
import { openTiIwr6843StandIn } from "../firmware-bridge/simulator/ti-iwr6843-stand-in.ts";
import { openTiVitalSignsStandIn } from "../firmware-bridge/simulator/ti-vital-signs-stand-in.ts";
import { openRoomModels } from "../scripts/room-models.ts";

/* A module's true wire bytes from a simulated bedroom, through its driver, the core and the real model to the room's estimates. */

type ModuleModel = Extract<SensorModel, "seeed-mr60bha2" | "hilink-ld2410" | `ti-${string}`>;
const room = openRoomModels(["seeed-mr60bha2"]);
beforeAll(() => room.thread.start());
afterAll(() => room.thread.stop());

function encode(frame: SensorFrame): Uint8Array {
  if ("wave" in frame) return encodeRadarVitals(frame);
  if ("targets" in frame) return encodeRadarTargets(frame);
  throw new Error("no module's frame");
}

/** What the bridge would publish of a module's messages, each when it came. */
function* framesOf(model: ModuleModel, standIn: ModuleStandIn, seconds: number): Generator<ReplayFrame> {
  const talk = sensors[model].newTalk();
  const link = sensors[model].baudRate?.commands === undefined ? "data" : "commands";
  // Told to start, line by line, before the first moment.
  for (let write: Uint8Array | undefined = talk.start(); write !== undefined; ) {
    const heard: readonly Heard[] = standIn
      .take(write, 0)
      .flatMap((bytes) => talk.framer.push(bytes, link))
      .map((framed) => talk.hear(framed));
    write = heard.flatMap((one) => (one.heard === "go-on" ? [one.write] : []))[0];
  }
  let sequence = 0;
  for (let atMs = 0; atMs < 1_000 * seconds; atMs += 50) {
    for (const bytes of standIn.due(atMs)) {
      for (const framed of talk.framer.push(bytes)) {
        if (talk.hear(framed).heard !== "measurement") continue;
        const decoded = talk.decode(framed, 1_000 * atMs);
        if (!decoded.ok) throw new Error(decoded.why);
        const header = {
          kind: kindOfModel[model],
          bootId: "ef".repeat(16),
          sequence: sequence++,
          deviceUs: decoded.deviceUs,
          capturedAt: utcMs(atMs),
        };
        yield { envelope: encodeEnvelope(header, encode(decoded.frame)), atMs, sensor: "module-1" };
      }
    }
  }
}

async function estimatesOf(model: ModuleModel, standIn: ModuleStandIn, seconds: number): Promise<Estimate[]> {
  const estimates: Estimate[] = [];
  const told = replay(
    {
      v: 1,
      is: "quietround-session",
      subject: "synthetic",
      bed: "room-1",
      sensorModel: model,
      sensors: [{ sensor: "module-1", model }],
      granted: ["movement-alerts", "breathing-rate"],
      statedOccupancy: null,
      modelSha256: room.modelSha256,
      calibration: room.calibration,
    },
    framesOf(model, standIn, seconds),
    room.thread,
  );
  for await (const estimate of told) estimates.push(estimate);
  return estimates;
}

/** Breaths a minute of the sleeper from one second to another. */
function truthOf(scene: string, fromSec: number, toSec: number): number {
  const stage = newStage(readScene(scene), readScene(scene).seed);
  let first = 0;
  for (let sec = 0; sec < toSec - stageStepSec / 2; sec += stageStepSec) {
    stage.step();
    if (sec === 0 || sec < fromSec) first = stage.truth().breaths ?? 0;
  }
  return (60 * ((stage.truth().breaths ?? 0) - first)) / (toSec - fromSec);
}

describe("a room whose only sensor is a module", () => {
  it.each([
    ["seeed-mr60bha2", openMr60bha2StandIn, 20],
    ["ti-vital-signs", openTiVitalSignsStandIn, 20],
    // Its wave comes in pieces and is filtered on the chip: the first pieces are of what was before.
    ["ti-iwr6843", openTiIwr6843StandIn, 45],
  ] as const)(
    "%s sends its wave: our rate of it, near the truth, one estimate a second",
    async (model, open, firstSec) => {
      const all = await estimatesOf(model, open(readScene("asleep"), 1), 70);
      expect(all.length).toBeGreaterThan(60);
      expect(new Set(all.map(({ atMs }) => atMs)).size).toBe(all.length);
      const shown = all.filter(({ breathingPerMin }) => breathingPerMin !== null);
      expect(shown.length).toBeGreaterThan(30);
      expect(shown[0]!.atMs).toBeLessThan(1_000 * firstSec);
      for (const { atMs, windowMs, breathingPerMin } of shown) {
        expect(Math.abs(breathingPerMin! - truthOf("asleep", (atMs - windowMs) / 1_000, atMs / 1_000))).toBeLessThan(2);
      }
      expect(shown.every(({ occupancy }) => occupancy === "in-bed")).toBe(true);
    },
    60_000,
  );

  it("that sends no wave: presence and movement, and in words why there is no rate", async () => {
    const all = await estimatesOf("hilink-ld2410", openLd2410StandIn(readScene("asleep"), 1), 30);
    expect(all.length).toBeGreaterThan(20);
    expect(all.slice(5).every(({ occupancy }) => occupancy === "in-bed")).toBe(true);
    expect(
      all.every(({ breathingPerMin, reason }) => breathingPerMin === null && reason === "no-breathing-sensor"),
    ).toBe(true);
  }, 60_000);

  it("beside an empty bed there is nobody and no rate", async () => {
    const all = await estimatesOf("seeed-mr60bha2", openMr60bha2StandIn(readScene("empty"), 1), 40);
    expect(
      all.slice(10).every(({ occupancy, breathingPerMin }) => occupancy === "empty" && breathingPerMin === null),
    ).toBe(true);
  }, 60_000);
});
