import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import { openRadarModels } from "../radar-run.ts";
import {
  apartAnywhere,
  asleep,
  awake,
  firstIndex,
  playScene,
  playSec,
  type RadarCondition,
  restless,
  sceneOf,
} from "./radar-rows.ts";
import { type Row, row, type Section } from "./section.ts";
import { bootstrap, percentOf, samplesForShare } from "./statistics.ts";
import { isWrong, newTally, type Tally, tallyInstant, wrongPerMin } from "./tally.ts";

/*
 * A whole night, put together of held-out scenes by how much of the night each kind of them takes. A rate that is shown
 * while nobody is in the bed, or was not all through its window, is wrong.
 */

export interface NightPart {
  readonly name: string;
  /** Of the night; all of them add up to 1. */
  readonly share: number;
  readonly scenes: RadarCondition["scenes"];
}

/**
 * The reference night. How people lie asleep and awake (variation of the interval, gross movements an hour) is from the
 * accuracy reference, 2.2 and 3.2: 0.08-0.10 and 1-6 an hour asleep, 0.15-0.21 awake, 20-60 an hour restless. How much of a
 * night each takes is published nowhere for a ward: these shares are an assumption, of ten hours in the room with seven
 * and a half asleep, and stand in every report.
 */
export const night: readonly NightPart[] = [
  { name: "asleep", share: 0.75, scenes: [{ what: "still", plan: asleep }] },
  { name: "awake", share: 0.1, scenes: [{ what: "still", plan: awake }] },
  { name: "restless", share: 0.06, scenes: [{ what: "restless", plan: restless }] },
  // Out of the room for a while, and on the way out of bed and back.
  {
    name: "absent",
    share: 0.06,
    scenes: [
      { what: "empty", plan: {} },
      { what: "leaving", plan: restless },
    ],
  },
  { name: "visited", share: 0.03, scenes: [{ what: "visited", plan: asleep }] },
];

const windowSec = 30;
const wrongMax = 0.005;
/** So that every part is seen often enough, parts that take little of the night have more scenes than their share. */
const sharesPlayed = [0.4, 0.18, 0.14, 0.16, 0.12] as const;

const scenesPlayed = { quick: 100, full: 700 } as const;

export interface PartFound {
  readonly share: number;
  /** By scene. */
  readonly tallies: readonly Tally[];
}

interface NightFigures {
  /** Of all windows of the night. */
  readonly shown: number;
  /** Of the shown ones. */
  readonly wrong: number;
}

/** Shares over the night, each part by how much of it the part takes; `drawn` picks scenes of each. */
export function nightFigures(parts: readonly PartFound[], drawn?: readonly (readonly number[])[]): NightFigures {
  let shown = 0;
  let wrong = 0;
  for (const [place, { share, tallies }] of parts.entries()) {
    const scenes = drawn?.[place]?.map((i) => tallies[i]!) ?? tallies;
    const instants = scenes.reduce((sum, one) => sum + one.instants, 0);
    if (instants === 0) continue;
    shown += (share * scenes.reduce((sum, one) => sum + one.shown, 0)) / instants;
    wrong += (share * scenes.reduce((sum, one) => sum + one.errors.filter(isWrong).length, 0)) / instants;
  }
  return { shown, wrong: shown === 0 ? Number.NaN : wrong / shown };
}

function nightRows(parts: readonly PartFound[], seed: number): readonly Row[] {
  const random = newRandom(seed);
  const instants = parts.reduce((sum, { tallies }) => sum + tallies.reduce((own, one) => own + one.instants, 0), 0);
  const shown = parts.reduce((sum, { tallies }) => sum + tallies.reduce((own, one) => own + one.shown, 0), 0);
  const { shown: coverage, wrong } = nightFigures(parts);
  // One number for each round; each part draws its own scenes.
  const interval = (figure: (found: NightFigures) => number) =>
    bootstrap(
      1,
      () => {
        const drawn = parts.map(({ tallies }) => tallies.map(() => Math.floor(random.uniform() * tallies.length)));
        return 100 * figure(nightFigures(parts, drawn));
      },
      random,
    );
  return [
    row({
      condition: "reference night",
      figure: `shown rates wrong by more than ${wrongPerMin} /min, or of nobody`,
      value: 100 * wrong,
      unit: "%",
      ci95: interval((one) => one.wrong),
      n: shown,
      target: { atMost: 100 * wrongMax },
      nMin: samplesForShare(wrongMax),
    }),
    row({
      condition: "reference night",
      figure: "coverage of the whole night",
      value: 100 * coverage,
      unit: "%",
      ci95: interval((one) => one.shown),
      n: instants,
    }),
  ];
}

function partRows({ name, share }: NightPart, { tallies }: PartFound): readonly Row[] {
  const condition = `${name}, ${Math.round(100 * share)} % of the night`;
  const count = (of: (tally: Tally) => number): number => tallies.reduce((sum, one) => sum + of(one), 0);
  const shown = count((one) => one.shown);
  const wrong = count((one) => one.errors.filter(isWrong).length);
  const instants = count((one) => one.instants);
  return [
    row({ condition, figure: "windows that show a rate", ...percentOf(shown, instants), unit: "%", n: instants }),
    row({ condition, figure: "shown rates that are wrong", ...percentOf(wrong, shown), unit: "%", n: shown }),
  ];
}

export const nightSection: Section = {
  name: "night",
  title: "The reference night: radar alone, 30 s",
  seconds: { quick: playSec * scenesPlayed.quick, full: playSec * scenesPlayed.full },
  async run(context) {
    const radar = await openRadarModels();
    const scenes = context.quick ? scenesPlayed.quick : scenesPlayed.full;
    const found: PartFound[] = [];
    let done = 0;
    for (const [place, part] of night.entries()) {
      const tallies: Tally[] = [];
      const count = Math.round(scenes * sharesPlayed[place]!);
      for (let index = 0; index < count; index++) {
        // Scenes of its own: none of another row's.
        const number = firstIndex(context.seed) + 100_000 * (place + 1) + index;
        const instants = await playScene(sceneOf(part, number), windowSec, radar);
        const tally = newTally();
        for (const instant of apartAnywhere(instants, windowSec)) tallyInstant(tally, instant);
        tallies.push(tally);
        done += 1;
        context.progress(done / scenes, `${part.name}, scene ${index + 1} of ${count}`);
      }
      found.push({ share: part.share, tallies });
    }
    return {
      rows: [...nightRows(found, context.seed), ...night.flatMap((part, place) => partRows(part, found[place]!))],
      figures: [],
      notes: [
        `The night: ${night.map(({ name, share }) => `${name} ${Math.round(100 * share)} %`).join(", ")}. How people breathe and move in each part is as published; how long each part lasts is an assumption, for want of figures from a ward.`,
        "Held-out scenes; a part that takes little of the night is played more often and weighed by its share. One window in 30 s, whoever is in the bed; a rate shown of a window in which nobody was in the bed, or not all the time, is wrong.",
        "Intervals: bootstrap over the scenes of each part.",
      ],
    };
  },
};
