import type { FrameKind } from "../../edge-agent/contract/frames.ts";
import type { Random } from "../../firmware-bridge/simulator/random.ts";
import type { Stretch, Truth } from "../night/truth.ts";

/* What a history is made of before it begins: beds, what really happens in them, and when the clocks of the world stand. */

export interface PlannedBed {
  readonly bed: string;
  readonly device: string;
  readonly sensor: FrameKind;
  readonly truth: Truth;
}

export interface HistoryPlan {
  readonly seed: number;
  readonly startUtcMs: number;
  readonly seconds: number;
  /** From one look at the world to the next. */
  readonly stepMs: number;
  readonly beds: readonly PlannedBed[];
}

export const historySeconds = 240;
/** Of these, an ordinary evening, and the nights of 23 and of 25 hours. */
const starts: readonly [number, ...number[]] = [
  Date.UTC(2026, 10, 22, 21, 40),
  Date.UTC(2026, 9, 25, 0, 57),
  Date.UTC(2026, 2, 29, 0, 57),
];
const doings: readonly [Stretch["doing"], ...Stretch["doing"][]] = [
  "asleep",
  "asleep",
  "asleep",
  "restless",
  "edge",
  "standing",
  "floor",
  "away",
];

/** Everything follows from the seed. */
export function planOf(seed: number, random: Random): HistoryPlan {
  // A radar's raw frames cost most: not in every history, and never beside another.
  const raw = random.chance(0.25);
  const sensors: readonly FrameKind[] = ["radar-vitals", "radar-targets", raw ? "radar-iq" : "radar-vitals"];
  return {
    seed,
    startUtcMs: random.pick(starts),
    seconds: historySeconds,
    stepMs: raw ? 50 : 250,
    beds: sensors.map((sensor, place) => ({
      bed: `room-${place + 1}`,
      device: `unit-${place + 1}`,
      sensor,
      truth: truthOf(random.fork(place)),
    })),
  };
}

/** Mostly asleep for the first minute, so that there are rates to be wrong about. */
function truthOf(random: Random): Truth {
  const perMin = random.between(9, 24);
  const truth: Stretch[] = [{ fromSec: 0, doing: "asleep", perMin, breathes: true }];
  for (let fromSec = random.between(50, 110); fromSec < historySeconds; fromSec += random.between(15, 90)) {
    const doing = random.pick(doings);
    truth.push({ fromSec, doing, perMin, breathes: doing !== "asleep" || random.chance(0.75) });
  }
  return truth;
}
