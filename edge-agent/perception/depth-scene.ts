import type { Tensor } from "../contract/door.ts";
import { type DepthGeometry, type DepthView, depthViews } from "./depth-geometry.ts";
import { type DepthRing, depthRateHz, glanceAt } from "./depth-ring.ts";
import type { TensorPlan } from "./radar-breathing.ts";

/*
 * Models `depth-scene-80x60` and `depth-scene-8x8`: what goes in, what comes out. One tensor builder serves live and
 * training.
 */

export const depthModelNames: Readonly<Record<DepthView, string>> = {
  "80x60": "depth-scene-80x60",
  "8x8": "depth-scene-8x8",
};

/** What a depth sensor sees as a whole. `lying`: in the bed, sitting up in it included; `standing`: out of bed, in view. */
export const depthScenes = [
  "empty",
  "lying-still",
  "lying-moving",
  "sitting-edge",
  "standing",
  "on-floor",
  "more-than-one",
] as const;
export type DepthScene = (typeof depthScenes)[number];

export const depthChannels = 7;
const changesWithin = [1, 4] as const;

export const depthInputs = (view: DepthView): readonly TensorPlan[] => [
  {
    name: "view",
    dims: [1, depthChannels, depthViews[view].rows, depthViews[view].columns],
    unit: "m; m; half widths; half lengths; share; 0.1 m; 0.1 m",
    meaning:
      "cells row by row from the top left: height above the mattress (-1..1.5), above the floor (-0.2..2.2), across the bed (-3..3), along the bed (-2..2), share of valid pixels, how far the surface rose within 1 s and within 4 s (-3..3); 0 where nothing is valid",
  },
];

export const depthOutputs = (view: DepthView): readonly TensorPlan[] => [
  {
    name: "scene",
    dims: [1, depthScenes.length],
    unit: "probability",
    meaning: `${depthScenes.join(", ")}; calibrated: adds up to 1`,
  },
  { name: "inBed", dims: [1], unit: "probability", meaning: "the occupant lies or sits in the bed" },
  {
    name: "moving",
    dims: [1],
    unit: "probability",
    meaning: "the occupant made a gross movement within the last second",
  },
  {
    name: "trunk",
    dims: [1, depthViews[view].rows, depthViews[view].columns],
    unit: "probability",
    meaning: "each cell sees the occupant's chest or belly, bare or under a blanket",
  },
];

const within = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** The view at the glance that ends at slot `end`; undefined where that glance is missing. */
export function buildDepthTensors(
  ring: DepthRing,
  geometry: DepthGeometry,
  end: number,
): readonly Tensor[] | undefined {
  const now = glanceAt(ring, end);
  if (now === undefined) return undefined;
  const { cells } = ring;
  const { bed } = geometry.placement;
  const [ox, oy, oz] = geometry.origin;
  const data = new Float32Array(depthChannels * cells);
  const before = changesWithin.map((sec) => glanceAt(ring, end - sec * depthRateHz)?.mm);
  for (let cell = 0; cell < cells; cell++) {
    const z = now.mm[cell]!;
    if (z === 0) continue;
    const heightMm = oz + z * geometry.dz[cell]!;
    data[cell] = within((heightMm - bed.topMm) / 1_000, -1, 1.5);
    data[cells + cell] = within(heightMm / 1_000, -0.2, 2.2);
    data[2 * cells + cell] = within((ox + z * geometry.dx[cell]!) / (bed.widthMm / 2), -3, 3);
    data[3 * cells + cell] = within((oy + z * geometry.dy[cell]!) / (bed.lengthMm / 2), -2, 2);
    data[4 * cells + cell] = now.valid[cell]!;
    for (let n = 0; n < before.length; n++) {
      const was = before[n]?.[cell] ?? 0;
      // Nearer is a larger number: what rises towards the sensor, whichever way it hangs.
      if (was !== 0) data[(5 + n) * cells + cell] = within((was - z) / 100, -3, 3);
    }
  }
  return depthInputs(ring.view).map(({ name, dims }) => ({ name, dims, data }));
}

export interface DepthAnswer {
  readonly scene: Readonly<Record<DepthScene, number>>;
  readonly inBed: number;
  readonly moving: number;
  /** [cell]. */
  readonly trunk: Float32Array;
}

const roundingMax = 1e-3;

/** Undefined where a number is no probability: such an answer says nothing. @throws when an output is missing: our bug */
export function readDepthAnswer(outputs: readonly Tensor[], view: DepthView): DepthAnswer | undefined {
  const output = (name: string): Float32Array => {
    const data = outputs.find((tensor) => tensor.name === name)?.data;
    const size = depthOutputs(view)
      .find((plan) => plan.name === name)
      ?.dims.reduce((a, b) => a * b, 1);
    if (data === undefined || data.length !== size) throw new Error(`the model's output ${name} is missing`);
    return data;
  };
  const probabilities = output("scene");
  const [inBed, moving, trunk] = [output("inBed")[0]!, output("moving")[0]!, output("trunk")];
  const probability = (p: number): boolean => p >= -roundingMax && p <= 1 + roundingMax;
  if (![...probabilities, inBed, moving].every(probability)) return undefined;
  for (let cell = 0; cell < trunk.length; cell++) if (!probability(trunk[cell]!)) return undefined;
  if (Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1) > 0.01) return undefined;
  const scene = Object.fromEntries(depthScenes.map((name, i) => [name, probabilities[i]!]));
  return {
    scene: scene as Record<DepthScene, number>,
    inBed: within(inBed, 0, 1),
    moving: within(moving, 0, 1),
    trunk,
  };
}
