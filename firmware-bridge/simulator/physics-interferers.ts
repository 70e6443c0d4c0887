import type { Random } from "./random.ts";

/** What moves in a bedroom and is nobody. */
export type Interferer =
  /** Blades: fast, aliased by the frame rate, with a strength that flickers. */
  | {
      readonly kind: "fan";
      readonly rangeMm: number;
      readonly strengthLsb: number;
      readonly hz: number;
      readonly swingMm: number;
    }
  /** A fan that turns its head: 3 to 12 swings a minute fall right into the breathing rates. */
  | {
      readonly kind: "oscillating-fan";
      readonly rangeMm: number;
      readonly strengthLsb: number;
      readonly hz: number;
      readonly swingMm: number;
      readonly bladeHz: number;
    }
  /** A curtain in a draught: a damped swing that the draught keeps pushing (AR(2)). */
  | {
      readonly kind: "curtain";
      readonly rangeMm: number;
      readonly strengthLsb: number;
      readonly hz: number;
      readonly swingMm: number;
    };

export interface InterfererState {
  readonly is: Interferer;
  rangeMm: number;
  strengthLsb: number;
  angle: number;
  blade: number;
  swing: number;
  swingBefore: number;
}

export const startInterferer = (is: Interferer, random: Random): InterfererState => ({
  is,
  rangeMm: is.rangeMm,
  strengthLsb: is.strengthLsb,
  angle: 2 * Math.PI * random.uniform(),
  blade: 2 * Math.PI * random.uniform(),
  swing: 0,
  swingBefore: 0,
});

export function stepInterferer(state: InterfererState, random: Random, stepSec: number): void {
  const { is } = state;
  switch (is.kind) {
    case "fan": {
      // Motors do not hold their speed exactly, so the alias line has a width.
      state.angle += 2 * Math.PI * stepSec * is.hz * (1 + 0.004 * random.gaussian());
      state.rangeMm = is.rangeMm + is.swingMm * Math.sin(state.angle);
      state.strengthLsb = is.strengthLsb * (0.8 + 0.2 * Math.cos(3 * state.angle)) * (1 + 0.1 * random.gaussian());
      return;
    }
    case "oscillating-fan": {
      state.angle += 2 * Math.PI * stepSec * is.hz;
      state.blade += 2 * Math.PI * stepSec * is.bladeHz * (1 + 0.004 * random.gaussian());
      const turned = Math.sin(state.angle);
      state.rangeMm = is.rangeMm + is.swingMm * turned + 0.4 * Math.sin(state.blade);
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
      state.rangeMm = is.rangeMm + next;
      return;
    }
  }
}
