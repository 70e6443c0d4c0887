import { expect, it } from "vitest";
import { encodeEnvelope } from "../edge-agent/contract/frames.ts";
import { encodeRadarVitals } from "../edge-agent/contract/module-frames.ts";
import type { Tile } from "../edge-agent/contract/tile.ts";
import { deviceUs, utcMs } from "../edge-agent/contract/units.ts";
import type { RoomConfig } from "../edge-agent/core.ts";
import { seeedMr24 } from "../firmware-bridge/sensors/seeed-mr24.ts";
import { config, Driver } from "./core-driver.ts";

const mr24: RoomConfig = {
  ...config,
  sensorModel: "seeed-mr24",
  sensors: [{ sensor: "mr24", model: "seeed-mr24", kind: "radar-vitals", placement: null }],
  statedOccupancy: null,
};

/** A module that speaks once in five seconds, for so long; then it is silent. */
function play(speaksSec: number, silentSec: number): (Tile | undefined)[] {
  const driver = new Driver(mr24).granted();
  driver.status("mr24", "on");
  const tiles: (Tile | undefined)[] = [];
  for (let second = 1; second <= speaksSec + silentSec; second++) {
    driver.now = second * 1_000;
    if (second % 5 === 0 && second <= speaksSec) {
      const payload = encodeRadarVitals({
        frameRateHz: seeedMr24.frameRateHz,
        present: true,
        moving: null,
        movement: second % 10 === 0 ? 4 : 7,
        distanceMm: null,
        breathingPerMin: null,
        heartPerMin: null,
        confidence: null,
        waveStepUs: null,
        wave: new Float32Array(),
      } as Parameters<typeof encodeRadarVitals>[0]);
      const header = {
        kind: "radar-vitals",
        bootId: "c".repeat(32),
        sequence: second / 5,
        deviceUs: deviceUs(second * 1e6),
        capturedAt: utcMs(driver.stamp().utcMs),
      } as const;
      driver.feed({ kind: "frame", ...driver.stamp(), sensor: "mr24", bytes: encodeEnvelope(header, payload) });
    }
    const effects = driver.feed({ kind: "tick", ...driver.stamp() });
    tiles.push(effects.flatMap((effect) => (effect.kind === "publish" ? [effect.tile] : [])).at(-1));
  }
  return tiles;
}

it("a module that speaks every five seconds is not stale between two of its words, and its movement is told", () => {
  const tiles = play(120, 0).slice(15);
  expect(new Set(tiles.map((tile) => tile?.notMonitored))).toEqual(new Set([null]));
  expect(new Set(tiles.map((tile) => tile?.movement?.occupancy))).toEqual(new Set(["in-bed"]));
  expect(new Set(tiles.map((tile) => tile?.movement?.movement))).toEqual(new Set([4, 7]));
  expect(new Set(tiles.map((tile) => tile?.breathing.reason))).toEqual(new Set(["no-breathing-sensor"]));
  expect(tiles.flatMap((tile) => tile?.alarms ?? []).filter(({ condition }) => condition === "sensor-lost")).toEqual(
    [],
  );
});

it("it is stale, and then lost, within ten seconds and a tick of its last word", () => {
  const after = play(60, 14).slice(60);
  const words = after.map((tile) => tile?.notMonitored);
  expect(words.slice(0, 8)).toEqual(Array(8).fill(null));
  expect(words.slice(8, 10)).toEqual(["stale", "stale"]);
  expect(words[10]).toBe("sensor-lost");
});
