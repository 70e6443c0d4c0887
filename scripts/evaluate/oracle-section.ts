import { rateByPeaks } from "../../edge-agent/signal/peak-timing.ts";
import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import { openRadarModels, type RadarModels } from "../radar-run.ts";
import { rateByOracle } from "./oracle.ts";
import { oracleScene } from "./oracle-wave.ts";
import { apart, firstIndex, playScene, type RadarCondition, radarConditions, sceneOf, sceneSec } from "./radar-rows.ts";
import { type Row, row, type Section, type SectionContext } from "./section.ts";
import { bootstrap, rootMeanSquare } from "./statistics.ts";

/* How near the radar's rate comes to what could be told at all, on the very windows in which it shows one. */

const ratioMax = 1.5;
const windowsMin = 300;

/** Errors of one shown window, /min. */
export interface Beside {
  readonly radar: number;
  readonly oracle: number;
  /** Peak timing of the same wave that the oracle is given. */
  readonly peaks: number;
}

const rmseOf = (windows: readonly Beside[], who: keyof Beside): number =>
  rootMeanSquare(windows.map((one) => one[who]));

async function besideOf(
  condition: RadarCondition,
  scenes: number,
  radar: RadarModels,
  context: SectionContext,
  from: number,
): Promise<readonly (readonly Beside[])[]> {
  const all: (readonly Beside[])[] = [];
  for (let index = 0; index < scenes; index++) {
    const number = firstIndex(context.seed) + index;
    const scene = sceneOf(condition, number);
    const shown = apart(await playScene(scene, condition.windowSec, radar), condition.windowSec).filter(
      ({ estimate, truthPerMin }) => estimate.breathingPerMin !== null && Number.isFinite(truthPerMin),
    );
    const known = oracleScene(scene, sceneSec, newRandom(number).fork(7));
    const { wave, rateHz } = known;
    all.push(
      shown.map(({ estimate, truthPerMin }) => {
        const last = Math.round((estimate.atMs / 1_000) * rateHz) - 1;
        const first = Math.max(0, Math.round(((estimate.atMs - estimate.windowMs) / 1_000) * rateHz));
        const window = wave.slice(first, last + 1);
        return {
          radar: estimate.breathingPerMin! - truthPerMin,
          oracle: rateByOracle(window, rateHz, known.knownAt(last)) - truthPerMin,
          peaks: (rateByPeaks(window, rateHz)?.perMin ?? 0) - truthPerMin,
        };
      }),
    );
    context.progress(from + (0.5 * (index + 1)) / scenes, `${condition.name}, scene ${index + 1} of ${scenes}`);
  }
  return all;
}

/** @param byScene shown windows; those of a scene are drawn together */
export function oracleRows(
  name: string,
  byScene: readonly (readonly Beside[])[],
  judged: boolean,
  seed: number,
): readonly Row[] {
  const windows = byScene.flat();
  const n = windows.length;
  const random = newRandom(seed);
  const interval = (figure: (list: readonly Beside[]) => number) =>
    bootstrap(byScene.length, (drawn) => figure(drawn.flatMap((i) => byScene[i]!)), random);
  const plain = (figure: string, who: keyof Beside): Row =>
    row({
      condition: name,
      figure,
      value: rmseOf(windows, who),
      unit: "/min",
      ci95: interval((list) => rmseOf(list, who)),
      n,
    });
  const ratio = (list: readonly Beside[]): number =>
    rmseOf(list, "radar") / Math.min(rmseOf(list, "oracle"), rmseOf(list, "peaks"));
  return [
    plain("RMSE, radar", "radar"),
    plain("RMSE, oracle", "oracle"),
    plain("RMSE, peak timing of the oracle's wave", "peaks"),
    row({
      condition: name,
      figure: "RMSE of the radar over that of the oracle",
      value: ratio(windows),
      unit: "x",
      ci95: interval(ratio),
      n,
      ...(judged ? { target: { atMost: ratioMax }, nMin: windowsMin } : {}),
    }),
    row({
      condition: name,
      figure: "RMSE of the radar over that of peak timing of the oracle's wave",
      value: rmseOf(windows, "radar") / rmseOf(windows, "peaks"),
      unit: "x",
      ci95: interval((list) => rmseOf(list, "radar") / rmseOf(list, "peaks")),
      n,
    }),
  ];
}

const scenesOf = (quick: boolean): number => (quick ? 40 : 160);

export const oracleSection: Section = {
  name: "oracle",
  title: "Beside what could be told at all",
  seconds: { quick: 40, full: 160 },
  async run(context) {
    const radar = await openRadarModels();
    const scenes = scenesOf(context.quick);
    const rows: Row[] = [];
    for (const [place, condition] of radarConditions.slice(0, 2).entries()) {
      const byScene = await besideOf(condition, scenes, radar, context, place / 2);
      // The limit is a target for who sleeps; of who lies awake it is reported.
      rows.push(...oracleRows(`${condition.name}, ${condition.windowSec} s`, byScene, place === 0, context.seed));
    }
    return {
      rows,
      figures: [],
      notes: [
        "The oracle is given how the chest really moved along the line of sight (mean over the echoes, by their power; no heartbeat, sway, clutter, leakage or second echo) with the noise of the scene: thermal noise of all of the person's echo together turns its phase by 1 / sqrt(2 SNR), and the oscillator trembles and walks.",
        "It also knows the shape of this person's breath, the mean rate and depth, and how both vary. It is the mean phase advance over all ways to cut the window into breaths, so hardly anything can be nearer. The ratio is to the better of it and of peak timing of the same wave, which knows nothing of the person.",
        "Same windows for all three: those in which the radar shows a rate.",
      ],
    };
  },
};
