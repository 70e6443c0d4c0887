import { describe, expect, it } from "vitest";
import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import { randomScene } from "../../firmware-bridge/simulator/scenes-random.ts";
import { type Beside, oracleRows } from "./oracle-section.ts";
import { noiseOf, oracleScene } from "./oracle-wave.ts";

const scene = randomScene(newRandom(11), "still", "held-out", 30, { iqSnrDb: [20, 20], interferer: "none" });

describe("what the oracle is given", () => {
  it("has the noise of the scene: 20 dB turn the phase by 0.028 mm", () => {
    const quiet = { ...scene, radar: { ...scene.radar, phaseWhiteRad: 0, phaseWalkRad: 0 } };
    expect(noiseOf(quiet).noiseMm).toBeCloseTo(0.0279, 3);
    expect(noiseOf(quiet).walkMm).toBe(0);
    expect(noiseOf({ ...quiet, radar: { ...quiet.radar, phaseWhiteRad: 0.1 } }).noiseMm).toBeGreaterThan(0.039);
  });
  it("is the same for the same scene and another for another", () => {
    const one = oracleScene(scene, 10, newRandom(1));
    expect(oracleScene(scene, 10, newRandom(1)).wave).toEqual(one.wave);
    expect(oracleScene({ ...scene, seed: scene.seed + 1 }, 10, newRandom(1)).wave).not.toEqual(one.wave);
    expect(one.breaths.at(-1)! - one.breaths[0]!).toBeGreaterThan(0.3);
    expect(one.knownAt(100).depthMm).toBeGreaterThan(0.1);
  });
});

describe("rows beside the oracle", () => {
  const windows: Beside[] = Array.from({ length: 10 }, () => ({
    radar: 0.3,
    oracle: -0.1,
    peaks: 0.2,
  }));
  const figureOf = (rows: ReturnType<typeof oracleRows>, figure: string) => rows.find((one) => one.figure === figure)!;
  it("judge the ratio to the best of those who know more", () => {
    const ratio = figureOf(oracleRows("asleep", [windows], true, 1), "RMSE of the radar over that of the oracle");
    expect(ratio.value).toBeCloseTo(3);
    expect([ratio.met, ratio.enough]).toEqual([false, false]);
    const luckier = windows.map((one) => ({ ...one, peaks: 0.05 }));
    expect(
      figureOf(oracleRows("asleep", [luckier], true, 1), "RMSE of the radar over that of the oracle").value,
    ).toBeCloseTo(6);
  });
  it("only report it of those who are awake", () => {
    const rows = oracleRows("awake", [windows], false, 1);
    expect(rows.every(({ target }) => target === null)).toBe(true);
  });
});
