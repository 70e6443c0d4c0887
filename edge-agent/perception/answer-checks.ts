import type { Tensor } from "../contract/door.ts";
import { radarBreathingOutputs } from "./radar-breathing.ts";
import { readRate } from "./rate-distribution.ts";

/** The outputs of one answer of the model, by what they mean; see `radarBreathingOutputs`. */
export interface RadarAnswer {
  readonly rate: Float32Array;
  readonly breaths: Float32Array;
  readonly breathing: Float32Array;
  readonly movement: Float32Array;
  readonly occupied: number;
  readonly others: number;
  readonly quality: number;
}

/** Arithmetic in single precision may end this far outside 0 to 1. */
const roundingMax = 1e-3;

/**
 * Undefined where a number is none, or no probability: such an answer says nothing.
 *
 * @throws when an output is missing or of another size: our bug
 */
export function readAnswer(outputs: readonly Tensor[]): RadarAnswer | undefined {
  const output = (name: string): Float32Array => {
    const found = outputs.find((tensor) => tensor.name === name);
    const plan = radarBreathingOutputs.find((tensor) => tensor.name === name);
    const size = plan?.dims.reduce((product, dim) => product * dim, 1);
    if (found === undefined || found.data.length !== size) throw new Error(`the model's output ${name} is missing`);
    return found.data;
  };
  const [rate, breaths] = [output("rate"), output("breaths")];
  const [breathing, movement] = [output("breathing"), output("movement")];
  const [occupied, others, quality] = [output("occupied")[0]!, output("others")[0]!, output("quality")[0]!];
  const probability = (p: number): boolean => p >= -roundingMax && p <= 1 + roundingMax;
  if (![...movement, ...breathing, occupied, others, quality].every(probability)) return undefined;
  if (!breaths.every((count) => Number.isFinite(count)) || readRate(rate) === undefined) return undefined;
  const within = (p: number): number => Math.max(0, Math.min(1, p));
  return {
    rate,
    breaths,
    breathing,
    movement,
    occupied: within(occupied),
    others: within(others),
    quality: within(quality),
  };
}
