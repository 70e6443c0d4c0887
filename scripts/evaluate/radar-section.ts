import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import { openRadarModels } from "../radar-run.ts";
import type { Instant } from "./radar-play.ts";
import {
  firstIndex,
  playCondition,
  playSec,
  type RadarCondition,
  radarConditions,
  sceneSec,
  tallyOf,
} from "./radar-rows.ts";
import { row, type Section, type SectionContext, type SectionResult } from "./section.ts";
import {
  bootstrap,
  clopperPearson,
  quantile,
  riskCoverage,
  riskCoverageArea,
  samplesForShare,
  wilson,
} from "./statistics.ts";
import { isHarmonic, isWrong, rmse, type Tally, wrongPerMin } from "./tally.ts";

/* One section for each radar row of the issue: accuracy, coverage, harmonics and intervals of the same windows. */

const windowsOf = (condition: RadarCondition): number => Math.floor((sceneSec - 40) / condition.windowSec) + 1;

/** Scenes until the share of wrong rates could be told apart from a miss. */
function scenesFor(condition: RadarCondition, quick: boolean): number {
  if (quick) return 40;
  const shown = windowsOf(condition) * condition.coverageMin;
  return Math.ceil((1.05 * samplesForShare(condition.wrongMax)) / shown);
}

export const radarSections: readonly Section[] = radarConditions.map((condition) => ({
  name: `radar-${condition.name.replaceAll(/[^a-z0-9]+/g, "-")}`,
  title: `Radar: ${condition.name}`,
  seconds: { quick: playSec * scenesFor(condition, true), full: playSec * scenesFor(condition, false) },
  run: (context) => run(condition, context),
}));

async function run(condition: RadarCondition, context: SectionContext): Promise<SectionResult> {
  const radar = await openRadarModels();
  const scenes = scenesFor(condition, context.quick);
  const plays: (readonly Instant[])[] = [];
  for (let index = 0; index < scenes; index++) {
    plays.push(await playCondition(condition, index + firstIndex(context.seed), radar));
    context.progress((index + 1) / scenes, `scene ${index + 1} of ${scenes}`);
  }
  const tally = tallyOf(plays, condition.windowSec);
  const byScene = plays.map((play) => tallyOf([play], condition.windowSec));
  return {
    rows: rowsOf(condition, tally, byScene, context),
    figures: figuresOf(condition, tally),
    notes: notesOf(tally),
  };
}

function rowsOf(condition: RadarCondition, tally: Tally, byScene: readonly Tally[], context: SectionContext) {
  const random = newRandom(context.seed);
  const { name, windowSec } = condition;
  const at = { condition: `${name}, ${windowSec} s` };
  const wrong = tally.errors.filter(isWrong).length;
  const harmonic = tally.errors.filter((error, i) => isHarmonic(tally.truths[i]! + error, tally.truths[i]!)).length;
  const exact = (hits: number) => (hits < 5 ? clopperPearson(hits, tally.shown) : wilson(hits, tally.shown));
  const nMin = samplesForShare(condition.wrongMax);
  const ofScenes = (drawn: readonly number[]) => rmse(drawn.flatMap((i) => byScene[i]!.errors));
  return [
    row({
      ...at,
      figure: "RMSE of shown rates",
      value: rmse(tally.errors),
      unit: "/min",
      ci95: bootstrap(byScene.length, ofScenes, random),
      n: tally.shown,
      target: { atMost: condition.rmseMax },
      nMin: 100,
    }),
    row({
      ...at,
      figure: `shown rates wrong by more than ${wrongPerMin} /min`,
      value: (100 * wrong) / tally.shown,
      unit: "%",
      ci95: percent(exact(wrong)),
      n: tally.shown,
      target: { atMost: 100 * condition.wrongMax },
      nMin,
    }),
    row({
      ...at,
      figure: "coverage",
      value: (100 * tally.shown) / tally.instants,
      unit: "%",
      ci95: percent(wilson(tally.shown, tally.instants)),
      n: tally.instants,
      target: { atLeast: 100 * condition.coverageMin },
      nMin: 100,
    }),
    row({
      ...at,
      figure: "shown at half or double the true rate",
      value: (100 * harmonic) / tally.shown,
      unit: "%",
      ci95: percent(exact(harmonic)),
      n: tally.shown,
      target: { atMost: 0.1 },
      nMin,
    }),
    row({
      ...at,
      figure: "90 % intervals that hold the truth (held-out region)",
      value: (100 * tally.inside) / tally.shown,
      unit: "%",
      ci95: percent(wilson(tally.inside, tally.shown)),
      n: tally.shown,
      target: { atLeast: 85 },
      nMin: 1_000,
    }),
    row({
      ...at,
      figure: "median width of the 90 % interval",
      value: quantile(tally.widths, 0.5),
      unit: "/min",
      n: tally.shown,
    }),
    row({
      ...at,
      figure: "area under the risk-coverage curve",
      value: riskCoverageArea(answersOf(tally)),
      unit: "(/min)^2",
      n: tally.shown,
    }),
  ];
}

const percent = ([low, high]: readonly [number, number]): readonly [number, number] => [100 * low, 100 * high];

const answersOf = (tally: Tally) =>
  tally.errors.map((error, i) => ({ error: Number.isFinite(error) ? error : 20, quality: tally.qualities[i]! }));

const figuresOf = (condition: RadarCondition, tally: Tally): SectionResult["figures"] => [
  {
    kind: "line",
    title: `Risk and coverage: ${condition.name}`,
    x: "share of the shown rates, surest first",
    y: "RMSE, /min",
    series: [{ name: condition.name, points: riskCoverage(answersOf(tally)) }],
  },
  {
    kind: "scatter",
    title: `Shown against true: ${condition.name}`,
    x: "true, /min",
    y: "shown minus true, /min",
    series: [
      {
        name: condition.name,
        points: tally.errors
          .slice(0, 800)
          .flatMap((error, i) => (Number.isFinite(error) ? [[tally.truths[i]!, error] as const] : [])),
      },
    ],
  },
];

const notesOf = (tally: Tally): readonly string[] => [
  `Not shown, by reason: ${
    [...tally.reasons]
      .sort((a, b) => b[1] - a[1])
      .map(([reason, n]) => `${reason} ${n}`)
      .join(", ") || "none"
  }, of ${tally.instants} windows.`,
];
