import type { BedPlace } from "../contract/words.ts";
import type { DepthAnswer } from "./depth-scene.ts";

/*
 * Where the person of this bed is, settled: single answers waver at the edges between two places, and a place that flickers
 * is no alarm. A hidden Markov filter over the places with fixed chances of going from one to the next; the settled place
 * changes when another one is much likelier.
 */

const places = ["in-bed", "edge", "floor", "out", "empty"] as const;
type Settling = (typeof places)[number];

export interface DepthBed {
  readonly place: BedPlace;
  readonly belief: Readonly<Record<Settling, number>>;
  /** Chance that more than one person is in view, smoothed over a second and a half: no single answer turns it. */
  readonly more: number;
}

const even = 1 / places.length;
export const bedUnknown: DepthBed = {
  place: "unknown",
  belief: { "in-bed": even, edge: even, floor: even, out: even, empty: even },
  more: 0,
};

/** Chance of going elsewhere within half a second, by place. */
const goes: Readonly<Record<Settling, Partial<Record<Settling, number>>>> = {
  "in-bed": { edge: 0.008, out: 0.002, floor: 0.001, empty: 0.002 },
  edge: { "in-bed": 0.02, out: 0.03, floor: 0.005, empty: 0.005 },
  floor: { out: 0.02, edge: 0.005, "in-bed": 0.002, empty: 0.004 },
  out: { edge: 0.03, floor: 0.015, empty: 0.04, "in-bed": 0.01 },
  empty: { out: 0.02, edge: 0.006, "in-bed": 0.004, floor: 0.001 },
};
/** Answers half a second apart share their mistakes: two of them say less than twice as much as one. */
const sharedDoubt = 0.6;
/** No single answer is surer than this. */
const leastChance = 0.01;
const settledAt = 0.85;
const moreFollows = 1 / 3;

/** One answer on. */
export function nextDepthBed(bed: DepthBed, { scene, inBed }: DepthAnswer): DepthBed {
  const lying = scene["lying-still"] + scene["lying-moving"];
  const more = scene["more-than-one"];
  // With two people in view the model still says whether the bed's own lies in it; where else they are it does not say.
  const elsewhere = (more * (1 - inBed)) / 4;
  const seen: Readonly<Record<Settling, number>> = {
    "in-bed": lying + more * inBed,
    edge: scene["sitting-edge"] + elsewhere,
    floor: scene["on-floor"] + elsewhere,
    out: scene.standing + elsewhere,
    empty: scene.empty + elsewhere,
  };
  let total = 0;
  const belief = { ...bed.belief };
  for (const to of places) {
    let came = 0;
    for (const from of places) {
      const away = Object.values(goes[from]).reduce((sum, one) => sum + one, 0);
      came += bed.belief[from] * (from === to ? 1 - away : (goes[from][to] ?? 0));
    }
    belief[to] = came * Math.max(leastChance, seen[to]) ** sharedDoubt;
    total += belief[to];
  }
  let likeliest: Settling = "empty";
  for (const one of places) {
    belief[one] /= total;
    if (belief[one] > belief[likeliest]) likeliest = one;
  }
  return {
    place: belief[likeliest] >= settledAt ? likeliest : bed.place,
    belief,
    more: bed.more + moreFollows * (more - bed.more),
  };
}
