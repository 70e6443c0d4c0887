import type { Tensor } from "../../edge-agent/contract/door.ts";
import { depthOutputs, depthScenes } from "../../edge-agent/perception/depth-scene.ts";
import { displacementModelName, displacementOutputs } from "../../edge-agent/perception/displacement-rate.ts";
import {
  binPerMin,
  longRadar,
  lowestPerMin,
  rateBins,
  shortRadar,
} from "../../edge-agent/perception/radar-breathing.ts";
import type { Random } from "../../firmware-bridge/simulator/random.ts";
import { type Doing, isInBed, type Stretch, type Truth, truthAt } from "./truth.ts";

/*
 * What the models would answer to a room's frames: the truth, through models that are sometimes unsure and sometimes wrong, about as
 * often as their cards say. A wrong answer is never wrong for long; what makes of it a wrong alarm is a mistake of the core.
 */

const sceneOf: Readonly<Record<Doing, (typeof depthScenes)[number]>> = {
  asleep: "lying-still",
  restless: "lying-moving",
  edge: "sitting-edge",
  standing: "standing",
  floor: "on-floor",
  away: "empty",
  visited: "more-than-one",
};
/** Of single answers: another place than the true one is the likeliest. */
const wrongScene = 0.02;
/** Of single answers about breathing: the model says that it is not sure. */
const unsureRate = 0.03;
/** A rate speaks of the window behind it, so of this long ago. */
export const rateLagSec = 15;

const outputsOf = new Map([
  ["depth-scene-8x8", depthOutputs("8x8")],
  [displacementModelName, displacementOutputs],
  [longRadar.name, longRadar.outputs],
  [shortRadar.name, shortRadar.outputs],
]);

/** Answers to one question about the moment `atSec`. */
export function answerOf(model: string, truth: Truth, atSec: number, random: Random): readonly Tensor[] {
  const plan = outputsOf.get(model);
  if (plan === undefined) throw new Error(`nobody knows what ${model} would say`);
  const now = truthAt(truth, atSec);
  const say = sayings[model === "depth-scene-8x8" ? "scene" : model === displacementModelName ? "wave" : "radar"];
  return plan.map(({ name, dims }) => {
    const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
    say(name, data, { truth, atSec, now, random, steps: model === shortRadar.name ? 100 : 150 });
    return { name, dims, data };
  });
}

interface Moment {
  readonly truth: Truth;
  readonly atSec: number;
  readonly now: Stretch;
  readonly random: Random;
  readonly steps: number;
}
type Say = (output: string, data: Float32Array, moment: Moment) => void;

const sayings: Readonly<Record<"scene" | "wave" | "radar", Say>> = {
  scene(output, data, { now, random }) {
    switch (output) {
      case "scene": {
        const seen = random.chance(wrongScene) ? random.pick(depthScenes) : sceneOf[now.doing];
        const sure = random.between(0.75, 0.98);
        for (let i = 0; i < data.length; i++) {
          data[i] = depthScenes[i] === seen ? sure : (1 - sure) / (data.length - 1);
        }
        return;
      }
      case "inBed":
        data[0] = isInBed(now.doing) ? random.between(0.85, 0.99) : random.between(0.01, 0.15);
        return;
      case "moving":
        data[0] = moves(now.doing) ? random.between(0.7, 0.98) : random.between(0.01, 0.25);
        return;
      case "trunk":
        if (isInBed(now.doing)) for (const cell of [27, 28, 35, 36]) data[cell] = random.between(0.8, 0.95);
        return;
    }
  },
  wave(output, data, { truth, atSec, now, random }) {
    const seen = now.breathes && isInBed(now.doing);
    const { perMin } = truthAt(truth, Math.max(0, atSec - rateLagSec));
    switch (output) {
      case "rate":
        data.set(rateAround(perMin + 0.3 * random.gaussian(), seen ? 0.5 : 12));
        return;
      case "breaths":
        data.fill((perMin / 60) * 0.4);
        return;
      case "breathing":
        data.fill(seen ? 0.98 : 0.05);
        return;
      case "movement":
        data.fill(0.02);
        return;
      case "quality":
        data[0] = !seen || random.chance(unsureRate) ? random.between(0.1, 0.6) : random.between(0.93, 0.995);
        return;
    }
  },
  radar(output, data, { truth, atSec, now, random, steps }) {
    const { perMin } = truthAt(truth, Math.max(0, atSec - rateLagSec));
    const seen = now.breathes && isInBed(now.doing);
    const stepAt = (step: number): Stretch => truthAt(truth, Math.max(0, atSec - (steps - 1 - step) * 0.2));
    switch (output) {
      case "rate":
        data.set(rateAround(perMin + 0.2 * random.gaussian(), seen ? 0.5 : 12));
        return;
      case "breaths":
        data.fill((perMin / 60) * 0.2);
        return;
      case "breathing":
        for (let step = 0; step < steps; step++) {
          const then = stepAt(step);
          data[step] = then.breathes && isInBed(then.doing) ? random.between(0.88, 0.99) : random.between(0.01, 0.2);
        }
        return;
      case "movement":
        for (let step = 0; step < steps; step++) {
          data[step] = moves(stepAt(step).doing) ? random.between(0.75, 0.98) : random.between(0.01, 0.15);
        }
        return;
      case "occupied":
        data[0] = isInBed(now.doing) ? random.between(0.9, 0.99) : random.between(0.01, 0.1);
        return;
      case "others":
        data[0] = now.doing === "visited" ? random.between(0.8, 0.95) : random.between(0.01, 0.2);
        return;
      case "quality":
        data[0] = !seen || random.chance(unsureRate) ? random.between(0.1, 0.6) : random.between(0.94, 0.995);
        return;
    }
  },
};

export const moves = (doing: Doing): boolean => doing === "restless" || doing === "edge" || doing === "standing";

function rateAround(perMin: number, widthPerMin: number): Float32Array {
  const bumps = Float32Array.from({ length: rateBins }, (_, bin) =>
    Math.exp(-0.5 * ((lowestPerMin + bin * binPerMin - perMin) / widthPerMin) ** 2),
  );
  const total = bumps.reduce((sum, x) => sum + x, 0);
  return bumps.map((x) => x / total);
}
