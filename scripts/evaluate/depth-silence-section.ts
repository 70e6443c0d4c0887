import type { DepthView } from "../../edge-agent/perception/depth-geometry.ts";
import { fusedEpisodes, silentSceneSec } from "./depth-silence.ts";
import { disturbers } from "./radar-silence.ts";
import { openRoom } from "./room-play.ts";
import { type Row, row, type Section } from "./section.ts";
import { poissonInterval } from "./statistics.ts";

const beds = ["empty", "lifeless"] as const;
const views: readonly DepthView[] = ["80x60", "8x8"];
const hoursWanted = 60;
/** Scenes of ten minutes of each bed beside each disturber; full: 60 h, most of them of the sensor that costs less. */
const scenesEach = { quick: { "80x60": 1, "8x8": 1 }, full: { "80x60": 6, "8x8": 30 } } as const;
/** Simulated seconds in a second of one core. */
const pace = { "80x60": 120, "8x8": 280 } as const;

const costOfOne = (view: DepthView): number => silentSceneSec / pace[view];
const costOf = (pick: keyof typeof scenesEach): number =>
  views.reduce((sum, view) => sum + costOfOne(view) * beds.length * disturbers.length * scenesEach[pick][view], 0);

interface Found {
  readonly condition: string;
  readonly episodes: number;
  readonly hours: number;
}

/** All of it in one judged row, and each kind beside it. */
export function silenceRows(found: readonly Found[]): readonly Row[] {
  const hours = found.reduce((sum, one) => sum + one.hours, 0);
  const episodes = found.reduce((sum, one) => sum + one.episodes, 0);
  const in60 = ({ episodes, hours }: Omit<Found, "condition">) => {
    const [low, high] = poissonInterval(episodes);
    const scale = hoursWanted / hours;
    return { value: episodes * scale, ci95: [low * scale, high * scale] as const, n: Math.round(10 * hours) / 10 };
  };
  const figure = "episodes of a shown rate in 60 h";
  return [
    row({
      condition: "every bed and disturber, radar and depth",
      figure,
      unit: "",
      ...in60({ episodes, hours }),
      target: { atMost: 0 },
      nMin: hoursWanted,
    }),
    ...found.map((one) => row({ condition: one.condition, figure, unit: "", ...in60(one) })),
  ];
}

export const depthSilence: Section = {
  name: "silence-with-depth",
  title: "Nobody who breathes beside what moves: radar and depth",
  seconds: { quick: costOf("quick"), full: costOf("full") },
  async run(context) {
    const pick = context.quick ? "quick" : "full";
    const total = costOf(pick);
    const kinds = beds.flatMap((bed) => disturbers.map((kind) => ({ bed, kind })));
    const counts = kinds.map(() => 0);
    let done = 0;
    for (const view of views) {
      const models = await openRoom(view);
      for (const [at, { bed, kind }] of kinds.entries()) {
        for (let index = 0; index < scenesEach[pick][view]; index++) {
          counts[at] = counts[at]! + (await fusedEpisodes(bed, kind, index + 10_000 * (context.seed % 50), models));
          done += costOfOne(view);
          context.progress(done / total, `${view}, ${bed}, ${kind}`);
        }
      }
    }
    const hours = views.reduce((sum, view) => sum + (scenesEach[pick][view] * silentSceneSec) / 3_600, 0);
    return {
      rows: silenceRows(
        kinds.map(({ bed, kind }, at) => ({ condition: `${bed} bed, ${kind}`, episodes: counts[at]!, hours })),
      ),
      figures: [],
      notes: [
        "n is in hours of ten-minute scenes, each with a room and a disturber of its own, with an 80x60 sensor or an 8x8 one (one to one in the quick run, one to five in the full one).",
      ],
    };
  },
};
