import { readFileSync } from "node:fs";
import type { Estimate } from "../edge-agent/contract/door.ts";
import { halfWidthPerMinMax, qualityMin } from "../edge-agent/perception/radar-reason.ts";
import type { RadarSettings } from "../edge-agent/perception/radar-settings.ts";
import { type RateReading, readRate } from "../edge-agent/perception/rate-distribution.ts";
import { decodeWire } from "../firmware-bridge/sensors/a121-recording.ts";
import { openBedroom, type Truth } from "../firmware-bridge/simulator/bedroom.ts";
import { newRandom } from "../firmware-bridge/simulator/random.ts";
import {
  randomScene,
  type SceneClass,
  type SceneRegion,
  sceneClasses,
} from "../firmware-bridge/simulator/scenes-random.ts";
import { recordingsPath } from "../tests/shared-material.ts";
import { factColumns, type LabelledWindow, windowsOfEpisode } from "./make-windows.ts";
import { bedroomFrames, estimatesOf, type Model, type TimedFrame } from "./radar-run.ts";

/*
 * The figures of a model's card, from the exported model on fixed simulated windows that training never saw. A figure is
 * a number with its unit in its name, so that two cards compare key by key.
 */

export type Figures = Readonly<Record<string, number>>;

interface Judged {
  readonly facts: Readonly<Record<(typeof factColumns)[number], number>>;
  readonly rate: RateReading;
  readonly errorPerMin: number;
  /** The model's own count of breaths over the window. */
  readonly countedPerMin: number;
  readonly quality: number;
  readonly occupied: number;
  readonly window: LabelledWindow;
  readonly movement: Float32Array;
  readonly countTolerancePerMin: number;
}

/** Windows shorter than this give no rate. */
const rateSecMin = 9.9;

/** @param firstSeed of the episodes; far from every seed that training used */
export async function judgeWindows(
  model: Model,
  { spec, countTolerancePerMin }: RadarSettings,
  region: SceneRegion,
  firstSeed: number,
  episodes: number,
): Promise<readonly Judged[]> {
  const judged: Judged[] = [];
  for (let episode = 0; episode < episodes; episode++) {
    for (const window of windowsOfEpisode(firstSeed + episode, region, spec)) {
      const inputs = window.inputs.map((data, i) => {
        const { name, dims } = spec.inputs[i]!;
        return { name, dims, data };
      });
      const outputs = await model(inputs);
      const output = (name: string): Float32Array => {
        const at = spec.outputs.findIndex((plan) => plan.name === name);
        return outputs[at]!.data;
      };
      const rate = readRate(output("rate"));
      if (rate === undefined) throw new Error("the model's rate is no distribution");
      const facts = Object.fromEntries(factColumns.map((name, i) => [name, window.facts[i]!])) as Judged["facts"];
      judged.push({
        facts,
        rate,
        errorPerMin: Math.abs(rate.perMin - facts.ratePerMin),
        countedPerMin: (60 * output("breaths").reduce((sum, x) => sum + x, 0)) / (facts.windowSec + 0.05),
        quality: output("quality")[0]!,
        occupied: output("occupied")[0]!,
        window,
        movement: output("movement"),
        countTolerancePerMin,
      });
    }
  }
  return judged;
}

const isShown = (one: Judged, threshold = qualityMin): boolean =>
  one.quality >= threshold &&
  one.rate.highPerMin - one.rate.lowPerMin <= 2 * halfWidthPerMinMax &&
  one.occupied > 0.5 &&
  Math.abs(one.countedPerMin - one.rate.perMin) <= one.countTolerancePerMin;

const share = <T>(list: readonly T[], holds: (one: T) => boolean): number =>
  list.length === 0 ? 0 : (100 * list.filter(holds).length) / list.length;
const mean = (list: readonly number[]): number =>
  list.length === 0 ? 0 : list.reduce((sum, one) => sum + one, 0) / list.length;

/** Accuracy of what would be shown among windows of somebody who lies still and breathes. */
export function rateFigures(still: readonly Judged[], threshold = qualityMin): Figures {
  const shown = still.filter((one) => isShown(one, threshold));
  const errors = shown.map((one) => one.errorPerMin);
  return {
    windows: still.length,
    coveragePercent: share(still, (one) => isShown(one, threshold)),
    maePerMin: mean(errors),
    rmsePerMin: Math.sqrt(mean(errors.map((error) => error * error))),
    over2PerMinPercent: share(shown, (one) => one.errorPerMin > 2),
    insideIntervalPercent: share(
      shown,
      ({ rate, facts }) => facts.ratePerMin >= rate.lowPerMin && facts.ratePerMin <= rate.highPerMin,
    ),
  };
}

/** Windows of these kinds of scenes, long enough and without a gross movement of the person in bed. */
export const stillOf = (all: readonly Judged[], kinds: readonly SceneClass[] = ["still", "restless"]) =>
  all.filter(
    ({ facts }) =>
      facts.rateWeight === 1 && facts.windowSec >= rateSecMin && kinds.includes(sceneClasses[facts.class] ?? "empty"),
  );

/** Nobody breathes here: how often a rate would be shown all the same, before the room's rules for movement. */
export function silentFigures(all: readonly Judged[], classIndex: number): Figures {
  const long = all.filter(
    ({ facts }) => facts.noRate === 1 && facts.class === classIndex && facts.windowSec >= rateSecMin,
  );
  return { windows: long.length, shownPercent: share(long, (one) => isShown(one)) };
}

