import type { DepthView } from "../../edge-agent/perception/depth-geometry.ts";
import { fusedEpisodes, silentSceneSec } from "./depth-silence.ts";
import { disturbers } from "./radar-silence.ts";
import { openRoom } from "./room-play.ts";
import { type Row, row, type Section } from "./section.ts";
import { poissonInterval } from "./statistics.ts";

const beds = ["empty", "lifeless"] as const;
const views: readonly DepthView[] = ["80x60", "8x8"];
const hoursWanted = 60;
/** Scenes of ten minutes of each bed beside each disturber; full: 30 h of each sensor. */
const scenesEach = { quick: 1, full: 18 } as const;
/** Simulated seconds in a second of one core. */
const pace = { "80x60": 190, "8x8": 390 } as const;

const costOf = (scenes: number): number =>
  views.reduce((sum, view) => sum + (beds.length * disturbers.length * scenes * silentSceneSec) / pace[view], 0);

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
  seconds: { quick: costOf(scenesEach.quick), full: costOf(scenesEach.full) },
  async run(context) {
    const scenes = context.quick ? scenesEach.quick : scenesEach.full;
    const kinds = beds.flatMap((bed) => disturbers.map((kind) => ({ bed, kind })));
    const counts = kinds.map(() => 0);
    let done = 0;
    for (const view of views) {
      const models = await openRoom(view);
      for (const [at, { bed, kind }] of kinds.entries()) {
        for (let index = 0; index < scenes; index++) {
          counts[at] = counts[at]! + (await fusedEpisodes(bed, kind, index + 10_000 * (context.seed % 50), models));
          // The finer sensor takes two thirds of the time.
          done += view === "80x60" ? 2 : 1;
          context.progress(done / (3 * kinds.length * scenes), `${view}, ${bed}, ${kind}`);
        }
      }
    }
    const hours = (views.length * scenes * silentSceneSec) / 3_600;
    return {
      rows: silenceRows(
        kinds.map(({ bed, kind }, at) => ({ condition: `${bed} bed, ${kind}`, episodes: counts[at]!, hours })),
      ),
      figures: [],
      notes: [
        "n is in hours of ten-minute scenes, each with a room and a disturber of its own, half of them with an 80x60 sensor and half with an 8x8 one.",
      ],
    };
  },
};
