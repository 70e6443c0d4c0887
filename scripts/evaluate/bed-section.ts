import type { Occupancy } from "../../edge-agent/contract/words.ts";
import { type DepthView, depthViews } from "../../edge-agent/perception/depth-geometry.ts";
import { leavingEpisode, stayingEpisode, staySec, staysInWords } from "./bed-episodes.ts";
import { type BedFacts, foundWithinSec, judgeBed } from "./bed-judge.ts";
import { firstIndex } from "./radar-rows.ts";
import { openRoom, playRoom, type RoomInstant } from "./room-play.ts";
import { type Row, row, type Section } from "./section.ts";
import {
  episodesFor99Percent,
  nightsForRate,
  percentOf,
  poissonInterval,
  quantile,
  quantileInterval,
} from "./statistics.ts";

/* Getting in, sitting on the edge and leaving, as the live room with a radar and a depth sensor tells them. */

const settlesSec = 3;
const firstRateSec = 15;
const falsePerDay = 0.2;

const voices: readonly { readonly name: string; readonly of: (instant: RoomInstant) => Occupancy }[] = [
  { name: "radar and depth", of: ({ estimate }) => estimate.occupancy },
  { name: "radar alone", of: ({ radarOccupancy }) => radarOccupancy },
];

/** Where the radar is alone there is no edge, and what it says is reported, not judged. */
export function bedRows(condition: string, facts: readonly BedFacts[], judged: boolean): readonly Row[] {
  const changes = facts.flatMap((one) => one.changes);
  const exits = changes.filter(({ to }) => to === "empty");
  const found = exits.filter(({ delaySec }) => delaySec !== null && delaySec <= foundWithinSec).length;
  const delays = changes.map(({ delaySec }) => delaySec ?? Number.POSITIVE_INFINITY);
  const edges = facts.flatMap((one) => one.edges);
  const leads = edges.flatMap(({ leadSec }) => (leadSec === null ? [] : [leadSec]));
  const firsts = facts.flatMap((one) => one.firstRatesSec).map((sec) => sec ?? Number.POSITIVE_INFINITY);
  const days = facts.reduce((sum, one) => sum + one.occupiedHours, 0) / 24;
  const falseExits = facts.reduce((sum, one) => sum + one.falseExits, 0);
  const [low, high] = poissonInterval(falseExits);
  const aim = <T>(target: T, nMin: number) => (judged ? { target, nMin } : {});
  const rows = [
    row({
      condition,
      figure: "leaving the bed, found",
      ...percentOf(found, exits.length),
      unit: "%",
      n: exits.length,
      ...aim({ atLeast: 99 }, episodesFor99Percent),
    }),
    row({
      condition,
      figure: "called empty while somebody is in it, in a day in bed",
      value: falseExits / days,
      unit: "",
      ci95: [low / days, high / days],
      n: Math.round(100 * days) / 100,
      ...aim({ atMost: falsePerDay }, nightsForRate(falsePerDay)),
    }),
    row({
      condition,
      figure: "until occupied or empty is told, 95th percentile",
      value: quantile(delays, 0.95),
      unit: "s",
      ci95: quantileInterval(delays, 0.95),
      n: delays.length,
      ...aim({ atMost: settlesSec }, 100),
    }),
  ];
  if (!judged) return rows;
  return [
    ...rows,
    row({
      condition,
      figure: "sitting on the edge, found",
      ...percentOf(leads.length, edges.length),
      unit: "%",
      n: edges.length,
      target: { atLeast: 97 },
      nMin: episodesFor99Percent,
    }),
    row({
      condition,
      figure: "edge told before getting up, median",
      value: quantile(leads, 0.5),
      unit: "s",
      n: leads.length,
    }),
    row({
      condition,
      figure: "from lying still to the first rate, median",
      value: quantile(firsts, 0.5),
      unit: "s",
      ci95: quantileInterval(firsts, 0.5),
      n: firsts.length,
      target: { atMost: firstRateSec },
      nMin: 100,
    }),
    row({
      condition,
      figure: "lay down for 8 to 35 s and saw no rate",
      ...percentOf(firsts.filter((sec) => !Number.isFinite(sec)).length, firsts.length),
      unit: "%",
      n: firsts.length,
    }),
  ];
}

/** Simulated seconds in a second of one core. */
const pace: Readonly<Record<DepthView, number>> = { "80x60": 110, "8x8": 210 };
const leavingSec = 65;
const amounts = (view: DepthView, quick: boolean): { readonly episodes: number; readonly stays: number } =>
  quick ? { episodes: view === "8x8" ? 50 : 30, stays: 2 } : { episodes: episodesFor99Percent, stays: 12 };

const costOf = (view: DepthView, quick: boolean): number => {
  const { episodes, stays } = amounts(view, quick);
  return (episodes * leavingSec + stays * staySec) / pace[view];
};

export const bedSections: readonly Section[] = (Object.keys(depthViews) as DepthView[]).map((view) => ({
  name: `bed-${view}`,
  title: `Getting in and out of bed: radar and depth ${view}`,
  seconds: { quick: costOf(view, true), full: costOf(view, false) },
  async run(context) {
    const models = await openRoom(view);
    const { episodes, stays } = amounts(view, context.quick);
    const total = episodes * leavingSec + stays * staySec;
    const facts = voices.map((): BedFacts[] => []);
    let done = 0;
    const play = async (one: ReturnType<typeof leavingEpisode>, words: string, cost: number): Promise<void> => {
      const played = await playRoom(one.scene, one.lengthSec, models);
      for (const [i, { of }] of voices.entries()) facts[i]!.push(judgeBed(played, of));
      done += cost;
      context.progress(done / total, words);
    };
    const from = firstIndex(context.seed);
    for (let i = 0; i < episodes; i++) {
      await play(leavingEpisode(from + i, view), `${i + 1} of ${episodes} leave`, leavingSec);
    }
    for (let i = 0; i < stays; i++) await play(stayingEpisode(from + i, view), `${i + 1} of ${stays} stay`, staySec);
    return {
      rows: voices.flatMap(({ name }, i) => bedRows(name, facts[i]!, i === 0)),
      figures: [],
      notes: [
        `Each comes in, lies for 25 to 35 s, sits up on the edge for 3 to 15 s and leaves: away, in view, or falling. Found: told within ${foundWithinSec} s of being half way up, the edge while it lasts. Depth sensors of held-out regions, bodies and radars as in training.`,
        `A day in bed: ten minutes each of ${staysInWords} (asleep, awake, restless, visited), and the time in bed of those who leave; n is in days.`,
        "A change that is never told counts as infinitely late.",
      ],
    };
  },
}));
