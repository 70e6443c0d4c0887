import type { DepthSetting } from "../../edge-agent/contract/scene.ts";

/* Where a depth camera hangs in the scenes of demonstration and tests. */

type Model = DepthSetting["model"];

/** Noise in the middle of what is published for such sensors (accuracy-and-performance 3.2). */
const sensor = (model: Model): Omit<DepthSetting, "at" | "towards"> =>
  model === "8x8"
    ? {
        model,
        noiseFloorMm: 3,
        noiseGrowthMmPerM2: 2.5,
        noiseCorrelationPx: 0,
        flyingShare: 0.5,
        invalidShare: 0.04,
        warmUpMm: 4,
        warmUpSec: 1_200,
        crossTalk: 0.15,
      }
    : {
        model,
        noiseFloorMm: 2,
        noiseGrowthMmPerM2: 1.2,
        noiseCorrelationPx: 2,
        flyingShare: 0.5,
        invalidShare: 0.02,
        warmUpMm: 3,
        warmUpSec: 1_200,
        crossTalk: 0,
      };

/** Under the ceiling above the bed, looking almost straight down at a sleeper's chest. The coarse one hangs lower. */
export const ceilingDepth = (model: Model): DepthSetting => ({
  ...sensor(model),
  at: { xMm: 150, yMm: 100, zMm: model === "8x8" ? 1_900 : 2_500 },
  towards: { xMm: 150, yMm: 150, zMm: 500 },
});

/** On the wall at the foot (80x60: 2.5 m from the chest) or at the side of the bed (8x8: 1.6 m), tilted by about 45 degrees. */
export const wallDepth = (model: Model): DepthSetting =>
  model === "8x8"
    ? { ...sensor(model), at: { xMm: -1_050, yMm: 350, zMm: 1_650 }, towards: { xMm: 50, yMm: 300, zMm: 550 } }
    : { ...sensor(model), at: { xMm: 300, yMm: -1_400, zMm: 2_350 }, towards: { xMm: 150, yMm: 150, zMm: 550 } };
