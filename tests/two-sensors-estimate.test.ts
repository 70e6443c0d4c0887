import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SensorModel } from "../edge-agent/contract/config.ts";
import type { Estimate } from "../edge-agent/contract/door.ts";
import { encodeDepth, encodeEnvelope } from "../edge-agent/contract/frames.ts";
import type { SessionHeader } from "../edge-agent/contract/session.ts";
import { deviceUs, utcMs } from "../edge-agent/contract/units.ts";
import { InferenceThread } from "../edge-agent/io/inference.ts";
import { readModel } from "../edge-agent/io/model-file.ts";
import { modelsFor } from "../edge-agent/perception/room-perception.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { type ReplayFrame, replay } from "../edge-agent/replay.ts";
import { readScene } from "../firmware-bridge/ports/scene-file.ts";
import { openBedroom } from "../firmware-bridge/simulator/bedroom.ts";
import { openDepthCamera } from "../firmware-bridge/simulator/depth-camera.ts";
import { rogueFrames } from "./rogue-frames.ts";

/* One simulated bedroom, seen by a radar, a depth sensor, or both: through the core and the real models to the room's estimates. */

const sensorModels = ["acconeer-a121", "sim-depth-80x60"] as const satisfies readonly SensorModel[];
const models = modelsFor(sensorModels).map(({ name, inputs, outputs }) => ({
  name,
  ...readModel(fileURLToPath(new URL(`../models/${name}`, import.meta.url)), inputs, outputs),
}));
const thread = new InferenceThread(
  Object.fromEntries(models.map(({ name, path }) => [name, path])),
  newLog("model", () => {}),
);
beforeAll(() => thread.start());
afterAll(() => thread.stop());

function* radarFrames(scene: string, seconds: number): Generator<ReplayFrame> {
  let n = 0;
  const frames = rogueFrames(20 * seconds, (frame) => 50 * frame, openBedroom(readScene(scene)));
  for (const envelope of frames) yield { envelope, atMs: 50 * n++, sensor: "radar-1" };
}

function* depthFrames(scene: string, seconds: number): Generator<ReplayFrame> {
  const camera = openDepthCamera(readScene(scene));
  for (let n = 0; n < 10 * seconds; n++) {
    const atMs = 100 * n;
    const header = {
      kind: "depth",
      bootId: "cd".repeat(16),
      sequence: n,
      deviceUs: deviceUs(1_000 * atMs),
      capturedAt: utcMs(atMs),
    } as const;
    yield { envelope: encodeEnvelope(header, encodeDepth(camera.next())), atMs, sensor: "depth-1" };
  }
}

type Seen = "radar" | "depth" | "both";

async function estimatesOf(scene: string, by: Seen, seconds: number): Promise<Estimate[]> {
  const { depth, bed } = readScene(scene);
  if (depth === null) throw new Error("no depth sensor in the scene");
  const { kind: _, ...size } = bed;
  const [radarModel, depthModel] = sensorModels;
  const placement = { at: depth.at, towards: depth.towards, bed: size };
  const sensors = [
    ...(by === "depth" ? [] : [{ sensor: "radar-1", model: radarModel }]),
    ...(by === "radar" ? [] : [{ sensor: "depth-1", model: depthModel, placement }]),
  ];
  const header: SessionHeader = {
    v: 1,
    is: "quietround-session",
    subject: "synthetic",
    bed: "room-1",
    sensorModel: sensors.map(({ model }) => model).join(" + "),
    sensors,
    granted: ["movement-alerts", "breathing-rate"],
    statedOccupancy: null,
    modelSha256: models[0]?.card.sha256 ?? "",
    calibration: Object.fromEntries(models.map(({ name, card }) => [name, card.calibrated])),
  };
  const frames = [
    ...(by === "depth" ? [] : radarFrames(scene, seconds)),
    ...(by === "radar" ? [] : depthFrames(scene, seconds)),
  ].sort((a, b) => a.atMs - b.atMs);
  const all: Estimate[] = [];
  for await (const estimate of replay(header, frames, thread)) all.push(estimate);
  return all;
}

/** Breaths of the occupant since the start, at each full second. */
function breathsOf(scene: string, seconds: number): number[] {
  const bedroom = openBedroom(readScene(scene));
  const breaths: number[] = [];
  for (let n = 0; n <= 20 * seconds; n++) {
    if (n % 20 === 0) breaths.push(bedroom.truth().breaths ?? 0);
    bedroom.next();
  }
  return breaths;
}

/** How far a shown rate is from the breaths of its window, /min. */
function errorOf({ atMs, windowMs, breathingPerMin }: Estimate, breaths: readonly number[]): number {
  const to = Math.round(atMs / 1_000);
  const from = Math.max(0, Math.round((atMs - windowMs) / 1_000));
  return Math.abs((breathingPerMin ?? 0) - (60 * (breaths[to]! - breaths[from]!)) / (to - from));
}

const secondOf = ({ atMs }: Estimate): number => atMs / 1_000;

describe("a simulated bedroom", () => {
  it.each([
    ["depth", 15],
    ["both", 35],
  ] as const)(
    "asleep, seen by %s: one estimate a second, and rates that are right",
    async (by, shownMin) => {
      const all = await estimatesOf("asleep", by, 60);
      expect(all.map(secondOf)).toEqual(Array.from(all, (_, n) => n + 1));
      expect(all.length).toBeGreaterThanOrEqual(58);
      const breaths = breathsOf("asleep", 60);
      const errors = all.filter(({ breathingPerMin }) => breathingPerMin !== null).map((one) => errorOf(one, breaths));
      expect(errors.length).toBeGreaterThanOrEqual(shownMin);
      expect(Math.max(...errors)).toBeLessThan(1);
      expect(all.slice(10).every(({ occupancy }) => occupancy === "in-bed")).toBe(true);
    },
    60_000,
  );

  it("who gets up is seen to go and to come back, and has no rate meanwhile", async () => {
    const all = await estimatesOf("demonstration", "both", 115);
    const between = (from: number, to: number) => all.filter((one) => secondOf(one) >= from && secondOf(one) <= to);
    expect(new Set(between(8, 68).map(({ occupancy }) => occupancy))).toEqual(new Set(["in-bed"]));
    expect(between(8, 68).some(({ breathingPerMin }) => breathingPerMin !== null)).toBe(true);
    // Up from 70 s, gone at 76 s; sits down on the edge again at 101 s and lies from 104 s.
    expect(new Set(between(80, 97).map(({ reason }) => reason))).toEqual(new Set(["nobody-in-bed"]));
    expect(new Set(between(80, 97).map(({ occupancy }) => occupancy))).toEqual(new Set(["empty"]));
    expect(between(71, 108).filter(({ breathingPerMin }) => breathingPerMin !== null)).toEqual([]);
    expect(new Set(between(108, 114).map(({ occupancy }) => occupancy))).toEqual(new Set(["in-bed"]));
  }, 60_000);
});
