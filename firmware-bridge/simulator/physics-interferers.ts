import type { Interferer, PointMm } from "../../edge-agent/contract/scene.ts";
import type { Random } from "./random.ts";

export interface InterfererState {
  readonly is: Interferer;
  /** Where it is now. */
  at: PointMm;
  strengthLsb: number;
  angle: number;
  blade: number;
  swing: number;
  swingBefore: number;
}

export const startInterferer = (is: Interferer, random: Random): InterfererState => ({
  is,
  at: is.at,
  strengthLsb: is.strengthLsb,
  angle: 2 * Math.PI * random.uniform(),
  blade: 2 * Math.PI * random.uniform(),
  swing: 0,
  swingBefore: 0,
});

/** Motors do not hold their speed exactly, so the alias line of a blade has a width. */
const unsteady = 0.004;

export function stepInterferer(state: InterfererState, random: Random, nowSec: number, stepSec: number): void {
  const { is } = state;
  switch (is.kind) {
    case "ceiling-fan":
    case "desk-fan": {
      state.angle += 2 * Math.PI * stepSec * is.hz * (1 + unsteady * random.gaussian());
      // A ceiling fan's blades move across the line of sight: their strength changes more than their distance.
      const flicker = is.kind === "ceiling-fan" ? 0.45 : 0.2;
      moveTo(state, is.swingMm * Math.sin(state.angle), 0);
      state.strengthLsb =
        is.strengthLsb * (1 - flicker + flicker * Math.cos(3 * state.angle)) * (1 + 0.1 * random.gaussian());
      return;
    }
    case "oscillating-fan": {
      state.angle += 2 * Math.PI * stepSec * is.hz;
      state.blade += 2 * Math.PI * stepSec * is.bladeHz * (1 + unsteady * random.gaussian());
      const turned = Math.sin(state.angle);
      moveTo(state, is.swingMm * turned + 0.4 * Math.sin(state.blade), 0);
      // The grille reflects most when it faces the sensor.
      state.strengthLsb = is.strengthLsb * (0.35 + 0.65 * Math.cos(1.2 * turned) ** 2) * (1 + 0.05 * random.gaussian());
      return;
    }
    case "curtain": {
      const radius = 0.992;
      const push = is.swingMm * 0.08 * random.gaussian();
      const next =
        2 * radius * Math.cos(2 * Math.PI * is.hz * stepSec) * state.swing -
        radius * radius * state.swingBefore +
        push * is.hz;
      state.swingBefore = state.swing;
      state.swing = next;
      moveTo(state, next, 0);
      return;
    }
    case "pump": {
      state.angle += 2 * Math.PI * stepSec * is.hz * (1 + 0.02 * random.gaussian());
      // Fills quickly and empties slowly: no sine.
      state.swing = is.swingMm * Math.sin(state.angle + 0.5 * Math.sin(state.angle));
      moveTo(state, state.swing, 0);
      return;
    }
    case "trolley": {
      const done = (nowSec - is.atSec) / is.lastsSec;
      const passing = done >= 0 && done <= 1;
      state.strengthLsb = passing ? is.strengthLsb : 0;
      if (passing) moveTo(state, 2 * random.gaussian(), is.swingMm * (done - 0.5));
      return;
    }
  }
}

/** `outMm` towards the bed or away from it (x), `alongMm` along the bed (y). */
function moveTo(state: InterfererState, outMm: number, alongMm: number): void {
  const { xMm, yMm, zMm } = state.is.at;
  state.at = { xMm: xMm + outMm, yMm: yMm + alongMm, zMm };
}

/** How far an air mattress lifts whoever lies on it, mm. */
export function liftedMm(interferers: readonly InterfererState[]): number {
  let sum = 0;
  for (const { is, swing } of interferers) if (is.kind === "pump") sum += swing;
  return sum;
}