export function movementFigures(all: readonly Judged[]): Figures {
  let moving = 0;
  let movingFound = 0;
  let still = 0;
  let stillCalledMoving = 0;
  for (const { window, movement } of all) {
    const mask = window.inputs[2]!;
    for (let step = 0; step < movement.length; step++) {
      if (mask[4 * step] !== 1) continue;
      const found = movement[step]! >= 0.5 ? 1 : 0;
      if (window.movingPerStep[step] === 1) {
        moving += 1;
        movingFound += found;
      } else {
        still += 1;
        stillCalledMoving += found;
      }
    }
  }
  const settled = all.filter(({ facts }) => facts.occupiedWeight === 1 && facts.windowSec >= 4.5);
  return {
    movingStepsFoundPercent: (100 * movingFound) / Math.max(1, moving),
    stillStepsCalledMovingPercent: (100 * stillCalledMoving) / Math.max(1, still),
    occupancyRightPercent: share(settled, ({ facts, occupied }) => occupied > 0.5 === (facts.occupied === 1)),
  };
}

/** Whole rooms: frames as on the wire, the room's rules, one estimate a second. */
export async function roomFigures(model: Model, settings: RadarSettings, seeds: number): Promise<Figures> {
  const firsts: number[] = [];
  const errors: number[] = [];
  let seconds = 0;
  let shown = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const truths: Truth[] = [];
    const estimates = await estimatesOf(bedroomFrames(openBedroom("asleep", seed), 46, truths), model, null, settings);
    const first = estimates.find((one) => one.breathingPerMin !== null);
    firsts.push(first === undefined ? Number.POSITIVE_INFINITY : first.atMs / 1000);
    for (const estimate of estimates) {
      if (estimate.atMs > 15_000) {
        seconds += 1;
        shown += estimate.breathingPerMin === null ? 0 : 1;
      }
      if (estimate.breathingPerMin !== null)
        errors.push(Math.abs(estimate.breathingPerMin - truthOf(estimate, truths)));
    }
  }
  firsts.sort((a, b) => a - b);
  return {
    rooms: seeds,
    firstRateMedianSec: firsts[Math.floor(firsts.length / 2)] ?? Number.POSITIVE_INFINITY,
    shownPercentAfter15Sec: (100 * shown) / Math.max(1, seconds),
    maePerMin: mean(errors),
    over2PerMinPercent: share(errors, (error) => error > 2),
  };
}

/** Rooms without anybody, most with a fan or a curtain, and all of the room's rules: seconds that showed a rate. */
export async function emptyRoomFigures(model: Model, settings: RadarSettings, rooms: number): Promise<Figures> {
  let seconds = 0;
  let shown = 0;
  let occupied = 0;
  for (let seed = 1; seed <= rooms; seed++) {
    const scene = randomScene(newRandom(920_000_000 + seed), "empty", "training", 45);
    const estimates = await estimatesOf(bedroomFrames(openBedroom(scene, seed), 45, []), model, null, settings);
    seconds += estimates.length;
    shown += estimates.filter((one) => one.breathingPerMin !== null).length;
    occupied += estimates.filter((one) => one.occupancy === "in-bed").length;
  }
  return { rooms, shownPercent: (100 * shown) / seconds, calledOccupiedPercent: (100 * occupied) / seconds };
}

/** Phase advance of the truth over the estimate's window, /min; NaN where nobody breathed. */
export function truthOf(estimate: Estimate, truths: readonly Truth[]): number {
  const last = truths[estimate.atMs / 50 - 1];
  const first = truths[(estimate.atMs - estimate.windowMs) / 50];
  if (last?.breaths == null || first?.breaths == null) return Number.NaN;
  return (60 * (last.breaths - first.breaths)) / (last.atSec - first.atSec);
}

/** How estimates are made of a recording's frames, its bed stated as occupied. */
export type Estimator = (frames: readonly TimedFrame[]) => Promise<readonly Estimate[]>;

/** The staged recording against the vendor's own algorithm, from the vendor's first rate on. Needs the recordings. */
export async function recordingFigures(estimator: Estimator): Promise<Figures> {
  const path = `${recordingsPath}/acconeer-a121/breathing-sitting`;
  const json: { readonly vendorExpected: { readonly breathing_rate: readonly (number | "inf" | null)[] } } = JSON.parse(
    readFileSync(`${path}.json`, "utf8"),
  );
  const wire = decodeWire(json, readFileSync(`${path}.wire.bin`));
  if (!wire.ok) throw new Error(`the recording does not decode: ${wire.why}`);
  const first = wire.frames[0]!.deviceUs;
  const differences: number[] = [];
  let comparable = 0;
  for (const estimate of await estimator(wire.frames)) {
    if (estimate.atMs < 25_150) continue;
    // The newest frame that the estimate has seen.
    const frame = wire.frames.findLastIndex(({ deviceUs }) => deviceUs - first < estimate.atMs * 1000 - 25_000);
    const vendor = json.vendorExpected.breathing_rate[frame];
    if (typeof vendor !== "number") continue;
    comparable += 1;
    if (estimate.breathingPerMin !== null) differences.push(Math.abs(estimate.breathingPerMin - vendor));
  }
  return {
    seconds: comparable,
    shownPercent: (100 * differences.length) / Math.max(1, comparable),
    meanDifferencePerMin: mean(differences),
    largestDifferencePerMin: Math.max(0, ...differences),
    within1PerMinPercent: share(differences, (difference) => difference <= 1),
  };
}
