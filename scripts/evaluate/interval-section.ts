import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import type { ScenePlan } from "../../firmware-bridge/simulator/scenes-random.ts";
import { openDisplacementModel } from "../displacement-run.ts";
import { randomBreathing, randomWave } from "../displacement-wave.ts";
import { labelledWindow } from "../make-displacement-windows.ts";
import { openRadarModels } from "../radar-run.ts";
import { firstIndex, playScene, playSec, sceneOf, sceneSec, tallyOf } from "./radar-rows.ts";
import { openOursOfSamples } from "./rate-estimators.ts";
import { type Row, row, type Section, type SectionContext } from "./section.ts";
import { percentOf, quantile } from "./statistics.ts";

/* Do the 90 % intervals hold the truth where they were fitted: the region of training, on seeds that nothing was fitted to. */

const windowsMin = 1_000;
const classes = [
  { name: "asleep", intervalCv: [0.03, 0.1], gapSec: [600, 3_600] },
  { name: "awake", intervalCv: [0.15, 0.21], gapSec: [180, 600] },
] as const;

interface Held {
  readonly low: number;
  readonly high: number;
  readonly truth: number;
}

/** What the row says of shown intervals. */
export function intervalRows(condition: string, shown: readonly Held[], looked: number): readonly Row[] {
  const inside = shown.filter(({ low, high, truth }) => truth >= low && truth <= high).length;
  const widths = shown.map(({ low, high }) => high - low);
  const n = shown.length;
  return [
    row({
      condition,
      figure: "90 % intervals that hold the truth",
      ...percentOf(inside, n),
      unit: "%",
      n,
      target: { between: [87, 95] },
      nMin: windowsMin,
    }),
    row({ condition, figure: "median width of the 90 % interval", value: quantile(widths, 0.5), unit: "/min", n }),
    row({ condition, figure: "coverage", ...percentOf(n, looked), unit: "%", n: looked }),
  ];
}

const radarCells = classes.flatMap((one) => [30, 15].map((windowSec) => ({ ...one, windowSec })));
const quickScenes = 30;
/** Some two thirds of these windows are shown. */
const scenesFor = (windowSec: number): number => Math.ceil((1.5 * windowsMin) / (Math.floor(90 / windowSec) + 1));

async function radarRows(context: SectionContext): Promise<readonly Row[]> {
  const radar = await openRadarModels();
  const rows: Row[] = [];
  for (const [cell, { name, windowSec, intervalCv, gapSec }] of radarCells.entries()) {
    const plan: ScenePlan = { intervalCv, gapSec };
    const scenes = context.quick ? quickScenes : scenesFor(windowSec);
    const plays = [];
    for (let index = 0; index < scenes; index++) {
      const number = firstIndex(context.seed) + 100_000 * cell + index;
      plays.push(await playScene(sceneOf({ scenes: [{ what: "still", plan }] }, number, "training"), windowSec, radar));
      context.progress((cell + (index + 1) / scenes) / radarCells.length, `radar, ${name}, ${windowSec} s`);
    }
    const tally = tallyOf(plays, windowSec);
    const shown = tally.truths.map((truth, i) => ({
      truth,
      low: tally.lows[i]!,
      high: tally.lows[i]! + tally.widths[i]!,
    }));
    rows.push(...intervalRows(`radar, ${name}, ${windowSec} s`, shown, tally.instants));
  }
  return rows;
}

const waveCells = classes.flatMap((one) => [15.2, 30, 60].map((windowSec) => ({ ...one, windowSec })));

async function waveRows(context: SectionContext): Promise<readonly Row[]> {
  const ours = openOursOfSamples(await openDisplacementModel());
  const rows: Row[] = [];
  for (const [cell, { name, windowSec, intervalCv }] of waveCells.entries()) {
    // Every window is of a wave of its own; about half of them are shown.
    const count = context.quick ? 500 : 3 * windowsMin;
    const shown: Held[] = [];
    let looked = 0;
    for (let index = 0; index < count; index++) {
      const random = newRandom(875_000_000 + firstIndex(context.seed) + 100_000 * cell + index);
      const breathing = {
        ...randomBreathing(random, "training"),
        intervalCv: random.between(intervalCv[0], intervalCv[1]),
      };
      const wave = randomWave(random, "training", windowSec + 4, { what: "breathing", breathing });
      const windowMs = 1_000 * windowSec;
      const endMs = windowMs + random.between(1_000, 3_900);
      const perMin = labelledWindow(wave, endMs, windowMs).facts[0]!;
      // No rate to be right or wrong about: it stopped for most of the window, or is out of the model's range.
      if (perMin === 0) continue;
      looked += 1;
      const found = await ours(wave.samples, endMs, windowMs);
      if (found?.shown !== true) continue;
      shown.push({ low: found.lowPerMin, high: found.highPerMin, truth: perMin });
      if (index % 50 === 49)
        context.progress((cell + index / count) / waveCells.length, `waves, ${name}, ${windowSec} s`);
    }
    rows.push(...intervalRows(`displacement wave, ${name}, ${windowSec} s`, shown, looked));
  }
  return rows;
}

export const intervalSections: readonly Section[] = [
  {
    name: "intervals-radar",
    title: "Intervals where they were fitted: radar",
    seconds: {
      quick: playSec * radarCells.length * quickScenes,
      full: playSec * 2 * (scenesFor(30) + scenesFor(15)),
    },
    run: async (context) => ({
      rows: await radarRows(context),
      figures: [],
      notes: [
        `Region of training, seeds that nothing was fitted to: scenes of ${sceneSec} s of somebody who lies still, sensor, posture, noise and way of breathing as drawn for training; only the variation of the breath interval and the time between movements are the class's.`,
      ],
    }),
  },
  {
    name: "intervals-waves",
    title: "Intervals where they were fitted: displacement waves",
    seconds: { quick: 4, full: 25 },
    run: async (context) => ({
      rows: await waveRows(context),
      figures: [],
      notes: [
        "Region of training, seeds that nothing was fitted to: random waves with their noise, sway, gaps and movements; a window of each.",
      ],
    }),
  },
];
