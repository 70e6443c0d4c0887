import type { Tensor } from "../contract/door.ts";
import type { RadarSpec } from "./radar-breathing.ts";
import { readRate } from "./rate-distribution.ts";

/** The outputs of one answer of the model, by what they mean; see `RadarSpec`. A model that does not tell something has null there. */
export interface RadarAnswer {
  readonly rate: Float32Array;
  readonly breaths: Float32Array;
  readonly breathing: Float32Array | null;
  readonly movement: Float32Array;
  readonly occupied: number;
  readonly others: number | null;
  readonly quality: number;
}

/** Arithmetic in single precision may end this far outside 0 to 1. */
const roundingMax = 1e-3;

/**
 * Undefined where a number is none, or no probability: such an answer says nothing.
 *
 * @throws when an output is missing or of another size: our bug
 */
export function readAnswer(outputs: readonly Tensor[], spec: RadarSpec): RadarAnswer | undefined {
  const output = (name: string): Float32Array => {
    const found = outputs.find((tensor) => tensor.name === name);
    const plan = spec.outputs.find((tensor) => tensor.name === name);
    const size = plan?.dims.reduce((product, dim) => product * dim, 1);
    if (found === undefined || found.data.length !== size) throw new Error(`the model's output ${name} is missing`);
    return found.data;
  };
  const told = (name: string): boolean => spec.outputs.some((plan) => plan.name === name);
  const [rate, breaths, movement] = [output("rate"), output("breaths"), output("movement")];
  const breathing = told("breathing") ? output("breathing") : null;
  const [occupied, quality] = [output("occupied")[0]!, output("quality")[0]!];
  const others = told("others") ? output("others")[0]! : null;
  const probability = (p: number): boolean => p >= -roundingMax && p <= 1 + roundingMax;
  if (![...movement, ...(breathing ?? []), occupied, others ?? 0, quality].every(probability)) return undefined;
  if (!breaths.every((count) => Number.isFinite(count)) || readRate(rate) === undefined) return undefined;
  const within = (p: number): number => Math.max(0, Math.min(1, p));
  return {
    rate,
    breaths,
    breathing,
    movement,
    occupied: within(occupied),
    others: others === null ? null : within(others),
    quality: within(quality),
  };
}
