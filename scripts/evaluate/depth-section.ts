import type { DepthView } from "../../edge-agent/perception/depth-geometry.ts";
import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import { depthMoments, openDepth } from "../depth-run.ts";
import { type DepthWishes, randomDepthScene } from "../depth-scenes.ts";
import { row, type Section } from "./section.ts";
import { clopperPearson, quantile, rootMeanSquare, samplesForShare, wilson } from "./statistics.ts";
import { isHarmonic, isWrong, wrongPerMin } from "./tally.ts";

/* Breathing from depth alone, over the displacement under the body mask. Held-out sensors; bodies as in training. */

interface DepthCondition {
  readonly name: string;
  readonly view: DepthView;
  readonly windowSec: number;
  readonly wishes: DepthWishes;
  readonly rmseMax: number;
  readonly wrongMax: number;
  readonly coverageMin: number;
}

const asleep = { intervalCv: [0.03, 0.1], gapSec: [600, 3_600] } as const;
const awake = { intervalCv: [0.18, 0.22], gapSec: [180, 600] } as const;
const fine = { view: "80x60", windowSec: 30, wrongMax: 0.005 } as const;
const coarse = { view: "8x8", windowSec: 60, wrongMax: 0.01 } as const;
const at = { fine: { distanceMm: [2_400, 2_600] }, coarse: { distanceMm: [1_200, 2_000] } } as const;

const conditions: readonly DepthCondition[] = [
  { ...fine, name: "asleep", wishes: { ...asleep, ...at.fine }, rmseMax: 0.4, coverageMin: 0.8 },
  { ...fine, name: "awake", wishes: { ...awake, ...at.fine }, rmseMax: 0.7, coverageMin: 0.6 },
  { ...coarse, name: "asleep", wishes: { ...asleep, ...at.coarse }, rmseMax: 0.6, coverageMin: 0.7 },
  { ...coarse, name: "awake", wishes: { ...awake, ...at.coarse }, rmseMax: 1, coverageMin: 0.6 },
];

/** The first window ends this long after the start; three windows a scene. */
const settleSec = 12;
const windowsPerScene = 3;

/** Scenes until the share of wrong rates could be told apart from a miss. */
function scenesFor({ wrongMax, coverageMin }: DepthCondition, quick: boolean): number {
  return quick ? 16 : Math.ceil((1.05 * samplesForShare(wrongMax)) / coverageMin / windowsPerScene);
}
/** What one costs on one core, s. */
const sceneCost: Readonly<Record<DepthView, number>> = { "80x60": 0.55, "8x8": 0.3 };

export const depthSections: readonly Section[] = conditions.map((condition) => ({
  name: `depth-${condition.view}-${condition.name}`,
  title: `Depth ${condition.view}, ${condition.windowSec} s: ${condition.name}`,
  seconds: {
    quick: sceneCost[condition.view] * scenesFor(condition, true),
    full: sceneCost[condition.view] * scenesFor(condition, false),
  },
  async run(context) {
    const models = await openDepth(condition.view);
    const scenes = scenesFor(condition, context.quick);
    const lengthSec = settleSec + windowsPerScene * condition.windowSec + 1;
    const errors: number[] = [];
    const truths: number[] = [];
    const widths: number[] = [];
    const reasons = new Map<string, number>();
    let instants = 0;
    let inside = 0;
    for (let index = 0; index < scenes; index++) {
      const random = newRandom(860_000_000 + index);
      const scene = randomDepthScene(random, "still", condition.view, "held-out", lengthSec, condition.wishes);
      const breaths = new Map<number, number>();
      for await (const { atSec, estimate, breaths: count } of depthMoments(scene, lengthSec, models)) {
        if (count !== null) breaths.set(atSec, count);
        const due = atSec >= settleSec + condition.windowSec && (atSec - settleSec) % condition.windowSec === 0;
        if (!due || estimate === null) continue;
        instants += 1;
        const { breathing } = estimate;
        if (breathing === null) {
          const reason = estimate.reason ?? "none";
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
          continue;
        }
        const first = breaths.get(atSec - breathing.windowMs / 1_000);
        const truth =
          first === undefined || count === null ? Number.NaN : (60_000 * (count - first)) / breathing.windowMs;
        errors.push(breathing.perMin - truth);
        truths.push(truth);
        widths.push(breathing.highPerMin - breathing.lowPerMin);
        if (truth >= breathing.lowPerMin && truth <= breathing.highPerMin) inside += 1;
      }
      context.progress((index + 1) / scenes, `scene ${index + 1} of ${scenes}`);
    }
    const shown = errors.length;
    const wrong = errors.filter(isWrong).length;
    const harmonic = errors.filter((error, i) => isHarmonic(truths[i]! + error, truths[i]!)).length;
    const base = { condition: `${condition.view}, ${condition.name}, ${condition.windowSec} s`, n: shown };
    const nMin = samplesForShare(condition.wrongMax);
    const percent = (hits: number, n: number): readonly [number, number] => {
      const [low, high] = hits < 5 ? clopperPearson(hits, n) : wilson(hits, n);
      return [100 * low, 100 * high];
    };
    return {
      rows: [
        row({
          ...base,
          figure: "RMSE of shown rates",
          value: rootMeanSquare(errors.filter(Number.isFinite)),
          unit: "/min",
          target: { atMost: condition.rmseMax },
          nMin: 100,
        }),
        row({
          ...base,
          figure: `shown rates wrong by more than ${wrongPerMin} /min`,
          value: (100 * wrong) / shown,
          unit: "%",
          ci95: percent(wrong, shown),
          target: { atMost: 100 * condition.wrongMax },
          nMin,
        }),
        row({
          ...base,
          figure: "coverage",
          value: (100 * shown) / instants,
          unit: "%",
          ci95: percent(shown, instants),
          n: instants,
          target: { atLeast: 100 * condition.coverageMin },
          nMin: 100,
        }),
        row({
          ...base,
          figure: "shown at half or double the true rate",
          value: (100 * harmonic) / shown,
          unit: "%",
          ci95: percent(harmonic, shown),
          target: { atMost: 0.1 },
          nMin: samplesForShare(0.001),
        }),
        row({
          ...base,
          figure: "90 % intervals that hold the truth (held-out region)",
          value: (100 * inside) / shown,
          unit: "%",
          ci95: percent(inside, shown),
          target: { atLeast: 85 },
          nMin: 1_000,
        }),
        row({ ...base, figure: "median width of the 90 % interval", value: quantile(widths, 0.5), unit: "/min" }),
      ],
      figures: [],
      notes: [
        `Not shown, by reason: ${[...reasons].map(([reason, n]) => `${reason} ${n}`).join(", ") || "none"}, of ${instants} windows.`,
      ],
    };
  },
}));
