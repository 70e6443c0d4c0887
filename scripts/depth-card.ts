import "../edge-agent/platform/node-version.ts";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { DepthView } from "../edge-agent/perception/depth-geometry.ts";
import type { SceneRegion } from "../firmware-bridge/simulator/scenes-random.ts";
import type { Figures } from "./card-figures.ts";
import { type CardFigures, differences } from "./check-card.ts";
import { depthRateFigures, lifelessFigures, placeFigures, sceneFigures } from "./depth-figures.ts";
import { depthFolder, type OpenDepth, openDepth } from "./depth-run.ts";

/*
 * Do the depth models do what their cards say? Measures an exported model on fixed simulated bedrooms that training never
 * saw, through every rule that stands between the model and what is shown.
 *
 *   node scripts/depth-card.ts --view 8x8          compare; says what differs, exit 1
 *   node scripts/depth-card.ts --view 8x8 --write  write what was measured into the card
 */

const rounded = (figures: Figures): Figures =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Math.round(value * 1000) / 1000]));

/** What a test can afford to measure again. */
export async function measureDepthQuickly(models: OpenDepth): Promise<Record<string, Figures>> {
  const { scene, view } = models;
  return {
    "scenes, 16 rooms": rounded(await sceneFigures(scene, view, "training", 920_000_000, 16)),
    "places, 8 rooms of 3 minutes": rounded(await placeFigures(models, "training", 930_000_000, 8)),
  };
}

export async function measureDepth(models: OpenDepth): Promise<Record<string, Figures>> {
  const { scene, view } = models;
  const coarse = view === "8x8";
  const distance = coarse ? ([1_200, 2_000] as const) : ([2_400, 2_600] as const);
  const far = coarse ? "1.2-2 m, 60 s" : "2.5 m, 30 s";
  // Fine frames cost seven times as much to simulate.
  const size = coarse ? 2 : 1;
  const rates = (region: SceneRegion, seed: number, people: number, low: number, high: number): Promise<Figures> =>
    depthRateFigures(models, region, seed, size * people, [low, high], distance);
  const all: Record<string, Figures> = {
    ...(await measureDepthQuickly(models)),
    scenes: await sceneFigures(scene, view, "training", 900_000_000, size * 40),
    "scenes, held-out region": await sceneFigures(scene, view, "held-out", 910_000_000, size * 25),
    places: await placeFigures(models, "training", 940_000_000, size * 10),
    "places, held-out region": await placeFigures(models, "held-out", 950_000_000, size * 5),
    [`rate asleep at ${far}`]: await rates("training", 960_000_000, 12, 0.02, 0.1),
    [`rate awake at ${far}`]: await rates("training", 970_000_000, 12, 0.18, 0.22),
    [`rate asleep at ${far}, held-out region`]: await rates("held-out", 980_000_000, 6, 0.02, 0.1),
    "nobody breathes: empty rooms and lifeless bodies": await lifelessFigures(models, 990_000_000, size * 8),
  };
  return Object.fromEntries(Object.entries(all).map(([name, figures]) => [name, rounded(figures)]));
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { view: { type: "string", default: "80x60" }, write: { type: "boolean", default: false } },
  });
  const view = (["80x60", "8x8"] as const).find((name): name is DepthView => name === values.view);
  if (view === undefined) throw new Error("--view is 80x60 or 8x8");
  const path = `${depthFolder(view)}card.json`;
  const figures = await measureDepth(await openDepth(view));
  const card: CardFigures = JSON.parse(readFileSync(path, "utf8"));
  if (values.write) {
    writeFileSync(path, `${JSON.stringify({ ...card, measured: { figures } }, null, 2)}\n`);
    process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  } else {
    const wrong = differences(card.measured?.figures ?? {}, figures);
    process.stdout.write(wrong.length === 0 ? "the card is true\n" : `${wrong.join("\n")}\n`);
    process.exitCode = wrong.length === 0 ? 0 : 1;
  }
}
